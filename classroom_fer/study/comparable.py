"""Stored sessions -> the tasks of lessons that may stand beside each other, or why they may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from classroom_fer.errors import ConfigError, StoreError
from classroom_fer.lesson.across import LessonTask
from classroom_fer.lesson.records import StoredSession, TaskSummary
from classroom_fer.session_choice import unfinished

CLASS, LESSON = "class", "lesson"
"""Labels with a meaning: the class, and which of its lessons it was."""
MEASURE = ("fps", "detector", "min_face", "rules")
"""Settings that all lessons must share: another would move the index."""


def check_comparable(sessions: Sequence[StoredSession]) -> None:
    """Whether the sessions are several finished lessons that were measured alike.

    Raises:
        ConfigError: fewer than two; one film twice; presence; other settings, models or rules.
        StoreError: one is not finished.
    """
    if len(sessions) < 2:
        raise ConfigError("to compare takes two lessons or more", hint="name their sessions; classroom-fer sessions")
    films: dict[str, int] = {}
    for session in sessions:
        if session.status != "finished":
            raise unfinished(session)
        if session.start.profile == "presence":
            raise ConfigError(
                f"session {session.session_id} has the profile presence: nothing was inferred",
                hint="leave it out",
            )
        other = films.setdefault(session.start.video_sha256, session.session_id)
        if other != session.session_id:
            raise ConfigError(
                f"sessions {other} and {session.session_id} are of one film: several results of a lesson are not "
                "several lessons",
                hint="name one of them",
            )
    for session in sessions[1:]:
        _check_same_measure(sessions[0], session)


def _check_same_measure(one: StoredSession, other: StoredSession) -> None:
    pairs: list[tuple[str, Any, Any]] = [
        ("model", one.start.model_sha256, other.start.model_sha256),
        ("version of the rules", one.start.result_version, other.start.result_version),
    ]
    pairs += [(name, one.start.settings.get(name), other.start.settings.get(name)) for name in MEASURE]
    for name, first, second in pairs:
        if first != second:
            what = ", ".join(_names(first, second, "rules")) if name == "rules" else name
            raise StoreError(
                f"sessions {one.session_id} and {other.session_id} were measured differently ({what})",
                hint=f"make them alike (classroom-fer aggregate {other.session_id} --config FILE), or leave one out",
            )


def _names(first: object, second: object, name: str) -> list[str]:
    """Where two tables differ, by name."""
    if isinstance(first, Mapping) and isinstance(second, Mapping):
        keys = sorted({*first, *second})
        return [found for key in keys for found in _names(first.get(key), second.get(key), f"{name}.{key}")]
    return [] if first == second else [name]


def lesson_tasks(
    sessions: Sequence[StoredSession], summaries: Mapping[int, Sequence[TaskSummary]]
) -> tuple[LessonTask, ...]:
    """Every task of every lesson, lessons in their order. Args: ``summaries`` by number of session, in lesson order."""
    orders = _orders(sessions)
    ordered = sorted(sessions, key=lambda s: (orders.get(s.session_id, 0.0), s.session_id))
    return tuple(
        _task(session, orders.get(session.session_id), position, summary)
        for session in ordered
        for position, summary in enumerate(summaries[session.session_id], 1)
    )


def _task(session: StoredSession, order: float | None, position: int, summary: TaskSummary) -> LessonTask:
    task, start_s = summary.task, session.start.start_s
    return LessonTask(
        session_id=session.session_id,
        lesson=Path(session.start.video_name).stem or session.start.video_name,
        school_class=session.labelled(CLASS),
        order=order,
        task=task.name,
        mode=task.mode,
        position=position,
        minute=((task.start_s + task.end_s) / 2 - start_s) / 60,
        index=summary.engagement,
        n=summary.n,
        coverage=summary.coverage,
        grade=summary.grade,
        not_shown=summary.not_shown_because,
    )


def _orders(sessions: Sequence[StoredSession]) -> dict[int, float]:
    """Which lesson each was: its label ``lesson``, a number, else its rank by date; empty where neither is known."""
    numbers = {s.session_id: _number(s.labelled(LESSON)) for s in sessions}
    if all(number is not None for number in numbers.values()):
        return {session_id: float(number) for session_id, number in numbers.items() if number is not None}
    dates = {s.session_id: s.start.recorded_on for s in sessions}
    known = sorted({date for date in dates.values() if date is not None})
    if all(date is not None for date in dates.values()) and len(known) > 1:
        return {session_id: float(known.index(date)) for session_id, date in dates.items() if date is not None}
    return {}


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text is not None and len(text) < 20 and text.isdecimal() else None
    except ValueError:
        return None
