"""Pictures of a drawn room, seen by a camera whose place is known."""

from __future__ import annotations

import cmath
import math

import cv2
import numpy as np

from classroom_fer.lesson.records import Image

WIDTH, HEIGHT = 640, 360
"""Of a picture."""


def room(seed: int) -> Image:
    """Twice as wide and high as a picture: a wall with frames, shelves and boards of many greys."""
    random = np.random.default_rng(seed)
    wall = np.full((2 * HEIGHT, 2 * WIDTH, 3), 150, np.uint8)
    for _ in range(220):
        x, y = (int(v) for v in random.integers(0, (2 * WIDTH, 2 * HEIGHT)))
        width, height = (int(v) for v in random.integers(15, 90, 2))
        cv2.rectangle(wall, (x, y), (x + width, y + height), [int(v) for v in random.integers(20, 235, 3)], -1)
    return cv2.GaussianBlur(wall, (3, 3), 0)


def picture(wall: Image, x: float = 320, y: float = 180, zoom: float = 1.0, turn_deg: float = 0.0) -> Image:
    """What a camera at (x, y) sees: a place p of the picture shows the wall's zoom * p, turned, from (x, y) on."""
    factor = cmath.rect(zoom, math.radians(turn_deg))
    matrix = np.array([[factor.real, -factor.imag, x], [factor.imag, factor.real, y]])
    return cv2.warpAffine(wall, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
