"""Frames of a decoder as players show them: upright, and with square pixels."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import cv2
import numpy as np
from av.buffer import Buffer

from classroom_fer.lesson.records import Image

Turn = tuple[tuple[int, int], tuple[int, int]]
"""Display matrix without its scale: (x, y) -> (a x + c y, b x + d y) for ((a, b), (c, d)), y downwards."""
UPRIGHT: Turn = ((1, 0), (0, 1))
ODDEST_PIXEL = 8
"""A pixel more than so many times as wide as high, or as high as wide, is a mistake in the header (choice)."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How stored frames become pictures.

    Non-square pixels become square as players do it: the lines stay as many as they are, their width is stretched or
    squeezed; the stored lines, before the picture is turned.
    """

    turn: Turn
    stored_px: tuple[int, int]
    """Width and height in the file."""
    pixel_aspect: Fraction = Fraction(1)
    """Width of a stored pixel over its height."""

    @property
    def square_px(self) -> tuple[int, int]:
        """Stored width and height with square pixels, before turning.

        >>> Standing(UPRIGHT, (1440, 1080), Fraction(4, 3)).square_px
        (1920, 1080)
        """
        width, height = self.stored_px
        aspect = self.pixel_aspect
        if not Fraction(1, ODDEST_PIXEL) <= aspect <= ODDEST_PIXEL:
            aspect = Fraction(1)
        return max(1, round(width * aspect)), height

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the pictures."""
        width, height = self.square_px
        return (width, height) if self.turn[0][0] else (height, width)


def turn_of(frame: av.VideoFrame) -> Turn:
    """How the film asks to be turned or mirrored, to the nearest quarter turn."""
    data = frame.side_data.get("DISPLAYMATRIX")  # a buffer; PyAV types it as object
    if data is None:
        return UPRIGHT
    matrix = np.frombuffer(bytes(cast(Buffer, data)), np.int32).reshape(3, 3)[:2, :2].astype(np.float64)
    signs = np.sign(matrix).astype(int)
    if abs(matrix[0, 0]) >= abs(matrix[0, 1]):
        signs[0, 1] = signs[1, 0] = 0
    else:
        signs[0, 0] = signs[1, 1] = 0
    (a, b), (c, d) = signs.tolist()
    return ((a, b), (c, d)) if a * d - b * c else UPRIGHT  # an empty matrix says nothing


def clockwise_deg(turn: Turn) -> int:
    """Degrees by which players turn the stored picture clockwise: 0, 90, 180 or 270; mirroring left aside."""
    return {(1, 0): 0, (0, 1): 90, (-1, 0): 180, (0, -1): 270}[turn[0]]


def upright(frame: av.VideoFrame, standing: Standing) -> Image:
    """The frame as contiguous RGB [H, W, 3], at the film's size even where the stream changes size midway."""
    (a, b), (c, d) = standing.turn
    image = frame.to_ndarray(format="rgb24", width=standing.stored_px[0], height=standing.stored_px[1])
    if standing.square_px != standing.stored_px:
        shrinks = standing.square_px[0] < standing.stored_px[0]
        image = cv2.resize(image, standing.square_px, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    if not a:
        image = image.swapaxes(0, 1)
    if (a or c) < 0:
        image = image[:, ::-1]
    if (d or b) < 0:
        image = image[::-1]
    return np.ascontiguousarray(image, dtype=np.uint8)
