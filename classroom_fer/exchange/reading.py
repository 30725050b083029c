"""What every reader of tasks hands over, and what readers have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, NoReturn

from classroom_fer.errors import TaskFileError
from classroom_fer.exchange.films import Film
from classroom_fer.exchange.source import HINT, Table
from classroom_fer.lesson.records import TaskMode
from classroom_fer.lesson.tasks import Mistake, Part, TaskNotice
from classroom_fer.lesson.timecode import REMEDY, parse_seconds, parse_time
from classroom_fer.text.graphemes import beginning

NAME_LIMIT = 500
"""Characters of a task name that are kept; more is surely not a name (choice)."""
SHOWN = 60
"""Characters of a wrong cell that a message shows (choice)."""
Kind = Literal["state", "instant", "unknown", "unnamed"]


MAX_MISTAKES = 20
"""Mistakes that one message lists; a wrong file usually repeats one (choice)."""


def refuse(mistakes: Sequence[str], hint: str = HINT) -> NoReturn:
    """Raises TaskFileError with a line for each mistake."""
    more = len(mistakes) - MAX_MISTAKES
    shown = [*mistakes[:MAX_MISTAKES], *([f"... and {more} more"] if more > 0 else [])]
    raise TaskFileError("\n".join(shown), hint=hint)


@dataclass(slots=True)
class FoundRow:
    """One row of a table as its reader understood it, its mistakes included."""

    line: int
    """Of the table's file; or which annotation or event of a document."""
    name: str = ""
    start_s: float | None = None
    """On the row's own clock; see ``films``."""
    end_s: float | None = None
    mode: TaskMode = "board"
    kind: Kind = "state"
    """``instant`` has no length on purpose, ``unknown`` no noted time, ``unnamed`` no name: none is a task."""
    films: tuple[Film, ...] = ()
    """Those it may be about; empty: any."""
    group: str = ""
    """The observation that it comes from, where a table has several."""
    mistakes: list[Mistake] = field(default_factory=list)

    def says(self, part: Part, what: str, remedy: str) -> None:
        """Notes a mistake of this row."""
        self.mistakes.append(Mistake(self.line, part, what, remedy))


@dataclass(frozen=True, slots=True)
class Found:
    """Everything a reader found in a table."""

    rows: tuple[FoundRow, ...]
    columns: Mapping[Part, str]
    """What this kind of table calls the parts of a row, for messages."""
    numbered: bool = False
    """Names may repeat there: they get numbers."""
    overlap_remedy: str = "tasks may not overlap"
    notices: tuple[TaskNotice, ...] = ()
    row_word: str = "line"
    """What a row's number counts there."""
    hint: str = HINT
    """Where more is said about this kind of file."""


def time_in(row: FoundRow, part: Part, text: str, parse: Callable[[str], float]) -> float | None:
    """A cell as a time; None and a mistake of the row where it is none.

    Args: ``parse`` is ``typed`` or ``written`` for what a person or a program writes.
    """
    if not text:
        row.says(part, "the time is missing", "write seconds or [HH:]MM:SS")
        return None
    try:
        return parse(text)
    except ValueError as error:
        row.says(part, f"{text[:SHOWN]!r} {error}", REMEDY)
        return None


def typed(table: Table) -> Callable[[str], float]:
    """How times are read that a person typed into this table."""
    return partial(parse_time, decimal_comma=table.decimal_comma)


def written(table: Table) -> Callable[[str], float]:
    """How times are read that a program wrote into this table."""
    return partial(parse_seconds, decimal_comma=table.decimal_comma)


def name_of(row: FoundRow, text: str) -> str:
    """A name in one line; a mistake of the row where there is none."""
    name = beginning(" ".join(text.split()), NAME_LIMIT)
    if not name:
        row.says("task", "the task has no name", "give it one")
    return name
