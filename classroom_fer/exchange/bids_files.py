"""Tables as BIDS keeps events: onset, duration and trial_type first, ``n/a`` for what is missing.

"BIDS-style": no datatype of BIDS is for what faces look like, so a validator may ignore these files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from classroom_fer.exchange.cells import cell
from classroom_fer.exchange.harmless import harmless
from classroom_fer.exchange.levels import Row
from classroom_fer.exchange.table_formats import separated
from classroom_fer.lesson.records import Task
from classroom_fer.store.dictionary import Entry

MISSING = "n/a"
FIRST = {
    "onset": ("s", "Start, from the beginning of the film."),
    "duration": ("s", "How long it lasts."),
    "trial_type": (None, "The task."),
}
REPLACED = ("session_id", "video", "task", "start_s", "end_s")
"""Columns that stand in the three first ones, or in the file's name."""


def label(text: str, otherwise: str) -> str:
    """Letters and digits of a name, as a BIDS label takes them.

    >>> label("5b 10:30", "film1"), label("日本", "film1")
    ('5b1030', 'film1')
    """
    return "".join(c for c in text if c.isascii() and c.isalnum())[:60] or otherwise


def write_events(file: BinaryIO, columns: Sequence[Entry], rows: Iterable[Row]) -> None:
    """Tasks or bins as events."""
    kept = [(index, entry) for index, entry in enumerate(columns) if entry.column not in REPLACED]
    places = {entry.column: index for index, entry in enumerate(columns)}
    header = [*FIRST, *(entry.column for _, entry in kept)]
    separated(file, header, _events(rows, kept, places), delimiter="\t")


def _events(rows: Iterable[Row], kept: Sequence[tuple[int, Entry]], places: dict[str, int]) -> Iterator[list[str]]:
    for row in rows:
        start, end, task = row[places["start_s"]], row[places["end_s"]], row[places["task"]]
        first = [
            f"{start:.3f}",
            f"{float(str(end)) - float(str(start)):.3f}",
            MISSING if task is None else harmless(str(task)),
        ]
        yield [*first, *(cell(row[index], entry, MISSING) for index, entry in kept)]


def write_tasks(file: BinaryIO, tasks: Sequence[Task]) -> None:
    """Tasks as a block design, each with its mode."""
    rows = ([f"{t.start_s:.3f}", f"{t.end_s - t.start_s:.3f}", harmless(t.name), t.mode] for t in tasks)
    separated(file, [*FIRST, "mode"], rows, delimiter="\t")


def sidecar(columns: Sequence[Entry]) -> dict[str, Any]:
    """What BIDS wants to know of each column."""
    described = {name: _column(name, unit, text) for name, (unit, text) in FIRST.items()}
    return described | {
        entry.column: _column(entry.column, entry.unit, entry.description)
        for entry in columns
        if entry.column not in REPLACED
    }


def _column(name: str, unit: str | None, description: str) -> dict[str, str]:
    return {"LongName": name.replace("_", " "), "Description": description, **({"Units": unit} if unit else {})}
