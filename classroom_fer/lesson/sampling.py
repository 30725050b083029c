"""Which source frames a sampling rate asks for. Pure arithmetic on presentation times.

A sample of an interval is the first picture that comes in it; where none comes, the one that is shown still: a recorder
that writes a frame only when something changes, or more samples than frames, leave no interval unseen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from classroom_fer.lesson.intervals import CLOCK_S, Positions, Times, first_interval, interval_number, interval_of
from classroom_fer.lesson.records import Frame

NEARLY_S = 1e-3
"""The last frame is shown for a whole interval also if its end misses it by less: containers round to milliseconds."""


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
    """Source frames to look at, ascending: the first of each interval that the stretch owns and that has one, and those
    that stand for an interval in which none comes (the first of these may be shown since before the stretch)."""
    held: dict[int, tuple[int, ...]]
    """Source frame -> intervals in which no frame comes and this one is shown still."""
    reach: int
    """Last source frame of the stretch or of its last interval; below ``first`` if there is none."""
    intervals: tuple[float, float]
    """Interval numbers [from, to) that the stretch owns."""
    fps: float

    @property
    def begin(self) -> int:
        """First source frame to decode."""
        return min(self.first, int(self.wanted[0])) if self.wanted.size else self.first

    @property
    def settled(self) -> int:
        """Last source frame to decode if all goes well; below ``first`` if there is nothing to do."""
        return max(self.last - 1, int(self.wanted[-1]) if self.wanted.size else -1)

    def interval(self, time_s: float) -> int | None:
        """Number of the interval around ``time_s``; None if the stretch does not own it."""
        number = interval_number(time_s, self.fps)
        return number if self.intervals[0] <= number < self.intervals[1] else None

    def last_number(self, frame: Frame) -> int:
        """The last interval of which a frame is the sample."""
        return interval_number((frame.time_s, *frame.still_s)[-1], self.fps)


def plan_sampling(times_s: Times, ends_s: Times, start_s: float, end_s: float, fps: float) -> SamplingPlan:
    """The plan for [start_s, end_s) at ``fps`` samples a second.

    Args: presentation times, and until when each frame is shown.

    >>> times = np.arange(10) / 4
    >>> plan_sampling(times, times + 0.25, 0.0, 2.0, 1.0).wanted.tolist()
    [0, 4]
    >>> plan_sampling(np.array([0.0, 3.5]), np.array([3.5, 4.0]), 0.0, 9.0, 1.0).held
    {0: (1, 2)}
    """
    if not fps > 0 or math.isinf(fps):
        raise ValueError(f"fps must be a positive number, not {fps}")
    owned = (first_interval(start_s, fps), first_interval(end_s, fps))
    first, last = frames_between(times_s, start_s, end_s)
    numbers = interval_of(times_s, fps)
    inside = np.flatnonzero((numbers >= owned[0]) & (numbers < owned[1]))
    present, starts = np.unique(numbers[inside], return_index=True)
    held = _held(times_s, ends_s, owned, set(present.tolist()), fps)
    reach = max(last - 1, int(inside[-1]) if inside.size else -1)
    wanted = np.union1d(inside[starts], np.array(sorted(held), np.int64)).astype(np.int64)
    return SamplingPlan(first, last, wanted, held, reach, owned, fps)


def _held(
    times_s: Times, ends_s: Times, owned: tuple[float, float], present: set[int], fps: float
) -> dict[int, tuple[int, ...]]:
    """Frames that stand for the owned intervals without a frame of their own, and those intervals.

    A last frame of usual length is not looked at twice for the moment that is left in an interval behind it.
    """
    if not len(times_s):
        return {}
    usual = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.0
    is_short = ends_s[-1] - times_s[-1] <= 2 * usual
    beyond = int(min(owned[1], float(np.ceil((ends_s[-1] - CLOCK_S) * fps))))
    empty = np.array([k for k in range(max(0, int(min(owned[0], beyond))), beyond) if k not in present], np.int64)
    shown = np.searchsorted(times_s, empty / fps + CLOCK_S, side="right") - 1
    seen = (shown >= 0) & (ends_s[np.maximum(shown, 0)] > empty / fps + CLOCK_S)
    if is_short:
        seen &= (shown < len(times_s) - 1) | (ends_s[-1] + NEARLY_S >= (empty + 1) / fps)
    held: dict[int, list[int]] = {}
    for number, frame in zip(empty[seen].tolist(), shown[seen].tolist(), strict=True):
        held.setdefault(frame, []).append(number)
    return {frame: tuple(intervals) for frame, intervals in held.items()}
