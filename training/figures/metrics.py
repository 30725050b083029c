"""Figures of a classifier, pure: counts in, numbers out. Classes are indices 0..C-1, figures are shares."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import binom, norm
from sklearn.metrics import roc_auc_score

Counts = npt.NDArray[np.int64]
"""[C, C]: row = label, column = answer."""
Labels = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]
LEVEL = 0.95
RESAMPLES = 2000
"""Of a bootstrap interval (choice: its ends then move by less than .001 between seeds)."""
MOST_TAGGERS = 10
"""FER+ asked ten people about each face (Barsoum et al. 2016)."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class against the rest; None where its denominator is 0."""

    faces: int
    precision: float | None
    recall: float | None
    recall_interval: Interval | None
    """Wilson."""
    f1: float | None


def confusion(answers: Labels, labels: Labels, classes: int) -> Counts:
    """[label, answer] counts."""
    cells = np.bincount(labels * classes + answers, minlength=classes * classes)
    return cells.reshape(classes, classes).astype(np.int64)


def accuracy(counts: npt.NDArray[Any]) -> Any:
    """Share of right answers; ``counts`` may be a stack [..., C, C]."""
    return np.trace(counts, axis1=-2, axis2=-1) / counts.sum(axis=(-2, -1))


def balanced_accuracy(counts: npt.NDArray[Any]) -> Any:
    """Mean recall of the classes that have faces (macro recall).

    >>> float(balanced_accuracy(np.array([[8, 0], [1, 1]])))
    0.75
    """
    return _mean_present(np.diagonal(counts, axis1=-2, axis2=-1) / np.maximum(counts.sum(axis=-1), 1), counts)


def macro_f1(counts: npt.NDArray[Any]) -> Any:
    """Mean F1 of the classes that have faces."""
    right = np.diagonal(counts, axis1=-2, axis2=-1)
    return _mean_present(2 * right / np.maximum(counts.sum(axis=-1) + counts.sum(axis=-2), 1), counts)


def _mean_present(values: npt.NDArray[Any], counts: npt.NDArray[Any]) -> Any:
    present = counts.sum(axis=-1) > 0
    return (values * present).sum(axis=-1) / np.maximum(present.sum(axis=-1), 1)


def by_class(counts: Counts) -> list[ClassFigures]:
    """Precision, recall and F1 of each class."""
    table = []
    for k in range(len(counts)):
        right, faces, answered = int(counts[k, k]), int(counts[k].sum()), int(counts[:, k].sum())
        table.append(
            ClassFigures(
                faces=faces,
                precision=right / answered if answered else None,
                recall=right / faces if faces else None,
                recall_interval=wilson(right, faces) if faces else None,
                f1=2 * right / (faces + answered) if faces else None,
            )
        )
    return table


def wilson(right: int, total: int, level: float = LEVEL) -> Interval:
    """Wilson's score interval of a share (Wilson 1927).

    >>> interval = wilson(8, 10)
    >>> round(interval.low, 3), round(interval.high, 3)
    (0.49, 0.943)
    """
    z = float(norm.ppf(0.5 + level / 2))
    share, extra = right / total, z * z / total
    middle = (share + extra / 2) / (1 + extra)
    half = z / (1 + extra) * math.sqrt(share * (1 - share) / total + extra / (4 * total))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def bootstrap(counts: Counts, figure: Callable[[npt.NDArray[Any]], Any], *, seed: int = 0) -> Interval:
    """Percentile interval of ``figure(counts)`` over resampled faces.

    Drawing N faces with replacement is drawing the cells of the table, so no face has to be touched.
    """
    total, size = int(counts.sum()), len(counts)
    drawn = np.random.default_rng(seed).multinomial(total, counts.ravel() / total, RESAMPLES)
    low, high = np.quantile(figure(drawn.reshape(-1, size, size)), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(float(low), float(high))


def roc_auc(probabilities: Matrix, labels: Labels) -> list[float | None]:
    """Area under the ROC curve of each class against the rest; None where a class has no faces or all of them."""
    areas: list[float | None] = []
    for k in range(probabilities.shape[1]):
        mine = labels == k
        areas.append(float(roc_auc_score(mine, probabilities[:, k])) if 0 < mine.sum() < len(mine) else None)
    return areas


def votes_divergence(probabilities: Matrix, votes: npt.NDArray[np.floating[Any]]) -> float:
    """Mean over faces of KL(votes || probabilities) in nats; 0 = the spread of the votes, exactly."""
    shares = votes.astype(np.float64)
    logs = np.log(np.where(shares > 0, shares, 1.0)) - np.log(np.maximum(probabilities, 1e-12))
    return float((shares * logs).sum(axis=1).mean())


def one_tagger(votes: npt.NDArray[np.floating[Any]]) -> float | None:
    """How often one tagger's vote is the plurality of the others' votes for the same face: the human ceiling.

    ``votes`` [N, C] are shares of up to ten votes. A share tells its count up to a common factor; the largest whole
    counts of at most ten votes are taken, and equal shares of a tie count as a part of a hit. Faces with a single
    voter have nobody to agree with and are left out; None if all are such.

    >>> one_tagger(np.array([[1.0, 0.0], [0.9, 0.1]]))
    0.95
    """
    counts = vote_counts(votes)
    counts = counts[counts.sum(axis=1) >= 2]
    if not len(counts):
        return None
    hits = np.zeros(len(counts))
    for k in range(counts.shape[1]):
        rest = counts.copy()
        rest[:, k] = np.maximum(rest[:, k] - 1, 0)
        top = rest == rest.max(axis=1, keepdims=True)
        hits += counts[:, k] * (top[:, k] / top.sum(axis=1))
    return float((hits / counts.sum(axis=1)).mean())


def vote_counts(votes: npt.NDArray[np.floating[Any]]) -> Counts:
    """Whole counts [N, C] behind shares [N, C]: of at most ten votes, as many as fit.

    >>> vote_counts(np.array([[0.5, 0.5], [2 / 3, 1 / 3]])).tolist()
    [[5, 5], [6, 3]]
    """
    shares = votes.astype(np.float64)
    counts = np.rint(shares * MOST_TAGGERS)
    found = np.zeros(len(shares), bool)
    for taggers in range(MOST_TAGGERS, 0, -1):
        whole = np.abs(shares * taggers - np.rint(shares * taggers)).max(axis=1) < 1e-3
        counts[whole & ~found] = np.rint(shares[whole & ~found] * taggers)
        found |= whole
    return counts.astype(np.int64)


def mcnemar(only_first: int, only_second: int) -> float:
    """Exact two-sided p of McNemar's test: faces that one classifier alone gets right are a fair coin (1947).

    >>> round(mcnemar(1, 8), 4), mcnemar(0, 0)
    (0.0391, 1.0)
    """
    total = only_first + only_second
    return min(1.0, 2 * float(binom.cdf(min(only_first, only_second), total, 0.5))) if total else 1.0


def paired_difference(only_first: int, only_second: int, total: int) -> tuple[float, Interval]:
    """Accuracy of the first minus the second on the same faces, with Bonett and Price's adjusted Wald interval (2012).

    >>> difference, interval = paired_difference(30, 10, 200)
    >>> difference, round(interval.low, 3), round(interval.high, 3)
    (0.1, 0.038, 0.16)
    """
    z = float(norm.ppf(0.5 + LEVEL / 2))
    p, q = (only_first + 1) / (total + 2), (only_second + 1) / (total + 2)
    half = z * math.sqrt((p + q - (p - q) ** 2) / (total + 2))
    return (only_first - only_second) / total, Interval(max(-1.0, p - q - half), min(1.0, p - q + half))
