import dataclasses

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from synthetic_class import RULES, Look, cells, film, only

from classroom_fer.comparison import compare_tasks
from classroom_fer.privacy import may_show, protected_pairs, timeline_threshold
from classroom_fer.summaries import summarise_task
from classroom_fer.types import Task

FIVE = RULES.evidence
TASKS = [Task("talk", 0, 90), Task("reading", 90, 180, "desk"), Task("exercise", 190, 280, "desk")]
VALUES = ("engagement", "orientation", "expression")


def behaviour(seed):
    """Everybody's looks, random but fixed, all of them readable."""

    def look(pupil, time):
        rng = np.random.default_rng((seed, pupil, int(time)))
        return Look(
            float(rng.uniform(-44, 44)), float(rng.uniform(-30, 30)), only(str(rng.choice(["neutral", "fear"])))
        )

    return look


@pytest.mark.parametrize(("pupils", "shown"), [(0, False), (4, False), (5, True), (30, True)])
def test_a_value_needs_min_group_pupils(pupils, shown):
    assert may_show(pupils, FIVE) is shown


def test_a_bin_never_needs_fewer_than_min_group_whatever_else_is_set():
    loose = dataclasses.replace(FIVE, min_group=9, timeline_min_tracks=1, timeline_min_share=0.0)
    assert timeline_threshold(30, loose) == 9
    assert [timeline_threshold(n, FIVE) for n in (0, 12, 13, 30)] == [5, 5, 6, 12]


@settings(max_examples=25)
@given(st.lists(st.sets(st.integers(0, 27)), min_size=1, max_size=8), st.integers(0, 99))
@example([set(range(28))] * 5, 1)
@example([set(range(28))] * 4, 1)
def test_no_class_value_is_shown_of_fewer_than_min_group_pupils(seen_in, seed):
    """Each pupil is seen in some stretches of ten seconds; whatever is shown, at least five were there."""
    look = behaviour(seed)
    result = film(len(seen_in), 280, lambda k, t: look(k, t) if t // 10 in seen_in[k] else None).understood(TASKS)
    for b in result.bins:
        there = sum(int(b.start_s // 10) in s for s in seen_in)
        if any(getattr(b, name) is not None for name in (*VALUES, "probabilities", "n")):
            assert there >= 5
            assert 5 <= b.n <= there
    for task in result.tasks:
        shown = [getattr(task, name) for name in (*VALUES, "shares", "readable", "grade")]
        assert (task.not_shown_because is None) == any(v is not None for v in shown)
        assert (task.n is None and task.not_shown_because is not None) or task.n >= 5
    for pair in (*result.comparisons, *result.moments):
        assert pair.n >= 5


def four_read(look_in_reading):
    """Eight pupils, four of them unseen while reading."""
    usual = behaviour(3)

    def look(pupil, time):
        if 90 <= time < 180:
            return look_in_reading(pupil, time) if pupil < 4 else None
        return usual(pupil, time)

    return film(8, 280, look).understood(TASKS)


def test_a_task_of_four_pupils_is_hidden_in_the_table_and_on_the_timeline():
    result = four_read(behaviour(4))
    assert [t.not_shown_because for t in result.tasks] == [
        None, "fewer than 5 faces were seen well enough", None,
    ]  # fmt: skip
    assert (result.tasks[1].n, result.tasks[1].coverage) == (None, None)
    for b in result.bins:
        if b.task == "reading":
            assert all(getattr(b, name) is None for name in (*VALUES, "probabilities", "n"))
            assert (b.faces, b.coverage) == (None, None)
        elif b.task is not None:
            assert b.engagement is not None


@given(st.integers(0, 1000))
@settings(max_examples=10)
def test_what_happens_in_a_hidden_task_changes_nothing_that_is_shown(seed):
    assert four_read(behaviour(seed)) == four_read(behaviour(4))


def two_tasks(pupils_in_second):
    """Eight pupils with levels of their own; the last ones are not seen in the second task."""
    rng = np.random.default_rng(11)
    tasks = [Task("first", 0, 120), Task("second", 120, 240)]
    facing = np.clip(rng.uniform(0.3, 0.9, (8, 1)) + rng.normal(0, 0.05, (8, 24)), 0, 1)
    likely = np.zeros((8, 24, 8))
    likely[..., 0] = 1
    facing[pupils_in_second:, 12:] = likely[pupils_in_second:, 12:] = np.nan
    return cells(facing, likely, tasks, 240.0)


def test_the_one_pupil_who_missed_a_task_cannot_be_worked_out_by_subtraction():
    """The attack: the others' mean in the first task is their mean in the second minus the paired difference."""
    made = two_tasks(7)
    summaries = [summarise_task(made, index, RULES) for index in (0, 1)]
    (pair,) = compare_tasks(made, summaries, RULES)
    first, second = (s.engagement.value for s in summaries)
    truth = 100 * (0.7 * made.orientation[7, :12].mean() + 0.3)

    guess = 8 * first - 7 * (second - pair.difference.value)
    assert pair.n == 6
    assert abs(guess - truth) > 1
    unprotected = 100 * 0.7 * (made.orientation[:7, 12:].mean() - made.orientation[:7, :12].mean())
    assert 8 * first - 7 * (second - unprotected) == pytest.approx(truth)  # the attack is a real one


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        ("11111111", "11111111", 8),
        ("11111111", "11111110", 6),
        ("11111110", "11111111", 6),
        ("111111111111", "111111000000", 6),
        ("11111110", "01111111", 6),
        ("11110000", "00001111", 0),
    ],
)
def test_a_pair_is_given_up_only_where_a_small_remainder_could_be_solved_for(first, second, kept):
    masks = [np.array([c == "1" for c in text]) for text in (first, second)]
    strength = np.arange(len(first))[::-1] + 5
    pairs = protected_pairs(masks[0], masks[1], strength, FIVE)
    assert pairs.sum() == kept
    assert not (pairs & ~(masks[0] & masks[1])).any()


def test_the_pair_given_up_is_the_one_seen_least():
    everyone, but_one = np.ones(8, dtype=bool), np.arange(8) != 7
    pairs = protected_pairs(everyone, but_one, np.array([9, 9, 9, 4, 9, 9, 9, 1]), FIVE)
    assert np.flatnonzero(~pairs).tolist() == [3, 7]
