"""The two photographs as cut-out heads: colours, mask and a rough solid, all on one centimetre scale.

Sources: ``skimage.data.astronaut()`` (Eileen Collins, NASA) and matplotlib's sample ``grace_hopper.jpg`` (US Navy);
both in the public domain. All point lists below were read off the photographs by hand, in their pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]
Points = tuple[tuple[float, float], ...]

EYE_DISTANCE_CM = 6.302  # MediaPipe canonical face, as in docs/measurement.md, section 2
NOSE_DEPTH_CM = 3.569  # same source: tip of the nose before the plane of eyes and mouth corners
PX_PER_CM = 10.0  # both heads are resampled to this scale
WIDTH_CM, HEIGHT_CM = 32.0, 34.0
EYES_AT = (WIDTH_CM / 2 * PX_PER_CM, 18.0 * PX_PER_CM)  # midpoint of the eyes on every head plate
SIZE = (int(WIDTH_CM * PX_PER_CM), int(HEIGHT_CM * PX_PER_CM))


@dataclass(frozen=True, slots=True)
class Marks:
    """What was read off one photograph, in its pixels."""

    eyes: Points
    nose: tuple[float, float]
    mouth_corners: Points
    upper_lip_edge: tuple[float, float]
    """Lowest y of the upper lip: at the middle, at the corners."""
    lower_lip_edge: tuple[float, float]
    brows_y: float
    outline: Points
    face_ellipse: tuple[float, float, float, float]
    """Centre x, y, half axes: skin inside, hair outside."""
    skin_at: tuple[float, float]
    """A cheek, for the colour of the neck."""


COLLINS = Marks(
    eyes=((204.0, 101.5), (246.5, 103.0)),
    nose=(224.5, 129.0),
    mouth_corners=((202.0, 140.0), (248.5, 140.5)),
    upper_lip_edge=(142.5, 140.0),
    lower_lip_edge=(149.5, 141.0),
    brows_y=91.0,
    outline=(
        (240, 15), (262, 22), (280, 33), (292, 50), (299, 68), (301, 85), (298, 100), (290, 114), (281, 125),
        (275, 134), (268, 136), (266, 142), (262, 152), (257, 162), (250, 171), (241, 177), (231, 180), (220, 179),
        (208, 175), (198, 168), (190, 160), (185, 150), (182, 140), (181, 131), (176, 128), (171, 120), (165, 114),
        (157, 102), (154, 90), (153, 72), (156, 60), (165, 50), (178, 42), (190, 36), (197, 26), (212, 19), (228, 15),
    ),
    face_ellipse=(226.0, 133.0, 44.0, 52.0),
    skin_at=(195.0, 120.0),
)  # fmt: skip
HOPPER = Marks(
    eyes=((220.0, 189.5), (305.0, 187.0)),
    nose=(267.0, 239.0),
    mouth_corners=((226.0, 280.0), (308.0, 277.0)),
    upper_lip_edge=(279.0, 278.5),
    lower_lip_edge=(279.0, 278.5),
    brows_y=165.0,
    outline=(
        (263, 44), (300, 50), (334, 70), (356, 100), (366, 135), (368, 178), (374, 200), (369, 230), (363, 252),
        (359, 272), (351, 289), (338, 301), (329, 302), (321, 312), (310, 322), (296, 330), (277, 336), (252, 336),
        (232, 331), (217, 322), (205, 310), (199, 299), (185, 293), (170, 285), (163, 271), (160, 245), (155, 215),
        (153, 195), (158, 178), (160, 135), (170, 100), (192, 70), (226, 50),
    ),
    face_ellipse=(264.0, 235.0, 92.0, 112.0),
    skin_at=(208.0, 262.0),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """One head on a plate of SIZE at PX_PER_CM, eyes level, midpoint of the eyes at EYES_AT."""

    colour: Array
    """RGB 0-255 [H, W, 3]; continued past the outline, so that a warp never meets an edge."""
    calm: Array
    """The same without the folds that a smile makes around the mouth; lips as they are."""
    inside: Array
    """0-1 [H, W], soft edge of about 2 mm."""
    hair: Array
    """0-1 [H, W]: hair or hat."""
    surfaces_cm: Array
    """[H, W, 2]: front surface before the axis of turning, back surface behind it; -99 outside the outline."""
    marks: Marks
    """The marks in plate pixels."""
    skin: Array
    """RGB [3] of a cheek."""


def cut_head(image: npt.NDArray[np.uint8], marks: Marks, *, hat: bool) -> Head:
    """The head of one photograph, with a knitted hat drawn over the uniform hat if asked for."""
    matrix = _to_plate(marks)
    colour = cv2.warpAffine(image, matrix, SIZE, flags=cv2.INTER_AREA if hat else cv2.INTER_CUBIC,
                            borderMode=cv2.BORDER_REPLICATE).astype(np.float32)  # fmt: skip
    here = _moved(marks, matrix)
    inside = np.zeros(SIZE[::-1], np.uint8)
    cv2.fillPoly(inside, [np.round(_smooth(np.array(here.outline))).astype(np.int32)], 255, lineType=cv2.LINE_AA)
    hair = _hair(here)
    if hat:
        colour, hair = _knitted_hat(colour, here)
    colour = _continued(colour, inside)
    surfaces = _solid(here, inside)
    x, y = (int(v) for v in here.skin_at)
    skin = colour[y - 6 : y + 7, x - 6 : x + 7].reshape(-1, 3).mean(axis=0)
    soft = cv2.GaussianBlur(inside.astype(np.float32) / 255, (0, 0), 1.2)
    return Head(colour, colour if hat else _calm(colour, here), soft, hair, surfaces, here, skin)


def _to_plate(marks: Marks) -> Array:
    """Similarity that levels the eyes, scales them to EYE_DISTANCE_CM and puts their midpoint at EYES_AT."""
    (lx, ly), (rx, ry) = marks.eyes
    scale = EYE_DISTANCE_CM * PX_PER_CM / float(np.hypot(rx - lx, ry - ly))
    angle = float(np.degrees(np.arctan2(ry - ly, rx - lx)))
    middle = ((lx + rx) / 2, (ly + ry) / 2)
    matrix = cv2.getRotationMatrix2D(middle, angle, scale)
    matrix[:, 2] += np.array(EYES_AT) - middle
    return matrix.astype(np.float32)


def _moved(marks: Marks, matrix: Array) -> Marks:
    def at(point: tuple[float, float]) -> tuple[float, float]:
        x, y = matrix @ np.array([*point, 1.0])
        return float(x), float(y)

    middle_x = sum(x for x, _ in marks.mouth_corners) / 2
    scale = float(np.hypot(matrix[0, 0], matrix[0, 1]))

    def lip(edge: tuple[float, float]) -> tuple[float, float]:
        return at((middle_x, edge[0]))[1], at((middle_x, edge[1]))[1]

    cx, cy, rx, ry = marks.face_ellipse
    return Marks(
        eyes=tuple(at(p) for p in marks.eyes),
        nose=at(marks.nose),
        mouth_corners=tuple(at(p) for p in marks.mouth_corners),
        upper_lip_edge=lip(marks.upper_lip_edge),
        lower_lip_edge=lip(marks.lower_lip_edge),
        brows_y=at((middle_x, marks.brows_y))[1],
        outline=tuple(at(p) for p in marks.outline),
        face_ellipse=(*at((cx, cy)), rx * scale, ry * scale),
        skin_at=at(marks.skin_at),
    )


def _smooth(points: npt.NDArray[np.float64], steps: int = 8) -> npt.NDArray[np.float64]:
    """Closed Catmull-Rom curve through ``points`` [N, 2]."""
    a, b, c, d = (np.roll(points, k, axis=0)[:, None] for k in (1, 0, -1, -2))
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    return curve.reshape(-1, 2)


def _grid() -> tuple[Array, Array]:
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]].astype(np.float32)
    return x, y


def _hair(marks: Marks) -> Array:
    x, y = _grid()
    cx, cy, rx, ry = marks.face_ellipse
    distance = np.hypot((x - cx) / rx, (y - cy) / ry)
    return np.clip((distance - 0.97) / 0.1, 0, 1) * (y < cy + 0.5 * ry)


def _knitted_hat(colour: Array, marks: Marks) -> tuple[Array, Array]:
    """A grey ribbed hat (tinted later, per seat) where the uniform hat was; also returns its mask."""
    x, y = _grid()
    cx = marks.face_ellipse[0]
    across = np.clip((x - cx) / 82.0, -1, 1)
    brim = EYES_AT[1] - 37 + 16 * across**2  # lower edge of the hat, plate pixels
    ribs = 0.88 + 0.12 * np.cos(np.arcsin(across) * 60)
    round_ = np.sqrt(np.clip(1 - 0.75 * across**2, 0, 1)) * (0.75 + 0.25 * np.clip((y - 20) / 90, 0, 1))
    folded = np.where(y > brim - 24, 1.12, 0.92) * np.where(np.abs(y - brim + 24) < 2.0, 0.72, 1.0)
    grey = 190 * ribs * round_ * folded
    hat = 1 / (1 + np.exp(np.clip((y - brim) / 1.2, -30, 30)))
    shadow = 1 - 0.35 * np.exp(-np.clip(y - brim, 0, 99) / 5.0)
    painted = colour * shadow[..., None] * (1 - hat[..., None]) + grey[..., None] * hat[..., None]
    return painted.astype(np.float32), hat.astype(np.float32)


def _continued(colour: Array, inside: npt.NDArray[np.uint8]) -> Array:
    """Colours of the outline carried outwards, so that the photograph's background never shows."""
    core = cv2.erode(inside, np.ones((9, 9), np.uint8)) < 200
    _, label = cv2.distanceTransformWithLabels(core.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    y, x = np.nonzero(~core)
    lookup = np.zeros((int(label.max()) + 1, 3), np.float32)
    lookup[label[y, x]] = colour[y, x]
    filled = cv2.GaussianBlur(lookup[label], (0, 0), 2.0)
    return np.where(core[..., None], filled, colour).astype(np.float32)


def _calm(colour: Array, marks: Marks) -> Array:
    """Around the mouth the skin is filled in smoothly from its surroundings; only the lips stay."""
    x, y = _grid()
    (lx, ly), (rx, ry) = marks.mouth_corners
    half, cx, cy = (rx - lx) / 2, (lx + rx) / 2, (ly + ry) / 2
    u, v = x - cx, y - cy
    area = np.clip((1.0 - np.hypot(u / (half + 14), (v - 2) / 25)) * 6 + 0.5, 0, 1)
    area = area * np.clip((y - marks.nose[1] - 5) / 4, np.clip((np.abs(u) - 22) / 6, 0, 1), 1)
    known = (area < 0.02).astype(np.float32)
    weight = cv2.GaussianBlur(known, (0, 0), 9) + 1e-4
    smooth = cv2.GaussianBlur(colour * known[..., None], (0, 0), 9) / weight[..., None]
    share = np.clip(np.abs(u) / half, 0, 1) ** 2
    upper = (marks.upper_lip_edge[0] - cy) * (1 - share) - 6.5 * (1 - share)
    lower = (marks.lower_lip_edge[0] - cy) * (1 - share) + 8.5 * (1 - share)
    lips = np.clip((v - upper) / 2, 0, 1) * np.clip((lower - v) / 2, 0, 1) * (np.abs(u) < half)
    fill = (area * (1 - cv2.GaussianBlur(lips.astype(np.float32), (0, 0), 0.8)))[..., None]
    return (colour * (1 - fill) + smooth * fill).astype(np.float32)


def _solid(marks: Marks, inside: npt.NDArray[np.uint8]) -> Array:
    """Front and back surface in cm: a skull rounded off towards the outline, a face, and a nose."""
    x, y = _grid()
    u, v = (x - EYES_AT[0]) / PX_PER_CM, (y - EYES_AT[1]) / PX_PER_CM
    edge_cm = cv2.distanceTransform((inside > 127).astype(np.uint8), cv2.DIST_L2, 5) / PX_PER_CM
    skull = 8.6 * np.sqrt(1 - (1 - np.clip(edge_cm / 8.5, 0, 1)) ** 2)
    face = 9.2 * np.sqrt(np.clip(1 - (u / 7.4) ** 2 - ((v - 1.0) / 13.5) ** 2, 0, 1))
    face *= np.clip(edge_cm / 1.2, 0, 1) ** 0.5
    low = np.clip((v + 2.0) / 4.0, 0, 1)  # 0 at the forehead, where the skull rules, 1 from the nose down
    front = skull * (1 - low) + np.maximum(face, skull * 0.8) * low
    front = cv2.GaussianBlur(front.astype(np.float32), (0, 0), 4.0)
    front += _nose(marks, front, x, y)
    back = skull * np.clip(1.15 - np.clip(v, 0, 9) / 7.0, 0.0, 1)
    outside = inside <= 127
    return np.dstack([np.where(outside, -99, front), np.where(outside, -99, back)]).astype(np.float32)


def _nose(marks: Marks, front: Array, x: Array, y: Array) -> Array:
    """A ridge whose tip stands NOSE_DEPTH_CM before the mean height of eyes and mouth corners."""
    nx, ny = marks.nose
    around = [front[round(py), round(px)] for px, py in (*marks.eyes, *marks.mouth_corners)]
    height = NOSE_DEPTH_CM + float(np.mean(around)) - float(front[round(ny), round(nx)])
    top = EYES_AT[1] - 2.0
    along = np.where(y < ny, np.clip((y - top) / (ny - top), 0, 1) ** 1.2, np.exp(-(((y - ny) / 6.0) ** 2)))
    width = 5.5 + 6.0 * np.clip((y - top) / (ny - top), 0, 1.2)
    return (height * along * np.exp(-(((x - nx) / width) ** 2))).astype(np.float32)
