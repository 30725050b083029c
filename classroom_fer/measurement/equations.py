"""What a result tells, as linear equations over what every pupil did (safeguard S3, docs/small-groups.md).

Every shown value is a weighted sum over tracks and bins, and a bin's value is the mean of a track's samples in it. An
``Equations`` holds these weights for one kind of value: orientation, expression (any weights: a value is a fixed
function of mean votes), or the shares of the expression groups.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from classroom_fer.measurement.bins import OUTSIDE
from classroom_fer.measurement.comparison import comparable_pairs
from classroom_fer.measurement.directions import make_directions
from classroom_fer.measurement.engagement import ORIENTED_MODES, Floats
from classroom_fer.measurement.sample_table import UNREADABLE, Ints, Mask
from classroom_fer.measurement.session_result import Workings
from classroom_fer.measurement.small_groups import may_show
from classroom_fer.measurement.summaries import task_bins, tracks_behind
from classroom_fer.measurement.timeline import Curve
from classroom_fer.measurement.track_bins import counts_in_e, task_means
from classroom_fer.settings.rules import Rules

KINDS = ("orientation", "expression", "shares")


@dataclass(frozen=True, slots=True, eq=False)
class Equations:
    """The shown values of one kind, K of them. N samples of T tracks lie in B bins."""

    place: Ints
    """[N] bin of each sample."""
    counts: Mask
    """[N] whether the sample is behind its bin's value."""
    variable: Ints
    """[N] samples that are the same number in two results have the same number here."""
    weights: Floats
    """[K, T, B] of each track's mean in each bin."""


def equations(work: Workings, rules: Rules, *, curves: bool) -> dict[str, Equations]:
    """All that a result tells, by kind. Args: ``curves`` whether the values over time are shown as well."""
    table, cells = work.table, work.cells
    place = cells.grid.place(table.time_s)
    inside = place != OUTSIDE
    directions = make_directions(table, work.baselines, rules.pose)
    oriented = np.append(cells.grid.oriented(), False)[place]  # OUTSIDE is -1, the last entry
    samples = {
        "orientation": inside & oriented & directions.known,
        "expression": inside & counts_in_e(table, rules.expression),
        "shares": inside & ~directions.down & (table.group != UNREADABLE),
    }
    told = {
        "orientation": [
            *_levels(work, cells.orientation, rules, oriented=True),
            *_pairs(work, cells.orientation, rules),
        ],
        "expression": [*_levels(work, cells.expression, rules), *_pairs(work, cells.expression, rules)],
        "shares": list(_shares(work, rules)),
    }
    if curves:
        told["orientation"] += _curve(work, work.curves.orientation, cells.orientation)
        told["expression"] += _curve(work, work.curves.expression, cells.expression)
    shape = cells.seen.shape
    return {
        kind: Equations(
            place,
            samples[kind],
            _variables(work, place) if kind == "orientation" else np.zeros(len(place), dtype=np.int64),
            np.array(told[kind], dtype=np.float64).reshape(-1, *shape),
        )
        for kind in KINDS
    }


def _variables(work: Workings, place: Ints) -> Ints:
    """[N] O depends on what the task asks for and on the track's own zero: another of either, another variable."""
    grid, zero = work.cells.grid, work.baselines
    columns = np.nan_to_num(
        np.stack([zero.yaw0_deg, zero.pitch0_deg, zero.place.y_px, zero.place.size_px], axis=1), nan=-1.0
    )
    zeros = [hash(tuple(row)) for row in columns.tolist()]
    modes = [hash(grid.mode(b)) for b in range(grid.size)] + [0]
    pairs = np.array(zeros, dtype=np.int64)[work.table.track] * 31 + np.array(modes, dtype=np.int64)[place]
    return np.asarray(pairs)


def _spread(work: Workings, values: Floats, index: int, behind: Mask, share: Floats | float) -> Floats:
    """[T, B] each track's own mean over its bins of task ``index``, times ``share``; 0 for tracks not ``behind``."""
    valid = ~np.isnan(values) & task_bins(work.cells, index)
    own = valid / np.maximum(valid.sum(axis=1, keepdims=True), 1)
    return np.asarray(own * (behind * share)[:, None])


