import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_class import RULES, Look, film, only

from classroom_fer.lesson.records import Task
from classroom_fer.measurement.visibility import size_classes, unseen_s

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
        Look(emotion=only("fear", 0.3)),
    ]
    seen = film(8, 100, lambda k, t: looks[k]).understood(LESSON, end_s=100.0).visibility
    assert seen.sizes == (("under 32 px", 100), ("32 to 36 px", 100), ("36 to 72 px", 100), ("72 px and more", 500))
    reasons = {
        "too small": 200, "turned away": 100, "pose unknown": 100, "unsure detection": 100, "uncertain": 100,
        "none": 200,
    }  # fmt: skip
    assert dict(seen.abstentions) == reasons
    assert (seen.faces, seen.tracks, seen.simultaneous_p95, seen.frames_sampled) == (800, 8, 8, 100)
    assert seen.coverage == 1


@given(st.lists(st.floats(1, 500), max_size=50))
def test_size_classes_hold_every_face_once(sizes):
    assert sum(count for _, count in size_classes(sizes, RULES)) == len(sizes)


def test_size_classes_follow_the_rules():
    rules = dataclasses.replace(RULES, pose=dataclasses.replace(RULES.pose, min_face_px=36.0))
    assert [label for label, _ in size_classes([], rules)] == ["under 36 px", "36 to 72 px", "72 px and more"]


@pytest.mark.parametrize(
    ("times", "fps", "start", "end", "expected"),
    [
        ([0, 1, 2, 3], 1, 0, 4, 0),
        ([], 1, 0, 4, 4),
        ([], 1, 0, 3.25, 3.25),
        ([0.1, 1.9], 1, 0, 4, 2),
        ([0, 0.5, 1.5], 2, 0, 2, 0.5),
        ([3.0], 1, 2.5, 5, 1),
        ([2.9999999999], 1, 3, 4, 0),
    ],
)
def test_unseen_time_is_that_of_the_intervals_without_a_frame(times, fps, start, end, expected):
    assert unseen_s(times, fps, start, end) == pytest.approx(expected)


@given(st.sets(st.integers(0, 99)), st.sampled_from([0.2, 1.0, 3.0, 29.97]))
def test_unseen_time_and_seen_intervals_make_up_the_span(seen, fps):
    assert unseen_s([k / fps for k in seen], fps, 0, 100 / fps) == pytest.approx((100 - len(seen)) / fps)


def test_coverage_counts_pupils_who_left():
    seen = film(6, 120, lambda k, t: Look() if k < 3 or t < 60 else None).understood(LESSON).visibility
    assert seen.coverage == pytest.approx(0.75)


def test_a_room_without_faces_has_no_coverage_rather_than_0():
    seen = film(0, 120).understood(LESSON).visibility
    assert (seen.coverage, seen.faces, seen.simultaneous_p95, seen.unseen_s) == (None, 0, 0, 0)
