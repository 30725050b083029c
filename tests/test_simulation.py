"""False and missed findings in made-up lessons (benchmarks/simulation.py); docs/simulation.md has the long run.

Seeds are fixed, so these tests do not flicker; each bound was set beforehand, and the margin of so few lessons is
taken into account: what is asserted is the one-sided 95 % bound of the rate, not the rate.
"""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import synchrony
from benchmarks.simulation import TWENTY, WORLDS, Tally, World, make_class, say, tally, upper

LESSONS = 120
"""Of each kind: in 240 lessons at most 6 may be false for a bound below 5 %."""


@pytest.fixture(scope="module")
def quiet() -> Tally:
    """Half of the lessons without any change, half with a class that drifts by 7 points over the lesson."""
    result = Tally()
    for name in ("nothing happens", "class drifts by up to 7 points"):
        for seed in range(LESSONS):
            result.add(say(7_000 + seed, WORLDS[name]), WORLDS[name])
    return result


def test_the_bound_is_that_of_clopper_and_pearson():
    assert upper(0, 59) == pytest.approx(0.0495, abs=1e-4)  # the rule of three
    assert upper(6, 240) < 0.05 < upper(7, 240)
    assert upper(5, 5) == 1


def test_fewer_than_5_percent_of_lessons_show_a_false_difference(quiet):
    assert quiet.compared > 2 * quiet.lessons
    assert upper(quiet.false_lessons, quiet.lessons) < 0.05


def test_fewer_than_4_false_moments_in_ten_lessons(quiet):
    """Poisson: with a mean of .4 a lesson, 79 or fewer in 240 lessons would come once in twenty times."""
    assert quiet.false_moments <= 79


def test_95_percent_intervals_hold_the_truth(quiet):
    nothing = tally(WORLDS["nothing happens"], 40, 8)
    assert len(nothing.intervals) > 120
    assert 0.91 <= nothing.covered() <= 0.99


def test_most_differences_of_15_points_are_found_in_a_class_of_20():
    """Measured in the long run: docs/simulation.md; and never the wrong way round."""
    got = tally(WORLDS["one task 15 points lower, 20 pupils"], 50, 9)
    assert got.affected >= 30
    assert got.right / got.affected > 0.6
    assert got.wrong_way == 0


def test_most_steps_of_15_points_within_a_task_of_9_minutes_are_found():
    got = tally(WORLDS["15 points within a task of 9 min"], 25, 10)
    assert got.found / got.steps > 0.6


def test_the_classes_are_what_they_say():
    """Else the rates above would be those of another world."""
    cells, step_s = make_class(np.random.default_rng(1), replace(TWENTY, step=0.2, broken=0.0, drift=0.1))
    assert (cells.grid.size, len(cells.seen)) == (270, 20)
    assert step_s in [task.start_s for task in cells.grid.tasks]
    assert 0.80 < (cells.seen > 0).mean() < 0.95
    oriented = cells.orientation[:, cells.grid.oriented()]
    centred = oriented - np.nanmean(oriented, axis=1, keepdims=True)
    first, second = centred[:, :-1], centred[:, 1:]
    both = ~np.isnan(first) & ~np.isnan(second)
    assert 0.4 < np.corrcoef(first[both], second[both])[0, 1] < 0.8
    broken, _ = make_class(np.random.default_rng(1), World(pupils=(20, 20), broken=1.0))
    assert len(broken.seen) == 40
    assert broken.simultaneous <= 20


def test_pupils_who_turn_on_their_own_are_within_chance_and_a_class_that_turns_together_is_found():
    alone = synchrony.tally(synchrony.KINDS["on their own, 20 to 30 pupils"], 15, 11)
    assert alone.alone > 3_000
    assert 0.03 < alone.alone_above / alone.alone <= 0.05
    many, few = (synchrony.tally(synchrony.Kind(World(), share), 8, 12) for share in (0.6, 0.1))
    assert many.together > 40
    assert many.found / many.together > 0.9
    assert few.found / few.together < 0.5
