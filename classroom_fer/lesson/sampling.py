"""Which source frames a sampling rate asks for. Pure arithmetic on presentation times.

Time is cut into intervals [k/fps, (k+1)/fps) with whole k, on a grid that starts at media time 0, so that the same
intervals come out wherever reading begins. A stretch owns the intervals that begin inside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

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


def first_interval(start_s: float, fps: float) -> float:
    """Number of the first interval that begins at ``start_s`` or later (a float, so that infinity may be given).

    >>> first_interval(120.0, 1.0), first_interval(0.5, 1.0)
    (120.0, 1.0)
    """
    return float(np.ceil((start_s - CLOCK_S) * fps))


def frames_between(times_s: Times, start_s: float, end_s: float) -> tuple[int, int]:
    """First and one-past-last position of the frames shown in [start_s, end_s).

    >>> frames_between(np.array([0.0, 0.5, 1.0, 1.5]), 0.5, 1.5)
    (1, 3)
    """
    first, last = np.searchsorted(times_s, [start_s - CLOCK_S, end_s - CLOCK_S])
    return int(first), max(int(first), int(last))


@dataclass(frozen=True, slots=True, eq=False)
class SamplingPlan:
    """What to decode for one stretch of film."""

    first: int
    """Source frames [first, last) are shown in the stretch."""
    last: int
    wanted: Positions
    """First source frame of each interval that the stretch owns and that has one."""
    reach: int
    """Last source frame of the stretch or of its last interval; below ``first`` if there is none."""
    intervals: tuple[float, float]
    """Interval numbers [from, to) that the stretch owns."""
    fps: float

    @property
    def settled(self) -> int:
        """Last source frame to decode if all goes well; below ``first`` if there is nothing to do."""
        return max(self.last - 1, int(self.wanted[-1]) if self.wanted.size else -1)

    def interval(self, time_s: float) -> int | None:
        """Number of the interval around ``time_s``; None if the stretch does not own it."""
        number = math.floor((time_s + CLOCK_S) * self.fps)
        return number if self.intervals[0] <= number < self.intervals[1] else None


def plan_sampling(times_s: Times, start_s: float, end_s: float, fps: float) -> SamplingPlan:
    """The plan for [start_s, end_s) at ``fps`` samples a second.

    >>> plan_sampling(np.arange(10) / 4, 0.0, 2.0, 1.0).wanted.tolist()
    [0, 4]
    """
    if not fps > 0 or math.isinf(fps):
        raise ValueError(f"fps must be a positive number, not {fps}")
    owned = (first_interval(start_s, fps), first_interval(end_s, fps))
    first, last = frames_between(times_s, start_s, end_s)
    numbers = interval_of(times_s, fps)
    inside = np.flatnonzero((numbers >= owned[0]) & (numbers < owned[1]))
    _, starts = np.unique(numbers[inside], return_index=True)
    reach = max(last - 1, int(inside[-1]) if inside.size else -1)
    return SamplingPlan(first, last, inside[starts].astype(np.int64), reach, owned, fps)


def times_of_missing(count: int, last_s: float, end_s: float) -> Times:
    """Where ``count`` frames that the header promised and the file lacks would have been: evenly up to ``end_s``.

    >>> times_of_missing(3, 1.0, 2.0).tolist()
    [1.25, 1.5, 1.75]
    """
    if end_s <= last_s:
        return np.full(count, last_s)
    return np.linspace(last_s, end_s, count + 2)[1:-1]
