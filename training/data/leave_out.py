"""The manifest of faces to leave out: a CSV that `clean` writes, people edit, and `read_split` obeys."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from training.data.readers.faces import DataError
from training.data.readers.tables import rows_of, usage_of

COLUMNS = ("usage", "name", "reason", "detail")


@dataclass(frozen=True, slots=True)
class Entry:
    """One face to leave out."""

    usage: str
    name: str
    """As in `Faces.names`."""
    reason: str
    detail: str


def write_leave_out(path: Path, entries: Iterable[Entry]) -> None:
    """Writes the manifest; a face with several reasons has several rows."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((entry.usage, entry.name, entry.reason, entry.detail) for entry in entries)


def read_leave_out(path: Path, usage: str) -> dict[str, int]:
    """Names to leave out of a split, with the line that says so; only usage and name need be there.

    Raises:
        DataError: no such file, a column is missing, an unknown split (file and line are named).
    """
    return {
        row["name"]: line
        for line, row in rows_of(
            path, COLUMNS[:2], absent="write it with `python -m training clean`, or correct --leave-out"
        )
        if usage_of(path, line, row["usage"]) == usage and row["name"]
    }


def check_known(path: Path, wanted: dict[str, int], known: Iterable[str], usage: str) -> None:
    """A manifest made from another source is an error, not silence; faces that cannot be read count as known."""
    unknown = set(wanted) - set(known)
    if unknown:
        name = min(unknown, key=lambda n: wanted[n])
        raise DataError(
            f"{path}, line {wanted[name]}: no face {name!r} in {usage}",
            hint="the manifest belongs to another copy of the data: run `python -m training clean` on this one",
        )
