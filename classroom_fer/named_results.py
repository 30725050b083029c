"""A session's named result in the place of its own, as reports, exports and pages show it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from classroom_fer.lesson.records import SessionResult, StoredSession, TimelineBin
from classroom_fer.store.store import SqlStore

CLASS_VALUES = ("engagement", "orientation", "expression", "probabilities", "synchrony", "synchrony_chance")
"""Of a bin of time."""


def in_place_of_own(session: StoredSession, name: str, store: SqlStore) -> tuple[StoredSession, SessionResult]:
    """The session and its named result, as they are printed. What the camera saw is told as for the session's own.

    Raises:
        StoreError: there is none of this name, or it has to be made again.
    """
    one = store.aggregations.named(session.session_id, name)
    result = store.aggregations.result(session.session_id, name)
    if one.shows == "tasks":
        own = store.result(session.session_id).bins
        result = replace(result, bins=tuple(_camera_alone(bin_) for bin_ in own))
    start = replace(
        session.start,
        settings=one.settings,
        settings_sha256=one.settings_sha256,
        versions=one.versions,
        result_version=one.result_version,
    )
    made_at = one.made_at or session.analyzed_at
    return replace(session, start=start, tasks=one.tasks, analyzed_at=made_at, aggregation=name), result


def _camera_alone(bin_: TimelineBin) -> TimelineBin:
    """Only what the camera saw of a bin of time: nothing about the class."""
    nothing: dict[str, Any] = dict.fromkeys((*CLASS_VALUES, "task", "n"))
    return replace(bin_, **nothing)
