"""Two results of one lesson: whatever they show together, no sum of it is about fewer than ``min_group`` pupils.

The equations are measured, not taken from the code under test: every pupil is turned a little in every stretch of ten
seconds, and what moves in what is shown is written down. ``solvable`` (``test_disclosure``) is the definition.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from measurement.test_disclosure import solvable
from synthetic_class import RULES, Film, Look, film

from classroom_fer.lesson.records import Lesson, SessionResult, Task
from classroom_fer.lesson.span import Span
from classroom_fer.measurement import side_by_side
from classroom_fer.measurement.session_result import measure_lesson, work_out
from classroom_fer.measurement.side_by_side import Recipe, beyond, dealt, measure_beside, tasks_alone

GROUP, SECONDS, STEP_S, FPS = 2, 80, 10, 0.5
SMALL = replace(
    RULES,
    evidence=replace(RULES.evidence, min_group=GROUP, timeline_min_tracks=GROUP, track_min_bins=2, task_min_s=30),
    pose=replace(RULES.pose, baseline_min_samples=10**6),  # every track's own zero is 0, so that O is linear here
)
OWN = (Task("a", 0, 40, "desk"), Task("b", 40, 80, "desk"))
LATER = (Task("a", 0, 50, "desk"), Task("b", 50, 80, "desk"))
ANGLES = np.random.default_rng(0).uniform(25, 35, (12, SECONDS // STEP_S)).tolist()
Seen = np.ndarray
"""[pupils, stretches of ten seconds] who was seen when."""


def lesson_of(seen: Seen, turned: tuple[int, int] | None = None) -> Lesson:
    """Everybody turned away by an angle of his or her own (O is about half); one is turned more in a stretch."""

    def look(pupil: int, time_s: float) -> Look | None:
        at = int(time_s // STEP_S)
        if not seen[pupil, at]:
            return None
        return Look(ANGLES[pupil][at] + (2.0 if turned == (pupil, at) else 0.0))

    made: Film = film(len(seen), SECONDS, look, FPS)
    return Lesson(made.frames, made.tracks, OWN, Span(0.0, SECONDS, FPS, 120.0))


def shown(result: SessionResult) -> list[float]:
    """Every orientation that a result tells; missing ones stay missing whoever is turned."""
    values = [bin_.orientation for bin_ in result.bins]
    values += [task.orientation.value if task.orientation else None for task in result.tasks]
    index = [pair.difference.value / 100 / SMALL.alpha_orientation for pair in result.comparisons]
    return [value for value in [*values, *index] if value is not None]


def equations(seen: Seen, results) -> np.ndarray:
    """[pupils, shown values, stretches] how much each shown value moves. Args: results(lesson) -> those shown."""

    def told(lesson: Lesson) -> np.ndarray:
        return np.array([value for result in results(lesson) for value in shown(result)])

    still = told(lesson_of(seen))
    blocks = np.zeros((len(seen), len(still), seen.shape[1]))
    for pupil, at in np.argwhere(seen):
        blocks[pupil, :, at] = told(lesson_of(seen, (int(pupil), int(at)))) - still
    return blocks / 0.08  # 2 degrees of 25


def random_class(pupils: int, missing: float, seed: int) -> Seen:
    return np.random.default_rng(seed).random((pupils, SECONDS // STEP_S)) >= missing


def one_who_leaves(pupils: int) -> Seen:
    """All are there all the time, but one, who misses what lies between the tasks' ends."""
    seen = np.ones((pupils, SECONDS // STEP_S), dtype=bool)
    seen[0, 4] = False
    return seen


def both(seen: Seen, tasks=LATER):
    """The own result and the one beside it, for any turning: who is left out depends on who was seen alone."""
    beside = measure_beside(lesson_of(seen), Recipe(OWN, SMALL), [], Recipe(tasks, SMALL))
    assert beside is not None

    def results(lesson: Lesson) -> list[SessionResult]:
        work = work_out(replace(lesson, tasks=tasks), SMALL, beside.left_out)
        return [measure_lesson(lesson, SMALL), tasks_alone(work, SMALL)]

    return results


def subtracted(lesson: Lesson) -> list[SessionResult]:
    """What would be shown if nothing were done."""
    return [measure_lesson(lesson, SMALL), measure_lesson(replace(lesson, tasks=LATER), SMALL)]


def test_one_who_leaves_could_be_worked_out_from_two_results_that_know_nothing_of_each_other():
    """The attack; without it the tests below could not fail."""
    assert not solvable(equations(one_who_leaves(7), lambda lesson: [measure_lesson(lesson, SMALL)]), GROUP)
    assert solvable(equations(one_who_leaves(7), subtracted), GROUP)


def test_he_cannot_from_results_that_do_and_some_are_left_out_for_it():
    beside = measure_beside(lesson_of(one_who_leaves(7)), Recipe(OWN, SMALL), [], Recipe(LATER, SMALL))
    assert beside is not None
    assert (beside.everything, beside.left_out.sum()) == (False, GROUP)
    assert (beside.result.bins, beside.result.moments) == ((), ())
    assert [task.n for task in beside.result.tasks] == [5, 5]
    assert not solvable(equations(one_who_leaves(7), both(one_who_leaves(7))), GROUP)


def test_nobody_can_be_worked_out_in_a_class_in_which_everybody_is_missed_now_and_then():
    seen = random_class(7, 0.2, 1)
    assert not solvable(equations(seen, both(seen)), GROUP)


def test_a_class_in_which_all_are_always_seen_needs_nobody_left_out():
    seen = np.ones((7, SECONDS // STEP_S), dtype=bool)
    beside = measure_beside(lesson_of(seen), Recipe(OWN, SMALL), [], Recipe(LATER, SMALL))
    assert beside is not None and not beside.left_out.any()
    assert not solvable(equations(seen, both(seen)), GROUP)


def test_a_small_class_in_which_nothing_helps_gets_no_second_result():
    assert measure_beside(lesson_of(one_who_leaves(3)), Recipe(OWN, SMALL), [], Recipe(LATER, SMALL)) is None


def test_other_weights_and_alphas_show_everything():
    seen = random_class(7, 0.2, 3)
    flat = replace(SMALL, weight_set="flat", alpha_orientation=0.5)
    beside = measure_beside(lesson_of(seen), Recipe(OWN, SMALL), [], Recipe(OWN[::-1], flat))
    assert beside is not None and beside.everything
    assert beside.result == measure_lesson(lesson_of(seen), flat)


def test_a_larger_min_group_and_other_bins_are_other_results():
    seen = random_class(12, 0.2, 4)
    for rules in (
        replace(SMALL, evidence=replace(SMALL.evidence, min_group=3)),
        replace(SMALL, bins=replace(SMALL.bins, seconds=20.0)),
    ):
        beside = measure_beside(lesson_of(seen), Recipe(OWN, SMALL), [], Recipe(OWN, rules))
        assert beside is not None and not beside.everything


def test_a_third_result_is_held_against_both_others():
    """The second and the third differ by what one pupil did; each of them alone would pass."""
    seen = random_class(7, 0.15, 5)
    third = (Task("a", 0, 30, "desk"), Task("b", 30, 80, "desk"))
    recipes = [Recipe(OWN, SMALL), Recipe(LATER, SMALL), Recipe(third, SMALL)]

    last = measure_beside(lesson_of(seen), recipes[0], recipes[1:2], recipes[2])
    first_two = both(seen)

    def three(lesson: Lesson) -> list[SessionResult]:
        if last is None:
            return first_two(lesson)
        return [*first_two(lesson), tasks_alone(work_out(replace(lesson, tasks=third), SMALL, last.left_out), SMALL)]

    assert not solvable(equations(seen, three), GROUP)


def test_what_is_new_is_what_no_sum_of_the_known_gives():
    known = np.array([[1.0, 1, 0], [0, 1, 1]])
    assert beyond(known, np.array([[1.0, 2, 1], [1, 0, -1]])) == 0
    assert beyond(known, np.array([[1.0, 2, 1], [1, 0, 0]])) == 1
    assert beyond(np.zeros((0, 3)), known) == 2
    assert beyond(known, np.zeros((1, 3))) == 0


def test_groups_share_nobody_and_the_one_seen_least_comes_last():
    groups = dealt(np.array([5, 9, 7, 1, 8, 2]), 2)
    assert groups == [[1, 2, 5], [4, 0, 3]]
    assert side_by_side.NEW > side_by_side.SAME
