import numpy as np
import pytest
from synthetic_class import RULES, Look, film, only

from classroom_fer.lesson.expression_groups import OTHER_GROUP
from classroom_fer.lesson.records import Lesson, Task
from classroom_fer.lesson.span import Span
from classroom_fer.measurement.baselines import make_baselines
from classroom_fer.measurement.bins import make_grid
from classroom_fer.measurement.engagement import expression_values
from classroom_fer.measurement.sample_table import UNREADABLE, sample_table
from classroom_fer.measurement.track_bins import bins_needed, make_track_bins, task_means, without

TASKS = [Task("talk", 0, 60), Task("teams", 60, 120, "group")]


def made(script, pupils=1):
    seen = film(pupils, 120, script)
    lesson = Lesson(seen.frames, seen.tracks, TASKS, Span(0, 120, 1.0, 120))
    table = sample_table(lesson.tracks)
    grid = make_grid(TASKS, 0, 120, 10)
    baselines = make_baselines(table, np.zeros(len(table.track), bool), RULES.pose)
    return table, make_track_bins(lesson, table, baselines, grid, RULES)


@pytest.mark.parametrize(("seen", "facing", "looks"), [(1, False, False), (2, False, True), (3, True, True)])
def test_a_bin_has_a_value_of_a_pupil_seen_often_enough_in_it(seen, facing, looks):
    _, cells = made(lambda k, t: Look() if t % 10 < seen else None)
    assert (~np.isnan(cells.orientation[0, :6])).tolist() == [facing] * 6
    assert (~np.isnan(cells.expression[0])).tolist() == [looks] * 12
    assert cells.readable[0].tolist() == [looks] * 12
    assert cells.seen[0].tolist() == [seen] * 12


def test_there_is_no_orientation_in_group_work():
    _, cells = made(lambda k, t: Look())
    assert np.isnan(cells.orientation[0]).tolist() == [False] * 6 + [True] * 6


def test_a_value_is_the_mean_of_the_samples_that_count():
    """Unknown poses and expressions that nobody can name are left out, not counted as 0."""
    looks = [Look(32.5), Look(0.0), Look(None), Look(60.0), Look(0.0, emotion=only("fear", 0.4))]
    _, cells = made(lambda k, t: looks[int(t) % 5])
    assert cells.orientation[0, 0] == pytest.approx((0.5 + 1 + 0 + 1) / 4)
    assert cells.expression[0, 0] == pytest.approx(1)
    assert cells.groups[0, 0].tolist() == [4, 0, 0, 2]


def test_small_faces_have_no_orientation_and_no_expression():
    _, cells = made(lambda k, t: Look(size_px=31))
    assert np.isnan(cells.orientation).all()
    assert np.isnan(cells.expression).all()
    assert cells.seen.sum() == 120


def test_samples_are_sorted_by_first_appearance_whatever_their_ids():
    film_ = film(3, 60, lambda k, t: Look() if t >= 10 * (2 - k) else None)
    assert sample_table(film_.tracks).track_ids == (3, 2, 1)


def test_a_face_whose_class_is_uncertain_counts_in_expression_by_its_votes():
    asked = Look(emotion=only("neutral", 0.55))
    table, cells = made(lambda k, t: asked)
    assert set(table.group.tolist()) == {OTHER_GROUP}
    assert cells.expression[0, 0] == pytest.approx(expression_values(only("neutral", 0.55), RULES.weights()))


def test_only_readable_samples_have_a_group():
    looks = [Look(), Look(emotion=only("neutral", 0.5)), Look(None), Look(size_px=20)]
    table, _ = made(lambda k, t: looks[int(t) % 4])
    assert table.group[:4].tolist() == [0, 3, UNREADABLE, UNREADABLE]
    assert np.isnan(table.probabilities[2:4]).all()


@pytest.mark.parametrize(("bins", "needed"), [(0, 1), (1, 1), (3, 3), (6, 6), (24, 6), (25, 7), (60, 15), (100, 25)])
def test_a_track_needs_six_bins_and_a_quarter_of_the_task(bins, needed):
    assert bins_needed(bins, RULES.evidence) == needed


def test_a_track_seen_too_little_has_no_value_rather_than_0():
    values = np.full((3, 60), np.nan)
    values[0, :15], values[1, :14] = 0.5, 0.5
    got = task_means(values, np.ones(60, bool), RULES.evidence)
    assert got[0] == 0.5
    assert np.isnan(got[1:]).all()


def test_a_lowered_face_is_not_read_for_shares_but_still_has_its_expression():
    """Lowered faces look like smiles to the classifier; at desks nearly all heads are down."""
    tasks = [Task("talk", 0, 240), Task("work", 240, 360, "desk")]

    def look(k, t):
        return Look(emotion=only("neutral")) if t < 240 else Look(pitch_deg=25, emotion=only("happiness"))

    talk, work = film(8, 360, look).understood(tasks).tasks
    assert (talk.shares.neutral, talk.readable) == (1, 1)
    assert (work.shares, work.readable) == (None, 0)
    assert work.expression.value < talk.expression.value
    assert work.engagement is not None
    upright = film(8, 360, lambda k, t: Look(emotion=only("happiness"), pitch_deg=25 if t % 2 and t > 240 else 0))
    assert upright.understood(tasks).tasks[1].shares.smiling == 1


def test_of_tracks_that_are_left_out_nothing_remains_and_the_others_stay():
    _, cells = made(lambda k, t: Look(5.0 * k), pupils=3)
    left = without(cells, np.array([False, True, False]))
    for name in ("orientation", "probabilities", "votes", "expression"):
        was, values = getattr(cells, name), getattr(left, name)
        assert np.isnan(values[1]).all()
        np.testing.assert_array_equal(values[[0, 2]], was[[0, 2]])
    assert (left.seen[1].sum(), left.groups[1].sum(), left.readable[1].sum()) == (0, 0, 0)
    assert (left.seen[0] == cells.seen[0]).all() and cells.seen[1].all()
    assert (cells.simultaneous, left.simultaneous) == (3, 2)
