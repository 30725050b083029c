"""Rows, tracks and tasks in, the session's result out: the whole pure half behind the tracker, in the order of the
pages of measurement.md. No model, no film, no clock; the same rows give the same result to the last bit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classroom_fer.lesson.records import FrameSample, SessionResult, Task, Track
from classroom_fer.measurement.baselines import make_baselines, summarise_tracks
from classroom_fer.measurement.bins import OUTSIDE, Grid, make_grid
from classroom_fer.measurement.comparison import compare_tasks
from classroom_fer.measurement.engagement import Floats
from classroom_fer.measurement.moments import find_moments
from classroom_fer.measurement.sample_table import Ints, sample_table
from classroom_fer.measurement.small_groups import open_bins
from classroom_fer.measurement.statistics import simultaneous_p95
from classroom_fer.measurement.summaries import summarise_task
from classroom_fer.measurement.timeline import make_timeline
from classroom_fer.measurement.track_bins import in_mode, make_track_bins
from classroom_fer.measurement.visibility import describe
from classroom_fer.settings.rules import Rules


def understand(
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
    """What can be said of the class in [start_s, end_s).

    Args: all sampled frames, the tracks made from them and the tasks, each in any order; ``fps`` samples a second were
    asked for. Tasks may reach beyond the span. Samples beyond it count in ``visibility`` but in no bin.

    Returns: tracks by first appearance, bins and moments by time, tasks and comparisons in lesson order. A film without
    faces gives a result whose class values are all None.

    Raises:
        ValueError: tasks overlap.
    """
    frames = sorted(frames, key=lambda frame: (frame.time_s, frame.frame_index))
    table = sample_table(tracks)
    grid = make_grid(tasks, start_s, end_s, rules.bins.seconds)
    board = in_mode(grid, grid.place(table.time_s), "board")
    baselines = make_baselines(table, board, rules.pose)
    tracked = tracked_per_frame(frames, tracks)
    simultaneous = simultaneous_p95(tracked)
    cells = make_track_bins(table, baselines, grid, simultaneous, rules=rules, fps=fps)
    summaries = tuple(summarise_task(cells, index, rules) for index in range(len(grid.tasks)))
    shown = open_bins(grid, summaries, rules.evidence)
    frames_in_bin, faces_in_bin = looked_at(frames, tracked, grid)
    return SessionResult(
        visibility=describe(frames, cells, rules=rules, fps=fps, start_s=start_s, end_s=end_s, frames_lost=frames_lost),
        tracks=summarise_tracks(table, baselines),
        bins=make_timeline(cells, shown, frames_in_bin, faces_in_bin, rules),
        tasks=summaries,
        moments=find_moments(cells, shown, rules),
        comparisons=compare_tasks(cells, summaries, rules),
    )


def tracked_per_frame(frames: Sequence[FrameSample], tracks: Sequence[Track]) -> Ints:
    """[F] faces that belong to a track, for every sampled frame, empty ones included."""
    number = {(frame.frame_index, frame.held): row for row, frame in enumerate(frames)}
    rows = [number[s.frame_index, s.held] for track in tracks for s in track.samples]
    return np.bincount(np.array(rows, dtype=np.int64), minlength=len(frames)).astype(np.int64)


def looked_at(frames: Sequence[FrameSample], tracked: Ints, grid: Grid) -> tuple[Ints, Floats]:
    """[B] sampled frames and [B] mean number of tracked faces in them (NaN without frames).

    A face without a track is a passer-by or a false detection; it is not counted as somebody in the class.
    """
    place = grid.place(np.array([frame.time_s for frame in frames], dtype=np.float64))
    inside = place != OUTSIDE
    found = tracked.astype(np.float64)
    count = np.bincount(place[inside], minlength=grid.size).astype(np.int64)
    total = np.bincount(place[inside], weights=found[inside], minlength=grid.size)
    return count, np.where(count > 0, total / np.maximum(count, 1), np.nan)
