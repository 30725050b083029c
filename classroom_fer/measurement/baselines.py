"""Each track's own zero of head pose (docs/measurement.md, section 2): the camera stands somewhere, seats differ.

Median over the track's board-mode samples where there are enough; else what a robust line through the other tracks
says for that place in the picture; else 0. Between tasks counts as "not board": nobody said where to look.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from classroom_fer.lesson.records import TrackSummary
from classroom_fer.measurement.engagement import Floats
from classroom_fer.measurement.sample_table import Mask, SampleTable
from classroom_fer.settings.rules import PoseRules

Kind: TypeAlias = Literal["own", "line", "zero", "dropped"]


@dataclass(frozen=True, slots=True, eq=False)
class UsualPlace:
    """Where each track's face is while it looks ahead; NaN for a track without a baseline of its own."""

    y_px: Floats
    size_px: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Baselines:
    """Per track number; NaN where the track is left out of orientation."""

    yaw0_deg: Floats
    pitch0_deg: Floats
    place: UsualPlace
    kind: tuple[Kind, ...]


def make_baselines(table: SampleTable, board: Mask, rules: PoseRules) -> Baselines:
    """Args: ``board`` [N] marks the samples that lie in board-mode tasks.

    Choices: the line needs ``line_min_tracks`` tracks with an own baseline, and only then is a track dropped for being
    too far from it; a track on the line takes the median pitch of the tracks that have their own.
    """
    yaw0, pitch0, y0, size0 = _own_medians(table, board, rules)
    place = UsualPlace(y0, size0)
    own = ~np.isnan(yaw0)
    kinds: list[Kind] = ["own" if o else "zero" for o in own]
    if own.sum() < rules.line_min_tracks:
        return Baselines(np.where(own, yaw0, 0.0), np.where(own, pitch0, 0.0), place, tuple(kinds))
    x_px = np.array([np.median(table.x_px[rows]) for rows in _rows(table)])
    slope, offset = theil_sen(x_px[own], yaw0[own])
    line = offset + slope * x_px
    far = own & (np.abs(yaw0 - line) > rules.baseline_max_dev)
    kinds = ["dropped" if f else "own" if o else "line" for f, o in zip(far, own, strict=True)]
    typical_pitch = float(np.median(pitch0[own]))
    yaw0 = np.where(far, np.nan, np.where(own, yaw0, line))
    pitch0 = np.where(far, np.nan, np.where(own, pitch0, typical_pitch))
    return Baselines(yaw0, pitch0, place, tuple(kinds))


def no_baselines(table: SampleTable) -> Baselines:
    """Every track left out of orientation: no head pose was looked at (profile presence)."""
    nothing = np.full(len(table.track_ids), np.nan)
    left_out: list[Kind] = ["dropped"] * len(table.track_ids)
    return Baselines(nothing, nothing, UsualPlace(nothing, nothing), tuple(left_out))


def _own_medians(table: SampleTable, board: Mask, rules: PoseRules) -> Floats:
    """[4, T] medians of yaw, pitch, height in the picture and size; NaN for tracks seen too little in board mode."""
    columns = np.stack([table.yaw_deg, table.pitch_deg, table.steady_y_px, table.size_px])
    medians = np.full((len(columns), len(table.track_ids)), np.nan)
    valid = board & has_pose(table, rules)
    for number, rows in enumerate(_rows(table)):
        kept = np.arange(rows.start, rows.stop)[valid[rows]]
        if len(kept) < max(1, rules.baseline_min_samples):
            continue
        if np.ptp(table.time_s[kept]) < rules.baseline_min_span_s:
            continue
        medians[:, number] = np.median(columns[:, kept], axis=1)
    return medians


def has_pose(table: SampleTable, rules: PoseRules) -> Mask:
    """[N] samples whose head pose may be used: known, and the face large enough."""
    return ~np.isnan(table.yaw_deg) & ~np.isnan(table.pitch_deg) & (table.size_px >= rules.min_face_px)


def theil_sen(x: Floats, y: Floats) -> tuple[float, float]:
    """Slope and offset of the Theil-Sen line; slope 0 where all x are the same.

    The slope is the median over all pairs of points with different x (Sen 1968, J. Am. Stat. Assoc. 63:1379), as
    ``scipy.stats.theilslopes`` has it, which is slow to load. The offset is the median of ``y - slope * x``, which
    resists outliers as the slope does.

    >>> theil_sen(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), np.array([1.0, 3.0, 5.0, 7.0, 90.0]))
    (2.0, 1.0)
    """
    if np.ptp(x) == 0:
        return 0.0, float(np.median(y))
    run, rise = x[:, None] - x, y[:, None] - y
    slope = float(np.median(rise[run > 0] / run[run > 0]))
    return slope, float(np.median(y - slope * x))


def summarise_tracks(table: SampleTable, baselines: Baselines) -> tuple[TrackSummary, ...]:
    """In order of first appearance."""
    summaries = []
    for number, rows in enumerate(_rows(table)):
        yaw0, pitch0 = float(baselines.yaw0_deg[number]), float(baselines.pitch0_deg[number])
        dropped = baselines.kind[number] == "dropped"
        summaries.append(
            TrackSummary(
                track_id=table.track_ids[number],
                first_s=float(table.time_s[rows.start]),
                last_s=float(table.time_s[rows.stop - 1]),
                samples=rows.stop - rows.start,
                median_size_px=float(np.median(table.size_px[rows])),
                seat_x_px=float(np.median(table.x_px[rows])),
                seat_y_px=float(np.median(table.y_px[rows])),
                yaw0_deg=None if dropped else yaw0,
                pitch0_deg=None if dropped else pitch0,
                baseline=baselines.kind[number],
            )
        )
    return tuple(summaries)


def _rows(table: SampleTable) -> list[slice]:
    """The rows of each track; the table is sorted by track."""
    cuts = np.searchsorted(table.track, np.arange(len(table.track_ids) + 1))
    return [slice(int(a), int(b)) for a, b in itertools.pairwise(cuts)]
