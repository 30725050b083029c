"""What ``classroom-fer export`` does: sessions to bundles of files, noted in the audit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from classroom_fer.analysis import by_todays_rules
from classroom_fer.commands.export import ExportOptions
from classroom_fer.commands.settings import own_file
from classroom_fer.errors import StoreError
from classroom_fer.exchange.exports import Subject, Wanted, bundle, check_may_leave, together, wanted
from classroom_fer.exchange.outputs import write_bundle
from classroom_fer.lesson.aggregations import DEFAULT
from classroom_fer.lesson.records import StoredSession
from classroom_fer.named_results import in_place_of_own
from classroom_fer.session_choice import find_session, has_faces, is_by_older_rules, report_identity, unfinished
from classroom_fer.settings.config import load_config
from classroom_fer.settings.declaration import check_allowed
from classroom_fer.store.store import SqlStore, open_reader
from classroom_fer.terminal import say, show, user_errors

INTERRUPTED = "no file is half-written; give the same command again"
OF_SINGLE_FACES = (
    "note: these rows are about single faces: keep them as you keep the database, and show them to nobody who teaches "
    "or grades these pupils"
)


def run(options: ExportOptions) -> None:
    """Writes the files and says where they are."""
    with user_errors(interrupted=INTERRUPTED):
        if bool(options.sessions) == options.everything:
            raise typer.BadParameter("name the sessions, or give --all")
        named = None if options.aggregation == DEFAULT else options.aggregation
        what = wanted(options.form, options.level, everything=options.everything, aggregation=named)
        declaration = load_config(options.config or own_file(), {}).declaration
        with open_reader(options.db) as store:
            chosen = _chosen(options, store, named)
            for session in chosen:
                check_allowed(declaration, session.start.profile)  # what is declared now also holds for older results
            current = [_by_todays_rules(session, store) for session in chosen]
            for session in current:
                check_may_leave(what, session, store)
            subjects = [_subject(session, named, store) for session in current]
            noted = [_export(what, group, store, options.out) for group in together(what, subjects)]
        if what.level.of_single_faces:
            say(OF_SINGLE_FACES)
        if not all(noted):
            say("note: the database cannot be written here, so its audit has no entry for this export")


def _subject(session: StoredSession, aggregation: str | None, store: SqlStore) -> Subject:
    """The session with its own result, or with a named one in its place."""
    result = None
    if aggregation is not None:
        session, result = in_place_of_own(session, aggregation, store)
    return Subject(session, report_identity(session, store.database_id()), result)


def _export(what: Wanted, subjects: Sequence[Subject], store: SqlStore, out: Path) -> bool:
    """Files that belong together; whether the audit could note them."""
    written = write_bundle(out, bundle(what, subjects, store))
    details: dict[str, object] = {"format": what.format, "level": what.level.name}
    noted = []
    for one in subjects:
        which = {} if what.aggregation is None else {"settings_sha256": one.session.start.settings_sha256}
        noted.append(store.record_if_writable("export", one.session.session_id, details | which))
    for path in written.left_alone:
        say(f"note: {path} is not this export or was changed since: it was left alone")
    for path in written.paths:
        show(str(path))
    return all(noted)


def _chosen(options: ExportOptions, store: SqlStore, aggregation: str | None) -> list[StoredSession]:
    """The sessions that are meant, each once; of all, those that have a result of this name.

    Raises:
        StoreError: one is not known or not finished, or there is none.
    """
    known = store.sessions()
    if options.everything:
        finished = [session for session in known if session.status == "finished"]
        if not finished:
            raise StoreError("no session of this database is finished", hint="analyze a film first")
        return finished if aggregation is None else _with_result(finished, aggregation, store)
    found = {session.session_id: session for session in (find_session(text, known) for text in options.sessions or ())}
    for session in found.values():
        if session.status != "finished":
            raise unfinished(session)
    return list(found.values())


def _with_result(sessions: Sequence[StoredSession], aggregation: str, store: SqlStore) -> list[StoredSession]:
    """Those that have a result of this name. StoreError if none has."""
    found = [s for s in sessions if any(one.name == aggregation for one in store.aggregations.of(s.session_id))]
    if not found:
        raise StoreError(
            f"no session has an aggregation {aggregation!r}",
            hint=f"make it: classroom-fer aggregate SESSION --name {aggregation}",
        )
    return found


def _by_todays_rules(session: StoredSession, store: SqlStore) -> StoredSession:
    if not is_by_older_rules(session):
        return session
    if store.place.writable and has_faces(session):
        say(f"note: session {session.session_id} has results by older rules: computed again from its stored faces")
        return by_todays_rules(session, store)
    say(f"note: session {session.session_id} has results by older rules and cannot be computed again here")
    return session
