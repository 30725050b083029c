"""The four groups that reports show, from the probabilities of one head or of both; how often they are right.

Two truths: what ten people saw (the plurality of FER+'s votes) and what the picture was found by (FER2013's label).
Where both name the same group a face is called clear.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from training.figures.calibration import Labels, Matrix

GROUPS = ("neutral", "smiling", "surprised", "other")
GROUP_OF: Mapping[str, str] = MappingProxyType(
    {"neutral": "neutral", "happiness": "smiling", "happy": "smiling", "surprise": "surprised"}
)
"""By class, of FER+ or of FER2013; the rest is "other"."""
SURE = 0.9
"""A wrong answer above this is a confident one (choice)."""


def group_matrix(classes: Sequence[str]) -> Matrix:
    """[C, 4]: 1 where a class belongs to a group.

    >>> group_matrix(("happy", "fear"))
    array([[0., 1., 0., 0.],
           [0., 0., 0., 1.]])
    """
    columns = [GROUPS.index(GROUP_OF.get(name, "other")) for name in classes]
    matrix: Matrix = np.eye(len(GROUPS))[columns]
    return matrix


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """How the most probable group fares."""

    accuracy: float
    confident_wrong: float | None
    """Share of the wrong answers above `SURE`; None where none is wrong."""
    neutral_called_smiling: float | None
    """Of the neutral faces; None where there are none."""
    neutral_called_other: float | None
    other_called_neutral: float | None


def group_figures(probabilities: Matrix, truth: Labels) -> GroupFigures:
    """Of [N, 4] and the right groups [N].

    >>> group_figures(np.array([[0.05, 0.95, 0, 0], [0.6, 0.4, 0, 0]]), np.array([0, 0]))
    GroupFigures(accuracy=0.5, confident_wrong=1.0, neutral_called_smiling=0.5, neutral_called_other=0.0, \
other_called_neutral=None)
    """
    answer, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = answer != truth
    neutral, smiling, other = (GROUPS.index(name) for name in ("neutral", "smiling", "other"))
    return GroupFigures(
        accuracy=float((~wrong).mean()),
        confident_wrong=_share(confidence[wrong] > SURE),
        neutral_called_smiling=_share(answer[truth == neutral] == smiling),
        neutral_called_other=_share(answer[truth == neutral] == other),
        other_called_neutral=_share(answer[truth == other] == neutral),
    )


def _share(happened: npt.NDArray[np.bool_]) -> float | None:
    return float(happened.mean()) if len(happened) else None


@dataclass(frozen=True, slots=True)
class Answered:
    """A rule "answer from this probability on" and what it gives."""

    threshold: float
    share: float
    """Of the faces that are answered."""
    accuracy: float
    """Among them."""


def answered_at(probabilities: Matrix, truth: Labels, accuracy: float) -> Answered | None:
    """The lowest threshold on the largest probability that keeps ``accuracy`` among the answered; None = none does.

    >>> answered_at(np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6]]), np.array([0, 0, 0]), 0.9)
    Answered(threshold=0.8, share=0.6666666666666666, accuracy=1.0)
    """
    confidence = probabilities.max(axis=1)
    order = np.argsort(-confidence, kind="stable")
    right = (probabilities.argmax(axis=1) == truth)[order]
    kept = np.cumsum(right) / np.arange(1, len(right) + 1)
    last = np.append(confidence[order][:-1] > confidence[order][1:], True)  # no threshold parts equal probabilities
    found = np.flatnonzero((kept >= accuracy) & last)
    if not len(found):
        return None
    count = int(found[-1])
    return Answered(float(confidence[order[count]]), (count + 1) / len(right), float(kept[count]))
