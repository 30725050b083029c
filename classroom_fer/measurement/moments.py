"""Moments: times at which the class changed (docs/measurement.md, section 6).

Each candidate is a bin edge inside a task with orientation; per track, the mean over ``window_s`` after it minus the
mean before. Choice: windows end at the borders of the task. A change at a border belongs to the comparison of tasks,
and a window across it would only show it again, at the wrong time (measured in docs/simulation.md). The change is
tested across tracks; its size is then read off the shown curve, so that it tells nothing that the curve does not (S3).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from classroom_fer.lesson.records import Moment
from classroom_fer.measurement.bins import SLACK_S
from classroom_fer.measurement.engagement import ORIENTED_MODES, Floats, index_points
from classroom_fer.measurement.sample_table import Ints, Mask
from classroom_fer.measurement.small_groups import timeline_threshold
from classroom_fer.measurement.statistics import standard_error
from classroom_fer.measurement.summaries import task_bins
from classroom_fer.measurement.timeline import Curve, Curves
from classroom_fer.measurement.track_bins import TrackBins
from classroom_fer.settings.rules import MomentRules, Rules

LEAST_ERROR = 1e-6
"""Points; keeps t finite where all tracks change by the same."""


def find_moments(cells: TrackBins, open_bins: Mask, curves: Curves, rules: Rules) -> tuple[Moment, ...]:
    """In order of time; the strongest (largest t) were chosen first.

    Args: ``open_bins`` [B] as of small_groups.open_bins, and the curves made from them.
    """
    found = [
        moment for index in range(len(cells.grid.tasks)) for moment in _in_task(cells, index, open_bins, curves, rules)
    ]
    found.sort(key=lambda m: (-abs(m.t), -abs(m.change), m.time_s))
    chosen: list[Moment] = []
    for moment in found:
        apart = all(abs(moment.time_s - other.time_s) >= rules.moments.min_apart_s - SLACK_S for other in chosen)
        if apart and len(chosen) < rules.moments.max:
            chosen.append(moment)
    return tuple(sorted(chosen, key=lambda m: m.time_s))


def _in_task(cells: TrackBins, index: int, open_bins: Mask, curves: Curves, rules: Rules) -> Iterator[Moment]:
    """All times in the task at which the class changed enough, neighbours included."""
    bins = np.flatnonzero(task_bins(cells, index) & open_bins)
    if cells.grid.tasks[index].mode not in ORIENTED_MODES or len(bins) < 2:
        return
    edges = np.append(cells.grid.edges_s[bins], cells.grid.edges_s[bins[-1] + 1])
    running = _Running(cells.orientation[:, bins]), _Running(cells.expression[:, bins])
    needed = _bins_needed(rules.moments, rules.bins.seconds)
    for middle in range(1, len(bins)):
        time_s = float(edges[middle])
        if min(time_s - edges[0], edges[-1] - time_s) < rules.moments.guard_s - SLACK_S:
            continue
        begin = int(np.searchsorted(edges, time_s - rules.moments.window_s - SLACK_S))
        end = int(np.searchsorted(edges, time_s + rules.moments.window_s + SLACK_S, side="right")) - 1
        changes = [part.mean(middle, end, needed) - part.mean(begin, middle, needed) for part in running]
        sure = _sure_change(changes[0], changes[1], cells.simultaneous, rules)
        if sure is not None:
            moment = _as_shown(time_s, sure, _steps(curves, bins[begin:middle], bins[middle:end]), rules)
            if moment is not None:
                yield moment


def _bins_needed(rules: MomentRules, seconds: float) -> int:
    """Valid bins of a track on each side; with long bins half of the window's (choice)."""
    return max(1, min(rules.min_bins, math.ceil(rules.window_s / seconds / 2)))


class _Running:
    """Means over runs of bins, by cumulative sums. Args: values [T, b], NaN where missing."""

    def __init__(self, values: Floats) -> None:
        valid = ~np.isnan(values)
        start = np.zeros((len(values), 1))
        self._sum = np.hstack([start, np.cumsum(np.where(valid, values, 0.0), axis=1)])
        self._count = np.hstack([start, np.cumsum(valid, axis=1)])

    def mean(self, begin: int, end: int, needed: int) -> Floats:
        """[T] mean over bins [begin, end); NaN with fewer than ``needed`` valid ones."""
        count = self._count[:, end] - self._count[:, begin]
        total = self._sum[:, end] - self._sum[:, begin]
        return np.where(count >= needed, total / np.maximum(count, 1), np.nan)


def _sure_change(orientation: Floats, expression: Floats, simultaneous: int, rules: Rules) -> tuple[float, int] | None:
    """(t, n) across tracks that have both components on both sides; None if the change is too small or too unsure."""
    points = index_points(orientation, expression, rules.alpha_orientation)
    kept = ~np.isnan(points)
    n = min(int(kept.sum()), simultaneous)
    if n < timeline_threshold(simultaneous, rules.evidence):
        return None
    change = float(points[kept].mean())
    t = change / max(standard_error(points[kept], n), LEAST_ERROR)
    enough = abs(t) >= rules.moments.min_t and abs(change) >= rules.moments.min_points
    return (t, n) if enough else None


def _step(line: Curve, before: Ints, after: Ints) -> float:
    """The curve's mean after minus before; NaN where one side shows nothing."""
    sides = [line.value[side][~np.isnan(line.value[side])] for side in (before, after)]
    return float(sides[1].mean() - sides[0].mean()) if all(side.size for side in sides) else math.nan


def _steps(curves: Curves, before: Ints, after: Ints) -> tuple[float, float]:
    """The step of O and of E."""
    return _step(curves.orientation, before, after), _step(curves.expression, before, after)


def _as_shown(time_s: float, sure: tuple[float, int], steps: tuple[float, float], rules: Rules) -> Moment | None:
    """The moment in the numbers of the curve, which are shown anyway; None where the curve does not show the change."""
    (t, n), a = sure, rules.alpha_orientation
    parts = 100.0 * a * steps[0], 100.0 * (1.0 - a) * steps[1]
    change = sum(parts)
    if not abs(change) >= rules.moments.min_points or change * t < 0:
        return None
    return Moment(time_s=time_s, change=change, change_orientation=parts[0], change_expression=parts[1], t=t, n=n)
