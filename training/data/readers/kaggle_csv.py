"""``fer2013.csv`` as Kaggle gives it (emotion, pixels, Usage), with ``fer2013new.csv`` beside it where it is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from classroom_fer.lesson.records import Image
from training.data.readers.faces import (
    SIDE_PX,
    DataError,
    Faces,
    Fault,
    Ints,
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


def is_pixel_table(path: Path) -> bool:
    """Does a CSV look like fer2013.csv (a column ``pixels``)? A file named so is taken for it whatever it holds."""
    if path.name.lower() == "fer2013.csv":
        return True
    try:
        return "pixels" in header_of(path)
    except DataError:
        return False  # some other file beside the data


def read_kaggle_csv(path: Path, usage: str, on_fault: OnFault) -> Faces:
    """The faces of ``usage``; a row with wrong pixels goes to ``on_fault``.

    Raises:
        DataError: a column is missing, a class or split is unknown, or fer2013new.csv does not belong to the file.
    """
    check_usage(usage)
    new = path.parent / NEW_CSV
    vote_rows = read_new_csv(new) if new.is_file() else None
    images: list[Image] = []
    kept: list[int] = []
    fer7: list[int] = []
    number = -1
    for number, (line, row) in enumerate(rows_of(path, COLUMNS)):
        split = usage_of(path, line, row["Usage"])
        if vote_rows is not None:
            _check_pair(path, line, split, new, number, vote_rows)
        if split != usage:
            continue
        label = fer7_of(path, line, row["emotion"])
        try:
            images.append(_face(row["pixels"]))
        except ValueError as error:
            name = _name(number, vote_rows)
            on_fault(Fault(usage, name, f"{path}, line {line}", str(error), "48x48 grey values 0-255 with spaces"))
            continue
        kept.append(number)
        fer7.append(label)
    if vote_rows is not None and len(vote_rows) != number + 1:
        raise DataError(
            f"{new}, line {vote_rows[number + 1].line}: no row {number + 1} in {path.name}",
            hint="row k of one file belongs to row k of the other; get both from one place",
        )
    return _faces(path, usage, stacked(images), kept, np.array(fer7, np.int64), vote_rows, number + 1)


def _faces(
    path: Path, usage: str, images: Image, kept: list[int], fer7: Ints, vote_rows: list[VoteRow] | None, rows: int
) -> Faces:
    if not kept:
        raise DataError(f"{path}: no rows with Usage {usage!r}", hint="is the file whole? It has three splits")
    names = unique_names(_name(k, vote_rows, full=rows == FULL_ROWS) for k in kept)
    votes = None if vote_rows is None else ten_columns([vote_rows[k].votes for k in kept])
    files = find_label_files(path.parent)
    named = vote_rows is not None or rows == FULL_ROWS
    listed = label_votes(files[usage], names) if usage in files and named else None
    return Faces(usage, images, names, fer7, votes=votes, label_votes=listed)


def _name(number: int, vote_rows: list[VoteRow] | None, *, full: bool = False) -> str:
    """FER+'s name where it is known; ``row N`` (from 0) elsewhere."""
    if vote_rows is not None and vote_rows[number].name:
        return vote_rows[number].name
    return f"fer{number:07d}.png" if full else f"row {number}"


def _check_pair(path: Path, line: int, split: str, new: Path, number: int, vote_rows: list[VoteRow]) -> None:
    if number >= len(vote_rows):
        raise DataError(
            f"{path}, line {line}: no row {number} in {new.name}, which has {len(vote_rows)}",
            hint="row k of one file belongs to row k of the other; get both from one place",
        )
    if vote_rows[number].usage != split:
        raise DataError(
            f"{path}, line {line}: Usage {split}, but {vote_rows[number].usage} in {new.name}, line "
            f"{vote_rows[number].line}",
            hint="row k of one file belongs to row k of the other; get both from one place",
        )


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
