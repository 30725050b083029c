"""Boxes of any kind, some of them partly outside a picture of 150 x 120 pixels."""

from __future__ import annotations

import numpy as np

from classroom_fer.faces.boxes import Floats


def random_boxes(count: int, seed: int = 3) -> Floats:
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-20, 180, (count, 2))
    return np.concatenate([corners, corners + rng.uniform(1, 80, (count, 2))], axis=1).astype(np.float32)
