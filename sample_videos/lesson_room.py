"""The classroom around the heads, drawn by code: wall, furniture, desks, and a body for each seat. RGB float32."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from lesson_photos import Array
from lesson_schedule import Seat

Bytes = npt.NDArray[np.uint8]

WIDTH, HEIGHT = 1280, 720
FLOOR_Y = 300
DESK_BELOW_EYES_CM = 29.0  # far edge of the desk top
BODY_WIDTH_CM, BODY_HEIGHT_CM = 56.0, 34.0
NECK_CM = 5.2  # half width


def draw_room() -> Bytes:
    """The empty classroom seen from the board."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    light = 1.04 - 0.10 * np.abs(x / WIDTH - 0.35) - 0.05 * (y / HEIGHT)
    wall = np.array([206, 202, 190], np.float32) * light[..., None]
    floor = np.array([150, 138, 122], np.float32) * (0.78 + 0.3 * (y - FLOOR_Y) / (HEIGHT - FLOOR_Y))[..., None]
    room = np.where((y >= FLOOR_Y)[..., None], floor, wall).astype(np.float32)
    _box(room, (0, FLOOR_Y - 12, WIDTH, FLOOR_Y), (168, 158, 140))
    for x0 in (40, 170):
        _window(room, x0)
    _box(room, (330, 28, 572, 112), (150, 116, 82))  # pin board
    _box(room, (336, 34, 566, 106), (190, 160, 118))
    sheets = (
        (346, 44, (226, 226, 218)),
        (402, 40, (200, 214, 224)),
        (456, 48, (232, 222, 190)),
        (512, 42, (214, 224, 204)),
    )
    for x0, y0, colour in sheets:
        _box(room, (x0, y0, x0 + 44, y0 + 54), colour)
        for line in range(4):
            _box(room, (x0 + 6, y0 + 10 + 10 * line, x0 + 36 - 5 * (line % 2), y0 + 12 + 10 * line), (150, 150, 150))
    _box(room, (760, 24, 930, 108), (182, 196, 206))  # map
    for x0, y0, w, h in ((772, 40, 54, 30), (838, 34, 36, 56), (884, 52, 36, 26)):
        _box(room, (x0, y0, x0 + w, y0 + h), (164, 180, 150))
    _box(room, (1100, 40, 1230, FLOOR_Y - 12), (140, 112, 88))  # door
    _box(room, (1108, 48, 1222, FLOOR_Y - 12), (166, 136, 106))
    return np.clip(cv2.GaussianBlur(room, (0, 0), 1.2) + 0.5, 0, 255).astype(np.uint8)


def _window(room: Array, x0: int) -> None:
    _box(room, (x0, 20, x0 + 104, 136), (226, 224, 216))
    for k in (0, 1):
        _box(room, (x0 + 6 + 48 * k, 26, x0 + 50 + 48 * k, 130), (214, 228, 236))
        _box(room, (x0 + 6 + 48 * k, 92, x0 + 50 + 48 * k, 130), (186, 204, 186))


def _box(image: Array, corners: tuple[int, int, int, int], colour: tuple[int, int, int]) -> None:
    x0, y0, x1, y1 = corners
    image[y0:y1, x0:x1] = colour


def draw_desk(seat: Seat) -> tuple[Bytes, tuple[int, int]]:
    """RGBA (premultiplied) of the seat's desk, and where its top left corner belongs in the room."""
    k = seat.px_per_cm
    half, depth, panel = 34 * k, 9 * k, 26 * k
    w, h = int(2 * half + 8), int(depth + panel + 4)
    plate = np.zeros((h, w, 4), np.float32)
    cx = w / 2
    panel_box = np.array(
        [(cx - half + 2 * k, depth), (cx + half - 2 * k, depth), (cx + half - 2 * k, h), (cx - half + 2 * k, h)]
    )
    top = np.array([(cx - half + 4 * k, 0), (cx + half - 4 * k, 0), (cx + half, depth), (cx - half, depth)])
    edge = np.array(
        [(cx - half, depth), (cx + half, depth), (cx + half, depth + 1.6 * k), (cx - half, depth + 1.6 * k)]
    )
    sheet = np.array([(cx - 11 * k, 2 * k), (cx + 4 * k, 2 * k), (cx + 5 * k, 7.5 * k), (cx - 12 * k, 7.5 * k)])
    book = np.array([(cx + 12 * k, 2 * k), (cx + 21 * k, 2 * k), (cx + 22.5 * k, 7 * k), (cx + 12.5 * k, 7 * k)])
    pieces = ((panel_box, (128, 104, 80)), (top, (196, 168, 130)), (edge, (150, 122, 92)), (sheet, (232, 232, 226)),
              (book, seat.clothes[::-1]))  # fmt: skip
    for polygon, colour in pieces:
        fixed = np.round(polygon * 16).astype(np.int32)
        cv2.fillPoly(plate, [fixed], (*colour, 1.0), lineType=cv2.LINE_8, shift=4)
    plate = cv2.GaussianBlur(plate, (0, 0), 0.6)
    return as_bytes(plate), (round(seat.x_px - cx), round(seat.y_px + DESK_BELOW_EYES_CM * k))


