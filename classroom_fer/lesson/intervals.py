"""Sampling intervals: film time cut into [k/fps, (k+1)/fps) with whole k.

The grid starts at media time 0, so that the same intervals come out wherever reading begins. A stretch owns the
intervals that begin inside it. Times here are exact; rounded ones are numbered by ``Span.interval_numbers``.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.float64]
"""Presentation times from media start, seconds, ascending [N]."""
Positions = npt.NDArray[np.int64]
"""Source frame numbers in presentation order."""

CLOCK_S = 1e-6
"""Times closer than this are the same instant: libav keeps container times in microseconds (AV_TIME_BASE)."""


def interval_of(times_s: Times, fps: float) -> Positions:
    """The interval number of each time.

    >>> interval_of(np.array([0.0, 0.99, 1.0 - 1e-9, 2.5]), 1.0).tolist()
    [0, 0, 1, 2]
    """
    return np.floor((times_s + CLOCK_S) * fps).astype(np.int64)


def interval_number(time_s: float, fps: float) -> int:
    """The interval number of one time."""
    return math.floor((time_s + CLOCK_S) * fps)


def first_interval(start_s: float, fps: float) -> float:
    """Number of the first interval that begins at ``start_s`` or later (a float, so that infinity may be given).

    >>> first_interval(120.0, 1.0), first_interval(0.5, 1.0)
    (120.0, 1.0)
    """
    return float(np.ceil((start_s - CLOCK_S) * fps))
