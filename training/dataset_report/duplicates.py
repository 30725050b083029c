"""Pictures that occur more than once: byte for byte, and nearly (another size, other compression, a watermark)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from classroom_fer.lesson.records import Image

FINE_SIGMA, WIDE_SIGMA = 1.0, 4.0
"""Pixels. Pictures are compared by what lies between two Gaussian blurs: correlation of plain pixels calls two people
who look straight ahead alike (.90 and more)."""
COARSE_PX = 12
"""Pairs are looked for at 12x12: all 35,714 faces of FER2013 take half a minute on two busy cores."""
COARSE_MARGIN = 0.07
"""Pairs that are so much less alike at 12x12 are still compared at full size: in FER2013, those above .80 there had at
least .81 here, 99 % at least .84."""
NEAR = 0.82
"""Correlation of the 48x48 bands from which a pair counts as near. Of FER2013's 60 pairs looked at above it all showed
one photograph; of 40 between .80 and .82 one or two did not."""
CHUNK = 1_000
FLAT = 2.0
"""Grey levels of standard deviation below which a picture shows nothing; FER2013's flattest face has 9."""

Vectors: TypeAlias = npt.NDArray[np.float32]
OnProgress: TypeAlias = Callable[[str, int, int], None]
"""Stage, done, total."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two faces, by number, and how alike they are."""

    first: int
    second: int
    correlation: float
    """Of the bands at full size; 1 for identical pictures, whatever their brightness and contrast."""


def no_progress(stage: str, done: int, total: int) -> None:
    """For callers that watch nothing."""


def exact_groups(images: Image) -> tuple[tuple[int, ...], ...]:
    """Groups of two or more byte-identical pictures, by number, in order of their first."""
    by_bytes: dict[bytes, list[int]] = defaultdict(list)
    for number, image in enumerate(images):
        by_bytes[image.tobytes()].append(number)
    return tuple(tuple(group) for group in by_bytes.values() if len(group) > 1)


def near_pairs(images: Image, *, threshold: float = NEAR, on_progress: OnProgress = no_progress) -> tuple[Pair, ...]:
    """Pairs of different pictures whose correlation is at least ``threshold``; flat pictures have no pairs."""
    different = _first_of_each(images)
    size = (COARSE_PX, COARSE_PX)
    coarse = _normalised([cv2.resize(_band(images[k]), size, interpolation=cv2.INTER_AREA) for k in different])
    pairs: list[Pair] = []
    for start in range(0, len(coarse), CHUNK):
        alike = coarse[start : start + CHUNK] @ coarse[start:].T >= threshold - COARSE_MARGIN
        rows, columns = np.nonzero(np.triu(alike, 1))
        pairs += _checked(images, different[start + rows], different[start + columns], threshold)
        on_progress("near duplicates", min(start + CHUNK, len(coarse)), len(coarse))
    return tuple(pairs)


def joined(count: int, links: Sequence[tuple[int, int]]) -> tuple[tuple[int, ...], ...]:
    """Groups of two or more of ``count`` things that links connect.

    >>> joined(6, [(1, 4), (4, 5), (0, 2)])
    ((0, 2), (1, 4, 5))
    """
    if not links:
        return ()
    rows, columns = np.array(links).T
    graph = coo_array((np.ones(len(links)), (rows, columns)), shape=(count, count))
    _, label = connected_components(graph, directed=False)
    members: dict[int, list[int]] = defaultdict(list)
    for number in sorted({k for link in links for k in link}):
        members[int(label[number])].append(number)
    return tuple(sorted(tuple(group) for group in members.values()))


def flat_faces(images: Image) -> tuple[int, ...]:
    """Numbers of pictures that show (nearly) one grey value."""
    return tuple(int(k) for k in np.flatnonzero([image.std() < FLAT for image in images]))


def _first_of_each(images: Image) -> npt.NDArray[np.intp]:
    """Numbers of the pictures that are not flat and not a copy of an earlier one."""
    seen: dict[bytes, int] = {}
    for number, image in enumerate(images):
        seen.setdefault(image.tobytes(), number)
    return np.array([k for k in seen.values() if images[k].std() >= FLAT], np.intp)


def _band(image: Image) -> Vectors:
    """Edges and features without noise, light and the oval of the face."""
    grey = image.astype(np.float32)
    band: Vectors = cv2.GaussianBlur(grey, (0, 0), FINE_SIGMA) - cv2.GaussianBlur(grey, (0, 0), WIDE_SIGMA)
    return band


def _normalised(images: Sequence[npt.NDArray[Any]]) -> Vectors:
    """[N, D] with mean 0 and length 1, so that a product of rows is their correlation."""
    if not images:
        return np.zeros((0, 1), np.float32)
    vectors = np.stack(images).reshape(len(images), -1).astype(np.float32)
    vectors -= vectors.mean(axis=1, keepdims=True)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    return vectors


def _checked(images: Image, first: npt.NDArray[np.intp], second: npt.NDArray[np.intp], threshold: float) -> list[Pair]:
    """Of the candidates, the pairs that are as alike at full size."""
    if not len(first):
        return []
    bands = {int(k): _band(images[k]) for k in {*first.tolist(), *second.tolist()}}
    one, other = (_normalised([bands[int(k)] for k in numbers]) for numbers in (first, second))
    fine = (one * other).sum(axis=1)
    return [Pair(int(a), int(b), float(c)) for a, b, c in zip(first, second, fine, strict=True) if c >= threshold]
