"""Settings of the seat tracker, the numbers it sees of a frame, and the distance between faces.

All lengths are in face sizes (a face's size is the root of its box's area), so one set of gates fits the front and
the back row. A number without a source is a choice, checked by ``benchmarks/tracking.py`` and the tests.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.records import FrameSample

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """What the tracker takes for granted."""

    sure_confidence: float = 0.90
    """Only a detection this sure may start a track; measurement.md asks the same of an expression."""
    gate_per_s: float = 1.5
    """Furthest move in face sizes a second (performance.md)."""
    gate_floor: float = 0.35
    """Choice: detector jitter that is allowed however short the step between two samples."""
    gate_ceiling: float = 1.5
    """Choice: however long the step, a face is not looked for further off; the next seat begins there."""
    seat_gate: float = 0.9
    """Choice: how far from its seat's centroid a face still belongs to the seat."""
    size_gate: float = 0.7
    """Choice: |log size ratio| = a face twice as large or half as large is another face."""
    unmatched_cost: float = 1.6
    """Choice: the price of leaving a face or track alone; no pair may cost more."""
    active_s: float = 3.0
    """Choice: a track unseen for longer than this, and than ``active_steps``, has no place but its seat."""
    active_steps: float = 3.5
    """Choice: sampling steps; a half, so that jitter of times cannot decide."""
    resting_cost: float = 0.3
    """Choice: added for a track that is not active, so that a track in view goes first."""
    young_memory_s: float = 10.0
    """Choice: how long a track with less than ``min_samples`` is remembered."""
    seat_memory_s: float = 600.0
    """Choice: how long a free seat is kept ("minutes" in performance.md); the offline pass has no such limit."""
    seat_time_s: float = 60.0
    """Choice: time constant of the slow seat centroid."""
    seated_spread: float = 0.75
    """Choice: a track whose mean distance from its own centroid is larger walks and owns no seat."""
    join_gate: float = 0.9
    """Choice: furthest centroids of two tracklets of one seat."""
    min_samples: int = 3
    """Choice: a shorter track is taken for false detections; its faces stay without a track."""
    min_sure_share: float = 0.4
    """Choice: a track with less is left out. Torsos found again and again were sure in .05-.53 of their samples, a real
    face of 12 px in .58: this catches most of them, not all."""
    same_face_iou: float = 0.5
    """Choice: boxes of one frame that overlap more are one face; the surer one is kept."""
    same_face_inside: float = 0.7
    """Share of the smaller box inside the larger one at which they are one face (MTCNN's own last step uses .7)."""


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


def face_set(frame: FrameSample, settings: TrackerSettings) -> FaceSet:
    """The frame's distinct faces, in an order that depends on the boxes alone."""
    faces = frame.faces
    order = sorted(range(len(faces)), key=lambda i: (faces[i].box, -faces[i].confidence))
    boxes = np.array([faces[i].box for i in order], dtype=np.float64).reshape(-1, 4)
    confidence = np.array([faces[i].confidence for i in order], dtype=np.float64)
    kept = _distinct(boxes, confidence, settings)
    boxes, confidence = boxes[kept], confidence[kept]
    return FaceSet(
        time_s=frame.time_s,
        keys=np.array(order, dtype=np.int64)[kept],
        centres=(boxes[:, :2] + boxes[:, 2:]) / 2,
        sizes=np.sqrt(np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 1.0), axis=1)),
        sure=confidence >= settings.sure_confidence,
    )


def _distinct(boxes: Floats, confidence: Floats, settings: TrackerSettings) -> Ints:
    """Indices of boxes left after the less sure one of each heavily overlapping pair is dropped."""
    if len(boxes) < 2:
        return np.arange(len(boxes), dtype=np.int64)
    area = np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 0.0), axis=1)
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    common = np.prod(np.maximum(high - low, 0.0), axis=2)
    union = np.maximum(area[:, None] + area[None, :] - common, 1e-9)
    smaller = np.maximum(np.minimum(area[:, None], area[None, :]), 1e-9)
    same = (common / union > settings.same_face_iou) | (common / smaller > settings.same_face_inside)
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
