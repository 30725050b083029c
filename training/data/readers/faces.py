"""What every reader gives: the faces of one split with all the labels that the source has, and its mistakes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ClassroomFerError
from classroom_fer.lesson.records import EMOTIONS, Image

SIDE_PX = 48
"""Side of a face of FER2013."""
USAGES: tuple[str, ...] = ("Training", "PublicTest", "PrivateTest")
"""FER2013's own names of training, validation and test split."""
FER7: tuple[str, ...] = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""FER2013's labels 0-6 (Goodfellow et al. 2013, arXiv 1307.0414)."""
VOTE_COLUMNS: tuple[str, ...] = (*EMOTIONS, "unknown", "NF")
"""The ten columns of FER+ (Barsoum et al. 2016, arXiv 1608.01041); NF = not a face."""
UNKNOWN = -1
"""FER2013 label of a face whose source does not say it."""

Ints: TypeAlias = npt.NDArray[np.int64]


class DataError(ClassroomFerError):
    """The training data is missing or not what its format says."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row or file that cannot be used."""

    usage: str
    name: str
    """Of the picture, as in `Faces.names`."""
    place: str
    """File, with line where it has lines."""
    reason: str
    hint: str


OnFault: TypeAlias = Callable[[Fault], None]
"""Told of a fault; if it returns, the reader goes on with the next row."""


def raise_fault(fault: Fault) -> None:
    """The strict way: one clear error for the first fault."""
    raise DataError(f"{fault.place}: {fault.reason}", hint=fault.hint)


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """All usable faces of one split, in the source's order."""

    usage: str
    images: Image
    """Grey [N, 48, 48]."""
    names: tuple[str, ...]
    """Of each picture, unique within the split: FER+'s image name, else its path, else its row."""
    fer7: Ints
    """[N], index into FER7, or UNKNOWN."""
    votes: Ints | None = None
    """[N, 10] by VOTE_COLUMNS, from fer2013new.csv (labels.csv holds the same)."""
    label_votes: Ints | None = None
    """[N, 10] from FER+'s label files; all 0 where they do not list the picture."""
    folder_labels: Ints | None = None
    """[N], index into ``folder_classes``."""
    folder_classes: tuple[str, ...] = ()
    """What class folders are named, by our names where they mean an emotion."""


def check_usage(usage: str) -> None:
    """Raises DataError unless ``usage`` is one of FER2013's three."""
    if usage not in USAGES:
        raise DataError(f"{usage!r} is not a split", hint=f"use one of {', '.join(USAGES)}")


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names in order; one that came before gets a number, so that only the first is the picture that label files mean.

    FER+ gives four pairs of rows the same image name.

    >>> unique_names(["a.png", "b.png", "a.png"])
    ('a.png', 'b.png', 'a.png#2')
    """
    seen: Counter[str] = Counter()
    unique = []
    for name in names:
        seen[name] += 1
        unique.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return tuple(unique)


def stacked(images: list[Image]) -> Image:
    """Grey [N, 48, 48], also of no images at all."""
    return np.stack(images) if images else np.zeros((0, SIDE_PX, SIDE_PX), np.uint8)


def ten_columns(rows: list[list[int]]) -> Ints:
    """Vote rows as [N, 10], also of no rows at all."""
    return np.array(rows, np.int64).reshape(-1, len(VOTE_COLUMNS))
