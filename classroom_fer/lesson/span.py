"""The analysed stretch of a film: its ends, how often it is sampled, and the chunks in which it is done.

Times are milliseconds in seconds from here on: ``to_milliseconds`` rounds them where they enter (the ends of the
stretch, the sampled frames), and nothing below rounds again. A rounded time does not say by itself in which sampling
interval it lies (1/3 s is stored as .333), so intervals are counted by ``Span.interval_numbers``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from classroom_fer.lesson.intervals import CLOCK_S, Positions, first_interval

TIME_DECIMALS = 3
ROUNDING_S = 0.5 * 10**-TIME_DECIMALS
"""How far a time moves at most when it is rounded."""
LAST_PICTURE_S = 0.1
"""A film's last picture is shown so long at most in an ordinary film (choice: 10 pictures a second or more)."""


def to_milliseconds(time_s: float) -> float:
    """A time as it is kept: seconds with three decimals.

    >>> to_milliseconds(100 / 3)
    33.333
    """
    return round(float(time_s), TIME_DECIMALS)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A fixed stretch of film time; ``index`` counts chunks from media start."""

    index: int
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Span:
    """Film time [start_s, end_s), sampled ``fps`` times a second, done in chunks of ``chunk_s``."""

    start_s: float
    end_s: float
    fps: float
    chunk_s: float

    def chunks(self) -> list[Chunk]:
        """Chunks aligned to media start that cover the span, cut at its ends.

        >>> [(c.index, c.start_s, c.end_s) for c in Span(100, 250, 1, 120).chunks()]
        [(0, 100, 120), (1, 120, 240), (2, 240, 250)]
        """
        if self.end_s - self.start_s <= CLOCK_S:
            return []
        first = math.floor((self.start_s + CLOCK_S) / self.chunk_s)
        beyond = math.ceil((self.end_s - CLOCK_S) / self.chunk_s)
        cuts = [self.start_s, *(k * self.chunk_s for k in range(first + 1, beyond)), self.end_s]
        return [Chunk(first + k, left, right) for k, (left, right) in enumerate(itertools.pairwise(cuts))]

    def intervals(self) -> range:
        """Numbers k of the sampling intervals [k/fps, (k+1)/fps) that begin inside the span.

        >>> len(Span(0, 100.333, 3, 120).intervals())
        301
        """
        return _intervals(self.start_s, self.end_s, self.fps)

    def samples(self, chunks: Iterable[Chunk]) -> int:
        """Sampling intervals that begin in ``chunks``."""
        return sum(len(_intervals(chunk.start_s, chunk.end_s, self.fps)) for chunk in chunks)

    def interval_numbers(self, times_s: Sequence[float]) -> Positions:
        """[N] the number of the interval of each sampled frame.

        Args: times of the samples, ascending, rounded to milliseconds or not. Where rounding leaves two intervals open,
        the later one is taken, unless the next sample needs it: an interval gives one sample.

        >>> Span(0, 2, 3, 120).interval_numbers([0.0, 0.333, 0.667, 1.333]).tolist()
        [0, 1, 2, 4]
        """
        times = np.asarray(times_s, dtype=np.float64)
        earliest = np.floor((times - ROUNDING_S) * self.fps).astype(np.int64)
        latest: Positions = np.floor((times + ROUNDING_S + CLOCK_S) * self.fps).astype(np.int64)
        numbers = latest.copy()
        beyond = self.intervals().stop
        for place in range(len(times) - 1, -1, -1):
            numbers[place] = max(earliest[place], min(latest[place], beyond - 1))
            beyond = numbers[place] if numbers[place] < beyond else beyond
        return numbers

    def unseen_s(self, times_s: Sequence[float]) -> float:
        """Seconds of the span in sampling intervals that gave no frame; the last interval ends with the span.

        The beginning of an interval at the end in which only the last picture is shown on is not unseen.

        >>> Span(0, 4.5, 1, 120).unseen_s([0.0, 1.0, 3.0])
        1.5
        """
        seen = set(self.interval_numbers(times_s).tolist())
        intervals = self.intervals()
        left_s = self.end_s - (intervals.stop - 1) / self.fps
        if left_s <= LAST_PICTURE_S and left_s < 1 / self.fps - 2 * ROUNDING_S:
            intervals = intervals[:-1]
        missed = [k for k in intervals if k not in seen]
        return math.fsum(max(0.0, min((k + 1) / self.fps, self.end_s) - k / self.fps) for k in missed)


def _intervals(start_s: float, end_s: float, fps: float) -> range:
    first = int(first_interval(start_s, fps))
    return range(first, max(first, int(first_interval(end_s, fps))))
