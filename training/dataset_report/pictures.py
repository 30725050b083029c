"""Small grey pictures as PNG data URIs, for pages that must work alone."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.records import Image

GAP_PX = 2
PAPER = 255


def data_uri(image: Image) -> str:
    """A grey picture [H, W] as ``data:image/png;base64,...``."""
    _, png = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return "data:image/png;base64," + base64.b64encode(png.tobytes()).decode("ascii")


def contact_sheet(images: Image | Sequence[Image], *, columns: int) -> Image:
    """Faces [N, S, S] side by side on white, row by row, with a gap of two pixels."""
    side = images[0].shape[0]
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    step = side + GAP_PX
    sheet = np.full((rows * step - GAP_PX, columns * step - GAP_PX), PAPER, np.uint8)
    for number, image in enumerate(images):
        top, left = number // columns * step, number % columns * step
        sheet[top : top + side, left : left + side] = image
    return sheet


def stretched(pattern: npt.NDArray[Any]) -> Image:
    """A component [H, W] with its zero at middle grey and its largest value at black or white."""
    peak = max(float(np.abs(pattern).max()), 1e-9)
    return np.clip(pattern / peak * 127 + 128, 0, 255).astype(np.uint8)
