"""What can be exported: rows per session, task, bin of time, track or face, with what each column means.

Columns, units and descriptions are those of the data dictionary (``store/dictionary.py``); nothing is described twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from classroom_fer.lesson.records import StoredSession
from classroom_fer.store.dictionary import Entry, entries
from classroom_fer.store.store import SqlStore
from classroom_fer.store.views import VIEWS

SECONDS_DIGITS = 3
DIGITS = 6
"""Decimals of any other number: finer than anything that is measured (choice)."""
Value = str | int | float | datetime | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """One kind of rows."""

    name: str
    source: str
    """The view that holds them."""
    order: tuple[str, ...]
    of_single_faces: bool = False


LEVELS: dict[str, Level] = {
    level.name: level
    for level in (
        Level("session", "v_session", ("session_id",)),
        Level("task", "v_task", ("start_s",)),
        Level("bin", "v_timeline", ("start_s",)),
        Level("track", "v_track", ("track_id",), of_single_faces=True),
        Level("face", "v_face", ("time_s", "frame_index", "held", "x1", "y1", "track_id"), of_single_faces=True),
    )
}
AGGREGATED: dict[str, Level] = {
    "task": Level("task", "v_aggregated_task", ("start_s",)),
    "bin": Level("bin", "v_aggregated_timeline", ("start_s",)),
}
"""The levels that named results have, by name."""


def columns(level: Level) -> tuple[Entry, ...]:
    """What the rows of a level hold, in order; every row says of which film it is."""
    known = entries()
    own = [entry for entry in known if entry.object == level.source and entry.column]
    if any(entry.column == "video" for entry in own):
        return tuple(own)
    video = next(entry for entry in known if (entry.object, entry.column) == ("v_session", "video"))
    return (own[0], video, *own[1:])


def rows(store: SqlStore, level: Level, sessions: Sequence[StoredSession]) -> Iterator[Row]:
    """The rows of these sessions, one session after the other, in the order of ``columns``.

    Of a level of named results: those of each session's ``aggregation``.
    """
    described = columns(level)
    own = [entry for entry in described if entry.object == level.source]
    typed = {name: sa.column(name, column.type) for name, column in VIEWS[level.source]}
    wanted = [typed[entry.column] for entry in own]
    for session in sessions:
        of = session.aggregation if level in AGGREGATED.values() else None
        for found in store.rows_of(level.source, wanted, level.order, session.session_id, of):
            values = [_value(value, entry) for value, entry in zip(found, own, strict=True)]
            if len(described) > len(own):
                values.insert(1, session.start.video_name)
            yield tuple(values)


def is_seconds(entry: Entry) -> bool:
    """Whether a column holds times or lengths in seconds."""
    return entry.unit == "s" and entry.type == "real"


def _value(value: Any, entry: Entry) -> Value:
    """A stored value as it is exported: rounded alike in every format."""
    if value is None or entry.type in {"integer", "text"}:
        return value  # type: ignore[no-any-return]  # int, str or None
    if entry.type == "real":
        return round(float(value), SECONDS_DIGITS if is_seconds(entry) else DIGITS)
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return json.dumps(value, ensure_ascii=False)
