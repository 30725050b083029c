"""Which stored session a film belongs to, and what names its PDF."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from classroom_fer.errors import StoreError
from classroom_fer.lesson.protocols import Store
from classroom_fer.lesson.records import SessionStart, StoredSession, Task
from classroom_fer.settings.versions import RESULT_VERSION


def same_work(one: SessionStart, other: SessionStart) -> bool:
    """Do both name the same face rows: film, model and the settings that change rows?"""
    return (one.video_sha256, one.model_sha256, one.observation_sha256) == (
        other.video_sha256, other.model_sha256, other.observation_sha256,
    )  # fmt: skip


def choose_session(
    start: SessionStart, tasks: Sequence[Task] | None, known: Sequence[StoredSession], *, fresh: bool = False
) -> StoredSession | None:
    """The session to go on with; None = begin a new one.

    Args:
        start: the film and settings at hand.
        tasks: what the user gave; None = no tasks file.
        known: the film's stored sessions (others do no harm).
        fresh: only a fresh run that was cut off, an unfinished session beside a finished one, is gone on with.

    A session whose faces were deleted (profile teacher) is used only if nothing is to be computed again.

    A copy of the film under another name uses the stored session only if that changes nothing of it; a copy with tasks
    of its own becomes a session of its own.
    """
    fitting = [s for s in known if same_work(s.start, start) and (has_faces(s) or is_current(s, start, tasks))]
    fitting.sort(key=lambda s: s.session_id, reverse=True)
    named = [s for s in fitting if s.start.video_name == start.video_name]
    if fresh:
        cut_off = named and named[0].status == "running" and any(s.status == "finished" for s in named)
        return named[0] if cut_off else None
    if named:
        return next((s for s in named if s.status == "finished"), named[0])
    return next((s for s in fitting if tasks is None or s.tasks == tuple(tasks)), None)


def has_faces(session: StoredSession) -> bool:
    """Whether its rows per face are there still, so that results can be computed again."""
    return session.faces_deleted_at is None


def is_current(session: StoredSession, start: SessionStart, tasks: Sequence[Task] | None) -> bool:
    """Whether its results are those of these settings, these rules and these tasks (None = whichever it has)."""
    same_tasks = tasks is None or session.tasks == tuple(tasks)
    stored = session.start
    same_rules = (stored.settings_sha256, stored.result_version) == (start.settings_sha256, start.result_version)
    return same_tasks and same_rules


def is_by_older_rules(session: StoredSession) -> bool:
    """Whether the rules of another version of this program made its results."""
    return session.start.result_version != RESULT_VERSION


def with_older_results(sessions: Sequence[StoredSession]) -> list[int]:
    """Numbers of the finished sessions whose results other rules made."""
    return [s.session_id for s in sessions if s.status == "finished" and is_by_older_rules(s)]


def unfinished(session: StoredSession) -> StoreError:
    """The error where a command needs what the session does not have yet."""
    return StoreError(
        f"session {session.session_id} ({session.start.video_name}) is not finished",
        hint="give the same analyze command again; it goes on where it was",
    )


def remove_superseded(
    session: StoredSession, of_the_film: Sequence[StoredSession], store: Store
) -> tuple[StoredSession, ...]:
    """Deletes the sessions that the finished ``session`` replaces: of the same film, name and row settings.

    It takes their labels over, if it has none.

    Returns the film's other sessions: made with another profile, region, model or span, they stay until they are
    purged.
    """
    staying: list[StoredSession] = []
    for other in of_the_film:
        if other.session_id == session.session_id:
            continue
        if same_work(other.start, session.start) and other.start.video_name == session.start.video_name:
            if other.labels and not session.labels:
                store.set_labels(session.session_id, other.labels)
            store.delete(other.session_id)
        else:
            staying.append(other)
    return tuple(staying)


def report_identity(session: StoredSession, database_id: str) -> str:
    """32 hex digits that name what a PDF is about: this film, under this name, measured like this, in this database.

    The same work done anew (``--fresh``) has the same identity; another film, another database never has.
    """
    start = session.start
    parts = [database_id, start.video_name, start.video_sha256, start.model_sha256, start.observation_sha256]
    if session.aggregation is not None:
        parts.append(session.aggregation)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def brought_up_to_date(
    session: StoredSession, start: SessionStart, tasks: Sequence[Task], store: Store
) -> tuple[StoredSession, bool]:
    """The session with these tasks and settings, and whether that changed it (its results are then gone).

    Its name stays; its date of deletion is never put off. Another declaration and another time to keep it are noted and
    change no result.
    """
    dates = [date for date in (session.start.expires_on, start.expires_on) if date is not None]
    wanted = replace(start, video_name=session.start.video_name, expires_on=min(dates) if dates else None)
    if not is_current(session, start, tasks):
        return store.set_tasks(session.session_id, tasks, wanted), True
    stored = session.start
    same = (stored.declaration, stored.expires_on) == (wanted.declaration, wanted.expires_on)
    return session if same else store.restate(session.session_id, wanted), False


def find_session(text: str, known: Sequence[StoredSession]) -> StoredSession:
    """The one of ``known`` that a person means by a number, a film's name or "latest".

    Raises:
        StoreError: none or more than one fits; the message lists what there is.
    """
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
