"""Heads of the sample lesson's two photographs, turned by known angles, as pictures of a class without a room.

Angles are those of ``faces/head_pose.py``: a head bends, then turns about the picture's vertical; + = down, + = to the
picture's right; no roll. ``sample_videos/`` turns first and bends then, which is the same head tilted in the picture:
so it is rendered there and turned upright here.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import matplotlib.cbook
import numpy as np
import numpy.typing as npt
import skimage.data

sys.path.append(str(Path(__file__).resolve().parents[1] / "sample_videos"))

from lesson_heads import Look, render_head
from lesson_photos import COLLINS, EYES_AT, HEIGHT_CM, HOPPER, PX_PER_CM, WIDTH_CM, Head, cut_head

FACE_CM = 13.2
"""Width of a head's face: what lesson.truth.csv calls ``face_px`` is this long."""
LARGEST_PX = 160
"""Faces are rendered with this width, then averaged down."""
WIDTH, HEIGHT = 1920, 1080
WALL = (206, 202, 190)
SEAT_CM = (40.0, 44.0)
"""Room for a head and its shoulders, across and down."""
NECK_CM, SHOULDERS_CM = (5.0, 16.0), (19.0, 20.0, 33.0)
"""Half width and end of the neck below the eyes; half axes of the shoulders' ellipse and its middle below the eyes."""
PULLOVER = (92, 116, 150)
EYES = tuple(px / PX_PER_CM for px in EYES_AT)
"""Where the eyes of a level head are on its plate, cm."""

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """One head, turned."""

    person: str
    mirrored: bool
    yaw_deg: float
    pitch_deg: float
    rgba: Bytes
    """Premultiplied [h, w, 4]; level eyes would be at EYES, whatever its size."""


Placed = list[tuple[Sprite, tuple[float, float]]]
"""Heads, and where in the picture the eyes would be if they were level: x, y."""


@cache
def heads() -> dict[str, Head]:
    """The two photographs as cut-out heads."""
    photo = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    hopper = cv2.cvtColor(cv2.imread(str(photo)), cv2.COLOR_BGR2RGB)
    collins = cut_head(skimage.data.astronaut(), COLLINS, hat=False)
    return {"collins": collins, "hopper": cut_head(hopper, HOPPER, hat=True)}


def rendered_as(yaw_deg: float, pitch_deg: float) -> tuple[float, float, float]:
    """Yaw and pitch for ``render_head``, and the roll that its picture then has, degrees.

    >>> [round(angle, 6) for angle in rendered_as(30, 0)]
    [30.0, 0.0, 0.0]
    """
    yaw, pitch = math.radians(yaw_deg), math.radians(pitch_deg)
    first = math.asin(math.sin(yaw) * math.cos(pitch))
    then = math.atan2(math.sin(pitch), math.cos(pitch) * math.cos(yaw))
    roll = math.atan2(-math.sin(first) * math.sin(then), math.cos(first))
    return math.degrees(first), math.degrees(then), math.degrees(roll)


def turned(person: str, yaw_deg: float, pitch_deg: float, face_px: int = LARGEST_PX) -> Sprite:
    """The head of ``person`` with a neutral look, turned and upright, its face ``face_px`` wide."""
    yaw, pitch, roll = rendered_as(yaw_deg, pitch_deg)
    px_per_cm = face_px / FACE_CM
    rgba = _as_bytes(render_head(heads()[person], Look(yaw, pitch, 0.0, 0.0), px_per_cm))
    middle = (EYES[0] * px_per_cm, EYES[1] * px_per_cm)
    upright = cv2.getRotationMatrix2D(middle, roll, 1.0)
    return Sprite(person, False, yaw_deg, pitch_deg, cv2.warpAffine(rgba, upright, rgba.shape[1::-1]))


def mirrored(sprite: Sprite) -> Sprite:
    """The same head in a mirror."""
    flipped = np.ascontiguousarray(sprite.rgba[:, ::-1])
    return replace(sprite, mirrored=True, yaw_deg=-sprite.yaw_deg, rgba=flipped)