def draw_body(seat: Seat, skin: Array) -> Bytes:
    """RGBA (premultiplied) of neck and pullover, BODY_WIDTH_CM wide; its top is the level of the eyes."""
    k = seat.px_per_cm * 2  # drawn twice as large, then reduced
    w, h = round(BODY_WIDTH_CM * seat.px_per_cm) * 2, round(BODY_HEIGHT_CM * seat.px_per_cm) * 2
    v, u = np.mgrid[0:h, 0:w].astype(np.float32) / k
    u = u - np.float32(w / 2 / k)
    chin = 10.0
    fall = chin + 3.0 + 2.4 * (np.abs(u) / 17) ** 2 + 18 * np.clip((np.abs(u) - 17.5) / 6, 0, 2) ** 2
    shoulders = _soft((v - fall) * 2.0)
    sides = _soft((22.5 + 0.08 * v - np.abs(u)) * 2.0)
    cloth = shoulders * sides
    neckline = np.hypot(u / 6.6, (v - chin - 2.4) / 3.8)
    cloth *= _soft((neckline - 1) * 8)
    neck = (
        _soft((NECK_CM + 0.12 * np.clip(v - chin - 1, 0, 9) ** 1.6 - np.abs(u)) * 2.5) * _soft((v - 4) * 2) * (v < 22)
    )
    collar = np.exp(-(((neckline - 1.12) / 0.07) ** 2)) * (v > chin + 2)
    shade = 0.70 + 0.34 * np.sqrt(np.clip(1 - (u / 27) ** 2, 0, 1)) - 0.10 * np.clip((v - 20) / 24, 0, 1)
    shade *= 1 - 0.12 * np.exp(-(((np.abs(u) - 14 - 0.1 * v) / 1.2) ** 2)) * (v > 24)
    shade *= 1 - 0.22 * collar
    throat = 0.62 + 0.30 * np.clip((v - chin - 1) / 6, 0, 1) - 0.10 * (np.abs(u) / NECK_CM)
    colour = np.array(seat.clothes, np.float32) * shade[..., None] * cloth[..., None]
    bare = neck * (1 - cloth)
    colour = colour + skin * throat[..., None] * bare[..., None]
    rgba = np.dstack([colour, cloth + bare]).astype(np.float32)
    return as_bytes(cv2.resize(rgba, (w // 2, h // 2), interpolation=cv2.INTER_AREA))


def _soft(x: Array) -> Array:
    return np.clip(x + 0.5, 0, 1).astype(np.float32)


def as_bytes(sprite: Array) -> Bytes:
    """A premultiplied sprite (colour 0-255, alpha 0-1) as RGBA bytes."""
    return np.clip(sprite * np.array([1, 1, 1, 255], np.float32) + 0.5, 0, 255).astype(np.uint8)


def put(canvas: Bytes, sprite: Bytes, corner: tuple[int, int], strength: float = 1.0) -> None:
    """Lays a premultiplied RGBA sprite over ``canvas``; its corner may lie off the edge."""
    x, y = corner
    h, w = sprite.shape[:2]
    x0, y0, x1, y1 = max(x, 0), max(y, 0), min(x + w, WIDTH), min(y + h, HEIGHT)
    if x0 >= x1 or y0 >= y1:
        return
    part = sprite[y0 - y : y1 - y, x0 - x : x1 - x]
    if strength < 1:
        part = cv2.convertScaleAbs(part, alpha=strength)
    below = 255 - cv2.cvtColor(part[..., 3], cv2.COLOR_GRAY2RGB)
    window = canvas[y0:y1, x0:x1]
    window[:] = cv2.add(cv2.multiply(window, below, scale=1 / 255), part[..., :3])
