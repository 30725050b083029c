"""``fer2013.csv`` as Kaggle gives it (emotion, pixels, Usage), with ``fer2013new.csv`` beside it where it is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from classroom_fer.lesson.records import Image
from training.data.readers.faces import (
    SIDE_PX,
    DataError,
    Faces,
    Fault,
    OnFault,
    check_usage,
    stacked,
    ten_columns,
    unique_names,
)  # fmt: skip
from training.data.readers.label_files import NEW_CSV, VoteRow, find_label_files, label_votes, read_new_csv
from training.data.readers.tables import fer7_of, header_of, rows_of, usage_of

COLUMNS = ("emotion", "pixels", "Usage")
PIXELS = SIDE_PX * SIDE_PX
FULL_ROWS = 35_887
"""Rows of the published file: only there does FER+'s image name follow from the row number."""

ROWS_BELONG = "row k of one file belongs to row k of the other; get both from one place"


def is_pixel_table(path: Path) -> bool:
    """Does a CSV look like fer2013.csv (a column ``pixels``)? A file named so is taken for it whatever it holds."""
    if path.name.lower() == "fer2013.csv":
        return True
    try:
        return "pixels" in header_of(path)
    except DataError:
        return False  # some other file beside the data


@dataclass(frozen=True, slots=True)
class _VoteFile:
    """fer2013new.csv beside the file; row k of one belongs to row k of the other."""

    path: Path
    rows: list[VoteRow]

    def check(self, place: str, number: int, split: str) -> None:
        """Does its row ``number`` belong to the row at ``place``?"""
        if number >= len(self.rows):
            raise DataError(
                f"{place}: no row {number} in {self.path.name}, which has {len(self.rows)}", hint=ROWS_BELONG
            )
        if self.rows[number].usage != split:
            raise DataError(
                f"{place}: Usage {split}, but {self.rows[number].usage} in {self.path.name}, line "
                f"{self.rows[number].line}",
                hint=ROWS_BELONG,
            )


@dataclass(slots=True)
class _Found:
    """What is read of one split, as it grows."""

    images: list[Image] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    """Of the rows in the file, from 0."""
    fer7: list[int] = field(default_factory=list)
    rows: int = 0
    """Of the file so far, all splits."""


def read_kaggle_csv(path: Path, usage: str, on_fault: OnFault) -> Faces:
    """The faces of ``usage``; a row with wrong pixels goes to ``on_fault``.

    Raises:
        DataError: a column is missing, a class or split is unknown, or fer2013new.csv does not belong to the file.
    """
    check_usage(usage)
    new = path.parent / NEW_CSV
    votes = _VoteFile(new, read_new_csv(new)) if new.is_file() else None
    found = _Found()
    for number, (line, row) in enumerate(rows_of(path, COLUMNS)):
        found.rows, place = number + 1, f"{path}, line {line}"
        split = usage_of(path, line, row["Usage"])
        if votes is not None:
            votes.check(place, number, split)
        if split != usage:
            continue
        label = fer7_of(path, line, row["emotion"])
        try:
            found.images.append(_face(row["pixels"]))
        except ValueError as error:
            on_fault(Fault(usage, _name(number, votes), place, str(error), "48x48 grey values 0-255 with spaces"))
            continue
        found.numbers.append(number)
        found.fer7.append(label)
    if votes is not None and len(votes.rows) != found.rows:
        raise DataError(
            f"{new}, line {votes.rows[found.rows].line}: no row {found.rows} in {path.name}", hint=ROWS_BELONG
        )
    return _faces(path, usage, found, votes)


def _faces(path: Path, usage: str, found: _Found, votes: _VoteFile | None) -> Faces:
    if not found.numbers:
        raise DataError(f"{path}: no rows with Usage {usage!r}", hint="is the file whole? It has three splits")
    whole = found.rows == FULL_ROWS
    names = unique_names(_name(k, votes, full=whole) for k in found.numbers)
    tallies = None if votes is None else ten_columns([votes.rows[k].votes for k in found.numbers])
    files = find_label_files(path.parent)
    listed = label_votes(files[usage], names) if usage in files and (votes is not None or whole) else None
    fer7 = np.array(found.fer7, np.int64)
    return Faces(usage, stacked(found.images), names, fer7, votes=tallies, label_votes=listed)


def _name(number: int, votes: _VoteFile | None, *, full: bool = False) -> str:
    """FER+'s name where it is known; ``row N`` (from 0) elsewhere."""
    if votes is not None and votes.rows[number].name:
        return votes.rows[number].name
    return f"fer{number:07d}.png" if full else f"row {number}"


def _face(text: str) -> Image:
    """Grey [48, 48] of one pixels cell; ValueError says what is wrong."""
    cells = text.split()
    if len(cells) != PIXELS:
        raise ValueError(f"{len(cells)} pixels instead of {PIXELS}")
    try:
        values = bytes(map(int, cells))
    except ValueError as error:
        raise ValueError("a pixel that is not a whole number 0-255") from error
    return np.frombuffer(values, np.uint8).reshape(SIDE_PX, SIDE_PX)
