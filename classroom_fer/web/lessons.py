"""Stored lessons as the app shows them: by the functions that ``report`` and ``sessions`` ask too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from classroom_fer.analysis import by_todays_rules
from classroom_fer.errors import StoreError
from classroom_fer.lesson.records import Declaration, SessionResult, StoredSession
from classroom_fer.named_results import in_place_of_own
from classroom_fer.report.formatting import plain
from classroom_fer.session_choice import report_identity, unfinished
from classroom_fer.settings.declaration import check_allowed
from classroom_fer.store.store import SqlStore
from classroom_fer.web.texts import AppWording

LONGEST_NAME = 40
"""Characters of a result's name (``lesson.aggregations.NAME``)."""


@dataclass(frozen=True, slots=True)
class LessonRow:
    """One line of the list, finished."""

    session_id: int
    name: str
    recorded: str
    length: str
    tasks: str
    profile: str
    finished: bool
    labels: tuple[tuple[str, str], ...]
    """Label and value."""


@dataclass(frozen=True, slots=True)
class FinishedLesson:
    """What a page or a PDF is made from."""

    session: StoredSession
    result: SessionResult
    identity: str
    """Names what a PDF of it is about."""
    further: tuple[str, ...] = ()
    """Names of the results beside its own that can be shown."""
    tasks_alone: bool = False
    """Whether this is a named result without bins of time."""


def lesson_rows(sessions: Sequence[StoredSession], wanted: str, say: AppWording) -> list[LessonRow]:
    """The sessions that fit, newest first."""
    return [_row(session, say) for session in reversed(sessions) if fits(session, wanted)]


def fits(session: StoredSession, wanted: str) -> bool:
    """Whether each wanted word stands in the name of the film or a task, in a label or the purpose, in any case."""
    declaration = session.start.declaration
    texts = [session.start.video_name, declaration.purpose or "", *(task.name for task in session.tasks)]
    texts += [f"{label}={value}" for label, value in session.labels]
    there = "\n".join(texts).casefold()
    return all(word in there for word in wanted.casefold().split())


def _row(session: StoredSession, say: AppWording) -> LessonRow:
    start = session.start
    return LessonRow(
        session_id=session.session_id,
        name=plain(start.video_name),
        recorded=say.day(start.recorded_on) if start.recorded_on else say("unknown_date"),
        length=say.minutes(start.end_s - start.start_s),
        tasks=say.plural("app_n_tasks", len(session.tasks)),
        profile=plain(start.profile),
        finished=session.status == "finished",
        labels=tuple((plain(label), plain(value)) for label, value in session.labels),
    )


def finished_lesson(
    store: SqlStore, session_id: int, declaration: Declaration, aggregation: str | None = None
) -> FinishedLesson:
    """A lesson by today's rules, if it may be shown.

    Args:
        declaration: what is declared now, which also holds for older results.
        aggregation: name of the result that takes the place of the session's own.

    Raises:
        StoreError: there is no such session, or it is not finished; there is no such result, or it has to be made anew.
        PolicyError: what was declared forbids to show what was inferred.
    """
    session = store.session(session_id)
    if session.status != "finished":
        raise unfinished(session)
    check_allowed(declaration, session.start.profile)
    if store.place.writable:
        session = by_todays_rules(session, store)
    known = {one.name: one for one in store.aggregations.of(session_id) if one.made_at is not None}
    result = store.result(session_id)
    if aggregation is not None:
        session, result = in_place_of_own(session, plain(aggregation, LONGEST_NAME), store)
    alone = session.aggregation is not None and known[session.aggregation].shows == "tasks"
    identity = report_identity(session, store.database_id())
    return FinishedLesson(session, result, identity, tuple(known), alone)


def session_number(text: str) -> int:
    """The number in an address. StoreError if it is none."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise StoreError(f"there is no session {plain(text, 20)!r}", hint="choose one from the list of lessons")
    return int(text)
