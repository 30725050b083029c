"""What the profile ``presence`` says of a lesson (safeguard S1): counts of faces, coverage and minutes, nothing else.

No expression, no direction and no index goes in or comes out: the rows that it gets hold boxes and times only, and
every field of the result that would hold more is None. Comparisons and moments need an index, so there are none.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classroom_fer.lesson.records import FrameSample, SessionResult, Task, TaskSummary, TimelineBin, Track
from classroom_fer.measurement.baselines import Baselines, Kind, summarise_tracks
from classroom_fer.measurement.bins import OUTSIDE, make_grid
from classroom_fer.measurement.sample_table import Mask, sample_table
from classroom_fer.measurement.session_result import looked_at, tracked_per_frame
from classroom_fer.measurement.small_groups import may_count, may_show
from classroom_fer.measurement.statistics import simultaneous_p95
from classroom_fer.measurement.track_bins import TrackBins, make_track_bins, task_means
from classroom_fer.measurement.visibility import describe
from classroom_fer.settings.rules import EvidenceRules, Rules

NOT_INFERRED = "the profile presence infers nothing; it counts faces and minutes"
"""Why every class value is missing. Numbers of small groups are hidden as everywhere (safeguard S3)."""


def count_presence(
    frames: Sequence[FrameSample],
    tracks: Sequence[Track],
    tasks: Sequence[Task],
    *,
    rules: Rules,
    fps: float,
    start_s: float,
    end_s: float,
    frames_lost: int,
) -> SessionResult:
    """As ``understanding.understand``; ``n`` of a task counts faces that were seen in enough of its bins."""
    frames = sorted(frames, key=lambda frame: (frame.time_s, frame.frame_index))
    table, grid = sample_table(tracks), make_grid(tasks, start_s, end_s, rules.bins.seconds)
    nothing = np.full(len(table.track_ids), np.nan)
    left_out: list[Kind] = ["dropped"] * len(table.track_ids)
    baselines = Baselines(nothing, nothing, tuple(left_out))
    tracked = tracked_per_frame(frames, tracks)
    cells = make_track_bins(table, baselines, grid, simultaneous_p95(tracked), rules=rules, fps=fps)
    looked, faces = looked_at(frames, tracked, grid)
    seen = describe(
        frames, cells, rules=rules, fps=fps, start_s=start_s, end_s=end_s, frames_lost=frames_lost, judged=False
    )
    return SessionResult(
        visibility=seen,
        tracks=summarise_tracks(table, baselines),
        bins=tuple(_bin(cells, b, int(looked[b]), float(faces[b]), rules.evidence) for b in range(grid.size)),
        tasks=tuple(_summary(cells, index, rules.evidence) for index in range(len(grid.tasks))),
        moments=(),
        comparisons=(),
    )


def _bin(cells: TrackBins, b: int, frames: int, faces: float, rules: EvidenceRules) -> TimelineBin:
    grid = cells.grid
    share = _coverage(cells, np.arange(grid.size) == b)

    def told(count: float) -> bool:
        return bool(frames) and may_count(count, cells.simultaneous, rules)

    return TimelineBin(
        task=None if grid.task[b] == OUTSIDE else grid.tasks[grid.task[b]].name,
        start_s=float(grid.edges_s[b]),
        end_s=float(grid.edges_s[b + 1]),
        frames=frames,
        faces=faces if told(faces) else None,
        n=None,
        coverage=share if told(round(share * cells.simultaneous)) else None,
        engagement=None,
        orientation=None,
        expression=None,
        probabilities=None,
    )


def _coverage(cells: TrackBins, bins: Mask) -> float:
    """Track-bins with a face / (N95 x bins), at most 1; 0 where there are none of either."""
    possible = cells.simultaneous * int(bins.sum())
    return min(1.0, int((cells.seen[:, bins] > 0).sum()) / possible) if possible else 0.0


def _summary(cells: TrackBins, index: int, rules: EvidenceRules) -> TaskSummary:
    bins = np.asarray(cells.grid.task == index)
    often = ~np.isnan(task_means(np.where(cells.seen > 0, 1.0, np.nan), bins, rules))
    n = min(int(often.sum()), cells.simultaneous)
    enough = may_show(n, rules)
    return TaskSummary(
        task=cells.grid.tasks[index],
        bins=int(bins.sum()),
        n=n if enough else None,
        coverage=_coverage(cells, bins) if enough else None,
        grade=None,
        engagement=None,
        orientation=None,
        expression=None,
        shares=None,
        readable=None,
        not_shown_because=_why_not(bool(bins.any()), enough, rules),
    )


def _why_not(analysed: bool, enough: bool, rules: EvidenceRules) -> str:
    if not analysed:
        return "it lies outside of what was analysed"
    return NOT_INFERRED if enough else f"fewer than {rules.min_group} faces were seen"
