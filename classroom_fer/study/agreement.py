"""How far two observers agree, and how far a value agrees with what they saw. Weighted by 1 / inclusion probability.

Kappa, AUC and recall are scikit-learn's. The intraclass correlation is a few lines of sums of squares (Shrout & Fleiss
1979, Psychol. Bull. 86:420), because the library that has it, pingouin, is under the GPL; the weighted rank correlation
is Pearson's of weighted mid-ranks. Tests hold each to published examples. NaN where a statistic is not defined.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from sklearn.metrics import cohen_kappa_score, recall_score, roc_auc_score

from classroom_fer.measurement.engagement import Floats

Codes = npt.NDArray[np.int64]
"""Number of each code among its question's answers."""


def kappa(one: Codes, other: Codes, weights: Floats, *, ordered: bool = False) -> float:
    """Cohen's kappa (1960) of two observers; with ``ordered`` codes linearly weighted (1968).

    >>> kappa(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), np.ones(4))
    0.5
    """
    if len(one) == 0 or len(np.union1d(one, other)) < 2:
        return float("nan")
    return float(cohen_kappa_score(one, other, weights="linear" if ordered else None, sample_weight=weights))


def auc(value: Floats, share: Floats, weights: Floats) -> float:
    """How often a clip that was seen on task has a higher ``value`` than one that was not; 1/2 says nothing.

    Args: ``share`` of the observers who said so, 0-1; a clip on which two disagree counts half on either side.

    >>> auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0.0, 0.0, 1.0, 1.0]), np.ones(4))
    0.75
    """
    yes, no = weights * share, weights * (1 - share)
    if not yes.sum() > 0 or not no.sum() > 0:
        return float("nan")
    both = np.concatenate([yes, no])
    said = np.repeat([1, 0], len(value))
    kept = both > 0
    return float(roc_auc_score(said[kept], np.tile(value, 2)[kept], sample_weight=both[kept]))


def rank_correlation(one: Floats, other: Floats, weights: Floats) -> float:
    """Spearman's correlation, weighted: Pearson's of mid-ranks in which a clip fills as much room as it weighs.

    >>> rank_correlation(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0]), np.ones(3))
    0.5
    """
    if len(one) < 3:
        return float("nan")
    covariance = np.cov(_mid_ranks(one, weights), _mid_ranks(other, weights), aweights=weights, ddof=0)
    spread = covariance[0, 0] * covariance[1, 1]
    return float(np.round(covariance[0, 1] / np.sqrt(spread), 12)) if spread > 1e-12 else float("nan")


def _mid_ranks(values: Floats, weights: Floats) -> Floats:
    _, place = np.unique(values, return_inverse=True)
    total = np.bincount(place, weights=weights)
    return np.asarray((np.cumsum(total) - total / 2)[place])


def mean_recall(seen: Codes, said: Codes, weights: Floats) -> float:
    """Unweighted average recall: the share of each code that was said rightly, averaged over the codes seen."""
    labels = np.unique(seen)
    if len(labels) < 2:
        return float("nan")
    return float(recall_score(seen, said, labels=labels, average="macro", sample_weight=weights, zero_division=0.0))


def intraclass(ratings: Floats) -> float:
    """ICC(2,1) of Shrout & Fleiss (1979): any two observers, single ratings, absolute agreement.

    Args: ``ratings`` [targets, observers], none missing.
    """
    n, k = ratings.shape
    if n < 2 or k < 2:
        return float("nan")
    grand = ratings.mean()
    rows = k * ((ratings.mean(axis=1) - grand) ** 2).sum() / (n - 1)
    columns = n * ((ratings.mean(axis=0) - grand) ** 2).sum() / (k - 1)
    total = ((ratings - grand) ** 2).sum()
    rest = (total - rows * (n - 1) - columns * (k - 1)) / ((n - 1) * (k - 1))
    whole = rows + (k - 1) * rest + k * (columns - rest) / n
    return float((rows - rest) / whole) if whole > 1e-12 else float("nan")
