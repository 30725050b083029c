"""What a classifier gets wrong although it is sure, and which part of the picture spoke for its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import Image
from training.data.splits import Split
from training.evaluation.answers import answer_for, answer_logits, open_subject
from training.evaluation.evaluate import Request
from training.figures.calibration import Matrix, softmax
from training.zoo.activation import activation_maps

COUNT = 24
"""A grid that fits a screen (choice)."""
PNG_PX = 96
"""Side of a printed face: twice 48, so that pixels stay pixels."""
HEAT = 0.45
"""Share of the colours where a map is laid over a face (choice)."""


@dataclass(frozen=True, slots=True, eq=False)
class Mistake:
    """One face whose label is not the answer."""

    number: int
    """Position in its split, from 0."""
    label: str
    answer: str
    probability: float
    """Of the answer, as the head says it (temperature 1)."""
    label_probability: float
    votes: str
    """What people voted, e.g. "neutral .6, sadness .4"."""
    picture: bytes
    """PNG, to be shown from the user's own data and never kept in the project."""


def surest_mistakes(request: Request, *, activation: bool = False) -> list[Mistake]:
    """The `COUNT` wrong answers with the highest probability, the surest first, one view each.

    Args: ``activation`` lays the class-activation map of the answer over each face.

    Raises:
        DataError, ConfigError, ModelError: see the readers; ConfigError too if the net has no such map.
    """
    question = request.question
    faces, subject = question.faces(), open_subject(request.model)
    answer = answer_for(question.protocol, faces.classes, subject)
    p = softmax(answer_logits(subject, answer, faces.images))
    rows = mistaken_rows(p, faces.labels)
    heat = None
    if activation:
        if subject.net is None:
            raise ConfigError(f"{subject.name}: several nets have no common map", hint="name one of its members")
        columns = np.array(answer.columns)[p[rows].argmax(axis=1)]
        heat = activation_maps(subject.net, answer.head, faces.images[rows], columns)
    return [_mistake(faces, p, int(row), None if heat is None else heat[k]) for k, row in enumerate(rows)]


def mistaken_rows(probabilities: Matrix, labels: npt.NDArray[np.int64], count: int = COUNT) -> npt.NDArray[np.int64]:
    """Rows of the wrong answers, the surest first, at most ``count``.

    >>> mistaken_rows(np.array([[0.9, 0.1], [0.3, 0.7], [0.2, 0.8]]), np.array([1, 0, 1])).tolist()
    [0, 1]
    """
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    return wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:count]


def _mistake(faces: Split, p: Matrix, row: int, heat: Matrix | None) -> Mistake:
    answer, label = int(p[row].argmax()), int(faces.labels[row])
    return Mistake(
        number=row,
        label=faces.classes[label],
        answer=faces.classes[answer],
        probability=float(p[row, answer]),
        label_probability=float(p[row, label]),
        votes=in_votes(faces.votes[row], faces.classes),
        picture=png(faces.images[row], heat),
    )


def in_votes(votes: npt.NDArray[Any], classes: tuple[str, ...]) -> str:
    """The shares of the votes, largest first.

    >>> in_votes(np.array([0.4, 0.0, 0.6]), ("neutral", "fear", "sadness"))
    'sadness .6, neutral .4'
    """
    order = [k for k in np.argsort(-votes, kind="stable") if votes[k] > 0]
    return ", ".join(f"{classes[k]} {votes[k]:.1f}".replace(" 0.", " .") for k in order)


def png(face: Image, heat: Matrix | None = None) -> bytes:
    """A grey face [S, S] as PNG; where ``heat`` [S, S] (0-1) is given, in colours from dark (0) to bright (1)."""
    large = cv2.resize(face, (PNG_PX, PNG_PX), interpolation=cv2.INTER_NEAREST)
    if heat is not None:
        scaled = cv2.resize((255 * heat).astype(np.uint8), (PNG_PX, PNG_PX), interpolation=cv2.INTER_LINEAR)
        colours = cv2.applyColorMap(scaled, cv2.COLORMAP_INFERNO)
        large = cv2.addWeighted(cv2.cvtColor(large, cv2.COLOR_GRAY2BGR), 1 - HEAT, colours, HEAT, 0)
    _, packed = cv2.imencode(".png", large)
    return packed.tobytes()
