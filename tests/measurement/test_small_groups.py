import dataclasses

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from measurement.test_disclosure import solvable
from synthetic_class import RULES, Look, cells, film, only

from classroom_fer.lesson.records import Estimate, ExpressionShares, NotShown, Task
from classroom_fer.measurement.comparison import compare_tasks
from classroom_fer.measurement.moments import find_moments
from classroom_fer.measurement.small_groups import may_show, open_bins, shown_shares, timeline_threshold
from classroom_fer.measurement.summaries import summarise_task
from classroom_fer.measurement.timeline import LookedAt, make_curves, make_timeline
from classroom_fer.measurement.uncompared import not_compared

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
        None, NotShown("few", None, 5), None,
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


THREE = dataclasses.replace(FIVE, min_group=3, timeline_min_tracks=3)
SMALL = dataclasses.replace(RULES, evidence=THREE)


def shown_values(made, rules):
    """Every class number that is made of what pupils did, in a fixed order."""
    summaries = [summarise_task(made, index, rules) for index in range(len(made.grid.tasks))]
    shown = open_bins(made.grid, summaries, rules.evidence)
    count, faces = np.full(made.grid.size, 10), np.full(made.grid.size, 9.0)
    curves = make_curves(made, shown, rules)
    rows = [*summaries, *make_timeline(made, curves, LookedAt(count, faces), rules)]
    values = [row.engagement and row.engagement.value for row in rows]
    for name in ("orientation", "expression"):
        parts = [getattr(row, name) for row in rows]
        values += [part.value if isinstance(part, Estimate) else part for part in parts]
    values += [c.difference.value for c in compare_tasks(made, summaries, rules)]
    values += [m.change for m in find_moments(made, shown, curves, rules)]
    return np.array([value for value in values if value is not None])


def effects(made, rules):
    """[T, shown values, B] by how much each track's orientation in each bin moves each shown value."""
    before = shown_values(made, rules)
    blocks = np.zeros((len(made.seen), len(before), made.grid.size))
    for track, b in np.argwhere(~np.isnan(made.orientation)):
        made.orientation[track, b] += 1e-3
        blocks[track, :, b] = (shown_values(made, rules) - before) / 1e-3
        made.orientation[track, b] -= 1e-3
    return blocks


def a_class(gaps, pupils=7, tasks=3, bins=6):
    """Everybody is there but for ``gaps``: (pupil, first bin, length)."""
    size = tasks * bins
    marked = [Task(f"task {k}", 60.0 * k, 60.0 * k + 60) for k in range(tasks)]
    orientation = np.random.default_rng(7).uniform(0.3, 0.7, (pupils, size))
    likely = np.zeros((pupils, size, 8))
    likely[..., 0] = 1
    for pupil, first, length in gaps:
        orientation[pupil, first : first + length] = np.nan
        likely[pupil, first : first + length] = np.nan
    loose = dataclasses.replace(THREE, track_min_bins=3, c_min=0.0)
    return cells(orientation, likely, marked, 60.0 * tasks), dataclasses.replace(SMALL, evidence=loose)


gaps = st.tuples(st.integers(0, 6), st.integers(0, 17), st.sampled_from([2, 6, 18]))


@settings(max_examples=2, deadline=None)
@given(st.lists(gaps, min_size=1, max_size=3))
@example([(6, 6, 6), (5, 12, 6), (0, 0, 3)])
def test_from_all_that_is_shown_together_no_value_of_fewer_than_min_group_follows(missing):
    """The rank test: tasks, timeline, comparisons and moments as linear equations over every pupil in every bin.

    Seven pupils, min_group 3; the attacker knows who was visible when and the shown values to the last digit.
    """
    made, rules = a_class(missing)
    blocks = effects(made, rules)
    assert blocks.any()
    assert not solvable(blocks)


def test_the_attacks_that_the_rules_stop_are_real():
    """Without the rules, one absence gives the absent pupil away: pairs of all who were in both tasks would do."""
    made, rules = a_class([(6, 6, 6)], tasks=2)
    summaries = [summarise_task(made, index, rules) for index in (0, 1)]
    (pair,) = compare_tasks(made, summaries, rules)
    first, second = (s.engagement.value for s in summaries)
    truth = 100 * (0.7 * made.orientation[6, :6].mean() + 0.3)
    unprotected = 100 * 0.7 * (made.orientation[:6, 6:].mean() - made.orientation[:6, :6].mean())
    assert 7 * first - 6 * (second - unprotected) == pytest.approx(truth)
    assert pair.n == 4
    assert abs(7 * first - 6 * (second - pair.difference.value) - truth) > 1


def test_pupils_given_up_are_those_seen_least():
    made, rules = a_class([(6, 6, 6), (2, 0, 1), (4, 0, 1)], tasks=2)
    summaries = [summarise_task(made, index, rules) for index in (0, 1)]
    (pair,) = compare_tasks(made, summaries, rules)
    kept = made.orientation[[0, 1, 3, 5]]
    assert pair.difference.value == pytest.approx(70 * (kept[:, 6:].mean() - kept[:, :6].mean()))


def test_a_pair_that_cannot_be_protected_is_not_compared():
    made, rules = a_class([(4, 6, 6)], pupils=5, tasks=2)
    summaries = [summarise_task(made, index, rules) for index in (0, 1)]
    assert all(s.grade for s in summaries)
    assert compare_tasks(made, summaries, rules) == ()
    assert not_compared(summaries, ()) == (("task 0", "task 1", "too_few_in_both"),)


unit = st.floats(0, 1)


@given(st.tuples(unit, unit, unit, unit).filter(lambda parts: sum(parts) > 0.1))
@example((0.97, 0.01, 0.01, 0.01))
@example((0.8, 0.12, 0.04, 0.04))
@example((0.8, 0.16, 0.02, 0.02))
@example((0.02, 0.02, 0.02, 0.94))
def test_a_share_told_as_5_percent_or_less_may_be_anything_up_to_5_percent(parts):
    """The same told shares come from a class in which the rare look never occurred."""
    exact = np.array(parts) / sum(parts)
    told = shown_shares(ExpressionShares(*exact))
    assert sum(dataclasses.astuple(told)) == pytest.approx(1)
    assert all(part == 0 or part > 0.05 for part in dataclasses.astuple(told))
    assert all(part == 1 or part < 0.95 for part in dataclasses.astuple(told)[:3])
    for rare in np.flatnonzero(exact[:3] <= 0.05):
        never = exact.copy()
        if told.other:
            never[3], never[rare] = never[3] + never[rare], 0
        else:
            never = (never - np.eye(4)[rare] * never[rare]) / (1 - never[rare])
        assert dataclasses.astuple(shown_shares(ExpressionShares(*never))) == pytest.approx(dataclasses.astuple(told))
