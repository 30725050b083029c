"""The numbers that the seat tracker sees of a frame, and the distance between faces.

All lengths are in face sizes (a face's size is the root of its box's area), so one set of gates (``TrackingRules``)
fits the front and the back row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.camera import UNMOVED, Similarity
from classroom_fer.lesson.records import FrameSample
from classroom_fer.settings.rules import TrackingRules

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class FaceSet:
    """The faces of one frame as arrays; ``keys`` are positions in ``FrameSample.faces``."""

    time_s: float
    keys: Ints
    centres: Floats
    """[N, 2] pixels."""
    sizes: Floats
    """[N] pixels."""
    sure: npt.NDArray[np.bool_]


def face_set(frame: FrameSample, rules: TrackingRules, place: Similarity = UNMOVED) -> FaceSet:
    """The frame's distinct faces, in an order that depends on the boxes alone.

    Args: ``place`` takes places in this frame to those of a frame that tracks are made in.
    """
    faces = frame.faces
    order = sorted(range(len(faces)), key=lambda i: (faces[i].box, -faces[i].confidence))
    boxes = np.array([faces[i].box for i in order], dtype=np.float64).reshape(-1, 4)
    confidence = np.array([faces[i].confidence for i in order], dtype=np.float64)
    kept = _distinct(boxes, confidence, rules)
    boxes, confidence = boxes[kept], confidence[kept]
    centres = place(((boxes[:, :2] + boxes[:, 2:]) / 2) @ np.array([1, 1j]))
    sizes = face_sizes(boxes)
    return FaceSet(
        time_s=frame.time_s,
        keys=np.array(order, dtype=np.int64)[kept],
        centres=np.stack([centres.real, centres.imag], axis=1),
        sizes=abs(place.factor) * sizes,
        sure=is_sure(confidence, sizes, rules),
    )


def face_sizes(boxes: Floats) -> Floats:
    """[N] roots of the areas of boxes [N, 4], pixels."""
    sizes: Floats = np.sqrt(np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 1.0), axis=1))
    return sizes


def is_sure(confidence: Floats, sizes: Floats, rules: TrackingRules) -> npt.NDArray[np.bool_]:
    """[N] whether the detector is sure of each face; of a large one it has to be surer."""
    least = np.where(sizes >= rules.large_face_px, rules.sure_confidence_large, rules.sure_confidence)
    sure: npt.NDArray[np.bool_] = confidence >= least
    return sure


def _distinct(boxes: Floats, confidence: Floats, rules: TrackingRules) -> Ints:
    """Indices of boxes left after the less sure one of each heavily overlapping pair is dropped."""
    if len(boxes) < 2:
        return np.arange(len(boxes), dtype=np.int64)
    area = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0), axis=1)
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    common = np.prod(np.maximum(high - low, 0.0), axis=2)
    union = np.maximum(area[:, None] + area[None, :] - common, 1e-9)
    smaller = np.maximum(np.minimum(area[:, None], area[None, :]), 1e-9)
    same = (common / union > rules.same_face_iou) | (common / smaller > rules.same_face_inside)
    kept: list[int] = []
    for i in np.argsort(-confidence, kind="stable"):
        if not same[i, kept].any():
            kept.append(int(i))
    return np.array(sorted(kept), dtype=np.int64)


def distance(centres_a: Floats, sizes_a: Floats, centres_b: Floats, sizes_b: Floats) -> Floats:
    """[A, B] centre distances in face sizes (geometric mean of the two)."""
    gap = np.hypot(centres_a[:, None, 0] - centres_b[None, :, 0], centres_a[:, None, 1] - centres_b[None, :, 1])
    scaled: Floats = gap / np.sqrt(sizes_a[:, None] * sizes_b[None, :])
    return scaled


def size_change(sizes_a: Floats, sizes_b: Floats) -> Floats:
    """[A, B] |log size ratio|."""
    change: Floats = np.abs(np.log(sizes_a[:, None]) - np.log(sizes_b[None, :]))
    return change
