"""BIDS ``*_events.tsv``: ``onset``, ``duration``, ``trial_type``; a block design has one row for each task."""

from __future__ import annotations

from collections.abc import Mapping

from classroom_fer.exchange.reading import Found, FoundRow, name_of, time_in, written
from classroom_fer.exchange.source import Table
from classroom_fer.lesson.tasks import Part, task_mode

NEEDED = ("onset", "duration", "trial_type")
COLUMNS: Mapping[Part, str] = {"task": "trial_type", "start": "onset", "end": "duration"}
MISSING = ("n/a", "na", "nan", "")
"""The first is what BIDS says; the others are what programs write (R, pandas)."""


def read(table: Table) -> Found:
    """The rows of an events file; an event of no length is an instant, one without a name is left out."""
    header = table.header(*NEEDED) or 0
    rows = (_row(number, cells, table) for number, cells in table.rows_below(header))
    return Found(tuple(rows), COLUMNS, numbered=True)


def _row(number: int, cells: Mapping[str, str], table: Table) -> FoundRow:
    row = FoundRow(number)
    onset, duration, name = (cells.get(column, "") for column in NEEDED)
    if onset.lower() in MISSING or duration.lower() in MISSING:
        row.kind = "unknown"
        return row
    length = time_in(row, "end", duration, written(table))
    if length == 0:
        row.kind = "instant"
        return row
    if length is not None and length < 0:
        row.says("end", f"{duration!r} is negative", "a duration is 0 or more, n/a where it is not known")
    if name.lower() in MISSING:
        row.kind = "unnamed"
        return row
    row.name = name_of(row, name)
    row.start_s = time_in(row, "start", onset, written(table))
    row.end_s = None if row.start_s is None or length is None else row.start_s + length
    row.mode = task_mode(cells.get("mode", "")) or row.mode
    return row
