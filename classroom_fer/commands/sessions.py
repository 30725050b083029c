"""Commands on stored sessions: they need no film, no model and no TensorFlow."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from classroom_fer import analysis, wiring
from classroom_fer.commands import summary
from classroom_fer.commands.options import DbOption, JsonOption, SessionArgument
from classroom_fer.commands.settings import ConfigOption, settings_for_stored
from classroom_fer.errors import ConfigError, StoreError
from classroom_fer.lesson.records import StoredSession
from classroom_fer.lesson.timecode import format_time
from classroom_fer.settings.declaration import declared
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import SqlStore
from classroom_fer.terminal import say, show, user_errors


def find_session(store: SqlStore, text: str) -> StoredSession:
    """The session that a person means by a number, a film's name or "latest".

    Raises:
        StoreError: none or more than one fits; the message lists what there is.
    """
    known = store.sessions()
    if text == "latest" and known:
        return max(known, key=lambda s: s.session_id)
    if text.isdecimal():  # a film called 3.mp4 must not answer to session number 3
        fitting = [s for s in known if s.session_id == int(text)]
    else:
        fitting = [s for s in known if text in (s.start.video_name, Path(s.start.video_name).stem)]
    if len(fitting) == 1:
        return fitting[0]
    listed = ", ".join(f"{s.session_id} ({s.start.video_name})" for s in (fitting or known)[:20])
    if fitting:
        raise StoreError(f"{text!r} fits several sessions: {listed}", hint="give the session's number")
    hint = f"there are: {listed}" if known else "analyse a film first; is --db the right database?"
    raise StoreError(f"there is no session {text!r}", hint=hint)


def sessions(db: DbOption = DEFAULT_DB, as_json: JsonOption = False) -> None:
    """List the sessions in the database.

    Example:

      classroom-fer sessions --db study.sqlite --json
    """
    with user_errors():
        with wiring.open_reader(db) as store:
            known = store.sessions()
        if as_json:
            show(json.dumps([_row(s) for s in known], indent=2))
            return
        if not known:
            say("no session yet: classroom-fer analyze lesson.mp4 --tasks tasks.csv")
        for s in known:
            show(
                f"{s.session_id:>4}  {s.start.video_name:<32}  {format_time(s.start.duration_s):>8}"
                f"  {len(s.tasks):>2} tasks  {s.start.profile:<8}  {s.status:<8}  {s.analyzed_at:%Y-%m-%d %H:%M}"
            )


def _row(session: StoredSession) -> dict[str, Any]:
    start = session.start
    return {
        "session_id": session.session_id,
        "video": start.video_name,
        "video_sha256": start.video_sha256,
        "duration_s": start.duration_s,
        "status": session.status,
        "profile": start.profile,
        "declared": dict(declared(start.policy)),
        "regions": start.regions,
        "faces_deleted_at": session.faces_deleted_at.isoformat() if session.faces_deleted_at else None,
        "analyzed_at": session.analyzed_at.isoformat(),
        "expires_on": start.expires_on.isoformat() if start.expires_on else None,
        "tasks": [task.name for task in session.tasks],
    }


def aggregate(
    session: SessionArgument,
    tasks: Annotated[Path | None, typer.Option("--tasks", help="Other tasks. [default: the stored ones]")] = None,
    weights: Annotated[
        str | None, typer.Option("--weights", metavar="NAME", help="Set of weights: sharma2019, flat, or your own.")
    ] = None,
    config: ConfigOption = None,
    db: DbOption = DEFAULT_DB,
    as_json: JsonOption = False,
) -> None:
    """Compute a session's results again from its stored face rows: other tasks, other weights, no film.

    Examples:

      classroom-fer aggregate latest --tasks corrected.csv

      classroom-fer aggregate 3 --weights flat
    """
    with user_errors():
        with wiring.open_store(db, create=False) as store, store.exclusive():
            stored = find_session(store, session)
            settings = settings_for_stored(config, {"weights": weights}, stored.start.settings)
            outcome = analysis.aggregate(stored, tasks, settings, store)
        film = Path(stored.start.video_name)
        if as_json:
            show(json.dumps(summary.as_json(film, outcome, store.where), indent=2))
            return
        for line in summary.lines(film, outcome, store.where):
            show(line)
        show(f"  the PDF still shows the former values: classroom-fer report {stored.session_id}")


def purge(
    session: Annotated[
        list[str] | None, typer.Option("--session", metavar="SESSION", help="This one; repeatable.")
    ] = None,
    expired: Annotated[bool, typer.Option("--expired", help="Those past their retention date.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Every session.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    db: DbOption = DEFAULT_DB,
) -> None:
    """Delete sessions for good: their bytes are overwritten and the file is rebuilt without them.

    Examples:

      classroom-fer purge --expired --dry-run

      classroom-fer purge --session 3 --yes
    """
    with user_errors():
        if sum((bool(session), expired, everything)) != 1:
            raise typer.BadParameter("give exactly one of --session, --expired, --all")
        choose = _chooser(session or [], expired=expired)
        if dry_run:
            with wiring.open_reader(db) as store:
                _show_chosen("would delete", choose(store))
            return
        with wiring.open_store(db, create=False) as store:
            chosen = choose(store)
            _show_chosen("delete", chosen)
            if not chosen:
                store.purge([])  # what an earlier deletion could not overwrite because another program was reading
                return
            if not yes:
                _ask_whether()
            # nobody is kept waiting for an answer: what is still there, and still expired, is found out afterwards
            with store.exclusive():
                asked = {s.session_id for s in chosen}
                left = [s.session_id for s in (store.expired(_now()) if expired else store.sessions())]
                still = [number for number in left if number in asked]
                store.purge(still)
        for number in sorted(asked - set(still)):
            show(f"session {number}: no longer there, or no longer expired; nothing was deleted of it")
        show(f"deleted {len(still)}; PDFs and exports that were made before are not touched")


def _now() -> datetime:
    return datetime.now(UTC)


def _chooser(named: list[str], *, expired: bool) -> Callable[[SqlStore], list[StoredSession]]:
    """How the sessions that shall go are found: those past their date, those named, or all."""

    def choose(store: SqlStore) -> list[StoredSession]:
        if expired:
            return store.expired(_now())
        if not named:
            return store.sessions()
        return list({s.session_id: s for s in (find_session(store, text) for text in named)}.values())

    return choose


def _show_chosen(what: str, chosen: list[StoredSession]) -> None:
    for s in chosen:
        show(f"{what}: session {s.session_id} ({s.start.video_name})")
    if not chosen:
        show("nothing to delete")


def _ask_whether() -> None:
    """Goes on after a yes."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise ConfigError("nobody can be asked here whether to delete", hint="add --yes, or --dry-run")
    if not typer.confirm("Delete for good? PDFs that were made are not touched."):
        raise typer.Exit(1)
