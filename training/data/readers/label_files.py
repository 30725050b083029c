"""The vote files of FER+: ``fer2013new.csv`` (one table) and ``label.csv`` (one without header for each split).

The second kind is what the FER+ authors' own training code reads; the two differ on 1,602 images.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from training.data.readers.faces import USAGES, VOTE_COLUMNS, DataError, Ints, ten_columns
from training.data.readers.tables import opened, rows_of, usage_of, vote_cells, votes_of

NEW_CSV = "fer2013new.csv"
NEW_COLUMNS = ("Usage", "Image name", *VOTE_COLUMNS)
SPLIT_WORDS: dict[str, tuple[str, ...]] = {
    "Training": ("train", "training", "fer2013train"),
    "PublicTest": ("validation", "valid", "val", "dev", "publictest", "fer2013valid"),
    "PrivateTest": ("test", "testing", "privatetest", "fer2013test"),
}
"""Names of split folders and ends of label files, in lower case."""
WHOLE_BOX = "(0, 0, 48, 48)"
CELLS = 2 + len(VOTE_COLUMNS)


@dataclass(frozen=True, slots=True)
class VoteRow:
    """One row of fer2013new.csv."""

    line: int
    usage: str
    name: str
    """Empty for pictures that are not a face."""
    votes: list[int]


def read_new_csv(path: Path) -> list[VoteRow]:
    """Every row of fer2013new.csv, in order: row k belongs to row k of fer2013.csv.

    Raises:
        DataError: a column is missing or a cell is wrong (file and line are named).
    """
    return [
        VoteRow(
            line, usage_of(path, line, row["Usage"]), row["Image name"].strip(), votes_of(path, line, vote_cells(row))
        )
        for line, row in rows_of(path, NEW_COLUMNS)
    ]


def find_label_files(folder: Path) -> dict[str, Path]:
    """FER+ label file of each split: ``[...]label_train.csv`` and so on, or ``label.csv`` in a split's folder."""
    found: dict[str, Path] = {}
    for path in sorted(folder.glob("*label*_*.csv")):
        end = path.stem.lower().rpartition("_")[2]
        for usage in USAGES:
            if end in SPLIT_WORDS[usage]:
                found.setdefault(usage, path)
    for path in sorted(folder.glob("*/label.csv")):
        for usage in USAGES:
            if path.parent.name.lower() in SPLIT_WORDS[usage]:
                found.setdefault(usage, path)
    if not found and (folder / "label.csv").is_file():
        found = dict.fromkeys(USAGES, folder / "label.csv")
    return found


def read_label_file(path: Path) -> dict[str, list[int]]:
    """Ten votes by image name.

    Raises:
        DataError: a row is short, a cell is no number, an image is listed twice (file and line are named).
    """
    votes: dict[str, list[int]] = {}
    with opened(path) as file:
        reader = csv.reader(file)
        for cells in reader:
            line = reader.line_num
            if not cells or (line == 1 and "neutral" in (cell.strip().lower() for cell in cells)):
                continue  # a header, which some copies have
            if len(cells) != CELLS:
                raise DataError(f"{path}, line {line}: {len(cells)} cells", hint="expected image, box, ten votes")
            name, box = cells[0].strip(), cells[1].strip()
            if box != WHOLE_BOX:
                raise DataError(f"{path}, line {line}: box {box}", hint=f"only whole pictures are read: {WHOLE_BOX}")
            if name in votes:
                raise DataError(f"{path}, line {line}: {name} is listed twice", hint="remove one of the two rows")
            votes[name] = votes_of(path, line, cells[2:])
    return votes


def label_votes(path: Path, names: tuple[str, ...]) -> Ints:
    """[N, 10] votes of the pictures ``names``; all 0 where the file does not list one.

    Raises:
        DataError: the file is wrong, or lists none of them.
    """
    listed = read_label_file(path)
    if names and not any(name in listed for name in names):
        raise DataError(f"{path}: lists none of the pictures, such as {names[0]}", hint="do the two belong together?")
    return ten_columns([listed.get(name, [0] * len(VOTE_COLUMNS)) for name in names])
