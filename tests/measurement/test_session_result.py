import dataclasses
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_class import RULES, Film, Look, film, only
from work import calls

from classroom_fer.lesson.camera import SAME, CameraStep
from classroom_fer.lesson.records import EMOTIONS, Lesson, NotShown, Task, Track
from classroom_fer.lesson.span import Span
from classroom_fer.measurement.session_result import measure_lesson

TASKS = [
    Task("talk", 0, 250),
    Task("reading", 250, 400, "desk"),
    Task("teams", 410, 500, "group"),
    Task("end", 500, 600),
]


def a_class(seed=0, pupils=9, seconds=600, share_seen=0.85):
    rng = random.Random(seed)

    def look(pupil, time):
        if rng.random() > share_seen:
            return None
        yaw = None if rng.random() < 0.05 else rng.gauss(4 * pupil - 16, 20)
        emotion = only(rng.choice(EMOTIONS[:4]), rng.uniform(0.3, 0.9))
        return Look(yaw, rng.gauss(3, 12), emotion, rng.uniform(28, 90), rng.choice([0.8, 0.99, 0.99]))

    return film(pupils, seconds, look)


LESSON = a_class()
RESULT = LESSON.understood(TASKS)


def without_ids(result):
    return dataclasses.replace(result, tracks=tuple(dataclasses.replace(t, track_id=0) for t in result.tracks))


def test_the_lesson_of_these_tests_shows_something():
    assert [t.grade for t in RESULT.tasks] == ["C"] * 4
    assert RESULT.comparisons
    assert sum(b.engagement is not None for b in RESULT.bins) > 40


@settings(max_examples=10)
@given(st.randoms(use_true_random=False))
def test_the_order_of_frames_tracks_and_tasks_changes_nothing(order):
    frames, tracks, tasks = list(LESSON.frames), list(LESSON.tracks), list(TASKS)
    for rows in (frames, tracks, tasks):
        order.shuffle(rows)
    assert Film(frames, tracks, 600).understood(tasks) == RESULT


@settings(max_examples=10)
@given(st.permutations(range(100, 109)))
def test_other_ids_of_tracks_change_nothing(ids):
    tracks = [Track(new, t.samples) for new, t in zip(ids, LESSON.tracks, strict=True)]
    got = Film(LESSON.frames, tracks, 600).understood(TASKS)
    new_id = dict(zip((t.track_id for t in LESSON.tracks), ids, strict=True))
    assert [t.track_id for t in got.tracks] == [new_id[t.track_id] for t in RESULT.tracks]
    assert without_ids(got) == without_ids(RESULT)


def class_values(result):
    for row in (*result.bins, *result.tasks):
        for name in ("engagement", "orientation", "expression", "probabilities", "shares", "readable", "grade"):
            yield getattr(row, name, None)


@pytest.mark.parametrize(
    "empty",
    [
        film(0, 600),
        Film([], [], 600),
        film(9, 600, lambda k, t: Look(None, size_px=20)),
        film(9, 600, lambda k, t: Look(confidence=0.3, yaw_deg=None)),
        film(4, 600),
    ],
    ids=["empty room", "nothing decoded", "tiny faces", "unsure faces", "four pupils"],
)
def test_where_nothing_can_be_said_every_class_value_is_missing_and_none_is_0(empty):
    got = empty.understood(TASKS)
    assert set(class_values(got)) == {None}
    assert (got.moments, got.comparisons) == ((), ())
    assert all(t.not_shown_because for t in got.tasks)


def test_a_film_of_which_nothing_decoded_was_not_seen_at_all():
    got = Film([], [], 600).understood(TASKS)
    assert (got.visibility.unseen_s, got.visibility.frames_sampled, got.visibility.coverage) == (600, 0, None)
    assert {(b.frames, b.faces, b.coverage) for b in got.bins} == {(0, None, None)}


def test_a_span_shorter_than_one_sample_gives_a_result():
    got = film(6, 1).understood([Task("whole lesson", 0, 0.2)], end_s=0.2)
    assert (len(got.bins), got.tasks[0].not_shown_because) == (1, NotShown("short", pytest.approx(0.2), 60))
    assert film(0, 0).understood([], end_s=0.0).bins == ()


def test_without_tasks_there_are_bins_but_no_index():
    got = LESSON.understood([])
    assert (got.tasks, got.comparisons, got.moments, len(got.bins)) == ((), (), (), 60)
    assert all(b.engagement is None and b.task is None for b in got.bins)
    assert any(b.expression is not None for b in got.bins)


