"""FER2013 with the FER+ votes: pixels from the mosaics, labels from ``labels.csv``, protocol P8.

Sources: Goodfellow et al. 2013 (arXiv 1307.0414), Barsoum et al. 2016 (arXiv 1608.01041); layout in the data
folder's README.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ClassroomFerError
from classroom_fer.types import EMOTIONS, Image

TILE_PX = 48
SPLITS: dict[str, str] = {"Training": "training.png", "PublicTest": "publictest.png", "PrivateTest": "privatetest.png"}
VOTE_COLUMNS: tuple[str, ...] = (*EMOTIONS, "unknown", "NF")
LABELS_FILE = "labels.csv"
COLUMNS: tuple[str, ...] = ("row", "Usage", "image_name", "tile", *VOTE_COLUMNS)
P8_COUNTS: dict[str, int] = {"Training": 28_389, "PublicTest": 3_553, "PrivateTest": 3_546}


class DataError(ClassroomFerError):
    """The training data is missing or not what its format says."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The faces of one split that a protocol keeps."""

    images: Image
    """Grey [N, 48, 48]."""
    labels: npt.NDArray[np.int64]
    """[N], index into EMOTIONS: the plurality vote."""
    votes: npt.NDArray[np.float32]
    """[N, 8], votes for the eight emotions, each row divided by its sum."""


def read_split(folder: Path, usage: str, *, limit: int | None = None) -> Split:
    """The faces of ``usage`` by protocol P8: argmax of the ten votes; winners "unknown" and "NF" are left out.

    Raises:
        DataError: no such folder or file, a column is missing, a cell is no number (file and line are named).
    """
    faces = read_mosaic(folder, usage)
    tiles, votes = _read_votes(folder / LABELS_FILE, usage, len(faces))
    keep = votes.argmax(axis=1) < len(EMOTIONS)
    tiles, votes = tiles[keep][:limit], votes[keep][:limit, : len(EMOTIONS)]
    shares = (votes / votes.sum(axis=1, keepdims=True)).astype(np.float32)
    return Split(images=faces[tiles], labels=votes.argmax(axis=1), votes=shares)


def read_mosaic(folder: Path, usage: str) -> Image:
    """Every 48x48 tile of a split, grey [N, 48, 48], in order; the last row of the mosaic may end in empty tiles."""
    if usage not in SPLITS:
        raise DataError(f"{usage!r} is not a split", hint=f"use one of {', '.join(SPLITS)}")
    path = folder / SPLITS[usage]
    if not path.is_file():
        raise DataError(f"{path}: no such file", hint="name the folder of FER2013 with --data (see its README.md)")
    mosaic = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if mosaic is None or mosaic.shape[0] % TILE_PX or mosaic.shape[1] % TILE_PX:
        raise DataError(f"{path}: not a mosaic of 48x48 tiles", hint="copy the file again")
    rows, columns = mosaic.shape[0] // TILE_PX, mosaic.shape[1] // TILE_PX
    tiles = mosaic.reshape(rows, TILE_PX, columns, TILE_PX).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(tiles.reshape(-1, TILE_PX, TILE_PX), dtype=np.uint8)


def _read_votes(path: Path, usage: str, tiles: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Tile numbers [N] and votes [N, 10] of the rows of ``usage`` that have pixels."""
    numbers: list[int] = []
    votes: list[list[int]] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise DataError(
                    f"{path}, line 1: missing column {', '.join(missing)}", hint=f"expected {', '.join(COLUMNS)}"
                )
            for row in reader:
                if row["Usage"] == usage and row["tile"] != "":
                    number, ten = _numbers(row, path, reader.line_num)
                    if not 0 <= number < tiles or sum(ten) <= 0 or min(ten) < 0:
                        raise DataError(
                            f"{path}, line {reader.line_num}: tile {number} of {tiles} with votes {ten}",
                            hint="tiles count from 0 and every face has at least one vote; copy the file again",
                        )
                    numbers.append(number)
                    votes.append(ten)
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file", hint="name the folder of FER2013 with --data") from error
    if not numbers:
        raise DataError(f"{path}: no rows with Usage {usage!r}", hint="copy the file again")
    return np.array(numbers), np.array(votes)


def _numbers(row: dict[str, str], path: Path, line: int) -> tuple[int, list[int]]:
    try:
        return int(row["tile"]), [int(row[name]) for name in VOTE_COLUMNS]
    except (ValueError, TypeError) as error:
        raise DataError(
            f"{path}, line {line}: {error}", hint="tile and the ten vote columns are whole numbers"
        ) from error
