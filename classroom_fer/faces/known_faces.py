"""The faces that one chunk of a film has shown so far: where each was last, and whether it is there. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from classroom_fer.lesson.records import Box

REACH = 1.0
"""How far a face moves from one look to the next and is still the same, in longer sides of its box (choice)."""
SIZE_REACH = 0.7
"""|ln| of the ratio of two sizes of one face, at most (as rules.tracking.size_gate)."""
SETTLED = 3
"""A face that was seen in so many looks keeps its place for the rest of the chunk (choice)."""


@dataclass(frozen=True, slots=True)
class KnownFace:
    """A face, by the box in which it was seen last."""

    box: Box
    looks: int = 1
    """In how many looks it was seen."""
    misses: int = 0
    """How many looks in a row have not found it."""
    is_hard: bool = False
    """It was missed and found again by the next look, which showed it larger, or by a whole look: half hidden, say."""

    @property
    def longer_px(self) -> float:
        """Longer side of its box."""
        return longer_side(self.box)


def longer_side(box: Box) -> float:
    """Of a box, in pixels."""
    return max(box[2] - box[0], box[3] - box[1])


def after_look(known: Sequence[KnownFace], found: Sequence[Box], *, whole: bool) -> list[KnownFace]:
    """What is known after a look that found the boxes ``found``; ``whole`` = it was a look at the whole picture.

    Each box goes to the nearest known face within reach, the nearest pair first; the others are new faces. Missing
    faces stay, unless they were seen in a few looks only and a whole look does not find them, or another face is where
    they were: then it was they who moved.
    """
    pairs = sorted(
        (distance, number, place)
        for number, face in enumerate(known)
        for place, box in enumerate(found)
        if (distance := _distance(face.box, box)) is not None
    )
    owner: dict[int, int] = {}
    matched: set[int] = set()
    for _, number, place in pairs:
        if number not in matched and place not in owner:
            owner[place] = number
            matched.add(number)
    seen = [
        _seen_again(known[owner[place]], box, whole=whole) if place in owner else KnownFace(box)
        for place, box in enumerate(found)
    ]
    missing = [
        replace(face, misses=face.misses + 1)
        for number, face in enumerate(known)
        if number not in matched
        and not (whole and face.looks < SETTLED)
        and not any(_distance(face.box, box) is not None for box in found)
    ]
    return [*seen, *missing]


def _seen_again(face: KnownFace, box: Box, *, whole: bool) -> KnownFace:
    return KnownFace(box, face.looks + 1, is_hard=face.is_hard or face.misses == 1 or (whole and face.misses > 0))


def _distance(face: Box, box: Box) -> float | None:
    """How far the middle of ``box`` is from that of ``face``, in its longer sides; None beyond its reach."""
    size = longer_side(face)
    if abs(math.log(longer_side(box) / size)) > SIZE_REACH:
        return None
    away = math.hypot(box[0] + box[2] - face[0] - face[2], box[1] + box[3] - face[1] - face[3]) / 2 / size
    return away if away <= REACH else None
