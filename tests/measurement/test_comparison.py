import dataclasses

import numpy as np
import pytest
from synthetic_class import RULES, cells, noisy_cells

from classroom_fer.lesson.records import Task
from classroom_fer.measurement.comparison import compare_tasks
from classroom_fer.measurement.summaries import summarise_task


def lesson(*modes, minutes=10):
    return [Task(f"task {k}", 60.0 * minutes * k, 60.0 * minutes * (k + 1), mode) for k, mode in enumerate(modes)]


def compared(made, rules=RULES):
    summaries = [summarise_task(made, index, rules) for index in range(len(made.grid.tasks))]
    return compare_tasks(made, summaries, rules)


def two(shift, seed=1, modes=("board", "board"), tracks=20):
    """Two tasks of ten minutes; ``shift`` [120] moves everybody's orientation."""
    return noisy_cells(np.random.default_rng(seed), tracks, lesson(*modes), 1200.0, shift)


STEP = np.repeat([0.0, -0.25], 60)
DRIFT = np.linspace(0.15, -0.3, 120)


def test_a_step_between_tasks_is_found_with_its_sign_and_size():
    (down,) = compared(two(STEP))
    (up,) = compared(two(-STEP - 0.25))
    assert (down.verdict, up.verdict) == ("lower", "higher")
    assert (down.first, down.second, down.n) == ("task 0", "task 1", 20)
    assert -18 < down.difference.value < -10
    assert down.difference.low <= down.difference.value <= down.difference.high < 0
    assert down.p_holm < 1e-6


def test_a_slow_drift_is_not_laid_to_the_second_task():
    (got,) = compared(two(DRIFT))
    assert got.difference.high < -5
    assert got.verdict == "not_separable_from_time"


def test_no_difference_is_called_none():
    (got,) = compared(two(np.zeros(120)))
    assert got.verdict == "no_clear_difference"
    assert got.difference.low < 0 < got.difference.high


def test_a_sure_but_small_difference_is_called_none():
    (got,) = compared(two(np.repeat([0.0, -0.06], 60), tracks=60))
    assert (got.p_holm < 0.05, abs(got.difference.value) < 5) == (True, True)
    assert got.verdict == "no_clear_difference"


@pytest.mark.parametrize("modes", [("board", "desk"), ("group", "group"), ("move", "move"), ("desk", "board")])
def test_only_tasks_of_one_mode_with_an_index_are_compared(modes):
    assert compared(two(STEP, modes=modes)) == ()


def test_tasks_without_a_grade_are_not_compared():
    made = two(STEP)
    made.orientation[:16, 60:] = np.nan
    assert compared(made) == ()


def test_tasks_with_too_few_pupils_in_common_are_not_compared():
    made = two(STEP, tracks=16)
    made.orientation[:6, 60:] = np.nan
    made.orientation[10:, :60] = np.nan
    rules = dataclasses.replace(RULES, evidence=dataclasses.replace(RULES.evidence, c_min=0.1))
    summaries = [summarise_task(made, index, rules) for index in (0, 1)]
    assert [s.n for s in summaries] == [10, 10]
    assert compared(made, rules) == ()


def test_unlike_coverage_silences_a_difference():
    made = two(STEP)
    made.orientation[:, 60:][np.random.default_rng(2).random((20, 60)) < 0.4] = np.nan
    (got,) = compared(made)
    assert got.p_holm < 1e-6
    assert got.verdict == "no_clear_difference"


def test_a_difference_that_hangs_on_the_weights_is_silent():
    """More sad faces, while heads turn to the board: the parts disagree, so alpha decides."""
    rng = np.random.default_rng(3)
    orientation = np.clip(0.5 + np.repeat([0.0, 0.2], 60) + rng.normal(0, 0.1, (20, 120)), 0, 1)
    neutral = np.clip(np.repeat([0.95, 0.55], 60) + rng.normal(0, 0.02, (20, 120)), 0, 1)
    likely = np.zeros((20, 120, 8))
    likely[..., 0], likely[..., 3] = neutral, 1 - neutral
    rules = dataclasses.replace(RULES, compare=dataclasses.replace(RULES.compare, min_points=0.5))
    (got,) = compared(cells(orientation, likely, lesson("board", "board"), 1200.0), rules)
    assert got.p_holm < 0.05
    assert got.verdict == "no_clear_difference"
    steady = dataclasses.replace(rules, compare=dataclasses.replace(rules.compare, alphas=(0.9,)))
    (got,) = compared(cells(orientation, likely, lesson("board", "board"), 1200.0), steady)
    assert got.verdict == "higher"


def test_more_pairs_ask_for_more():
    """The same two tasks beside a third: Holm counts three pairs."""
    shift = np.repeat([0.0, -0.05, 0.0], 60)
    made = noisy_cells(np.random.default_rng(5), 20, lesson("board", "board", "board"), 1800.0, shift)
    got = compared(made)
    assert [(c.first, c.second) for c in got] == [("task 0", "task 1"), ("task 0", "task 2"), ("task 1", "task 2")]
    lonely = noisy_cells(np.random.default_rng(5), 20, lesson("board", "board", "group"), 1800.0, shift)
    assert compared(lonely)[0].p_holm < got[0].p_holm


def test_noise_alone_hardly_ever_makes_a_difference():
    """Ninety pairs (thirty lessons of three tasks) in which nothing happens."""
    tasks = lesson("board", "board", "board", minutes=8)
    found = [
        pair.verdict
        for seed in range(30)
        for pair in compared(noisy_cells(np.random.default_rng(seed), 18, tasks, 1440.0))
    ]
    assert len(found) == 90
    assert sum(verdict != "no_clear_difference" for verdict in found) <= 2