def _levels(work: Workings, values: Floats, rules: Rules, *, oriented: bool = False) -> Iterator[Floats]:
    """The mean of each task, also where it is shown only as the height of a curve."""
    for index, task in enumerate(work.cells.grid.tasks):
        behind, _, _ = tracks_behind(work.cells, index, rules.evidence)
        n = int(behind.sum())
        if may_show(min(n, work.cells.simultaneous), rules.evidence) and (task.mode in ORIENTED_MODES or not oriented):
            yield _spread(work, values, index, behind, 1.0 / n)


def _pairs(work: Workings, values: Floats, rules: Rules) -> Iterator[Floats]:
    """The differences between tasks, each by the tracks of its panel."""
    for pair in comparable_pairs(work.cells, work.summaries, rules):
        share = 1.0 / int(pair.tracks.sum())
        first, second = (_spread(work, values, index, pair.tracks, share) for index in (pair.first, pair.second))
        yield second - first


def _shares(work: Workings, rules: Rules) -> Iterator[Floats]:
    """The mean shares of the expression groups of each task."""
    cells = work.cells
    readable = np.where(cells.readable, 1.0, np.nan)
    for index in range(len(cells.grid.tasks)):
        bins = task_bins(cells, index)
        kept = ~np.isnan(task_means(readable, bins, rules.evidence))
        n = int(kept.sum())
        if may_show(min(n, cells.simultaneous), rules.evidence):
            counts = cells.groups.sum(axis=2) * bins
            yield counts / np.maximum(counts.sum(axis=1, keepdims=True), 1) * (kept / n)[:, None]


def _curve(work: Workings, curve: Curve, values: Floats) -> list[Floats]:
    """The deviations that a curve shows in each bin; between tasks also the height about which it lies."""
    kept, owner = ~np.isnan(curve.deviation), work.cells.grid.task
    rows: list[Floats] = []
    for b in np.flatnonzero(kept.any(axis=0)):
        own = kept & (owner == owner[b])
        weights = np.where(own, -1.0, 0.0) / np.maximum(own.sum(axis=1, keepdims=True), 1)
        weights[:, b] += 1.0
        rows.append(np.asarray(weights * (kept[:, b] / kept[:, b].sum())[:, None]))
    between = kept & (owner == OUTSIDE)
    behind = between.any(axis=1)
    if behind.any():
        rows.append(_spread(work, values, OUTSIDE, behind, 1.0 / int(behind.sum())))
    return rows


def columns(told: Sequence[Equations], track: Ints) -> tuple[list[Floats], Ints]:
    """The weights of several results over the same unknowns, each [K, C], and whose unknown each is [C].

    An unknown is the mean of those samples of one track that lie in the same bins of all results. Args: ``track`` [N].
    """
    keys = np.stack([track, *(part for one in told for part in (one.place, one.counts, one.variable))], axis=1)
    pieces, number = np.unique(keys, axis=0, return_counts=True)
    whose = pieces[:, 0]
    found: dict[tuple[int, int], int] = {}
    matrices = []
    for at, one in enumerate(told):
        place, counts, variable = (pieces[:, 1 + 3 * at + part] for part in range(3))
        behind = np.flatnonzero(counts.astype(bool) & (place != OUTSIDE))
        cell = whose[behind] * one.weights.shape[2] + place[behind]
        total = np.bincount(cell, weights=number[behind], minlength=one.weights.shape[1] * one.weights.shape[2])
        part = one.weights.reshape(len(one.weights), -1)[:, cell] * (number[behind] / total[cell])
        at_column = [found.setdefault((int(p), int(variable[p])), len(found)) for p in behind]
        matrices.append((part, at_column))
    owner = np.array([whose[piece] for piece, _ in found], dtype=np.int64)
    return [_placed(part, at, len(found)) for part, at in matrices], owner


def _placed(part: Floats, at: Sequence[int], size: int) -> Floats:
    whole = np.zeros((len(part), size))
    whole[:, at] = part
    return whole
