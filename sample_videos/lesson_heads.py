"""Moves a cut-out head: mouth and brows by a warp of the photograph, turning by casting rays on its rough solid."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from lesson_photos import EYES_AT, HEIGHT_CM, PX_PER_CM, SIZE, WIDTH_CM, Array, Head

PIVOT_CM = (6.0, -1.0)  # pitch turns about this point of the neck: below the eyes, before the axis of turning
NEAR_CM = 14.0  # rays start here, before any nose
STEPS = 30  # samples along a ray; the hit is then refined
STRIDE_CM = 0.85
REFINE = 5
OVERSAMPLE = 2


@dataclass(frozen=True, slots=True)
class Look:
    """What a head does. Degrees: yaw + = to the image's right, pitch + = down. ``smile`` and ``open`` run 0-1."""

    yaw_deg: float
    pitch_deg: float
    smile: float
    open: float

    @property
    def down(self) -> float:
        """0-1: how far the head is lowered."""
        return min(max(self.pitch_deg / 30, 0.0), 1.0)


@dataclass(frozen=True, slots=True)
class Mouth:
    """Mouth of one photograph under one expression, in plate pixels relative to the mouth's middle."""

    half_width: float
    corner_y: float
    upper_y: float
    lower_y: float


def render_head(head: Head, look: Look, px_per_cm: float) -> Array:
    """RGBA float32 [h, w, 4] of WIDTH_CM x HEIGHT_CM: colour 0-255 times alpha, alpha 0-1; level eyes at EYES_AT."""
    colour = express(head, look)
    plate = np.dstack([colour, head.inside * 255])
    scale = px_per_cm * OVERSAMPLE
    w, h = round(WIDTH_CM * px_per_cm) * OVERSAMPLE, round(HEIGHT_CM * px_per_cm) * OVERSAMPLE
    x, y, hit, shade = _cast(head, look, w, h, scale)
    if scale < PX_PER_CM:  # a small head would alias: soften to its pixel size
        plate = cv2.GaussianBlur(plate, (0, 0), 0.45 * PX_PER_CM / scale)
    drawn = cv2.remap(plate, x, y, cv2.INTER_LINEAR)[..., :3]
    drawn *= shade[..., None]
    alpha = np.clip(cv2.GaussianBlur(hit, (0, 0), 0.12 * scale + 0.6) * 2.4 - 0.9, 0, 1) * hit  # round off ragged edges
    rgba = np.dstack([drawn * alpha[..., None], alpha])
    return cv2.resize(rgba, (w // OVERSAMPLE, h // OVERSAMPLE), interpolation=cv2.INTER_AREA)


def _cast(head: Head, look: Look, w: int, h: int, scale: float) -> tuple[Array, Array, Array, Array]:
    """For each target pixel: plate x and y of what is seen, whether anything is, a soft shade."""
    base, direction = _rays(look, w, h, scale)
    hit = np.zeros((h, w), bool)
    at = np.full((h, w), NEAR_CM, np.float32)
    for step in range(1, STEPS + 1):
        z = NEAR_CM - step * STRIDE_CM
        first = _is_solid(head, base, direction, z) & ~hit
        at[first] = z
        hit |= first
    low, high = at, at + np.float32(STRIDE_CM)
    for _ in range(REFINE):
        middle = (low + high) / 2
        solid = _is_solid(head, base, direction, middle)
        low, high = np.where(solid, middle, low), np.where(solid, high, middle)
    x, y = (_plate(base[k] + low * direction[k], k) for k in (0, 1))
    return x, y, hit.astype(np.float32), _shade(low, hit, look, scale)


def _shade(depth: Array, hit: npt.NDArray[np.bool_], look: Look, scale: float) -> Array:
    """Light that changes as a head turns: the side that turns away from us darkens a little."""
    surface = cv2.GaussianBlur(np.where(hit, depth, np.float32(-8)), (0, 0), 0.8 * scale)
    slope = cv2.Sobel(surface, cv2.CV_32F, 1, 0, ksize=3) * scale / 8
    return np.clip(1 + 0.06 * float(np.clip(look.yaw_deg / 40, -1, 1)) * slope, 0.8, 1.08).astype(np.float32)


def _rays(look: Look, w: int, h: int, scale: float) -> tuple[tuple[Array, Array, Array], tuple[float, float, float]]:
    """Rays through the unturned head: point at height 0 and change per cm of height, in cm of the plate's axes."""
    ty, tx = np.mgrid[0:h, 0:w].astype(np.float32)
    u = (tx + np.float32(0.5)) / np.float32(scale) - np.float32(EYES_AT[0] / PX_PER_CM)
    v = (ty + np.float32(0.5)) / np.float32(scale) - np.float32(EYES_AT[1] / PX_PER_CM)
    cp, sp = math.cos(math.radians(look.pitch_deg)), math.sin(math.radians(look.pitch_deg))
    cy, sy = math.cos(math.radians(look.yaw_deg)), math.sin(math.radians(look.yaw_deg))
    py, pz = PIVOT_CM
    y = (v - py) * cp + pz * sp + py
    z1 = (v - py) * sp - pz * cp + pz
    return (u * cy - z1 * sy, y, u * sy + z1 * cy), (-cp * sy, -sp, cp * cy)


def _plate(cm: Array, axis: int) -> Array:
    return cm * np.float32(PX_PER_CM) + np.float32(EYES_AT[axis])


def _is_solid(
    head: Head, base: tuple[Array, Array, Array], direction: tuple[float, float, float], z: float | Array
) -> npt.NDArray[np.bool_]:
    x, y = (_plate(base[k] + z * direction[k], k) for k in (0, 1))
    surfaces = cv2.remap(
        head.surfaces_cm, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(-99, -99)
    )
    depth = base[2] + z * direction[2]
    return (depth <= surfaces[..., 0]) & (depth >= -surfaces[..., 1])


def express(head: Head, look: Look) -> Array:
    """The head's colours with another mouth and lids; neither smile nor open is neutral, whatever the photograph."""
    marks = head.marks
    (lx, ly), (rx, ry) = marks.mouth_corners
    cx, cy = (lx + rx) / 2, (ly + ry) / 2
    source = Mouth((rx - lx) / 2, 0.0, marks.upper_lip_edge[0] - cy, marks.lower_lip_edge[0] - cy)
    target = _wanted(source, look)
    py, px = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32)
    u, v = px - cx, py - cy
    near = np.exp(-((v / 30.0) ** 2) - (np.clip(np.abs(u) - target.half_width, 0, 99) / 16.0) ** 2)
    su = u * (1 + (source.half_width / target.half_width - 1) * near)
    upper, lower = _curve(target, u, target.upper_y), _curve(target, u, target.lower_y)
    upper0, lower0 = _curve(source, su, source.upper_y), _curve(source, su, source.lower_y)
    lips = np.exp(-((np.clip(np.abs(u) - target.half_width, 0, 99) / 12.0) ** 2))
    up = v + (upper0 - upper) * np.exp(-((np.clip(upper - v, 0, 99) / 16.0) ** 2)) * lips
    chin = np.clip(1 - np.clip(v - lower, 0, 99) / 34.0, 0, 1)
    down = v + (lower0 - lower) * chin * lips
    sv = np.where(v < (upper + lower) / 2, up, down)
    sv = sv - _brow_lift(head, u, v + cy, look.open)
    sv = sv + _lid_shift(head, px, py, look)
    skin = head.calm + (head.colour - head.calm) * np.float32(look.smile)
    moved = cv2.remap(skin, (su + cx).astype(np.float32), (sv + cy).astype(np.float32), cv2.INTER_CUBIC,
                      borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    return _mouth_inside(head, np.clip(moved, 0, 255), (u, v), (upper, lower), (upper0, lower0), target, cy)


def _wanted(source: Mouth, look: Look) -> Mouth:
    """Neutral 48 mm wide and closed; a smile widens it and lifts the corners; open drops the lower lip."""
    smile, opening = look.smile, look.open
    middle = 3.0 + 0.5 * smile - 3.0 * opening
    corner = 7.0 - 9.5 * smile + 2.0 * opening - 5.0 * look.down
    return Mouth(23.5 + 9.5 * smile - 7.0 * opening, corner, middle, middle + 8.5 * smile + 24.0 * opening)


def _curve(mouth: Mouth, u: Array, middle_y: float) -> Array:
    """Height of a lip edge at ``u``: a parabola from the middle to the corners, flat beyond."""
    share = np.clip(np.abs(u) / mouth.half_width, 0, 1) ** 2
    return (middle_y * (1 - share) + mouth.corner_y * share).astype(np.float32)


def _brow_lift(head: Head, u: Array, y: Array, opening: float) -> Array:
    """Downward shift of the source around the brows: with an open mouth the brows rise by 6 mm."""
    return -6.0 * opening * np.exp(-(((y - head.marks.brows_y + 3) / 9.0) ** 2)) * (np.abs(u) < 60)


def _lid_shift(head: Head, x: Array, y: Array, look: Look) -> Array:
    """Shift of the source that draws the skin above each eye down over it, or opens it wide with the mouth."""
    shift = np.zeros_like(x)
    for ex, ey in head.marks.eyes:
        v = y - ey
        # target heights relative to the eye <- source heights: the lid's edge (-4) comes down to +2
        wanted = np.interp(v, (-14, 2.2, 3.2, 9), (-14, -6.5, 3.0, 9)).astype(np.float32) - v
        near = np.exp(-((np.clip(np.abs(x - ex) - 12, 0, 99) / 5.0) ** 2)) * (np.abs(v) < 14)
        shift += 0.6 * look.down * wanted * near - 0.28 * look.open * v * np.exp(-((v / 9.0) ** 2)) * near
    return shift


def _mouth_inside(
    head: Head,
    colour: Array,
    at: tuple[Array, Array],
    lips: tuple[Array, Array],
    lips0: tuple[Array, Array],
    target: Mouth,
    cy: float,
) -> Array:
    """Teeth (drawn) under the upper lip and dark below them, between the lips, with soft edges."""
    (u, v), (upper, lower) = at, lips
    gap = lower - upper
    soft = np.clip((v - upper) / 1.5 + 0.5, 0, 1) * np.clip((lower - v) / 1.5 + 0.5, 0, 1) * np.clip(gap / 3.0, 0, 1)
    soft *= np.clip((target.half_width - np.abs(u)) / 2.0, 0, 1)
    teeth_end = np.minimum(7.0, gap * 0.85)
    teeth = np.clip((upper + teeth_end - v) / 1.5, 0, 1) * np.clip(1.25 - np.abs(u) / target.half_width, 0, 1)
    lines = 1 - 0.10 * (np.cos(u * 2 * np.pi / 7.5) > 0.86)
    white = (
        np.array([236, 228, 218], np.float32) * (lines * (0.80 + 0.2 * np.clip(1 - np.abs(u) / 34, 0, 1)))[..., None]
    )
    dark = np.array([74, 30, 30], np.float32)
    inside = white * teeth[..., None] + dark * (1 - teeth[..., None])
    lipline = (
        np.exp(-(((v - (upper + lower) / 2) / 1.3) ** 2)) * (np.abs(u) < target.half_width) * np.clip(1 - gap / 4, 0, 1)
    )
    closed = colour * (1 - 0.45 * lipline[..., None])
    return (closed * (1 - soft[..., None]) + inside * soft[..., None]).astype(np.float32)
