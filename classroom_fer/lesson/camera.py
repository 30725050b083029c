"""How the camera's view changed from one sampled picture to the next, and what that makes of a place in it."""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

ViewChange: TypeAlias = Literal["same", "moved", "cut"]
"""same: the camera stood still. moved: it moved, by a known amount. cut: another view; the film is cut, or the camera
moved further than can be followed."""
Place = TypeVar("Place", complex, npt.NDArray[np.complex128])
"""x + iy, pixels."""


@dataclass(frozen=True, slots=True)
class Similarity:
    """A shift, turn and zoom of the plane: point ``p`` (x + iy, pixels) goes to ``factor * p + shift``.

    >>> (Similarity(2, 1) @ Similarity(1, 3j))(1 + 1j)
    (3+8j)
    """

    factor: complex = 1
    """Its length zooms, its angle turns clockwise in the picture."""
    shift: complex = 0
    """Pixels."""

    def __call__(self, point: Place) -> Place:
        """Where ``point``, or each of an array, goes."""
        return self.factor * point + self.shift

    def __matmul__(self, first: Similarity) -> Similarity:
        """This one after ``first``."""
        return Similarity(self.factor * first.factor, self(first.shift))

    def inverse(self) -> Similarity:
        """The way back."""
        return Similarity(1 / self.factor, -self.shift / self.factor)


UNMOVED = Similarity()


@dataclass(frozen=True, slots=True)
class CameraStep:
    """The view of a sampled picture against that of the one before: what stands still in the room lay
    ``zoom`` times as far from the corner, turned by ``turn_deg``, then shifted by (x_px, y_px), in the one before."""

    change: ViewChange
    x_px: float = 0.0
    y_px: float = 0.0
    zoom: float = 1.0
    turn_deg: float = 0.0
    """+ = clockwise in the picture."""

    @classmethod
    def moved(cls, back: Similarity) -> Self:
        """Args: ``back`` takes a place in this picture to the same place in the one before."""
        turn_deg = math.degrees(cmath.phase(back.factor))
        return cls("moved", back.shift.real, back.shift.imag, abs(back.factor), turn_deg)

    @property
    def back(self) -> Similarity:
        """Takes a place in this picture to the same place in the one before; of a cut, nothing."""
        return Similarity(cmath.rect(self.zoom, math.radians(self.turn_deg)), complex(self.x_px, self.y_px))


SAME, CUT = CameraStep("same"), CameraStep("cut")


def to_first(steps: Iterable[CameraStep | None]) -> list[Similarity]:
    """For each picture, what takes a place in it to that in the first one after the last cut; unknown counts as same.

    >>> [place(0) for place in to_first([None, CameraStep("moved", 3), SAME, CameraStep("moved", 1, 2), CUT])]
    [0, (3+0j), (3+0j), (4+2j), 0]
    """
    places: list[Similarity] = []
    for step in steps:
        if step is None or not places:
            places.append(places[-1] if places else UNMOVED)
        elif step.change == "cut":
            places.append(UNMOVED)
        else:
            places.append(places[-1] if step.change == "same" else places[-1] @ step.back)
    return places
