"""Five points of a face, and how frontal and clear it is: MTCNN's O-Net (Zhang et al. 2016) on a square around its box.

CenterFace's own points are too rough for a direction; O-Net's give the same directions as MTCNN's (docs/measurement.md,
section 11). Its score answers "may an expression be read here", not "is there a face".
"""

from __future__ import annotations

import cv2
import numpy as np

from classroom_fer.faces.boxes import Floats
from classroom_fer.faces.crops import square_of
from classroom_fer.faces.nets import Net
from classroom_fer.lesson.records import FaceDetection, Image

SIDE_PX = 48
"""Of O-Net's input."""
PIXEL_MEAN, PIXEL_RANGE = np.float32(127.5), np.float32(128)
"""O-Net was trained on (pixel - 127.5) / 128."""
BATCH = 32
"""Crops at once: bounds memory at 4 MB of activations a layer (choice)."""


class LandmarkFinder:
    """O-Net, asked about boxes that another detector found."""

    def __init__(self, net: Net) -> None:
        self._net = net

    def complete(self, image: Image, boxes: Floats, scores: Floats) -> list[FaceDetection]:
        """The faces in ``boxes`` [N, 4] with confidence ``scores`` [N], in the same order.

        Args:
            image: RGB [H, W, 3]; the boxes overlap it.
        """
        squares = [_square(box) for box in boxes]
        crops = [self._crop(image, square) for square in squares]
        faces = []
        for start in range(0, len(crops), BATCH):
            answer = self._net.run(np.stack(crops[start : start + BATCH]))
            for offset, (frontal, relative) in enumerate(
                zip(answer["scores"][:, 0].tolist(), answer["points"].astype(np.float64), strict=True)
            ):
                left, top, side = squares[start + offset]
                x, y = (left + relative[:5] * side).tolist(), (top + relative[5:] * side).tolist()
                x1, y1, x2, y2 = boxes[start + offset].tolist()
                confidence = float(scores[start + offset])
                faces.append(FaceDetection((x1, y1, x2, y2), confidence, tuple(zip(x, y, strict=True)), frontal))
        return faces

    @staticmethod
    def _crop(image: Image, square: tuple[int, int, int]) -> Floats:
        left, top, side = square
        pixels = square_of(image, left, top, side)
        method = cv2.INTER_AREA if side > SIDE_PX else cv2.INTER_LINEAR
        resized = cv2.resize(np.ascontiguousarray(pixels), (SIDE_PX, SIDE_PX), interpolation=method)
        scaled: Floats = (resized.transpose(2, 0, 1).astype(np.float32) - PIXEL_MEAN) / PIXEL_RANGE
        return scaled


def _square(box: Floats) -> tuple[int, int, int]:
    """Left, top and side in whole pixels of the square around ``box``, as long as its longer side."""
    x1, y1, x2, y2 = box.tolist()
    side = max(1, round(max(x2 - x1, y2 - y1)))
    return round((x1 + x2 - side) / 2), round((y1 + y2 - side) / 2), side
