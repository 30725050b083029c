"""Where a picture differs from the one before it, told on thumbnails. Pure arithmetic on pixels."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.records import Box, Image

THUMBNAIL_PX = 240
"""Longer side of a thumbnail: an eighth of a 1080p picture, so that a head of 40 px still covers 5 x 5 (choice)."""
SPECK_PX = 4
"""Fewer changed pixels of a thumbnail in one place are noise (choice)."""

Pixels = npt.NDArray[np.bool_]


def thumbnail(image: Image) -> Image:
    """A small grey picture [h, w] of an RGB image."""
    ratio = min(1.0, THUMBNAIL_PX / max(image.shape[:2]))
    size = (max(1, round(image.shape[1] * ratio)), max(1, round(image.shape[0] * ratio)))
    small = cv2.resize(np.ascontiguousarray(image), size, interpolation=cv2.INTER_AREA)
    grey: Image = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return grey


def changed(before: Image, now: Image, levels: float) -> Pixels:
    """[h, w] where two thumbnails of one size differ by more than ``levels`` grey levels.

    What the whole picture became brighter or darker (a camera that adjusts itself) is taken off first.
    """
    difference = now.astype(np.int16) - before
    return np.asarray(np.abs(difference - np.median(difference)) > levels)


def moved_boxes(mask: Pixels, margin_px: int) -> list[Box]:
    """Boxes around the places in which more than a speck changed, ``margin_px`` thumbnail pixels wider on each side.

    Boxes whose margins touch become one.
    """
    size = 2 * margin_px + 1
    wide = cv2.dilate(mask.astype(np.uint8), np.ones((size, size), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(wide, connectivity=8)
    inside = np.bincount(labels[mask], minlength=count)
    return [
        (float(x), float(y), float(x + width), float(y + height))
        for number, (x, y, width, height, _) in enumerate(stats.tolist())
        if number and inside[number] >= SPECK_PX
    ]


def without(mask: Pixels, boxes: Sequence[Box], ratio: tuple[float, float]) -> Pixels:
    """The mask with nothing inside ``boxes``, which are pixels of a picture ``ratio`` (x, y) times as large."""
    left = mask.copy()
    for x1, y1, x2, y2 in boxes:
        rows = slice(max(0, int(y1 / ratio[1])), max(0, int(y2 / ratio[1]) + 1))
        columns = slice(max(0, int(x1 / ratio[0])), max(0, int(x2 / ratio[0]) + 1))
        left[rows, columns] = False
    return left
