"""How well a detector's boxes meet labelled faces: average precision, recall by kind of face, precision at a score.

A face is found at IoU >= .5, each by one box, best scores first (PASCAL VOC). Faces under ``MIN_HEIGHT_PX`` or marked
invalid are neither asked for nor counted as wrong; a box that meets nothing is wrong, however small.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classroom_fer.faces.boxes import iou

MIN_IOU = 0.5  # PASCAL VOC, WIDER FACE
MIN_HEIGHT_PX = 24
HEIGHTS = ((12, 16), (16, 20), (20, 24), (24, 32), (32, 48), (48, 80), (80, 10_000))

Boxes = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True)
class Labels:
    """The faces of one picture."""

    boxes: Boxes
    occlusion: np.ndarray[Any, Any]
    pose: np.ndarray[Any, Any]
    invalid: np.ndarray[Any, Any]

    @property
    def heights(self) -> np.ndarray[Any, Any]:
        return self.boxes[:, 3] - self.boxes[:, 1]


@dataclass(frozen=True)
class Found:
    """The faces that a detector found in one picture."""

    boxes: Boxes
    scores: np.ndarray[Any, Any]


@dataclass(frozen=True)
class Scored:
    """Every box of a set of pictures, best first, and whether it is right; every face with the score that met it."""

    scores: np.ndarray[Any, Any]
    is_right: np.ndarray[Any, Any]
    asked: int
    """Faces that are asked for."""
    faces: Labels
    met: np.ndarray[Any, Any]
    """Score of the box that found each face; 0 where none did."""

    @property
    def curve(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Recall and precision after each box."""
        right = np.cumsum(self.is_right)
        return right / max(self.asked, 1), right / np.arange(1, len(right) + 1)

    @property
    def average_precision(self) -> float:
        """Area under the curve whose precision is the best at that recall or a larger one."""
        recall, precision = self.curve
        best = np.maximum.accumulate(precision[::-1])[::-1]
        return float(np.sum(np.diff(recall, prepend=0.0) * best))

    def at_precision(self, wanted: float) -> tuple[float, float]:
        """Largest recall at which precision is still at least ``wanted``, and the score there; (0, 1) if never."""
        recall, precision = self.curve
        good = np.flatnonzero(precision >= wanted)
        return (float(recall[good[-1]]), float(self.scores[good[-1]])) if good.size else (0.0, 1.0)

    def at_score(self, score: float) -> tuple[float, float, int]:
        """Recall, precision and number of wrong boxes among those of at least ``score``."""
        kept = self.scores >= score
        right, boxes = int(self.is_right[kept].sum()), int(kept.sum())
        return right / max(self.asked, 1), right / max(boxes, 1), boxes - right

    def recall(self, chosen: np.ndarray[Any, Any], score: float) -> tuple[float, int]:
        """Recall at ``score`` of the faces ``chosen`` (a mask), and how many they are."""
        count = int(chosen.sum())
        return float((self.met[chosen] >= score).mean()) if count else float("nan"), count


def read_labels(folder: Path) -> dict[str, Labels]:
    """``faces.json`` of a set of pictures, by the picture's name."""
    table = json.loads((folder / "faces.json").read_text(encoding="utf-8"))

    def column(faces: Sequence[Mapping[str, Any]], key: str) -> np.ndarray[Any, Any]:
        return np.array([face[key] for face in faces], int)

    return {
        name: Labels(
            np.array([face["box"] for face in faces], np.float32).reshape(-1, 4),
            *(column(faces, key) for key in ("occlusion", "pose", "invalid")),
        )
        for name, faces in sorted(table.items())
    }


def score(labels: Sequence[Labels], found: Sequence[Found]) -> Scored:
    """Meets the boxes with the faces, picture by picture."""
    scores, right, met = [], [], []
    for truth, boxes in zip(labels, found, strict=True):
        of_boxes, of_faces = _meet(truth, boxes)
        counted = of_boxes >= 0
        scores.append(boxes.scores[counted])
        right.append(of_boxes[counted] == 1)
        met.append(of_faces)
    flat, is_right = np.concatenate(scores), np.concatenate(right)
    order = np.argsort(-flat, kind="stable")
    faces = Labels(
        *(np.concatenate([getattr(t, n) for t in labels]) for n in ("boxes", "occlusion", "pose", "invalid"))
    )
    return Scored(flat[order], is_right[order], int(is_asked(faces).sum()), faces, np.concatenate(met))


def is_asked(faces: Labels) -> np.ndarray[Any, Any]:
    return np.asarray((faces.heights >= MIN_HEIGHT_PX) & (faces.invalid == 0))


def _meet(truth: Labels, found: Found) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """For each box 1 (right), 0 (wrong) or -1 (not counted); for each face the score that found it, or 0."""
    verdicts, met = np.zeros(len(found.scores), int), np.zeros(len(truth.boxes))
    overlaps, asked = iou(found.boxes, truth.boxes), is_asked(truth)
    free = np.ones(len(truth.boxes), bool)
    for box in np.argsort(-found.scores, kind="stable"):
        near = np.where(free, overlaps[box], 0) if len(free) else np.zeros(0)
        # a face that is asked for comes before one that is not, as COCO does it
        for group in (asked, ~asked):
            candidates = np.where(group, near, 0)
            if candidates.size and candidates.max() >= MIN_IOU:
                face = int(candidates.argmax())
                free[face] = False
                met[face] = found.scores[box]
                verdicts[box] = 1 if asked[face] else -1
                break
    return verdicts, met


def groups() -> dict[str, Callable[[Labels], np.ndarray[Any, Any]]]:
    """Kinds of faces that recall is told of, by name."""
    kinds: dict[str, Callable[[Labels], np.ndarray[Any, Any]]] = {}
    for low, high in HEIGHTS:
        name = f"{low}-{high} px" if high < 10_000 else f"{low}+ px"
        kinds[name] = lambda f, low=low, high=high: (f.heights >= low) & (f.heights < high) & (f.invalid == 0)
    for level, name in enumerate(("not occluded", "partly occluded", "heavily occluded")):
        kinds[name] = lambda f, level=level: is_asked(f) & (f.occlusion == level)
    for level, name in enumerate(("typical pose", "unusual pose")):
        kinds[name] = lambda f, level=level: is_asked(f) & (f.pose == level)
    return kinds
