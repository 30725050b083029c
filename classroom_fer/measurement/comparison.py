"""Two tasks against each other, paired by track, with every reason to stay silent (docs/measurement.md, section 5).

"higher" or "lower" only if all hold: p < 1 - level after Holm over all pairs that could be compared; at least
``min_points``; coverages alike; the same sign under every set of weights and every alpha; and the difference is still
there once a drift over the lesson is allowed for. Tasks of another mode, without a grade, or with fewer than
``min_group`` paired pupils are not compared at all; ``uncompared.not_compared`` says which and why.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classroom_fer.lesson.records import Comparison, TaskSummary, Verdict
from classroom_fer.measurement.disclosure import panels
from classroom_fer.measurement.engagement import ORIENTED_MODES, Floats, expression_values, index_points
from classroom_fer.measurement.sample_table import Mask
from classroom_fer.measurement.small_groups import may_show
from classroom_fer.measurement.statistics import around, holm, p_two_sided, standard_error
from classroom_fer.measurement.summaries import task_bins, tracks_behind
from classroom_fer.measurement.track_bins import TrackBins
from classroom_fer.settings.rules import Rules

DIFFERENCES = (-100.0, 100.0)


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two comparable tasks and what their paired tracks say."""

    first: int
    second: int
    tracks: Mask
    """[T] tracks that stand behind both."""
    n: int
    mean: float
    """Points, second minus first."""
    error: float

    @property
    def p(self) -> float:
        return p_two_sided(self.mean, self.error, self.n)


def compare_tasks(cells: TrackBins, summaries: Sequence[TaskSummary], rules: Rules) -> tuple[Comparison, ...]:
    """All pairs in lesson order. Args: ``summaries`` in the order of the grid's tasks."""
    pairs = comparable_pairs(cells, summaries, rules)
    adjusted = holm([pair.p for pair in pairs])
    clear = [_is_clear(cells, summaries, pair, p, rules) for pair, p in zip(pairs, adjusted, strict=True)]
    lasting = iter(_outlive_drift(cells, summaries, [pair for pair, c in zip(pairs, clear, strict=True) if c], rules))
    return tuple(
        Comparison(
            first=summaries[pair.first].task.name,
            second=summaries[pair.second].task.name,
            difference=around(pair.mean, pair.error, pair.n, DIFFERENCES),
            p_holm=p,
            n=pair.n,
            verdict=_verdict(pair, next(lasting)) if is_clear else "no_clear_difference",
        )
        for pair, p, is_clear in zip(pairs, adjusted, clear, strict=True)
    )


def comparable_pairs(cells: TrackBins, summaries: Sequence[TaskSummary], rules: Rules) -> list[Pair]:
    """The pairs of tasks that are compared, in lesson order, each by the tracks of their panel (safeguard S3)."""
    values = [tracks_behind(cells, index, rules.evidence) for index in range(len(summaries))]
    strength = (~np.isnan(cells.orientation)).sum(axis=1)
    pairs: list[Pair] = []
    for mode in ORIENTED_MODES:
        graded = [k for k, s in enumerate(summaries) if s.task.mode == mode and s.grade is not None]
        behind = np.array([values[k][0] for k in graded], dtype=bool).reshape(len(graded), len(strength))
        for tasks, tracks in panels(behind, strength, rules.evidence.min_group):
            n = min(int(tracks.sum()), cells.simultaneous)
            for first, second in itertools.combinations((graded[k] for k in tasks), 2):
                if may_show(n, rules.evidence):
                    points = [index_points(*values[k][1:], rules.alpha_orientation)[tracks] for k in (first, second)]
                    change = points[1] - points[0]
                    error = standard_error(change, n)
                    pairs.append(Pair(first, second, tracks, n, float(change.mean()), error))
    return sorted(pairs, key=lambda pair: (pair.first, pair.second))


def _is_clear(cells: TrackBins, summaries: Sequence[TaskSummary], pair: Pair, p_holm: float, rules: Rules) -> bool:
    """Whether all holds that a difference needs, time left out."""
    seen = [summaries[index].coverage or 0.0 for index in (pair.first, pair.second)]
    return (
        p_holm < 1.0 - rules.compare.level
        and abs(pair.mean) >= rules.compare.min_points
        and abs(seen[0] - seen[1]) <= rules.compare.max_cov_gap
        and _same_sign_everywhere(cells, pair, rules)
    )


def _verdict(pair: Pair, outlives_drift: bool) -> Verdict:
    if not outlives_drift:
        return "not_separable_from_time"
    return "higher" if pair.mean > 0 else "lower"


