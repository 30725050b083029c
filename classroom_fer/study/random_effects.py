"""Values of several lessons: a mixed model with the lesson as random effect, or the mean of lessons' means.

The model is statsmodels' (REML). Its own intervals are normal ones; here the quantile is Student's with lessons - 1
degrees of freedom (docs/across-lessons.md has how often the intervals hold the truth).
statsmodels takes seconds to load, so this module loads it when it is first needed.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.records import Estimate
from classroom_fer.measurement.statistics import t_quantile

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MODEL_FROM = 5
"""Lessons that a variance between lessons needs; from fewer it is hardly known (choice; Gelman & Hill 2007, 11.5)."""
NOTHING = 1e-3
"""A variance between lessons smaller than this part of that within is none: the fit is singular (choice)."""


SMALL = 0.02
"""A variance between lessons smaller than this part of that within is looked at again (choice): statsmodels fits its
root, along which the slope vanishes at 0, so that a method that follows slopes may stop short of 0."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted mixed model."""

    coefficients: Floats
    errors: Floats
    """Standard errors of the coefficients."""
    lesson_sd: float
    residual_sd: float


Unfit = Literal["few_lessons", "singular", "not_separable"]


def fit_lessons(values: Floats, design: Floats, lesson: Ints) -> Fit | Unfit:
    """``values`` [N] = ``design`` [N, K] x coefficients + an own level of each ``lesson`` [N] + noise.

    Returns:
        few_lessons: under MODEL_FROM lessons; not_separable: columns of ``design`` depend on each other, or no lesson
        has two values; singular: lessons differ by no more than values within a lesson do, or no maximum was found.
    """
    count = len(np.unique(lesson))
    if count < MODEL_FROM:
        return "few_lessons"
    if np.linalg.matrix_rank(design) < design.shape[1] or len(values) <= count or len(values) <= design.shape[1]:
        return "not_separable"
    found = _fitted(values, design, lesson)
    if found is None:
        return "singular"
    with np.errstate(invalid="ignore"):  # a negative variance of a fit without a maximum becomes NaN
        errors = np.asarray(found.bse_fe)
    if not np.isfinite(errors).all():
        return "singular"
    between, within = _between(found), float(found.scale)
    if between <= NOTHING * within:
        return "singular"
    return Fit(np.asarray(found.fe_params), errors, math.sqrt(between), math.sqrt(within))


def _fitted(values: Floats, design: Floats, lesson: Ints) -> Any:
    """statsmodels' result; None where it found no maximum."""
    from statsmodels.regression.mixed_linear_model import MixedLM  # takes seconds: other commands do not wait for it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of (boundary, no convergence) is asked for below
        model = MixedLM(values, design, groups=lesson)
        try:
            found = model.fit(reml=True)
            if _between(found) < SMALL * found.scale:
                found = model.fit(reml=True, method="powell")  # needs no slope, takes four times as long
        except (np.linalg.LinAlgError, ValueError):
            return None
    return found if found.converged else None


def _between(found: Any) -> float:
    """The variance between lessons of a fit of statsmodels."""
    return float(np.asarray(found.cov_re)[0, 0])


def around_lessons(value: float, error: float, lessons: int) -> Estimate:
    """``value`` with its 95 % interval by t with ``lessons`` - 1 degrees of freedom; ``lessons`` >= 2."""
    half = t_quantile(lessons) * error
    return Estimate(value, value - half, value + half)


def mean_of_lessons(values: Floats, lesson: Ints) -> Estimate:
    """The mean of the lessons' means with its interval; at least two lessons.

    >>> mean_of_lessons(np.array([60.0, 62.0, 70.0]), np.array([1, 1, 2])).value
    65.5
    """
    means = np.array([values[lesson == number].mean() for number in np.unique(lesson)])
    return around_lessons(float(means.mean()), float(means.std(ddof=1)) / math.sqrt(len(means)), len(means))
