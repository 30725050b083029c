"""Parts of a picture, shrunk or enlarged and laid out as one picture, for a network to see at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from classroom_fer.faces.boxes import Floats
from classroom_fer.faces.crops import part_of
from classroom_fer.lesson.records import Box, Image

WIDTH_PX = 512
"""Of the laid out picture, unless a part is wider (choice: few shapes, little left empty)."""
EDGE_PX = 1
"""A box that comes so near to the edge of its part is cut by it (choice: a quarter of the network's cell)."""


@dataclass(frozen=True, slots=True)
class View:
    """A rectangle of a picture, which may reach outside, in whole pixels, and the scale at which it is shown."""

    left: int
    top: int
    width: int
    height: int
    scale: float

    @property
    def shown_px(self) -> tuple[int, int]:
        """Height and width that it is shown with, at least one pixel each."""
        return max(1, round(self.height * self.scale)), max(1, round(self.width * self.scale))

    def draw(self, image: Image) -> Image:
        """Its pixels as shown: averaged down, or enlarged between pixels; outside the image its edge is repeated."""
        pixels, (height, width) = part_of(image, self.left, self.top, self.width, self.height), self.shown_px
        if pixels.shape[:2] == (height, width):
            return pixels
        method = cv2.INTER_AREA if self.scale < 1 else cv2.INTER_LINEAR
        resized: Image = cv2.resize(np.ascontiguousarray(pixels), (width, height), interpolation=method)
        return resized

    def uncut(self, boxes: Floats, height: int, width: int) -> Floats:
        """Boxes [N, 4] of the shown view as boxes of an image of ``height`` and ``width``; those that an edge of the
        view inside the image cuts are empty."""
        shown_height, shown_width = self.shown_px
        reach = np.array([shown_width, shown_height], np.float32) - np.float32(EDGE_PX)
        inner_low = np.array([self.left > 0, self.top > 0])
        inner_high = np.array([self.left + self.width < width, self.top + self.height < height])
        cut = (inner_low & (boxes[:, :2] < EDGE_PX)).any(axis=1) | (inner_high & (boxes[:, 2:] > reach)).any(axis=1)
        ratio = np.array([self.width / shown_width, self.height / shown_height] * 2, np.float32)
        mapped = boxes * ratio + np.array([self.left, self.top] * 2, np.float32)
        mapped[cut] = 0
        return mapped


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Views and where each lies in the laid out picture."""

    views: tuple[View, ...]
    places: tuple[tuple[int, int], ...]
    """Left and top of each view."""
    size: tuple[int, int]
    """Height and width of the laid out picture."""

    def draw(self, image: Image) -> Image:
        """The laid out picture [H, W, 3] of an RGB image; black between the views."""
        drawn = np.zeros((*self.size, 3), np.uint8)
        for view, (x, y) in zip(self.views, self.places, strict=True):
            height, width = view.shown_px
            drawn[y : y + height, x : x + width] = view.draw(image)
        return drawn

    def mapped_back(self, boxes: Floats, height: int, width: int) -> Floats:
        """Boxes [N, 4] of the laid out picture as boxes of an image of ``height`` and ``width``, in the same order.

        Each belongs to the view around its middle. A box between the views, or one that the edge of its view cuts, is
        empty.
        """
        mapped = np.zeros_like(boxes)
        middle = (boxes[:, :2] + boxes[:, 2:]) / 2
        for view, place in zip(self.views, self.places, strict=True):
            start, size = np.array(place, np.float32), np.array(view.shown_px[::-1], np.float32)
            inside = ((middle >= start) & (middle < start + size)).all(axis=1)
            mapped[inside] = view.uncut(boxes[inside] - np.tile(start, 2), height, width)
        return mapped


def lay_out(views: Sequence[View]) -> Mosaic:
    """Rows of views, the highest first.

    >>> mosaic = lay_out([View(0, 0, 90, 90, 0.5), View(0, 0, 480, 90, 1.0), View(0, 0, 30, 30, 1.0)])
    >>> mosaic.places, mosaic.size
    (((0, 0), (0, 90), (45, 90)), (135, 512))
    """
    ordered = sorted(views, key=lambda view: -view.shown_px[0])
    limit = max([WIDTH_PX, *(view.shown_px[1] for view in ordered)])
    places: list[tuple[int, int]] = []
    x = y = row_px = 0
    for view in ordered:
        height, width = view.shown_px
        if x + width > limit:
            x, y, row_px = 0, y + row_px, 0
        places.append((x, y))
        x, row_px = x + width, max(row_px, height)
    return Mosaic(tuple(ordered), tuple(places), (y + row_px, limit))


def square_around(box: Box, sides: float, scale: float) -> View:
    """A square around a box, ``sides`` times its longer side wide.

    >>> square_around((100.0, 100.0, 140.0, 156.0), 2.5, 0.5)
    View(left=50, top=58, width=140, height=140, scale=0.5)
    """
    x1, y1, x2, y2 = box
    side = max(1, round(sides * max(x2 - x1, y2 - y1)))
    return View(round((x1 + x2 - side) / 2), round((y1 + y2 - side) / 2), side, side, scale)