def _same_sign_everywhere(cells: TrackBins, pair: Pair, rules: Rules) -> bool:
    """Whether no set of weights and no alpha turns the difference round (or makes it vanish)."""
    sign = math.copysign(1.0, pair.mean)
    for name in rules.weight_sets:
        values = expression_values(cells.votes, rules.weights(name))
        changes = [_mean_change(part, cells, pair) for part in (cells.orientation, values)]
        for alpha in (*rules.compare.alphas, rules.alpha_orientation):
            if not sign * float(index_points(changes[0], changes[1], alpha)) > 0:
                return False
    return True


def _mean_change(values: Floats, cells: TrackBins, pair: Pair) -> float:
    """Mean over the paired tracks of second minus first; every paired track has values in both tasks."""
    before, after = (np.nanmean(values[pair.tracks][:, task_bins(cells, k)], axis=1) for k in (pair.first, pair.second))
    return float((after - before).mean())


def _outlive_drift(
    cells: TrackBins, summaries: Sequence[TaskSummary], clear: Sequence[Pair], rules: Rules
) -> list[bool]:
    """Of each clear pair, whether the difference remains when the class may also drift over the lesson.

    Choice of method: per component one slope on the minutes since the start, fitted by least squares within each track
    and each graded task of the pair's mode (so that no difference between tracks or tasks enters it) and shared by all
    tracks of the pair; the difference of the track's two means is then moved to one point of time along it. The error
    is the jackknife over tracks, which carries the slope's own. The difference has gone if it lies on the other side
    or its p, after Holm over the clear pairs, is not below 1 - level. Short tasks far apart rarely survive: their slope
    is not known well enough, and then the two cannot be told apart. docs/simulation.md has the alternatives: a point
    estimate alone calls a drift a difference in 8 % of lessons.
    """
    moved = [_without_drift(cells, summaries, pair, rules) for pair in clear]
    adjusted = holm([p_two_sided(mean, error, pair.n) for (mean, error), pair in zip(moved, clear, strict=True)])
    return [
        math.copysign(1.0, pair.mean) * mean > 0 and p < 1.0 - rules.compare.level
        for (mean, _), p, pair in zip(moved, adjusted, clear, strict=True)
    ]


def _without_drift(cells: TrackBins, summaries: Sequence[TaskSummary], pair: Pair, rules: Rules) -> tuple[float, float]:
    """Points of the difference at one point of time, and their error; (0, 1) where no slope can be fitted."""
    mode = summaries[pair.first].task.mode
    kin = [index for index, summary in enumerate(summaries) if summary.task.mode == mode and summary.grade is not None]
    parts = [_drift_adjusted(values, cells, pair, kin) for values in (cells.orientation, cells.expression)]
    adjusted = index_points(parts[0], parts[1], rules.alpha_orientation)
    if np.isnan(adjusted).any():
        return 0.0, 1.0
    without = adjusted[1:]
    m = len(without)
    return float(adjusted[0]), math.sqrt((m - 1) * float(((without - without.mean()) ** 2).sum()) / pair.n)


def _drift_adjusted(values: Floats, cells: TrackBins, pair: Pair, kin: Sequence[int]) -> Floats:
    """[1 + m] the adjusted mean difference of one component, then the same without each of the m tracks.

    Args: ``kin`` the tasks that tell of the slope, the pair's among them. NaN where no slope can be fitted.
    """
    minutes = (cells.grid.edges_s[:-1] + cells.grid.edges_s[1:]) / 120.0
    spread = product = 0.0
    means: dict[int, tuple[Floats, Floats]] = {}
    for index in kin:
        bins = task_bins(cells, index)
        x = values[pair.tracks][:, bins]
        valid = ~np.isnan(x)
        count = np.maximum(valid.sum(axis=1), 1)
        mean_x = np.where(valid, x, 0.0).sum(axis=1) / count
        mean_t = np.where(valid, minutes[bins], 0.0).sum(axis=1) / count
        run = np.where(valid, minutes[bins] - mean_t[:, None], 0.0)
        spread = spread + (run**2).sum(axis=1)
        product = product + (run * np.where(valid, x - mean_x[:, None], 0.0)).sum(axis=1)
        means[index] = (mean_x, mean_t)
    (x_1, t_1), (x_2, t_2) = means[pair.first], means[pair.second]
    sums = np.stack([x_2 - x_1, t_2 - t_1, product, spread])
    left = np.concatenate([sums.sum(axis=1, keepdims=True), sums.sum(axis=1, keepdims=True) - sums], axis=1)
    count = np.array([sums.shape[1]] + [sums.shape[1] - 1] * sums.shape[1])
    slope = np.divide(left[2], left[3], out=np.full(len(count), np.nan), where=left[3] > 0)
    return np.asarray((left[0] - slope * left[1]) / count)
