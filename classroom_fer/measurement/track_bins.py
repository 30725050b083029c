"""Values per track and base bin: what every class number is made from. Missing is NaN here, never 0."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from classroom_fer.lesson.expression_groups import GROUPS
from classroom_fer.lesson.records import EMOTIONS, Lesson
from classroom_fer.measurement.baselines import Baselines
from classroom_fer.measurement.bins import OUTSIDE, Grid, needed_samples
from classroom_fer.measurement.directions import Directions, make_directions
from classroom_fer.measurement.engagement import ORIENTED_MODES, Floats, expression_values, orientation_values
from classroom_fer.measurement.sample_table import UNREADABLE, Ints, Mask, SampleTable, tracked_per_frame
from classroom_fer.measurement.statistics import simultaneous_p95
from classroom_fer.settings.rules import EvidenceRules, ExpressionRules, PoseRules, Rules

SHARE_SLACK = 1e-9
"""Keeps a share of exactly the rule from failing by rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class TrackBins:
    """Matrices of T tracks by B bins."""

    grid: Grid
    seen: Ints
    """[T, B] face samples."""
    orientation: Floats
    """[T, B] mean O; NaN with fewer valid samples than the rule asks for."""
    probabilities: Floats
    """[T, B, 8] mean probability of each class over the samples that count in E; NaN as above."""
    votes: Floats
    """[T, B, 8] the same of the votes, from which E is made."""
    groups: Ints
    """[T, B, 4] readable samples by engagement.GROUPS; lowered faces count as unreadable here, not in ``expression``.

    Of the sample lesson's lowered neutral faces .57 are read as smiling (of the others: .42). Leaving them out of E as
    well would leave desk work without an index: heads are down there.
    """
    readable: Mask
    """[T, B] enough readable samples (uncertain ones included) for a share."""
    expression: Floats
    """[T, B] E of ``votes`` under the weights in use."""
    simultaneous: int
    """N95."""
    inferred: bool = True
    """Whether pose and expression were looked at; if not (profile presence), a face that was seen is all there is."""


def make_track_bins(lesson: Lesson, table: SampleTable, baselines: Baselines, grid: Grid, rules: Rules) -> TrackBins:
    """Sorts the lesson's samples into cells and averages them. Args: ``table`` is ``sample_table(lesson.tracks)``."""
    place = grid.place(table.time_s)
    inside = place != OUTSIDE
    cells = _Cells(table.track * grid.size + place, (len(table.track_ids), grid.size))
    needed_pose = needed_samples(rules.bins.min_pose, lesson.span.fps, grid.length_s())
    needed_expr = needed_samples(rules.bins.min_expr, lesson.span.fps, grid.length_s())
    directions = make_directions(table, baselines, rules.pose)
    voted = inside & counts_in_e(table, rules.expression)
    readable = inside & ~directions.down & (table.group != UNREADABLE)
    probabilities, votes = (
        np.stack([cells.means(rows[:, k], voted, needed_expr) for k in range(len(EMOTIONS))], axis=-1)
        for rows in (table.probabilities, table.votes)
    )
    orientation = _orientation_of_samples(directions, grid, place, rules.pose)
    groups = np.stack([cells.counts(readable & (table.group == k)) for k in range(len(GROUPS))], axis=-1)
    return TrackBins(
        grid=grid,
        seen=cells.counts(inside),
        orientation=cells.means(orientation, inside & ~np.isnan(orientation), needed_pose),
        probabilities=probabilities,
        votes=votes,
        groups=groups,
        readable=cells.counts(readable) >= needed_expr,
        expression=expression_values(votes, rules.weights()),
        simultaneous=simultaneous_p95(tracked_per_frame(lesson)),
        inferred=lesson.inferred,
    )


def counts_in_e(table: SampleTable, rules: ExpressionRules) -> Mask:
    """[N] whether each sample has a part in E: its votes are known and clear."""
    return np.asarray(table.votes.max(axis=1) >= rules.min_votes)  # unknown votes are NaN: no part in E


def without(cells: TrackBins, tracks: Mask) -> TrackBins:
    """The cells as if the marked tracks [T] had not been seen; the class is so many pupils smaller."""
    gone = tracks[:, None]
    return replace(
        cells,
        seen=np.where(gone, 0, cells.seen),
        orientation=np.where(gone, np.nan, cells.orientation),
        probabilities=np.where(gone[..., None], np.nan, cells.probabilities),
        votes=np.where(gone[..., None], np.nan, cells.votes),
        groups=np.where(gone[..., None], 0, cells.groups),
        readable=cells.readable & ~gone,
        expression=np.where(gone, np.nan, cells.expression),
        simultaneous=max(0, cells.simultaneous - int(tracks.sum())),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Sums over the cells of a [T, B] matrix."""

    index: Ints
    """[N] flat cell of each sample; meaningless where a mask leaves the sample out."""
    shape: tuple[int, int]

    def counts(self, kept: Mask) -> Ints:
        flat = np.bincount(self.index[kept], minlength=self.shape[0] * self.shape[1])
        return flat.reshape(self.shape).astype(np.int64)

    def means(self, values: Floats, kept: Mask, needed: Ints) -> Floats:
        """Mean of the kept values; NaN in cells with fewer than ``needed`` [B]."""
        total = np.bincount(self.index[kept], weights=values[kept], minlength=self.shape[0] * self.shape[1])
        count = self.counts(kept)
        return np.where(count >= needed, total.reshape(self.shape) / np.maximum(count, 1), np.nan)


def _orientation_of_samples(directions: Directions, grid: Grid, place: Ints, rules: PoseRules) -> Floats:
    """[N] O of every sample; NaN where it is unknown or undefined."""
    result = np.full(len(place), np.nan)
    for mode in ORIENTED_MODES:
        rows = in_mode(grid, place, mode) & directions.known
        result[rows] = orientation_values(directions.yaw_deg[rows], directions.down[rows], mode, rules)
    return result


def in_mode(grid: Grid, place: Ints, mode: str) -> Mask:
    """[N] whether each sample's bin lies in a task of ``mode``."""
    modes = np.array([grid.mode(b) == mode for b in range(grid.size)] + [False], dtype=bool)
    return np.asarray(modes[place])  # OUTSIDE is -1, the last entry


def bins_needed(bins: int, rules: EvidenceRules) -> int:
    """Valid bins a track needs among ``bins`` to count; with long bins never more than there are (choice)."""
    return max(1, min(rules.track_min_bins, bins), math.ceil(rules.track_min_share * bins - SHARE_SLACK))


def task_means(values: Floats, bins: Mask, rules: EvidenceRules) -> Floats:
    """[T] or [T, 8] mean over the valid cells among ``bins`` [B]; NaN for tracks with too few of them."""
    part = values[:, bins]
    valid = ~np.isnan(part)
    count = valid.sum(axis=1)
    total = np.where(valid, part, 0.0).sum(axis=1)
    return np.where(count >= bins_needed(int(bins.sum()), rules), total / np.maximum(count, 1), np.nan)
