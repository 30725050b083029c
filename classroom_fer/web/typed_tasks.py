"""Tasks that are typed into the page beside the film, checked as a tasks file is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from classroom_fer.errors import TaskFileError
from classroom_fer.exchange.reading import refuse
from classroom_fer.exchange.tasks_file import mistakes_of_table
from classroom_fer.lesson.timecode import FARTHEST_S

TYPED = "/typed"
"""Stands for the table in the choice of tasks; no file has such a name."""
COLUMNS = ("task", "start", "end", "mode")
MOST_ROWS, LONGEST_CELL = 500, 1000
"""More is no lesson (choice)."""

Row = tuple[str, ...]
"""A cell of each of COLUMNS, as typed."""


@dataclass(frozen=True, slots=True)
class TypedMistake:
    """Something wrong in the table."""

    row: int | None
    """From 0; None: the table as a whole."""
    part: str
    text: str


def read_typed(body: bytes) -> tuple[list[Row], float | None]:
    """The rows that a page sent, and the film's length in seconds as its browser knows it.

    Raises:
        TaskFileError: it is none of our pages.
    """
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        _refuse()
    if not isinstance(sent, dict) or not isinstance(sent.get("rows"), list) or len(sent["rows"]) > MOST_ROWS:
        _refuse()
    duration: Any = sent.get("duration")
    is_number = isinstance(duration, int | float) and not isinstance(duration, bool)
    return [_row(row) for row in sent["rows"]], duration if is_number and 0 < duration < FARTHEST_S else None


def mistakes_of(rows: Sequence[Row], duration_s: float | None) -> list[TypedMistake]:
    """Every mistake, as ``tasks check`` words it; rows in which nothing was typed are none."""
    text, numbers = _table(rows)
    if not numbers:
        return []
    try:
        found = mistakes_of_table(text, duration_s)
    except TaskFileError as error:
        return [TypedMistake(None, "", str(error))]
    return [TypedMistake(numbers[one.line - 2], one.part, f"{one.what}; {one.remedy}") for one in found]


def tasks_table(text: str) -> bytes:
    """The tasks file of what a form holds. TaskFileError naming every mistake, or if there is no task."""
    rows, duration_s = read_typed(text.encode())
    table, numbers = _table(rows)
    if not numbers:
        refuse(["the table of tasks is empty"], "add a task, or choose another one of the tasks' sources")
    wrong = mistakes_of(rows, duration_s)
    if wrong:
        refuse([one.text if one.row is None else f"task {one.row + 1}, {one.part}: {one.text}" for one in wrong])
    return table


def _table(rows: Sequence[Row]) -> tuple[bytes, list[int]]:
    """A tasks file, and for each of its lines below the header which row it was."""
    numbers = [number for number, row in enumerate(rows) if any(cell.strip() for cell in row[:3])]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([COLUMNS, *(rows[number] for number in numbers)])
    return out.getvalue().encode("utf-8", "replace"), numbers


def _row(sent: Any) -> Row:
    if not isinstance(sent, list) or len(sent) != len(COLUMNS):
        _refuse()
    if not all(isinstance(cell, str) and len(cell) <= LONGEST_CELL for cell in sent):
        _refuse()
    return tuple(" ".join(cell.split()) for cell in sent)


def _refuse() -> NoReturn:
    raise TaskFileError("this is no table of tasks", hint="load the page again")
