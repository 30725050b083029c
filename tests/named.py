"""Named results of a session of contracts.store, with indices that nothing else has."""

from __future__ import annotations

from dataclasses import replace

from contracts.store_records import TASKS

from classroom_fer.lesson.aggregations import Aggregation
from classroom_fer.lesson.records import Estimate, SessionResult
from classroom_fer.settings.config import load_config
from classroom_fer.settings.versions import RESULT_VERSION
from classroom_fer.store.store import SqlStore

SETTINGS = load_config(None, {"weights": "flat"})
FLAT = Aggregation("flat", TASKS, SETTINGS.as_dict(), SETTINGS.settings_sha256(), {}, RESULT_VERSION)
HALVES = replace(FLAT, name="halves", shows="tasks")


def with_index(own: SessionResult, value: float) -> SessionResult:
    """The result with another index in its first task and its first bin."""
    index = Estimate(value, value - 1, value + 1)
    task, *tasks = own.tasks
    bin_, *bins = own.bins
    first = replace(task, engagement=index), replace(bin_, engagement=index)
    return replace(own, tracks=(), tasks=(first[0], *tasks), bins=(first[1], *bins))


def add_named(store: SqlStore, session_id: int) -> None:
    """Two results beside the session's own: flat shows everything, halves its tasks alone."""
    own = store.result(session_id)
    store.aggregations.write(session_id, FLAT, with_index(own, 11.0))
    store.aggregations.write(session_id, HALVES, replace(with_index(own, 22.0), bins=(), moments=()))