@settings(max_examples=15)
@given(st.integers(0, 1000), st.integers(0, 9), st.floats(0.1, 1))
def test_bins_tile_the_film_and_every_value_lies_in_its_interval(seed, pupils, share_seen):
    got = a_class(seed, pupils, 300, share_seen).understood(TASKS[:2], end_s=300.0)
    assert (got.bins[0].start_s, got.bins[-1].end_s) == (0, 300)
    assert all(a.end_s == b.start_s for a, b in zip(got.bins, got.bins[1:], strict=False))
    for row in (*got.bins, *got.tasks):
        if row.engagement is not None:
            assert 0 <= row.engagement.low <= row.engagement.value <= row.engagement.high <= 100
        assert row.coverage is None or 0 <= row.coverage <= 1


@settings(max_examples=10)
@given(st.sets(st.integers(0, 59), max_size=20))
def test_lost_film_changes_coverage_but_no_value_of_a_class_that_never_changes(lost):
    whole = film(6, 600, lambda k, t: Look(6.0 * k, 0, only("happiness", 0.8)))
    tasks = [Task("lesson", 0, 600, "desk")]
    before, after = whole.understood(tasks), whole.without(lambda t: t // 10 in lost).understood(tasks)
    assert after.visibility.unseen_s == 10 * len(lost)
    assert after.visibility.coverage == pytest.approx(1 - len(lost) / 60)
    for a, b in zip(before.bins, after.bins, strict=True):
        if b.frames:
            assert (b.orientation, b.expression) == pytest.approx((a.orientation, a.expression))
            assert dataclasses.astuple(b.engagement) == pytest.approx(dataclasses.astuple(a.engagement))
        else:
            assert b.engagement is None


@pytest.mark.parametrize("fps", [0.2, 0.5, 2.0, 5.0])
def test_the_sampling_rate_does_not_change_what_a_steady_class_gets(fps):
    made = film(6, 300, lambda k, t: Look(6.0 * k, 0, only("happiness", 0.8)), fps=fps)
    got = made.understood([Task("lesson", 0, 300, "desk")]).tasks[0]
    want = film(6, 300, lambda k, t: Look(6.0 * k, 0, only("happiness", 0.8))).understood([got.task]).tasks[0]
    assert dataclasses.astuple(got.engagement) == pytest.approx(dataclasses.astuple(want.engagement))
    assert got.coverage == 1


def test_another_start_of_the_film_moves_nothing_but_the_times():
    def look(k, t):
        return Look(6.0 * k + np.sin(t), 0, only("happiness", 0.8))

    plain = film(6, 300, look).understood([Task("lesson", 0, 300)])
    later = film(6, 420, lambda k, t: look(k, t - 120) if t >= 120 else None)
    moved = later.without(lambda t: t < 120).understood([Task("lesson", 120, 420)], start_s=120.0)
    assert [b.start_s - 120 for b in moved.bins] == [b.start_s for b in plain.bins]
    for a, b in zip(moved.bins, plain.bins, strict=True):
        assert a.orientation == pytest.approx(b.orientation, abs=1e-9)
    assert moved.visibility.unseen_s == 0


def test_directions_are_not_used_while_the_camera_looks_elsewhere():
    there, back = CameraStep("moved", 200.0), CameraStep("moved", -200.0)
    turns = {150.0: there, 200.0: back}
    frames = [dataclasses.replace(f, camera=turns.get(f.time_s, SAME)) for f in LESSON.frames]
    turned = measure_lesson(Lesson(frames, LESSON.tracks, TASKS, Span(0, 600, 1, 120), width_px=1280), RULES)
    plain = measure_lesson(Lesson(frames, LESSON.tracks, TASKS, Span(0, 600, 1, 120)), RULES)
    assert turned.visibility.camera_away == pytest.approx(50 / 600)
    assert (turned.visibility.cuts, plain.visibility.camera_away) == (0, 0.0)
    for bin_, same in zip(turned.bins, plain.bins, strict=True):
        elsewhere = 150 <= bin_.start_s < 200
        assert bin_.faces == same.faces
        assert (bin_.orientation is None) == (elsewhere or same.orientation is None)


def test_the_weights_in_use_change_expression_and_nothing_else():
    flat = LESSON.understood(TASKS, dataclasses.replace(RULES, weight_set="flat"))
    assert [t.expression for t in flat.tasks] != [t.expression for t in RESULT.tasks]
    assert [t.orientation for t in flat.tasks] == [t.orientation for t in RESULT.tasks]
    assert flat.visibility == RESULT.visibility


def test_a_lesson_twice_as_long_is_about_twice_the_work():
    short, long = a_class(1, 30, 300), a_class(1, 30, 600)
    assert calls(lambda: long.understood([Task("all", 0, 600)])) < 2.2 * calls(
        lambda: short.understood([Task("all", 0, 300)])
    )
