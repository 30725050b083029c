"""Rows, tracks and tasks in, the session's result out: the whole pure half behind the tracker, in the order of the
sections of docs/measurement.md. No model, no film, no clock; the same rows give the same result to the last bit.

What a class of fewer than ``min_group`` hides (safeguard S3) is decided here and in what this calls, and nowhere after:
whatever a ``SessionResult`` holds may be stored, printed and exported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classroom_fer.lesson.records import Lesson, SessionResult, TaskSummary
from classroom_fer.lesson.shots import FrameKey
from classroom_fer.measurement.baselines import Baselines, summarise_tracks
from classroom_fer.measurement.bins import OUTSIDE, Grid
from classroom_fer.measurement.comparison import compare_tasks
from classroom_fer.measurement.lesson_bins import lesson_bins
from classroom_fer.measurement.moments import find_moments
from classroom_fer.measurement.sample_table import Mask, SampleTable, tracked_per_frame
from classroom_fer.measurement.small_groups import open_bins
from classroom_fer.measurement.summaries import summarise_task
from classroom_fer.measurement.timeline import Curves, LookedAt, make_curves, make_timeline
from classroom_fer.measurement.track_bins import TrackBins, without
from classroom_fer.measurement.visibility import describe
from classroom_fer.settings.rules import Rules


def measure_lesson(lesson: Lesson, rules: Rules) -> SessionResult:
    """What can be said of the class in ``lesson.span``; samples beyond it count in ``visibility`` but in no bin.

    Where nothing was inferred (profile presence), the same steps give counts of faces, coverage and minutes, and None
    wherever an expression, a direction or an index would stand.

    Returns: tracks by first appearance, bins and moments by time, tasks and comparisons in lesson order. A film without
    faces gives a result whose class values are all None.

    Raises:
        ValueError: tasks overlap.
    """
    return told(work_out(lesson, rules), rules)


@dataclass(frozen=True, slots=True, eq=False)
class Workings:
    """What a result is made from."""

    lesson: Lesson
    elsewhere: frozenset[FrameKey]
    """(frame_index, held) of the frames in which the camera looked elsewhere."""
    table: SampleTable
    baselines: Baselines
    cells: TrackBins
    summaries: tuple[TaskSummary, ...]
    shown: Mask
    """[B] bins that may feed and show class values."""
    curves: Curves


def work_out(lesson: Lesson, rules: Rules, left_out: Mask | None = None) -> Workings:
    """All steps up to the class values. Args: ``left_out`` [T] tracks that no class value is about."""
    bins = lesson_bins(lesson, rules)
    cells = without(bins.cells, left_out) if left_out is not None and left_out.any() else bins.cells
    summaries = tuple(summarise_task(cells, index, rules) for index in range(len(cells.grid.tasks)))
    shown = open_bins(cells.grid, summaries, rules.evidence)
    curves = make_curves(cells, shown, rules)
    return Workings(bins.lesson, bins.elsewhere, bins.table, bins.baselines, cells, summaries, shown, curves)


def told(work: Workings, rules: Rules) -> SessionResult:
    """What may be stored and shown of it."""
    cells, lesson = work.cells, work.lesson
    return SessionResult(
        visibility=describe(lesson, cells, work.elsewhere, rules),
        tracks=summarise_tracks(work.table, work.baselines),
        bins=make_timeline(cells, work.curves, looked_at(lesson, cells.grid), rules),
        tasks=work.summaries,
        moments=find_moments(cells, work.shown, work.curves, rules),
        comparisons=compare_tasks(cells, work.summaries, rules),
    )


def looked_at(lesson: Lesson, grid: Grid) -> LookedAt:
    """Sampled frames of each bin, and the mean number of tracked faces in them.

    A face without a track is a passer-by or a false detection; it is not counted as somebody in the class.
    """
    place = grid.place(np.array([frame.time_s for frame in lesson.frames], dtype=np.float64))
    inside = place != OUTSIDE
    tracked = tracked_per_frame(lesson).astype(np.float64)
    count = np.bincount(place[inside], minlength=grid.size).astype(np.int64)
    total = np.bincount(place[inside], weights=tracked[inside], minlength=grid.size)
    return LookedAt(count, np.where(count > 0, total / np.maximum(count, 1), np.nan))
