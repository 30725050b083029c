import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_class import RULES, Look, cells, film, noisy_cells, only

from classroom_fer.lesson.records import Task
from classroom_fer.measurement.summaries import summarise_task
from classroom_fer.measurement.timeline import LookedAt, make_curves, make_timeline

LESSON = [Task("lesson", 0, 240)]


def timeline(made, shown=None):
    size = made.grid.size
    curves = make_curves(made, np.ones(size, bool) if shown is None else shown, RULES)
    return make_timeline(made, curves, LookedAt(np.full(size, 10), np.full(size, 9.0)), RULES)


def test_a_class_that_turns_away_goes_down_and_comes_back():
    bins = film(8, 240, lambda k, t: Look(40.0 if 100 <= t < 140 else 0.0)).understood(LESSON).bins
    away = [b.orientation for b in bins if 100 <= b.start_s < 140]
    assert away == pytest.approx([0.2] * 4)
    assert [b.orientation for b in bins if not 100 <= b.start_s < 140] == pytest.approx([1] * 20)


def test_a_pupil_who_always_looks_elsewhere_may_leave_without_lifting_the_curve():
    """The plain mean would jump from 11.2/12 to 1 (the zero is 0 here: the task is a desk task)."""
    script = lambda k, t: None if k == 0 and t >= 120 else Look(40.0 if k == 0 else 0.0)  # noqa: E731
    bins = film(12, 240, script).understood([Task("lesson", 0, 240, "desk")]).bins
    assert [b.orientation for b in bins] == pytest.approx([11.2 / 12] * 24)


def test_bins_with_too_few_tracks_are_gaps():
    """Fifteen pupils at once, so a bin needs six."""
    bins = film(15, 240, lambda k, t: Look() if k < 5 or t < 120 else None).understood(LESSON).bins
    assert [b.engagement is None for b in bins] == [False] * 12 + [True] * 12
    assert {b.n for b in bins[12:]} == {None}
    assert {b.faces for b in bins[12:]} == {5}
    assert [b.coverage for b in bins[12:]] == pytest.approx([1 / 3] * 12)


def test_film_that_was_not_seen_is_a_gap_without_faces_rather_than_an_empty_room():
    made = film(8, 240).without(lambda t: 60 <= t < 90)
    bins = made.understood(LESSON).bins
    assert [(b.frames, b.faces, b.coverage, b.engagement, b.n) for b in bins[6:9]] == [(0, None, None, None, None)] * 3


def test_an_empty_room_is_seen_to_be_empty():
    bins = film(8, 240, lambda k, t: Look() if t < 200 else None).understood(LESSON).bins
    assert (bins[-1].frames, bins[-1].faces, bins[-1].coverage, bins[-1].expression) == (10, 0, 0, None)


def test_between_tasks_and_in_group_work_there_is_expression_but_no_orientation():
    tasks = [Task("talk", 0, 100), Task("teams", 100, 200, "group")]
    bins = film(8, 240).understood(tasks).bins
    assert [b.task for b in bins[::6]] == ["talk", "talk", "teams", "teams"]
    assert bins[-1].task is None
    for b in bins[10:]:
        assert (b.orientation, b.engagement) == (None, None)
        assert b.expression == pytest.approx(1)


def test_a_class_that_turns_right_away_still_has_its_orientation():
    bins = film(8, 240, lambda k, t: Look(60.0 if t >= 200 else 0.0)).understood(LESSON).bins
    assert (bins[-1].orientation, bins[-1].expression, bins[-1].engagement) == (0, None, None)


def test_probabilities_are_the_mean_over_pupils_and_sum_to_1():
    bins = film(8, 240, lambda k, t: Look(emotion=only("happiness" if k < 4 else "neutral"))).understood(LESSON).bins
    assert bins[3].probabilities == pytest.approx((0.5, 0.5, 0, 0, 0, 0, 0, 0))


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_values_stay_on_their_scale_and_inside_their_intervals(seed):
    made = noisy_cells(np.random.default_rng(seed), 9, LESSON, 240.0)
    for b in timeline(made):
        if b.engagement is not None:
            assert 0 <= b.engagement.low <= b.engagement.value <= b.engagement.high <= 100
            assert 0 <= b.orientation <= 1
            assert 0 <= b.expression <= 1
            parts = 0.7 * b.orientation + 0.3 * b.expression
            assert b.engagement.value == pytest.approx(100 * parts, abs=1e-9)


