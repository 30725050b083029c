import dataclasses
import itertools

import numpy as np
import pytest
from synthetic_class import RULES, noisy_cells

from classroom_fer.lesson.records import Task
from classroom_fer.measurement.moments import find_moments
from classroom_fer.measurement.timeline import make_curves

LESSON = [Task("lesson", 0, 2700)]
ALL = np.ones(270, dtype=bool)


def moments_of(made, shown, rules):
    return find_moments(made, shown, make_curves(made, shown, rules), rules)


def moments(shift=None, seed=1, tasks=LESSON, rules=RULES, shown=ALL):
    return moments_of(noisy_cells(np.random.default_rng(seed), 20, tasks, 2700.0, shift), shown, rules)


def step(*times, by=-0.3):
    shift = np.zeros(270)
    for k, time in enumerate(times):
        shift[int(time // 10) :] += by if k % 2 == 0 else -by
    return shift


def test_a_change_of_the_class_is_found_at_its_time_with_its_parts():
    (got,) = moments(step(1200))
    assert abs(got.time_s - 1200) <= 10
    assert -25 < got.change < -12
    assert got.change == pytest.approx(got.change_orientation + got.change_expression)
    assert abs(got.change_orientation) > abs(got.change_expression)
    assert got.t < -4
    assert got.n == 20


def test_moments_come_in_order_of_time_and_at_most_five():
    times = (300, 600, 900, 1200, 1500, 1800, 2100)
    got = moments(step(*times))
    assert len(got) == 5
    assert [m.time_s for m in got] == sorted(m.time_s for m in got)
    assert all(min(abs(m.time_s - t) for t in times) <= 20 for m in got)


def test_of_two_changes_close_together_only_the_stronger_counts():
    got = moments(step(1200) + 0.5 * step(1260))
    assert all(b.time_s - a.time_s >= 120 for a, b in itertools.pairwise(got))
    assert len(got) == 1


def test_a_change_at_a_border_of_tasks_is_no_moment():
    tasks = [Task("first", 0, 1200), Task("second", 1200, 2700)]
    assert moments(step(1200), tasks=tasks) == ()


def test_no_moment_lies_within_the_guard_of_a_border():
    tasks = [Task("first", 0, 1200), Task("second", 1200, 2700)]
    wide = dataclasses.replace(RULES, moments=dataclasses.replace(RULES.moments, guard_s=130.0))
    assert len(moments(step(1300), tasks=tasks)) == 1
    found = moments(step(1300), tasks=tasks, rules=wide)
    assert all(abs(m.time_s - 1200) >= 130 for m in found)


def test_a_lesson_without_orientation_has_no_moments():
    assert moments(step(1200), tasks=[Task("teams", 0, 2700, "group")]) == ()
    assert moments(step(1200), tasks=[]) == ()


def test_a_hidden_task_has_no_moments():
    assert moments(step(1200), shown=~ALL) == ()


def test_too_few_tracks_make_no_moment():
    made = noisy_cells(np.random.default_rng(1), 20, LESSON, 2700.0, step(1200))
    made.expression[7:] = np.nan
    assert moments_of(made, ALL, RULES) == ()


def test_a_class_that_moves_as_one_has_a_finite_t():
    made = noisy_cells(np.random.default_rng(1), 20, LESSON, 2700.0)
    made.orientation[:] = np.where(np.arange(270) < 120, 0.9, 0.4)
    made.expression[:] = 0.5
    (got,) = moments_of(made, ALL, RULES)
    assert (got.time_s, got.change, got.change_expression) == pytest.approx((1200, -35, 0))
    assert np.isfinite(got.t)


def test_noise_alone_hardly_ever_makes_a_moment():
    """Forty lessons of 45 minutes; the bound (docs/simulation.md) is .33 false moments a lesson."""
    assert sum(len(moments(seed=seed)) for seed in range(40)) <= 13
