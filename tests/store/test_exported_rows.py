"""Rows for export are the same from SQLite and PostgreSQL: typed, rounded and in order."""

from __future__ import annotations

from datetime import datetime

import pytest
from contracts.store import finished

from classroom_fer.exchange.levels import LEVELS, columns, rows
from classroom_fer.store.store import SqlStore

COUNTS = {"session": 1, "task": 3, "bin": 4, "track": 4, "face": 108}


def test_each_level_gives_the_rows_of_the_sessions_that_are_asked_for_in_order(any_store: SqlStore) -> None:
    first, second = finished(any_store), finished(any_store, video_name="other.mp4", video_sha256="f" * 64)
    for level in LEVELS.values():
        names = [entry.column for entry in columns(level)]
        assert names[:2] == ["session_id", "video"]
        found = [dict(zip(names, row, strict=True)) for row in rows(any_store, level, [second, first])]
        assert [row["session_id"] for row in found] == [2] * COUNTS[level.name] + [1] * COUNTS[level.name]
        assert {row["session_id"]: row["video"] for row in found} == {1: "Größe 6b.mp4", 2: "other.mp4"}
        for session_id in (1, 2):
            keys = [tuple(row[name] for name in level.order[:3]) for row in found if row["session_id"] == session_id]
            assert keys == sorted(keys)


@pytest.mark.parametrize(
    ("level", "column", "values"),
    [
        ("task", "end_s", [10.0, 20.125, 30.0]),
        ("task", "not_shown_because", [None, None, "coverage"]),
        ("bin", "task", ["Fractions 分数 🙂", "<b>Board</b>; DROP TABLE face; --", "=SUM(A1)", None]),
        ("bin", "coverage", [0.9, None, 0.0, None]),
        ("track", "yaw0_deg", [-1.5, -1.5, -1.5, None]),
    ],
)
def test_values_are_rounded_alike_and_missing_ones_stay_missing(
    any_store: SqlStore, level: str, column: str, values: list[object]
) -> None:
    session = finished(any_store)
    place = [entry.column for entry in columns(LEVELS[level])].index(column)
    found = [row[place] for row in rows(any_store, LEVELS[level], [session])]
    assert sorted(found, key=str) == sorted(values, key=str) if level == "track" else found == values


def test_times_have_a_zone(any_store: SqlStore) -> None:
    session = finished(any_store)
    names = [entry.column for entry in columns(LEVELS["session"])]
    (row,) = rows(any_store, LEVELS["session"], [session])
    for name in ("recorded_on", "analyzed_at"):
        value = row[names.index(name)]
        assert isinstance(value, datetime) and value.tzinfo is not None
