"""Films in which a detector could find a face where there is no pupil: drawn figures, backs of heads, posters."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
from rendered_heads import HEIGHT, WALL, WIDTH, Bytes, back_of, heads, laid_out, mirrored

FPS = 5
AWAY_DEG = (150, 180)
"""How far the heads are turned of which the back is seen, each also in a mirror."""
SEATS = tuple((160 + 240 * column, 130 + 220 * row) for row in range(4) for column in range(7))
"""Middles of the drawn heads, x, y."""
SKINS = ((255, 224, 196), (233, 185, 140), (190, 130, 92), (120, 78, 54))
Draw = Callable[[float], Bytes]
"""The picture [HEIGHT, WIDTH, 3] RGB at a time in seconds."""


def drawn_class(time_s: float) -> Bytes:
    """Cartoon pupils at desks who sway and blink: heads are circles with dots and lines."""
    picture = np.full((HEIGHT, WIDTH, 3), WALL, np.uint8)
    for number, (x, y) in enumerate(SEATS):
        sway = round(4 * math.sin(time_s + number))
        _figure(picture, (x + sway, y), number, blinks=int(2 * time_s + number) % 7 == 0)
    return picture


def _figure(picture: Bytes, middle: tuple[int, int], number: int, *, blinks: bool) -> None:
    x, y = middle
    radius = 26 + 6 * (number // 7)
    skin, line = SKINS[number % len(SKINS)], (40, 30, 30)
    shirt = ((200, 80, 80), (80, 120, 200), (90, 160, 90))[number % 3]
    body = np.array([(x - radius, y + radius), (x + radius, y + radius), (x + 2 * radius, y + 3 * radius),
                     (x - 2 * radius, y + 3 * radius)])  # fmt: skip
    cv2.fillPoly(picture, [body], shirt, cv2.LINE_AA)
    cv2.circle(picture, (x, y), radius, skin, -1, cv2.LINE_AA)
    cv2.circle(picture, (x, y), radius, line, 2, cv2.LINE_AA)
    cv2.ellipse(picture, (x, y - radius // 3), (radius, radius * 2 // 3), 0, 180, 360, line, -1, cv2.LINE_AA)
    for side in (-1, 1):
        eye = (x + side * radius * 2 // 5, y)
        cv2.ellipse(picture, eye, (radius // 8, 1 if blinks else radius // 6), 0, 0, 360, line, -1, cv2.LINE_AA)
    cv2.ellipse(picture, (x, y + radius // 3), (radius // 2, radius // 4), 0, 10, 170, line, 2, cv2.LINE_AA)
    cv2.rectangle(picture, (x - 90, y + 2 * radius + 20), (x + 90, y + 3 * radius), (150, 110, 70), -1)


def backs_of_heads(face_px: int = 64) -> Draw:
    """A class seen from behind, rendered once; it sways."""
    backs = [back_of(person, yaw, face_px) for person in heads() for yaw in AWAY_DEG]
    sprites = [*backs, *map(mirrored, backs)]
    ((picture, _),) = laid_out(3 * sprites, face_px)

    def draw(time_s: float) -> Bytes:
        shift = np.array([[1, 0, 3 * math.sin(time_s)], [0, 1, 2 * math.cos(0.7 * time_s)]], np.float32)
        return np.asarray(cv2.warpAffine(picture, shift, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE), np.uint8)

    return draw


def poster(photograph: Bytes, height_px: int = 200) -> Draw:
    """An empty wall with a photograph of a face on it, which never moves."""
    picture = np.full((HEIGHT, WIDTH, 3), WALL, np.uint8)
    width_px = round(height_px * photograph.shape[1] / photograph.shape[0])
    picture[60 : 60 + height_px, 200 : 200 + width_px] = cv2.resize(
        photograph, (width_px, height_px), interpolation=cv2.INTER_AREA
    )
    return lambda _: picture


def write_film(path: Path, draw: Draw, seconds: float) -> Path:
    """``draw`` as a film of FPS frames a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for picture in _pictures(draw, seconds):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def _pictures(draw: Draw, seconds: float) -> Iterator[Bytes]:
    return (draw(number / FPS) for number in range(round(seconds * FPS)))