def test_the_interval_is_the_plain_one_where_every_track_has_both_parts_in_every_bin():
    rng = np.random.default_rng(2)
    orientation, neutral = rng.uniform(0.2, 0.8, (10, 24)), rng.uniform(0.5, 1, (10, 24))
    likely = np.zeros((10, 24, 8))
    likely[..., 0], likely[..., 4] = neutral, 1 - neutral
    made = cells(orientation, likely, LESSON, 240.0)
    points = 100 * (0.7 * made.orientation + 0.3 * made.expression)
    deviation = points - points.mean(axis=1, keepdims=True)
    half = 2.262157 * deviation[:, 5].std(ddof=1) / np.sqrt(10)
    got = timeline(made)[5].engagement
    assert (got.value, got.high - got.value) == pytest.approx((points[:, 5].mean(), half), rel=1e-5)


def test_a_curve_of_pieces_of_pupils_is_no_surer_than_the_pupils():
    rng = np.random.default_rng(3)
    orientation, likely = rng.uniform(0.2, 0.8, (20, 24)), np.zeros((20, 24, 8))
    likely[..., 0] = 1

    def width(pupils):
        got = timeline(cells(orientation, likely, LESSON, 240.0, pupils=pupils))[5].engagement
        return got.high - got.low

    assert width(10) / width(20) == pytest.approx(np.sqrt(2) * 2.262157 / 2.093024, rel=1e-5)


def test_hidden_bins_neither_show_nor_feed_values():
    made = noisy_cells(np.random.default_rng(4), 12, [Task("hidden", 0, 60), Task("shown", 60, 240)], 240.0)
    shown = np.arange(24) >= 6
    before = timeline(made, shown)
    assert {b.expression for b in before[:6]} == {None}
    made.orientation[:, :6] = 0.0
    made.expression[:, :6] = 0.0
    made.probabilities[:, :6] = 1 / 8
    made_before_equal = [b for b in timeline(made, shown) if b.start_s >= 60]
    assert made_before_equal == [b for b in before if b.start_s >= 60]


def test_pieces_too_short_to_have_a_mean_of_their_own_do_not_flatten_the_curve():
    """Eight pupils turn away at 200 s; eight pieces are seen only then, where their own mean is the value itself."""
    away = np.arange(24) >= 20
    orientation, likely = np.tile(np.where(away, 0.2, 1.0), (16, 1)), np.zeros((16, 24, 8))
    likely[..., 0] = 1
    orientation[8:, ~away] = likely[8:, ~away] = np.nan
    bins = timeline(cells(orientation, likely, LESSON, 240.0))
    assert [b.orientation for b in bins] == pytest.approx([1.0] * 20 + [0.2] * 4)


def test_the_curve_of_a_task_agrees_with_its_table_whoever_was_there():
    """Low pupils are missing in the second task: both table and curve rise by what the others are higher."""
    low = np.arange(12) < 6
    orientation, likely = np.tile(np.where(low, 0.4, 0.8)[:, None], (1, 24)), np.zeros((12, 24, 8))
    likely[..., 0] = 1
    orientation[low, 12:] = likely[low, 12:] = np.nan
    tasks = [Task("all", 0, 120), Task("half", 120, 240)]
    made = cells(orientation, likely, tasks, 240.0)
    assert [b.orientation for b in timeline(made)] == pytest.approx([0.6] * 12 + [0.8] * 12)
    assert [summarise_task(made, k, RULES).orientation.value for k in (0, 1)] == pytest.approx([0.6, 0.8])


def test_a_bin_that_shares_too_few_tracks_with_the_rest_is_a_gap():
    """Ten tracks; those of the last six bins are others but for four, who could be solved for across the seam."""
    orientation, likely = np.random.default_rng(1).uniform(0.3, 0.7, (14, 24)), np.zeros((14, 24, 8))
    likely[..., 0] = 1
    orientation[10:, :18] = likely[10:, :18] = np.nan
    orientation[:6, 18:] = likely[:6, 18:] = np.nan
    bins = timeline(cells(orientation, likely, LESSON, 240.0, pupils=10))
    assert [b.orientation is None for b in bins] == [False] * 18 + [True] * 6


def test_probabilities_are_centred_like_expression():
    """A smiling pupil leaves: the class does not stop smiling."""
    script = lambda k, t: None if k == 0 and t >= 120 else Look(emotion=only("happiness" if k == 0 else "neutral"))  # noqa: E731
    bins = film(10, 240, script).understood(LESSON).bins
    assert [b.probabilities[1] for b in bins] == pytest.approx([0.1] * 24)
    assert [sum(b.probabilities) for b in bins] == pytest.approx([1] * 24)
