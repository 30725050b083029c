"""Intervals by a bootstrap that draws whole clusters: clips of one lesson (of one seat) are not independent.

The interval is ``value +/- t(.975, G - 1) * s``, G clusters; s is the standard deviation of the replicates times
sqrt(G / (G - 1)), by which drawing G of G clusters makes it too small (Rao & Wu 1988, J. Am. Stat. Assoc. 83:231).
In simulated pairs of observers (benchmarks/validation.py) it covers about 95 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from classroom_fer.lesson.validation import Cluster
from classroom_fer.measurement.sample_table import Ints
from classroom_fer.measurement.statistics import t_quantile
from classroom_fer.study.coded import CodedClips

LESSONS_NEEDED = 6
"""With fewer lessons the spread between them says too little; seats are drawn then (choice)."""
REPLICATES = 200
"""Choice: the standard error of their standard deviation is 5 %."""
DEFINED = 0.8
"""Share of the replicates in which a statistic must be defined to have an interval (choice)."""
SEED = 20261127
"""Of the replicates: the same codes give the same intervals."""

Measure = Callable[[CodedClips], float]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Resampling:
    """The rows of each replicate."""

    cluster: Cluster
    count: int
    """Clusters."""
    replicates: tuple[Ints, ...]

    def within(self, rows: Ints, length: int) -> Resampling:
        """The same draws for a part of the clips: ``rows`` of ``length``."""
        inside = np.full(length, -1)
        inside[rows] = np.arange(len(rows))
        return replace(self, replicates=tuple(inside[draw][inside[draw] >= 0] for draw in self.replicates))


def resampling(clips: CodedClips, replicates: int = REPLICATES) -> Resampling:
    """Draws lessons where there are enough of them, else seats."""
    cluster: Cluster = "lesson" if len(np.unique(clips.lesson)) >= LESSONS_NEEDED else "seat"
    labels = clips.lesson if cluster == "lesson" else clips.seat
    rows = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    random = np.random.default_rng(SEED)
    drawn = (random.integers(0, len(rows), len(rows)) for _ in range(replicates))
    return Resampling(cluster, len(rows), tuple(np.concatenate([rows[k] for k in draw]) for draw in drawn))


def errors(measures: Sequence[Measure], clips: CodedClips, drawn: Resampling) -> list[float]:
    """The standard error of each measure; NaN where it is not defined often enough."""
    values = np.full((len(drawn.replicates), len(measures)), np.nan)
    for number, rows in enumerate(drawn.replicates):
        again = clips.take(rows)
        values[number] = [measure(again) for measure in measures]
    known = ~np.isnan(values)
    if drawn.count < 2:
        return [float("nan")] * len(measures)
    enough, whole = known.mean(axis=0) >= DEFINED, math.sqrt(drawn.count / (drawn.count - 1))
    return [
        whole * float(values[known[:, k], k].std(ddof=1)) if enough[k] else float("nan") for k in range(len(measures))
    ]


def interval(value: float, error: float, clusters: int, limits: Interval) -> Interval | None:
    """The 95 % interval, clipped to ``limits``; None without a standard error.

    >>> [round(end, 3) for end in interval(0.9, 0.1, 11, (0.0, 1.0)) or ()]
    [0.677, 1.0]
    """
    if math.isnan(error):
        return None
    half = t_quantile(clusters) * error
    return max(limits[0], value - half), min(limits[1], value + half)
