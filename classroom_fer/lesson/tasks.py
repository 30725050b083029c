"""What a task is: a named part of the lesson, each name once, no two at a time, inside of the film. Pure.

Tables of tasks are read by ``classroom_fer.exchange``; the format and the list of mistakes are in ``docs/tasks.md``.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from classroom_fer.lesson.records import TASK_MODES, Task, TaskMode
from classroom_fer.lesson.timecode import format_time

END_TOLERANCE_S = 1.0
"""A task may end this much after the film and is cut there: clocks and containers round (choice)."""
WHOLE_LESSON = "Whole lesson"


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One line of a table that is to become a task."""

    line: int
    """Of the file, from 1."""
    name: str
    start_s: float
    end_s: float
    mode: TaskMode = "board"


Part = Literal["task", "start", "end", "mode"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a line, and what its writer can do."""

    line: int
    part: Part
    """Which of the row's values; every table calls its column otherwise."""
    what: str
    remedy: str


NoticeCode = Literal[
    "other_films",
    "film_called",
    "instants",
    "unknown_length",
    "unnamed",
    "before_film",
    "encoding",
    "first_second",
    "observations",
]


@dataclass(frozen=True, slots=True)
class TaskNotice:
    """Something about a table that is no mistake and that its writer should hear: a code with its numbers."""

    code: NoticeCode
    count: int = 0
    """Rows, or what the code counts."""
    names: tuple[str, ...] = ()
    """Films, observations or encodings."""


@dataclass(frozen=True, slots=True)
class TaskTable:
    """What a file of tasks holds for one film."""

    tasks: tuple[Task, ...]
    """In order of time."""
    notices: tuple[TaskNotice, ...] = ()


def whole_lesson(start_s: float, end_s: float) -> tuple[Task, ...]:
    """The one task of a lesson without a tasks file: all that is analysed."""
    return (Task(WHOLE_LESSON, start_s, end_s, "board"),)


def gaps(tasks: Sequence[Task], duration_s: float) -> list[tuple[float, float]]:
    """Stretches longer than a second that belong to no task, in order.

    >>> gaps([Task("a", 10, 20)], 30)
    [(0.0, 10), (20, 30)]
    """
    edges = [0.0, *itertools.chain.from_iterable((t.start_s, t.end_s) for t in tasks), duration_s]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(a, b) for a, b in pairs if b - a > 1.0]


def task_mode(text: str) -> TaskMode | None:
    """The mode of a name; "" is the default, None any other word."""
    wanted = text.lower() or "board"
    return next((mode for mode in TASK_MODES if mode == wanted), None)


def mistakes_of_times(row: TaskRow, duration_s: float | None) -> list[Mistake]:
    """Whether a row has a length and lies inside of the film (None = its length is not known)."""
    if row.end_s <= row.start_s:
        what = "ends before it starts" if row.end_s < row.start_s else "has no length"
        times = f"({format_time(row.start_s)} to {format_time(row.end_s)})"
        remedy = "swap or correct start and end" if row.end_s < row.start_s else "give it an end after its start"
        return [Mistake(row.line, "end", f"the task {what} {times}", remedy)]
    if duration_s is not None and (row.end_s > duration_s + END_TOLERANCE_S or row.start_s >= duration_s):
        what = f"{format_time(row.end_s)} is past the end of the film ({format_time(duration_s)})"
        remedy = "correct it (Excel may have turned minutes:seconds into hours:minutes)"
        return [Mistake(row.line, "end", what, remedy)]
    return []


def mistakes_between(rows: Sequence[TaskRow]) -> list[Mistake]:
    """Names that stand twice and tasks at the same time, of rows in order of time."""
    found, first_with = [], dict[str, int]()
    for row in rows:
        if row.name in first_with:
            what = f"the name {row.name!r} stands in line {first_with[row.name]} too"
            found.append(Mistake(row.line, "task", what, "number them"))
        first_with.setdefault(row.name, row.line)
    for one, other in itertools.pairwise(rows):
        if other.start_s < one.end_s:
            what = (
                f"{other.name!r} begins at {format_time(other.start_s)}, before {one.name!r} "
                f"(line {one.line}) ends at {format_time(one.end_s)}"
            )
            found.append(Mistake(other.line, "start", what, "tasks may not overlap"))
    return found


def in_order(rows: Sequence[TaskRow]) -> list[TaskRow]:
    """Rows in order of time."""
    return sorted(rows, key=lambda row: (row.start_s, row.end_s))


def as_tasks(rows: Sequence[TaskRow], duration_s: float | None) -> tuple[Task, ...]:
    """Rows without a mistake as tasks, cut where the film ends."""
    last = duration_s if duration_s is not None else float("inf")
    return tuple(Task(row.name, min(row.start_s, last), min(row.end_s, last), row.mode) for row in rows)
