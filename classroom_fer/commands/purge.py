"""``classroom-fer purge``: sessions deleted for good."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import DbOption
from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import StoredSession
from classroom_fer.session_choice import find_session
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import SqlStore, open_reader, open_store
from classroom_fer.terminal import show, user_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeOptions:
    """What ``purge`` is given."""

    session: Annotated[list[str] | None, typer.Option("--session", metavar="SESSION", help="This one; repeatable.")] = (
        None
    )
    expired: Annotated[bool, typer.Option("--expired", help="Those past their retention date.")] = False
    everything: Annotated[bool, typer.Option("--all", help="Every session.")] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
    db: DbOption = DEFAULT_DB

    def chosen(self, store: SqlStore) -> list[StoredSession]:
        """The sessions to delete: those past their date, those named, or all."""
        known = store.sessions()
        if self.expired:
            return store.expired(datetime.now(UTC))
        if not self.session:
            return known
        return list({s.session_id: s for s in (find_session(text, known) for text in self.session)}.values())


@takes(PurgeOptions)
def purge(options: PurgeOptions) -> None:
    """Delete sessions for good: their bytes are overwritten and the file is rebuilt without them.

    Examples:

      classroom-fer purge --expired --dry-run

      classroom-fer purge --session 3 --yes
    """
    with user_errors():
        if sum((bool(options.session), options.expired, options.everything)) != 1:
            raise typer.BadParameter("give exactly one of --session, --expired, --all")
        if options.dry_run:
            with open_reader(options.db) as store:
                _show_chosen("would delete", options.chosen(store))
            return
        with open_store(options.db, create=False) as store:
            chosen = options.chosen(store)
            _show_chosen("delete", chosen)
            if not chosen:
                store.purge([])  # what an earlier deletion could not overwrite because another program was reading
                return
            if not options.yes:
                _ask_whether()
            _delete({s.session_id for s in chosen}, store, options)


def _delete(asked: set[int], store: SqlStore, options: PurgeOptions) -> None:
    """Deletes what is still there and still expired: the database was free while the question was open."""
    with store.exclusive():
        left = store.expired(datetime.now(UTC)) if options.expired else store.sessions()
        still = [s.session_id for s in left if s.session_id in asked]
        store.purge(still)
    for number in sorted(asked - set(still)):
        show(f"session {number}: no longer there, or no longer expired; nothing was deleted of it")
    show(f"deleted {len(still)}; PDFs and exports that were made before are not touched")


def _show_chosen(what: str, chosen: list[StoredSession]) -> None:
    for s in chosen:
        show(f"{what}: session {s.session_id} ({s.start.video_name})")
    if not chosen:
        show("nothing to delete")


def _ask_whether() -> None:
    """Asks before anything is deleted; goes on after a yes."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise ConfigError("nobody can be asked here whether to delete", hint="add --yes, or --dry-run")
    if not typer.confirm("Delete for good? PDFs that were made are not touched."):
        raise typer.Exit(1)
