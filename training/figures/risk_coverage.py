"""Knowing when not to know: how right the surest answers are, and which kind of sureness sorts them best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.figures.calibration import Labels, Matrix

Scores = npt.NDArray[np.float64]
Right = npt.NDArray[np.bool_]
SHARES = tuple(k / 10 for k in range(1, 11))
"""Where a curve is printed."""
FINE_SHARES = tuple(k / 20 for k in range(1, 21))
"""Where one is kept, to be drawn."""


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """Accuracy among the surest answers, by the share that is answered."""

    accuracy: tuple[float, ...]
    """At each of the shares that were asked for."""
    area: float
    """Mean of 1 - accuracy over all shares (AURC; Geifman and El-Yaniv 2017, arXiv 1705.08500): 0 is best."""


def risk_coverage(score: Scores, right: Right, shares: Sequence[float] = SHARES) -> RiskCoverage:
    """Of answers with these scores [N] (larger = surer), right or not [N]; equal scores keep their order.

    >>> risk_coverage(np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, True, False, True])).accuracy[-1]
    0.75
    """
    kept = np.cumsum(right[np.argsort(-score, kind="stable")]) / np.arange(1, len(right) + 1)
    counts = [max(1, round(share * len(right))) for share in shares]
    return RiskCoverage(tuple(float(kept[count - 1]) for count in counts), float(1 - kept.mean()))


def margins(probabilities: Matrix) -> Scores:
    """[N]: the largest of [N, C] minus the second.

    >>> margins(np.array([[0.5, 0.3, 0.2]])).round(2).tolist()
    [0.2]
    """
    ordered = np.sort(probabilities, axis=1)
    return np.asarray(ordered[:, -1] - ordered[:, -2])


def energies(logits: Matrix, temperature: float) -> Scores:
    """[N]: T log sum exp(logits / T), large where some class is strongly seen (Liu et al. 2020, arXiv 2010.03759)."""
    scaled = np.asarray(logits, np.float64) / temperature
    top = scaled.max(axis=1)
    return np.asarray(temperature * (top + np.log(np.exp(scaled - top[:, None]).sum(axis=1))))


def threshold_of_answer(score: Scores, right: Right, accuracy: float) -> float | None:
    """The lowest score from which ``accuracy`` of the answers are right; None where none keeps it.

    >>> threshold_of_answer(np.array([0.9, 0.8, 0.4]), np.array([True, True, False]), 0.9)
    0.8
    """
    order = np.argsort(-score, kind="stable")
    kept = np.cumsum(right[order]) / np.arange(1, len(right) + 1)
    last = np.append(score[order][:-1] > score[order][1:], True)  # no threshold parts equal scores
    found = np.flatnonzero((kept >= accuracy) & last)
    return float(score[order][found[-1]]) if len(found) else None


def thresholds_by_group(probabilities: Matrix, truth: Labels, accuracy: float) -> list[float | None]:
    """[C]: for each column of [N, C] the threshold at which ``accuracy`` of the answers that name it are right."""
    answer, score = probabilities.argmax(axis=1), probabilities.max(axis=1)
    return [
        threshold_of_answer(score[answer == k], truth[answer == k] == k, accuracy)
        for k in range(probabilities.shape[1])
    ]
