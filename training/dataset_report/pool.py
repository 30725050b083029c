"""All faces of a source in one array, each with its split and name: what `clean` and `explore` look through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classroom_fer.lesson.records import Image
from training.data.readers.faces import FER7, UNKNOWN, USAGES, VOTE_COLUMNS, Faces, Fault, Ints
from training.data.readers.source import Source

NOT_A_FACE = VOTE_COLUMNS.index("NF")


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The faces of Training, PublicTest and PrivateTest, in this order."""

    splits: tuple[Faces, ...]
    """As they were read; what follows is all of them in one."""
    found: str
    """What the source is, in one line."""
    images: Image
    """Grey [N, 48, 48]."""
    usages: Ints
    """[N], index into USAGES."""
    names: tuple[str, ...]
    fer7: Ints
    """[N], index into FER7, or UNKNOWN."""
    votes: Ints | None
    """[N, 10] by VOTE_COLUMNS; None where the source has none."""
    folder_labels: Ints | None
    folder_classes: tuple[str, ...]
    faults: tuple[Fault, ...]
    """Pictures that cannot be read; they are not among the images."""

    @property
    def labels(self) -> tuple[str, ...]:
        """[N], each face's label in words, for people: FER2013's, else the vote's winner, else the folder."""
        if (self.fer7 != UNKNOWN).all():
            return tuple(FER7[k] for k in self.fer7)
        if self.votes is not None:
            return tuple(VOTE_COLUMNS[k] for k in self.votes.argmax(axis=1))
        return tuple(self.folder_classes[k] for k in self.folder_labels) if self.folder_labels is not None else ()

    def place(self, face: int) -> str:
        """Split and name of a face."""
        return f"{USAGES[self.usages[face]]} {self.names[face]}"


def read_pool(source: Source) -> Pool:
    """Every face of a source; unreadable pictures are collected.

    Raises:
        DataError: a split is missing, or malformed in a way that is not the fault of one picture.
    """
    faults: list[Fault] = []
    splits = [source.read(usage, faults.append) for usage in USAGES]
    labels = [split.folder_labels for split in splits]
    return Pool(
        splits=tuple(splits),
        found=source.found,
        images=np.concatenate([split.images for split in splits]),
        usages=np.repeat(np.arange(len(USAGES)), [len(split.names) for split in splits]),
        names=tuple(name for split in splits for name in split.names),
        fer7=np.concatenate([split.fer7 for split in splits]),
        votes=_all_votes(splits),
        folder_labels=np.concatenate([k for k in labels if k is not None]) if source.folder_classes else None,
        folder_classes=source.folder_classes,
        faults=tuple(faults),
    )


def _all_votes(splits: list[Faces]) -> Ints | None:
    """fer2013new.csv's where every split has them, else the label files'; a face that they do not list has none."""
    for kind in ("votes", "label_votes"):
        tables: list[Ints | None] = [getattr(split, kind) for split in splits]
        if all(table is not None for table in tables):
            return np.concatenate([table for table in tables if table is not None])
    return None
