"""The crop that feeds the classifier: one function for training and for analysis."""

from __future__ import annotations

import cv2
import numpy as np

from classroom_fer.lesson.records import Box, Image

CONTEXT = 0.97
"""Side of the crop over the longer side of a detector's box.

FER2013's 48x48 tiles are themselves crops, and the classifier learns their framing. Measured on 300 FER2013 training
faces (seed 0) enlarged to 192 px, with facenet-pytorch's MTCNN (best box, confidence >= .90) and a margin of a quarter
around the tile, so that a box may leave it. Medians of the 260-270 faces found, over margins that were replicated, grey
or mirrored: the box's longer side (its height) is 1.03-1.04 tiles (10th-90th percentile .81-1.3), its width .79-.80,
its centre (.489-.491, .508-.511) of the tile. So a tile is 1/1.035 = .97 of the longer side around about the same
centre; the offset of .01 is far below the jitter used in training.
"""


CENTERFACE_CONTEXT = 0.95
"""The same for CenterFace's boxes, whose longer side is 1.02 times MTCNN's (medians: 1.016 of 185 faces in photographs,
1.03 of 90 in the first sample lesson), so that the classifier sees the framing that it learnt."""


def face_crop(image: Image, box: Box, size_px: int = 48, context: float = CONTEXT) -> Image:
    """Grey square [size_px, size_px] around the centre of ``box``, ``context`` times its longer side wide.

    What lies outside the image repeats its edge. Larger faces are averaged down (INTER_AREA), smaller ones enlarged
    (INTER_LINEAR). The square is rounded to whole pixels of the image.

    Args:
        image: RGB [H, W, 3] or grey [H, W].
        box: xyxy in pixels of ``image``; may reach outside, must overlap it.

    Raises:
        ValueError: the box is empty, not finite or beside the image.
    """
    x1, y1, x2, y2 = box
    height, width = image.shape[:2]
    if not (x1 < x2 and y1 < y2 and x1 < width and y1 < height and x2 > 0 and y2 > 0 and np.isfinite(box).all()):
        raise ValueError(f"box {box} does not overlap an image of {width}x{height} px")
    side = max(1, round(context * max(x2 - x1, y2 - y1)))
    left, top = round((x1 + x2 - side) / 2), round((y1 + y2 - side) / 2)
    square = square_of(image, left, top, side)
    grey = cv2.cvtColor(square, cv2.COLOR_RGB2GRAY) if square.ndim == 3 else square
    method = cv2.INTER_AREA if side > size_px else cv2.INTER_LINEAR
    crop: Image = cv2.resize(grey, (size_px, size_px), interpolation=method)
    return crop


def square_of(image: Image, left: int, top: int, side: int) -> Image:
    """The pixels [side, side(, 3)] from (left, top); what lies outside the image repeats its edge."""
    return part_of(image, left, top, side, side)


def part_of(image: Image, left: int, top: int, width: int, height: int) -> Image:
    """The pixels [height, width(, 3)] from (left, top), some of them in the image; outside, its edge is repeated."""
    image_height, image_width = image.shape[:2]
    rows = slice(max(0, top), min(image_height, top + height))
    columns = slice(max(0, left), min(image_width, left + width))
    margins = (rows.start - top, top + height - rows.stop, columns.start - left, left + width - columns.stop)
    inside = image[rows, columns]
    if not any(margins):
        return inside
    padded: Image = cv2.copyMakeBorder(inside, *margins, cv2.BORDER_REPLICATE)
    return padded


def crop_blur(crop: Image) -> float:
    """Variance of the Laplacian of a grey crop, in squared grey levels; small = blurred (Pech-Pacheco et al. 2000)."""
    return float(cv2.Laplacian(crop, cv2.CV_64F).var())
