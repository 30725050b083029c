"""Conditions under which a face may be seen elsewhere, made from faces of FER2013: stand-ins for other sources.

What changes between sources is framing, sharpness, contrast, light and compression. Each condition changes one of them
and is stronger than training's own changes, so that what is fitted on some conditions can be judged on one left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.records import Image
from training.runs.augment import coarsened, compressed, darkened, warped

Change: TypeAlias = Callable[[Image, np.random.Generator], Image]
"""Grey [S, S] to grey [S, S]."""


def _as_it_is(face: Image, _: np.random.Generator) -> Image:
    return face


def _blurred(face: Image, rng: np.random.Generator) -> Image:
    blurred: Image = cv2.GaussianBlur(face, (0, 0), float(rng.uniform(1.2, 2.2)))
    return blurred


def _pale(face: Image, rng: np.random.Generator) -> Image:
    mean = float(face.mean())
    pale: Image = np.clip((face - mean) * rng.uniform(0.25, 0.5) + rng.uniform(80, 200), 0, 255).astype(np.uint8)
    return pale


def _small(face: Image, rng: np.random.Generator) -> Image:
    return coarsened(face, int(rng.integers(16, 25)))


def _compressed(face: Image, rng: np.random.Generator) -> Image:
    return compressed(face, int(rng.integers(8, 21)))


def _far(face: Image, rng: np.random.Generator) -> Image:
    return _moved(face, zoom=rng.uniform(0.68, 0.82), angle=0.0, shift=rng.uniform(-0.06, 0.06, 2))


def _near(face: Image, rng: np.random.Generator) -> Image:
    return _moved(face, zoom=rng.uniform(1.2, 1.4), angle=0.0, shift=rng.uniform(-0.06, 0.06, 2))


def _tilted(face: Image, rng: np.random.Generator) -> Image:
    return _moved(face, zoom=1.0, angle=rng.choice((-1, 1)) * rng.uniform(15, 30), shift=np.zeros(2))


def _hidden(face: Image, rng: np.random.Generator) -> Image:
    side, hidden = face.shape[0], face.copy()
    part = int(side * rng.uniform(0.35, 0.45))
    top, left = (int(v) for v in rng.integers(0, side - part + 1, 2))
    hidden[top : top + part, left : left + part] = rng.integers(0, 256)
    return hidden


def _moved(face: Image, *, zoom: float, angle: float, shift: npt.NDArray[np.float64]) -> Image:
    middle = (face.shape[0] - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), angle, zoom)
    matrix[:, 2] += shift * face.shape[0]
    return warped(face, matrix)


CONDITIONS: Mapping[str, Change] = MappingProxyType(
    {
        "as it is": _as_it_is,
        "blurred": _blurred,
        "dim": darkened,
        "pale": _pale,
        "small": _small,
        "compressed": _compressed,
        "far": _far,
        "near": _near,
        "tilted": _tilted,
        "hidden": _hidden,
    }
)
"""By name; all amounts are choice. Blur of 1.2-2.2 px, 16-24 px wide, contrast times .25-.5, JPEG quality 8-20, zoom
.68-.82 and 1.2-1.4, roll of 15-30 degrees, one grey square of .35-.45 of the side."""


def under(condition: str, faces: Image, *, seed: int = 0) -> Image:
    """Grey [N, S, S] faces, each changed on its own; the same seed gives the same faces."""
    rng = np.random.default_rng([seed, list(CONDITIONS).index(condition)])
    return np.stack([CONDITIONS[condition](face, rng) for face in faces])
