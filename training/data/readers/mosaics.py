"""The mosaics layout: ``labels.csv`` and one PNG of 48x48 tiles for each split."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from classroom_fer.lesson.records import Image
from training.data.readers.faces import (
    SIDE_PX,
    VOTE_COLUMNS,
    DataError,
    Faces,
    Ints,
    OnFault,
    check_usage,
    ten_columns,
    unique_names,
)  # fmt: skip
from training.data.readers.label_files import find_label_files, label_votes
from training.data.readers.tables import fer7_of, rows_of, vote_cells, votes_of

SPLITS: dict[str, str] = {"Training": "training.png", "PublicTest": "publictest.png", "PrivateTest": "privatetest.png"}
LABELS_FILE = "labels.csv"
COLUMNS: tuple[str, ...] = ("row", "Usage", "image_name", "tile", "emotion", *VOTE_COLUMNS)


def read_mosaics(folder: Path, usage: str, on_fault: OnFault) -> Faces:
    """The faces of ``usage``. A mosaic is whole or unreadable, so ``on_fault`` is never called.

    Raises:
        DataError: no such file, a column is missing, a cell is wrong (file and line are named).
    """
    mosaic = read_mosaic(folder, usage)
    names, tiles, votes, fer7 = _read_labels(folder / LABELS_FILE, usage, len(mosaic))
    files = find_label_files(folder)
    listed = label_votes(files[usage], names) if usage in files else None
    return Faces(usage, mosaic[tiles], names, fer7, votes=votes, label_votes=listed)


def read_mosaic(folder: Path, usage: str) -> Image:
    """Every 48x48 tile of a split, grey [N, 48, 48], in order; the last row of the mosaic may end in empty tiles."""
    check_usage(usage)
    path = folder / SPLITS[usage]
    if not path.is_file():
        raise DataError(f"{path}: no such file", hint="name the folder of FER2013 with --data (see its README.md)")
    mosaic = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if mosaic is None or mosaic.shape[0] % SIDE_PX or mosaic.shape[1] % SIDE_PX:
        raise DataError(f"{path}: not a mosaic of 48x48 tiles", hint="copy the file again")
    rows, columns = mosaic.shape[0] // SIDE_PX, mosaic.shape[1] // SIDE_PX
    tiles = mosaic.reshape(rows, SIDE_PX, columns, SIDE_PX).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(tiles.reshape(-1, SIDE_PX, SIDE_PX), dtype=np.uint8)


def _read_labels(path: Path, usage: str, tiles: int) -> tuple[tuple[str, ...], Ints, Ints, Ints]:
    """Names, tile numbers [N], votes [N, 10] and FER2013 labels [N] of the rows of ``usage`` that have pixels."""
    names: list[str] = []
    numbers: list[int] = []
    votes: list[list[int]] = []
    fer7: list[int] = []
    for line, row in rows_of(path, COLUMNS):
        if row["Usage"] == usage and row["tile"] != "":
            names.append(row["image_name"])
            numbers.append(_tile(path, line, row["tile"], tiles))
            votes.append(votes_of(path, line, vote_cells(row)))
            fer7.append(fer7_of(path, line, row["emotion"]))
    if not names:
        raise DataError(f"{path}: no rows with Usage {usage!r}", hint="copy the file again")
    return unique_names(names), np.array(numbers, np.int64), ten_columns(votes), np.array(fer7, np.int64)


def _tile(path: Path, line: int, text: str, tiles: int) -> int:
    try:
        number = int(text)
    except ValueError as error:
        raise DataError(f"{path}, line {line}: {error}", hint="tile is a whole number") from error
    if not 0 <= number < tiles:
        raise DataError(
            f"{path}, line {line}: tile {number} of {tiles}", hint="tiles count from 0; copy the file again"
        )
    return number