def laid_out(sprites: Sequence[Sprite], face_px: int) -> Iterator[tuple[Bytes, Placed]]:
    """RGB pictures [HEIGHT, WIDTH, 3] with the heads on shoulders before a wall, and each head with its eyes' place."""
    px_per_cm = face_px / FACE_CM
    wide, high = (cm * px_per_cm for cm in SEAT_CM)
    columns, rows = int(WIDTH / wide), int(HEIGHT / high)
    size = (round(WIDTH_CM * px_per_cm), round(HEIGHT_CM * px_per_cm))
    for start in range(0, len(sprites), columns * rows):
        picture = np.full((HEIGHT, WIDTH, 3), WALL, np.uint8)
        placed = []
        for number, sprite in enumerate(sprites[start : start + columns * rows]):
            x, y = (number % columns + 0.5) * wide, number // columns * high + EYES[1] * px_per_cm
            _draw_body(picture, (x, y), heads()[sprite.person].skin, px_per_cm)
            head = cv2.resize(sprite.rgba, size, interpolation=cv2.INTER_AREA)
            _lay(picture, head, (x - EYES[0] * px_per_cm, y - EYES[1] * px_per_cm))
            placed.append((sprite, (x, y)))
        yield picture, placed


def _draw_body(picture: Bytes, eyes: tuple[float, float], skin: Floats, px_per_cm: float) -> None:
    """Neck and pullover below level eyes, cut off where the seat ends."""
    x, y = round(eyes[0]), round(eyes[1])
    half, end = (round(cm * px_per_cm) for cm in NECK_CM)
    across, up, middle = (round(cm * px_per_cm) for cm in SHOULDERS_CM)
    below = picture[: y + round((SEAT_CM[1] - EYES[1]) * px_per_cm)]
    cv2.ellipse(below, (x, y + middle), (across, up), 0, 0, 360, PULLOVER, -1, cv2.LINE_AA)
    cv2.rectangle(below, (x - half, y), (x + half, y + end), (0.75 * skin).tolist(), -1)


def _lay(picture: Bytes, sprite: Bytes, corner: tuple[float, float]) -> None:
    """Lays a premultiplied RGBA sprite over ``picture``, its corner rounded to a pixel; what lies outside is cut."""
    x, y = round(corner[0]), round(corner[1])
    rows = slice(max(0, y), min(HEIGHT, y + sprite.shape[0]))
    columns = slice(max(0, x), min(WIDTH, x + sprite.shape[1]))
    part = sprite[rows.start - y : rows.stop - y, columns.start - x : columns.stop - x].astype(np.float32)
    below = picture[rows, columns] * (1 - part[..., 3:] / 255)
    picture[rows, columns] = np.clip(below + part[..., :3] + 0.5, 0, 255).astype(np.uint8)


def back_of(person: str, yaw_deg: float, face_px: int) -> Sprite:
    """The outline of a head that is turned away by 90 degrees or more, with strands of its hair all over it."""
    outline, head = turned(person, yaw_deg, 0, face_px), heads()[person]
    alpha = outline.rgba[..., 3].astype(np.float32) / 255
    hair = head.colour[head.hair * head.inside > 0.9].mean(axis=0)
    grain = np.random.default_rng(5).normal(size=alpha.shape).astype(np.float32)
    strands = cv2.GaussianBlur(grain, (0, 0), sigmaX=0.01 * face_px, sigmaY=0.08 * face_px)
    light = 0.6 + 0.12 * strands / strands.std() + np.linspace(0.3, 0, alpha.shape[0], dtype=np.float32)[:, None]
    colour = np.clip(hair * light[..., None], 0, 255) * alpha[..., None]
    return replace(outline, rgba=_as_bytes(np.dstack([colour, alpha])))


def _as_bytes(rgba: Floats) -> Bytes:
    """Colour 0-255 times alpha, alpha 0-1, both as bytes."""
    return np.clip(rgba * np.array([1, 1, 1, 255], np.float32) + 0.5, 0, 255).astype(np.uint8)
