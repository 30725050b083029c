"""A lesson as the measurement sees it: its samples in one table, its bins, and what each track shows in each bin.

What ``session_result`` makes class values of, and what a validation compares with observers' codes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from classroom_fer.lesson.records import Lesson
from classroom_fer.lesson.shots import FrameKey, away, steadied
from classroom_fer.measurement.baselines import Baselines, make_baselines, no_baselines
from classroom_fer.measurement.bins import Grid, make_grid
from classroom_fer.measurement.sample_table import SampleTable, sample_table
from classroom_fer.measurement.track_bins import TrackBins, in_mode, make_track_bins
from classroom_fer.settings.rules import Rules


@dataclass(frozen=True, slots=True, eq=False)
class LessonBins:
    """Track number t is row t of every matrix; bin number b is column b."""

    lesson: Lesson
    """With its frames in order of time."""
    elsewhere: frozenset[FrameKey]
    """Frames in which the camera was away from its place."""
    table: SampleTable
    baselines: Baselines
    grid: Grid
    cells: TrackBins


def lesson_bins(lesson: Lesson, rules: Rules) -> LessonBins:
    """Sorts the samples of ``lesson`` into tracks and bins.

    Raises:
        ValueError: tasks overlap.
    """
    lesson = replace(lesson, frames=sorted(lesson.frames, key=lambda frame: (frame.time_s, frame.frame_index)))
    elsewhere = away(lesson.frames, lesson.width_px, rules.pose.camera_shift) if lesson.width_px else frozenset()
    table = sample_table(lesson.tracks, elsewhere, steadied(lesson.frames))
    grid = make_grid(lesson.tasks, lesson.span.start_s, lesson.span.end_s, rules.bins.seconds)
    board = in_mode(grid, grid.place(table.time_s), "board")
    baselines = make_baselines(table, board, rules.pose) if lesson.inferred else no_baselines(table)
    return LessonBins(lesson, elsewhere, table, baselines, grid, make_track_bins(lesson, table, baselines, grid, rules))
