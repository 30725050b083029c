"""The class over time, bin by bin, centred on each track (docs/measurement.md, section 4).

``y_t = mean_i(x_it - xbar_i) + mean``: when a pupil who always looks elsewhere leaves the picture, the curve does not
rise. Choices:
  - tracks are centred within each task, about the mean that the task's table prints (between tasks: within all of these
    stretches). So the curve agrees with the table, and the two cannot be played against each other to single out a
    pupil (safeguard S3, docs/small-groups.md). With one task this is the formula of the design;
  - a track enters with at least ``track_min_bins`` bins of the component, else its own mean is noise;
  - the index is ``100 (a y_O + (1-a) y_E)`` although a bin's O and E may come from different tracks (E abstains where
    heads turn away); its variance is that of two means across tracks with the covariance of the tracks that have both;
  - no value comes from a bin of a hidden task, nor from one that shares too few tracks with the rest of its task (S3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from classroom_fer.lesson.records import Estimate, TimelineBin
from classroom_fer.measurement.bins import OUTSIDE
from classroom_fer.measurement.disclosure import joined_bins
from classroom_fer.measurement.engagement import Floats
from classroom_fer.measurement.sample_table import Ints, Mask
from classroom_fer.measurement.small_groups import may_count, may_show, timeline_threshold
from classroom_fer.measurement.statistics import around
from classroom_fer.measurement.summaries import POINTS, covered, tracks_behind
from classroom_fer.measurement.synchrony import Synchrony, synchrony
from classroom_fer.measurement.track_bins import TrackBins, task_means
from classroom_fer.settings.rules import EvidenceRules, Rules


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One component about the tracks' own means. NaN where nothing may be shown."""

    deviation: Floats
    """[T, B] x_it - xbar_i of the tracks behind each shown bin."""
    value: Floats
    """[B] the class, 0-1."""

    @property
    def count(self) -> Ints:
        """[B] tracks behind each value."""
        return np.asarray((~np.isnan(self.deviation)).sum(axis=0), dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """Both components over time."""

    orientation: Curve
    expression: Curve


@dataclass(frozen=True, slots=True, eq=False)
class LookedAt:
    """What there was to see in each bin."""

    frames: Ints
    """[B] sampled frames."""
    faces: Floats
    """[B] mean number of tracked faces visible at once; NaN without frames."""


def make_curves(cells: TrackBins, open_bins: Mask, rules: Rules) -> Curves:
    """O and E over time. Args: ``open_bins`` [B] as of small_groups.open_bins."""
    return Curves(
        orientation=_curve(cells, cells.orientation, open_bins & cells.grid.oriented(), rules.evidence),
        expression=_curve(cells, cells.expression, open_bins, rules.evidence),
    )


def _curve(cells: TrackBins, values: Floats, bins: Mask, rules: EvidenceRules) -> Curve:
    """Args: values [T, B] of one component, the bins [B] that count."""
    deviation, value = np.full(values.shape, np.nan), np.full(values.shape[1], np.nan)
    needed = timeline_threshold(cells.simultaneous, rules)
    for index in range(OUTSIDE, len(cells.grid.tasks)):
        here = np.flatnonzero(bins & (cells.grid.task == index))
        kept = _centred(values[:, here], needed if cells.simultaneous >= needed else math.inf, rules)
        level = _level(cells, values, index, kept, rules)
        if level is None:
            continue
        shown = ~np.isnan(kept).all(axis=0)
        deviation[:, here] = kept
        mean = np.nansum(kept[:, shown], axis=0) / (~np.isnan(kept[:, shown])).sum(axis=0)
        value[here[shown]] = np.clip(level + mean, 0.0, 1.0)
    return Curve(deviation, value)


def _centred(values: Floats, needed: float, rules: EvidenceRules) -> Floats:
    """[T, b] deviations from the tracks' own means over the bins that are shown; NaN elsewhere.

    Bins and tracks are given up in turn until every track has enough of the bins, every bin ``needed`` tracks, and the
    bins hang together.
    """
    kept = values.copy()
    while True:
        valid = ~np.isnan(kept)
        bins = valid.sum(axis=0) >= needed
        bins &= joined_bins(valid & bins, rules.min_group)
        count = (valid & bins).sum(axis=1)
        tracks = count >= max(1, min(rules.track_min_bins, int(bins.sum())))
        after = np.where(tracks[:, None] & bins, kept, np.nan)
        if np.array_equal(np.isnan(after), ~valid):
            return after - _track_means(after)[:, None]
        kept = after


def _track_means(values: Floats) -> Floats:
    """[T] mean of each row; NaN for a row without any value."""
    count = (~np.isnan(values)).sum(axis=1)
    return np.asarray(np.where(count > 0, np.nansum(values, axis=1) / np.maximum(count, 1), np.nan))


def _level(cells: TrackBins, values: Floats, index: int, kept: Floats, rules: EvidenceRules) -> float | None:
    """The mean about which a task's curve lies, as its table prints it; None below ``min_group``."""
    if index == OUTSIDE:
        behind = ~np.isnan(kept).all(axis=1)
        means = _track_means(np.where(cells.grid.task == index, values, np.nan))
    else:
        behind, _, _ = tracks_behind(cells, index, rules)
        means = task_means(values, np.asarray(cells.grid.task == index), rules)
    if not may_show(min(int(behind.sum()), cells.simultaneous), rules):
        return None
    return float(means[behind].mean())


def make_timeline(cells: TrackBins, curves: Curves, seen: LookedAt, rules: Rules) -> tuple[TimelineBin, ...]:
    """All bins of the grid in order of time."""
    likely = _mean_probabilities(cells, curves.expression, rules)
    needed = timeline_threshold(cells.simultaneous, rules.evidence)
    turning = synchrony(curves.orientation.deviation, cells.grid.task, needed, rules.synchrony)
    counts = [_counts(cells, b, seen, rules) for b in range(cells.grid.size)]
    return tuple(
        replace(bin_, **_values(cells, b, curves, likely[b], rules) | _together(turning, b))
        for b, bin_ in enumerate(counts)
    )


def _counts(cells: TrackBins, b: int, seen: LookedAt, rules: Rules) -> TimelineBin:
    """Bin ``b`` with what was counted in it and no class value yet."""
    grid = cells.grid
    frames, faces = int(seen.frames[b]), float(seen.faces[b])
    share = covered(cells, np.arange(grid.size) == b)

    def may_be_told(count: float) -> bool:
        return bool(frames) and may_count(count, cells.simultaneous, rules.evidence)

    return TimelineBin(
        task=None if grid.task[b] == OUTSIDE else grid.tasks[grid.task[b]].name,
        start_s=float(grid.edges_s[b]),
        end_s=float(grid.edges_s[b + 1]),
        frames=frames,
        faces=faces if may_be_told(faces) else None,
        n=None,
        coverage=share if may_be_told(round(share * cells.simultaneous)) else None,
        engagement=None,
        orientation=None,
        expression=None,
        probabilities=None,
    )


def _values(cells: TrackBins, b: int, curves: Curves, likely: Floats, rules: Rules) -> dict[str, Any]:
    """The class values of bin ``b``, by the names of TimelineBin. Args: ``likely`` [8] mean probabilities."""
    parts = {"orientation": curves.orientation, "expression": curves.expression}
    shown = {name: curve for name, curve in parts.items() if not math.isnan(curve.value[b])}
    values: dict[str, Any] = {name: float(curve.value[b]) for name, curve in shown.items()}
    if shown:
        values["n"] = min(cells.simultaneous, *(int(curve.count[b]) for curve in shown.values()))
    if "expression" in shown:
        values["probabilities"] = tuple(float(p) for p in likely)
    if len(shown) == len(parts):
        values["engagement"] = _index(curves, b, cells.simultaneous, rules)
    return values


def _together(turning: Synchrony, b: int) -> dict[str, Any]:
    """Synchrony of bin ``b`` beside its chance, by the names of TimelineBin."""
    if math.isnan(turning.share[b]):
        return {}
    return {"synchrony": float(turning.share[b]), "synchrony_chance": float(turning.chance[b])}


def _index(curves: Curves, b: int, simultaneous: int, rules: Rules) -> Estimate:
    """The index in bin ``b`` with the interval of its change across tracks (the mean's own error left out)."""
    o, e = curves.orientation.deviation[:, b], curves.expression.deviation[:, b]
    has_o, has_e = ~np.isnan(o), ~np.isnan(e)
    n_o, n_e, a = int(has_o.sum()), int(has_e.sum()), rules.alpha_orientation
    both = has_o & has_e
    n_both = int(both.sum())
    shared = float(np.cov(o[both], e[both])[0, 1]) * n_both / (n_o * n_e) if n_both > 1 else 0.0
    variance = a**2 * float(o[has_o].var(ddof=1)) / n_o + (1 - a) ** 2 * float(e[has_e].var(ddof=1)) / n_e
    variance = max(0.0, variance + 2 * a * (1 - a) * shared)
    more_tracks_than_pupils = max(1.0, max(n_o, n_e) / simultaneous)
    error = 100.0 * math.sqrt(variance * more_tracks_than_pupils)
    value = 100.0 * (a * curves.orientation.value[b] + (1 - a) * curves.expression.value[b])
    return around(float(value), error, min(n_o, n_e, simultaneous), POINTS)


def _mean_probabilities(cells: TrackBins, expression: Curve, rules: Rules) -> Floats:
    """[B, 8] probabilities of the tracks behind E, centred as E is, so that no bin's mean is one of other tracks.

    Sums to 1; what centring brought below 0 is 0.
    """
    result = np.full((cells.grid.size, cells.probabilities.shape[2]), np.nan)
    behind = ~np.isnan(expression.deviation)
    for index in range(OUTSIDE, len(cells.grid.tasks)):
        bins = (cells.grid.task == index) & ~np.isnan(expression.value)
        for k in range(result.shape[1] if bins.any() else 0):
            kept = np.where(behind[:, bins], cells.probabilities[:, bins, k], np.nan)
            level = _level(cells, cells.probabilities[..., k], index, kept, rules.evidence)
            deviation = kept - _track_means(kept)[:, None]
            if level is not None:
                result[bins, k] = level + np.nansum(deviation, axis=0) / behind[:, bins].sum(axis=0)
    positive = np.maximum(result, 0.0)
    return np.asarray(positive / positive.sum(axis=1, keepdims=True))
