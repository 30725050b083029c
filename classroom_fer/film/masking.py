"""Blacking out opt-out regions before anybody is looked for (safeguard S6). Pure arithmetic on pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.records import FaceDetection, Frame
from classroom_fer.lesson.regions import Point, Region

Pixels = npt.NDArray[np.bool_]
"""[H, W]; True = masked."""
BLACK = 0


class Blackout:
    """Masks the regions of one film.

    Args: the regions and the size of the upright picture. Each region becomes a mask once.
    """

    def __init__(self, regions: Sequence[Region], width_px: int, height_px: int) -> None:
        self._masks = [
            (region, polygon_mask(region.pixels(width_px, height_px), width_px, height_px)) for region in regions
        ]

    def holding(self, time_s: float) -> tuple[bool, ...]:
        """Which regions hold at a time: where they are the same, the same is black."""
        return tuple(region.holds_at(time_s) for region, _ in self._masks)

    def hidden(self, time_s: float) -> Pixels | None:
        """What is masked at a time; None if nothing is."""
        masks = [mask for region, mask in self._masks if region.holds_at(time_s)]
        return np.logical_or.reduce(masks) if masks else None

    def apply(self, frame: Frame) -> Frame:
        """The frame with black regions (the same frame if none holds at its time).

        Raises:
            ValueError: a picture of another size, which the masks would not fit.
        """
        hidden = self.hidden(frame.time_s)
        if hidden is None:
            return frame
        if frame.image.shape[:2] != hidden.shape:
            raise ValueError(f"a picture of {frame.image.shape[:2]}, masks of {hidden.shape}")
        return replace(frame, image=np.where(hidden[:, :, None], np.uint8(BLACK), frame.image))

    def outside(self, faces: Sequence[FaceDetection], time_s: float) -> list[FaceDetection]:
        """The faces whose centre is not masked: a face may be found by what of it reaches out of its region."""
        hidden = self.hidden(time_s)
        if hidden is None:
            return list(faces)
        height, width = hidden.shape

        def masked(face: FaceDetection) -> bool:
            x1, y1, x2, y2 = face.box
            column, row = int((x1 + x2) / 2), int((y1 + y2) / 2)
            return bool(hidden[min(max(row, 0), height - 1), min(max(column, 0), width - 1)])

        return [face for face in faces if not masked(face)]


def polygon_mask(points: Sequence[Point], width_px: int, height_px: int) -> Pixels:
    """[H, W] every pixel that the polygon touches, and one more all round.

    Inside is what the outline goes around by pixel centres, also where it goes around twice. Where only part of a pixel
    is inside, an edge runs through it. (OpenCV's fillPoly leaves a hole where an outline goes around twice, and misses
    pixels that an edge only touches: tests/film/test_masking.py.)

    >>> polygon_mask([(2, 1), (4, 1), (4, 2), (2, 2)], 6, 4).sum().item()
    20
    """
    x, y = np.arange(width_px) + 0.5, np.arange(height_px) + 0.5
    inside = np.zeros((height_px, width_px), dtype=bool)
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        _mark_edge(inside, (x1, y1), (x2, y2))
    rounds = np.zeros(inside.shape, dtype=np.int16)
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        rows = np.flatnonzero((y >= min(y1, y2)) & (y < max(y1, y2)))  # a flat edge has none
        if rows.size:
            crossing = x1 + (y[rows] - y1) * (x2 - x1) / (y2 - y1)
            rounds[rows] += (1 if y2 > y1 else -1) * (x[None, :] >= crossing[:, None])
    touched = (inside | (rounds != 0)).astype(np.uint8)
    return np.asarray(cv2.dilate(touched, np.ones((3, 3), np.uint8)), dtype=bool)


def _mark_edge(mask: Pixels, start: Point, end: Point) -> None:
    """Marks pixels along an edge, at steps of half a pixel; with one more all round none that it touches is missed."""
    steps = 2 * math.ceil(math.hypot(end[0] - start[0], end[1] - start[1])) + 1
    along = np.linspace(start, end, steps + 1)
    height, width = mask.shape
    inside = (along >= 0).all(axis=1) & (along[:, 0] <= width) & (along[:, 1] <= height)
    columns, rows = along[inside].astype(int).T
    mask[np.minimum(rows, height - 1), np.minimum(columns, width - 1)] = True
