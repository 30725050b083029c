import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_class import RULES, Look, film, only

from classroom_fer.lesson.records import SizeClass, Task
from classroom_fer.measurement.visibility import size_classes

LESSON = [Task("lesson", 0, 120)]


def test_every_face_has_one_size_and_one_reason():
    looks = [
        Look(size_px=25),
        Look(size_px=34),
        Look(size_px=36),
        Look(size_px=100),
        Look(yaw_deg=None),
        Look(60.0),
        Look(confidence=0.5),
        Look(emotion=only("neutral", 0.5)),
    ]
    seen = film(8, 100, lambda k, t: looks[k]).understood(LESSON, end_s=100.0).visibility
    assert seen.sizes == (
        SizeClass(0, 32, 100), SizeClass(32, 36, 100), SizeClass(36, 72, 100), SizeClass(72, None, 500),
    )  # fmt: skip
    reasons = {
        "too small": 200, "turned away": 100, "pose unknown": 100, "unsure detection": 100, "uncertain": 100,
        "none": 200,
    }  # fmt: skip
    assert dict(seen.abstentions) == reasons
    assert (seen.faces, seen.tracks, seen.simultaneous_p95, seen.frames_sampled) == (800, 8, 8, 100)
    assert seen.coverage == 1


@given(st.lists(st.floats(1, 500), max_size=50))
def test_size_classes_hold_every_face_once(sizes):
    assert sum(size.faces for size in size_classes(sizes, RULES)) == len(sizes)


def test_size_classes_follow_the_rules():
    rules = dataclasses.replace(RULES, pose=dataclasses.replace(RULES.pose, min_face_px=36.0))
    assert [(size.low_px, size.high_px) for size in size_classes([], rules)] == [(0, 36), (36, 72), (72, None)]


def test_coverage_counts_pupils_who_left():
    seen = film(6, 120, lambda k, t: Look() if k < 3 or t < 60 else None).understood(LESSON).visibility
    assert seen.coverage == pytest.approx(0.75)


def test_a_room_without_faces_has_no_coverage_rather_than_0():
    seen = film(0, 120).understood(LESSON).visibility
    assert (seen.coverage, seen.faces, seen.simultaneous_p95, seen.unseen_s) == (None, 0, 0, 0)


@pytest.mark.parametrize("fps", [0.7, 1.4, 3.0, 6.0, 7.0, 29.97])
def test_a_film_that_was_read_whole_has_no_unseen_time_at_any_rate(fps):
    """Stored times have three decimals: 1/3 s is .333, which times 3 is less than 1."""
    made = film(6, 130.0, fps=fps)
    frames = [dataclasses.replace(f, time_s=round(f.time_s, 3)) for f in made.frames]
    seen = dataclasses.replace(made, frames=frames).understood(LESSON).visibility
    assert (seen.unseen_s, seen.frames_sampled) == (0, len(frames))
