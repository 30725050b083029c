"""The arithmetic of boxes."""

from __future__ import annotations

import numpy as np
from random_boxes import random_boxes

from classroom_fer.faces.boxes import clip, iou


def test_clipped_boxes_lie_in_the_image() -> None:
    clipped = clip(random_boxes(100), height=120, width=150)
    assert clipped.min() >= 0
    assert clipped[:, [0, 2]].max() <= 150
    assert clipped[:, [1, 3]].max() <= 120


def test_iou_of_a_box_with_itself_is_one_and_of_strangers_zero() -> None:
    boxes = random_boxes(20)
    assert np.allclose(np.diag(iou(boxes, boxes)), 1)
    assert not iou(boxes, boxes + 1000).any()
    assert iou(boxes[:0], boxes).shape == (0, 20)
