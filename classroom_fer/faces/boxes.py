"""Box arithmetic of any detector, in plain numpy: float32 ``xyxy`` pixels [N, 4]."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


def has_area(boxes: Floats | Ints) -> npt.NDArray[np.bool_]:
    """Which boxes [N, 4] are not empty."""
    return np.asarray((boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]))


def clip(boxes: Floats, height: int, width: int) -> Floats:
    """Boxes cut to the image [0, width] x [0, height]; they may become empty."""
    limits = np.array([width, height, width, height], np.float32)
    return np.clip(boxes, np.float32(0), limits)


def area_of(boxes: Floats, *, margin: float = 0.0) -> Floats:
    """Areas of boxes [..., 4] whose sides count ``margin`` pixels more."""
    size = boxes[..., 2:] - boxes[..., :2] + np.float32(margin)
    return np.asarray(size[..., 0] * size[..., 1])


def intersection(first: Floats, second: Floats, *, margin: float = 0.0) -> Floats:
    """Areas that boxes [..., 4], paired by broadcasting, have in common; sides count ``margin`` pixels more."""
    low = np.maximum(first[..., :2], second[..., :2])
    high = np.minimum(first[..., 2:], second[..., 2:])
    size = np.maximum(high - low + np.float32(margin), np.float32(0))
    return np.asarray(size[..., 0] * size[..., 1])


def iou(first: Floats, second: Floats) -> Floats:
    """Intersection over union of every box of ``first`` [N, 4] with every one of ``second`` [M, 4]: [N, M].

    >>> iou(np.array([[0, 0, 2, 2]], np.float32), np.array([[1, 0, 3, 2]], np.float32)).round(3).tolist()
    [[0.3330000042915344]]
    """
    common = intersection(first[:, None], second[None])
    areas = area_of(first)[:, None] + area_of(second)[None]
    return np.asarray(common / np.maximum(areas - common, np.finfo(np.float32).tiny), dtype=np.float32)
