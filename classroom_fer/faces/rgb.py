"""The kind of picture that detectors take."""

from __future__ import annotations

import numpy as np

from classroom_fer.lesson.records import Image


def require_rgb(image: Image) -> None:
    """Nothing, if ``image`` is RGB uint8 [H, W, 3]; ValueError for any other array."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"an RGB uint8 image [H, W, 3] is needed, not {image.dtype} {list(image.shape)}")
