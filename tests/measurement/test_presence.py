"""The profile presence: counts, coverage and minutes, and None where anything else would be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes import FakeDetector, FakeVideo

from classroom_fer.lesson.records import FrameSample, Lesson, NotShown, SessionResult, Task
from classroom_fer.lesson.span import Chunk, Span
from classroom_fer.measurement.session_result import measure_lesson
from classroom_fer.pipeline import OpenFilm, Parts, Stopwatch, observe
from classroom_fer.settings.config import default_config
from classroom_fer.tracking.seat_tracker import SeatTracker

CONFIG = replace(default_config(), profile="presence")
TRACKER = SeatTracker(CONFIG.rules.tracking)
TASKS = (Task("First", 0, 100), Task("Second", 100, 200, "desk"))


def rows(seats: int = 5, empty: range = range(0)) -> list[FrameSample]:
    parts = Parts(FakeDetector(seats=seats, empty=empty), None)
    return list(observe(Chunk(0, 0, 200), OpenFilm(FakeVideo(duration_s=200), parts, CONFIG), Stopwatch()).frames)


def counted(frames: list[FrameSample], tasks: tuple[Task, ...] = TASKS) -> SessionResult:
    lesson = Lesson(frames, TRACKER.track(frames), tasks, Span(0, 200, 1.0, 120), 3, inferred=False)
    return measure_lesson(lesson, CONFIG.rules)


def test_the_rows_hold_boxes_and_times_only() -> None:
    faces = [face for frame in rows() for face in frame.faces]
    assert len(faces) == 200 * 5
    assert {(face.pose, face.emotion, face.abstained_because) for face in faces} == {(None, None, "not inferred")}
    assert all(face.quality.size_px == 40 and face.box[2] > face.box[0] for face in faces)


def test_a_profile_that_infers_needs_a_classifier() -> None:
    film = OpenFilm(FakeVideo(duration_s=5), Parts(FakeDetector(), None), default_config())
    with pytest.raises(ValueError, match="needs a classifier"):
        observe(Chunk(0, 0, 5), film, Stopwatch())


def test_faces_coverage_and_minutes_are_counted() -> None:
    result = counted(rows(empty=range(1000, 1400)))  # nobody from 1:40 to 2:20
    assert (result.visibility.faces, result.visibility.tracks, result.visibility.simultaneous_p95) == (160 * 5, 5, 5)
    assert result.visibility.frames_lost == 3
    first, second = result.tasks
    assert (first.n, first.coverage, first.bins) == (5, 1.0, 10)
    assert (second.n, second.coverage) == (5, 0.6)
    assert [b.faces for b in result.bins] == [5.0] * 10 + [0.0] * 4 + [5.0] * 6
    assert [b.coverage for b in result.bins] == [1.0] * 10 + [0.0] * 4 + [1.0] * 6


def test_everything_that_would_be_inferred_is_none() -> None:
    result = counted(rows())
    for task in result.tasks:
        told = (task.grade, task.engagement, task.orientation, task.expression, task.shares, task.readable)
        assert told == (None,) * 6
        assert task.not_shown_because == NotShown("not_inferred")
    for one in result.bins:
        assert (one.n, one.engagement, one.orientation, one.expression, one.probabilities) == (None,) * 5
    assert {(t.yaw0_deg, t.pitch0_deg, t.baseline) for t in result.tracks} == {(None, None, "dropped")}
    assert (result.moments, result.comparisons, result.visibility.abstentions) == ((), (), ())


def test_numbers_of_a_small_group_are_hidden_here_too() -> None:
    result = counted(rows(seats=4))
    assert {(task.n, task.coverage) for task in result.tasks} == {(None, None)}
    assert {task.not_shown_because for task in result.tasks} == {NotShown("few", None, 5)}
    assert {(one.faces, one.coverage) for one in result.bins} == {(None, None)}


def test_a_task_outside_of_what_was_analysed_says_so() -> None:
    result = counted(rows(), (Task("Later", 300, 400),))
    assert [task.not_shown_because for task in result.tasks] == [NotShown("outside")]


def test_a_film_without_faces_is_a_result() -> None:
    result = counted(rows(seats=0))
    assert (result.visibility.faces, result.tracks) == (0, ())
