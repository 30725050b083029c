"""Which clips a lesson has, where they are said to be, and what the program says of them."""

from __future__ import annotations

from functools import cache

import numpy as np
from drawn_lessons import PLACES, SIZES_PX, drawn_lesson, frames_of, place

from classroom_fer.lesson.records import Lesson, Task, Track
from classroom_fer.lesson.span import Span
from classroom_fer.measurement.lesson_bins import LessonBins, lesson_bins
from classroom_fer.settings.config import default_config
from classroom_fer.study.clips import Clip, lesson_clips
from classroom_fer.study.program_values import AWAY, FRONT, program_values

RULES = default_config().rules
DRAWN = drawn_lesson()
TASKS = (Task("First", 0.0, 125.0, "board"), Task("Group", 130.0, 240.0, "group"))
"""A rest of 5 s at the end of the first is a bin of its own; 5 s belong to no task."""


@cache
def lesson() -> LessonBins:
    """Tracks by seat, as a perfect tracker would have them."""
    frames = frames_of(DRAWN)
    seats = range(len(DRAWN.away))
    mine = {seat: [f for frame in frames for f in frame.faces if abs(f.box[0] - left(seat)) < 1 and f.box[1] > 0
                   and f.quality.size_px == place(seat)[2]] for seat in seats}  # fmt: skip
    tracks = [Track(seat + 1, tuple(samples)) for seat, samples in mine.items()]
    return lesson_bins(Lesson(frames, tracks, TASKS, Span(0.0, 240.0, 1.0, 120.0), width_px=1280), RULES)


def left(seat: int) -> float:
    x, _, size = place(seat)
    return x - size / 2


@cache
def clips() -> tuple[Clip, ...]:
    return tuple(lesson_clips(1, lesson(), RULES.evidence))


def test_clips_are_whole_bins_of_tasks() -> None:
    assert {(c.end_s - c.start_s, c.task) for c in clips()} == {(10.0, "First"), (10.0, "Group")}
    assert {c.start_s for c in clips() if c.task == "First"} == {10.0 * b for b in range(12)}


def test_rows_are_counted_from_the_camera_and_places_from_the_left() -> None:
    seats = {(c.seat.row, c.seat.place, c.seat.places, c.seat.size_px) for c in clips()}
    rows = range(len(SIZES_PX))
    assert seats == {(row + 1, n + 1, PLACES, SIZES_PX[row]) for row in rows for n in range(PLACES)}


def test_moments_in_which_nobody_was_seen_are_clips_too_with_the_place_of_before_or_after() -> None:
    unseen = [c for c in clips() if c.coverage == "unseen"]
    assert unseen
    for c in unseen:
        seat = (c.seat.row - 1) * PLACES + c.seat.place - 1
        assert (c.x_px, c.y_px) == place(seat)[:2]


def test_a_value_is_one_of_orientation_and_of_expression_where_there_is_none() -> None:
    """Faces of 34 pixels have a direction and no expression."""
    far = [c for c in clips() if c.seat.size_px == min(SIZES_PX) and c.coverage != "unseen"]
    assert {(c.task, c.coverage) for c in far} == {("First", "valued"), ("Group", "seen")}


def test_the_program_says_where_faces_are_turned_and_how_they_look() -> None:
    near = [c for c in clips() if c.seat.row == 1 and c.coverage != "unseen" and c.task == "First"]
    for c, value in zip(near, program_values(near, lesson(), RULES), strict=True):
        seat, b = c.seat.place - 1, int(c.start_s) // 10
        turned = bool(DRAWN.away[seat, b])
        assert (value.facing, value.head_down) == (AWAY if turned else FRONT, 1)
        assert value.orientation == (0.0 if turned else 1.0)
        assert value.group == (-1 if turned else int(DRAWN.smiling[seat, b]))
        assert value.faces == np.sum(~DRAWN.hidden[:, b])
