"""Small statistics across tracks: t-interval, paired p, Holm, and the class size N95.

Pupils are not tracks: one pupil may break into several. So every standard error uses
``n = min(tracks, N95)`` (docs/measurement.md, section 4).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from classroom_fer.lesson.records import Estimate
from classroom_fer.measurement.engagement import Floats

ESTIMATE_LEVEL = 0.95
"""Level of every records.Estimate (docs/measurement.md, section 4)."""


def t_quantile(n: int, level: float = ESTIMATE_LEVEL) -> float:
    """Two-sided t factor with n - 1 degrees of freedom; ``n`` >= 2."""
    return float(stdtrit(n - 1, 0.5 + level / 2))


def estimate(values: Floats, n: int, scale: tuple[float, float]) -> Estimate:
    """Mean of ``values`` with mean +/- t(.975, n-1) * sd / sqrt(n), clipped to ``scale``.

    Args: one finite value per track; ``n`` >= 2 as of the rule above. It covers .93-.95 where a
    percentile bootstrap covers .88-.92 (docs/measurement.md, section 4).
    """
    return around(float(values.mean()), standard_error(values, n), n, scale)


def standard_error(values: Floats, n: int) -> float:
    """sd / sqrt(n) with the sd over all ``values`` (ddof 1) and ``n`` the pupils that they may stand for."""
    return float(values.std(ddof=1)) / math.sqrt(n)


def around(value: float, error: float, n: int, scale: tuple[float, float]) -> Estimate:
    """``value`` with its t-interval of n - 1 degrees of freedom, all three clipped to ``scale``."""
    half = t_quantile(n) * error
    low, middle, high = (min(max(x, scale[0]), scale[1]) for x in (value - half, value, value + half))
    return Estimate(value=middle, low=low, high=high)


def p_two_sided(mean: float, error: float, n: int) -> float:
    """p of a mean of 0 by t with n - 1 degrees of freedom; without any spread 1 if the mean is 0, else 0."""
    if error == 0.0:
        return 1.0 if mean == 0.0 else 0.0
    return float(2.0 * stdtr(n - 1, -abs(mean) / error))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjusted p-values, in the order given (Holm 1979, Scand. J. Statist. 6:65).

    >>> [round(p, 3) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: (p_values[i], i))):
        highest = max(highest, min(1.0, p_values[index] * (len(p_values) - rank)))
        adjusted[index] = highest
    return adjusted


def simultaneous_p95(faces_per_frame: npt.NDArray[np.int64]) -> int:
    """N95: how many faces 95 % of the sampled frames do not exceed; 0 without frames.

    Choice: numpy's "higher", so that it is a number of faces that really were visible at once.
    """
    return int(np.percentile(faces_per_frame, 95, method="higher")) if faces_per_frame.size else 0
