"""Box arithmetic of MTCNN's cascade (Zhang et al. 2016), as facenet-pytorch 2.5.3 does it, in plain numpy.

Boxes are float32 ``xyxy`` pixels [N, 4] and may lie partly outside the image until ``boxes.clip``. The odd ``+ 1`` and
``- 1`` come from the MATLAB original; facenet-pytorch keeps them and its networks were trained with them.
"""

from __future__ import annotations

import numpy as np

from classroom_fer.faces.boxes import Floats, Ints, area_of, intersection

CELL_PX = 12
"""Side of the window that one cell of P-Net judges, in level pixels."""
STRIDE_PX = 2
"""Step from one cell of P-Net to the next, in level pixels."""


def pyramid_scales(height: int, width: int, min_face: int, factor: float) -> list[float]:
    """Scales at which P-Net looks at an image, largest first; none where the short side is under ``min_face``.

    >>> pyramid_scales(40, 80, min_face=20, factor=0.5)
    [0.6, 0.3]
    >>> pyramid_scales(19, 500, min_face=20, factor=0.5)
    []
    """
    scale = CELL_PX / min_face
    side = min(height, width) * scale
    scales = []
    while side >= CELL_PX:
        scales.append(scale)
        scale *= factor
        side *= factor
    return scales


def level_size(height: int, width: int, scale: float) -> tuple[int, int]:
    """Height and width of the pyramid level at ``scale``."""
    return int(height * scale + 1), int(width * scale + 1)


def strips(height: int, width: int, cells: int) -> list[slice]:
    """Row ranges into which a level is cut so that P-Net sees about ``cells`` cells at once.

    They overlap by the rows that P-Net's windows span, so the cells of all strips, one below the other, are those of
    the whole level. The first cell row of a strip is half its first row.

    >>> strips(33, 100, cells=200)
    [slice(0, 18, None), slice(8, 26, None), slice(16, 33, None)]
    """
    rows, columns = cell_count(height), cell_count(width)
    parts = max(1, round(rows * columns / cells))
    step = -(-rows // parts)
    starts = range(0, rows, step)
    return [slice(STRIDE_PX * start, min(STRIDE_PX * (start + step) + CELL_PX - STRIDE_PX, height)) for start in starts]


def cell_count(size: int) -> int:
    """Cells of P-Net along ``size`` level pixels (at least 12); the last one may reach a pixel over the border.

    >>> [cell_count(size) for size in (12, 13, 14, 15)]
    [1, 2, 2, 3]
    """
    return -(-(size - CELL_PX) // STRIDE_PX) + 1


def bin_edges(size: Ints | int, bins: int) -> tuple[Ints, Ints]:
    """First pixel of each bin and the one after its last, as adaptive average pooling cuts ``size`` pixels.

    Bins overlap where ``bins`` does not divide ``size``, and repeat pixels where it exceeds ``size``.

    Args:
        size: a length, or lengths [N].
    Returns: two arrays [bins], or [N, bins].

    >>> [edges.tolist() for edges in bin_edges(5, 2)]
    [[0, 2], [3, 5]]
    """
    index = np.arange(bins, dtype=np.int64)
    length = np.asarray(size, dtype=np.int64)[..., None]
    return index * length // bins, -(-(index + 1) * length // bins)


def cell_boxes(rows: Ints, columns: Ints, scale: float) -> Floats:
    """Image boxes of P-Net's cells at (``rows``, ``columns``) of the level at ``scale``."""
    corners = np.stack([columns, rows], axis=1).astype(np.float32) * np.float32(STRIDE_PX) + np.float32(1)
    side = np.float32(CELL_PX - 1)
    return np.floor(np.concatenate([corners, corners + side], axis=1) / np.float32(scale))


def shift(boxes: Floats, offsets: Floats, *, margin: float) -> Floats:
    """Boxes moved by a network's ``offsets`` [N, 4], which count in box widths and heights plus ``margin`` px."""
    width = boxes[:, 2] - boxes[:, 0] + np.float32(margin)
    height = boxes[:, 3] - boxes[:, 1] + np.float32(margin)
    return boxes + offsets * np.stack([width, height, width, height], axis=1)


def square(boxes: Floats) -> Floats:
    """Boxes with the same centres and both sides as long as the longer one."""
    width = boxes[:, 2] - boxes[:, 0]
    height = boxes[:, 3] - boxes[:, 1]
    side = np.maximum(width, height)
    left = boxes[:, 0] + width * np.float32(0.5) - side * np.float32(0.5)
    top = boxes[:, 1] + height * np.float32(0.5) - side * np.float32(0.5)
    return np.stack([left, top, left + side, top + side], axis=1)


def crop_bounds(boxes: Floats, height: int, width: int) -> Ints:
    """Whole pixels [N, 4] (x1, y1, x2, y2; ends not included) that a network is shown of each box.

    Nothing is padded: what lies outside the image is cut off, so a crop may be empty (x2 <= x1 or y2 <= y1).
    """
    bounds = np.trunc(boxes).astype(np.int64)
    bounds[:, :2] = np.maximum(bounds[:, :2], 1) - 1
    bounds[:, 2] = np.minimum(bounds[:, 2], width)
    bounds[:, 3] = np.minimum(bounds[:, 3], height)
    return bounds


def place_landmarks(boxes: Floats, relative: Floats) -> Floats:
    """Pixels [N, 5, 2] of O-Net's landmarks [N, 10] (five x, five y, in box sizes) within the boxes it was shown."""
    width = boxes[:, 2:3] - boxes[:, 0:1] + np.float32(1)
    height = boxes[:, 3:4] - boxes[:, 1:2] + np.float32(1)
    x = relative[:, :5] * width + boxes[:, 0:1] - np.float32(1)
    y = relative[:, 5:] * height + boxes[:, 1:2] - np.float32(1)
    return np.stack([x, y], axis=2)


def keep_apart(boxes: Floats, scores: Floats, limit: float) -> Ints:
    """Indices, best first, of the boxes that no better one covers by more than ``limit`` of the smaller of both.

    This is facenet-pytorch's last suppression ("Min"); sides count ``+ 1`` pixel.
    """
    area = area_of(boxes, margin=1)
    rest = np.argsort(scores)
    kept = []
    while rest.size:
        best, rest = rest[-1], rest[:-1]
        kept.append(best)
        covered = intersection(boxes[best], boxes[rest], margin=1) / np.minimum(area[best], area[rest])
        rest = rest[covered <= limit]
    return np.array(kept, dtype=np.int64)
