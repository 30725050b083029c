import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic_class import RULES, Look, cells, film, noisy_cells

from classroom_fer.lesson.records import Task
from classroom_fer.measurement.synchrony import chance_level, shares_together, synchrony, turns
from classroom_fer.measurement.timeline import LookedAt, make_curves, make_timeline

LESSON = [Task("lesson", 0, 2400)]
ONE_TASK = np.zeros(240, dtype=np.int64)
RULE = RULES.synchrony


def of(values, task=ONE_TASK, needed=5):
    return synchrony(values, task[: values.shape[1]], needed, RULE)


def heads(seed, tracks=20, bins=240):
    """[T, B] each with a level and a restlessness of its own, a fifth unseen; nobody knows of the others."""
    return noisy_cells(np.random.default_rng(seed), tracks, [Task("lesson", 0, 10 * bins)], 10 * bins).orientation


def steps(seed, tracks=12, bins=30):
    """[T, B] turns of which each track makes more or fewer; some are not seen."""
    rng = np.random.default_rng(seed)
    restless = rng.uniform(0, 0.5, (tracks, 1))
    turned = np.where(rng.random((tracks, bins)) < restless, rng.choice([-1.0, 1.0], (tracks, bins)), 0.0)
    turned[rng.random((tracks, bins)) < 0.2] = np.nan
    turned[0] = 0.0  # so that somebody is seen in every bin
    return turned


def test_the_larger_of_the_two_directions_counts_and_not_their_sum():
    values = np.full((10, 2), 0.5)
    values[:4, 1], values[4:7, 1] = 0.9, 0.1
    assert of(values).share[1] == pytest.approx(0.4)


def test_a_change_of_exactly_the_rule_counts_and_a_smaller_one_does_not():
    values = np.array([[0.1, 0.35], [0.6, 0.35], [0.5, 0.26]])
    assert turns(values, ONE_TASK[:2], 0.25)[:, 1].tolist() == [1, -1, 0]


def test_only_tracks_that_were_seen_in_both_bins_count():
    values = np.full((12, 2), 0.9)
    values[:6, 1], values[9:, 0], values[8, 1] = 0.2, np.nan, np.nan
    assert of(values).share[1] == pytest.approx(6 / 8)


def test_the_first_bin_of_a_task_and_time_between_tasks_have_none():
    task = np.array([0, 0, 0, 1, 1, -1, -1, 2, 2])
    shown = ~np.isnan(of(np.random.default_rng(1).random((8, 9)), task).share)
    assert shown.tolist() == [False, True, True, False, True, False, False, False, True]


def test_a_bin_of_too_few_tracks_is_a_gap_and_has_no_part_in_what_chance_gives():
    values = heads(3, tracks=12)[:, :30]
    few = values.copy()
    few[4:, 10] = np.nan  # four are seen
    got = of(few)
    assert np.isnan(got.share[[10, 11]]).all() and np.isnan(got.chance[[10, 11]]).all()
    few[:4, 10] = 0.0
    assert np.array_equal(of(few).chance, got.chance, equal_nan=True)


def test_pupils_who_turn_together_are_found():
    values = np.clip(heads(4), 0.4, 0.9)
    values[:14, 100] = 0.0
    got = of(values)
    above = np.flatnonzero(got.share > got.chance)
    assert {100, 101} <= set(above)
    assert set(np.argsort(np.nan_to_num(got.share))[-2:]) == {100, 101}
    assert len(above) < 0.08 * 239


def test_what_goes_on_alone_stays_within_chance_in_95_percent_of_the_bins():
    """Twenty-five lessons of forty minutes: of 5,800 bins at most 5 %, and not far fewer (pupils are whole)."""
    above, bins = 0, 0
    for seed in range(25):
        got = of(heads(seed, tracks=20 + seed % 11))
        shown = ~np.isnan(got.share)
        above, bins = above + int((got.share[shown] > got.chance[shown]).sum()), bins + int(shown.sum())
    assert bins > 5_800
    assert 0.02 < above / bins < 0.05


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(5, 12))
def test_the_order_of_tracks_does_not_matter(seed, tracks):
    values = heads(seed, tracks)[:, :40]
    shuffled = np.random.default_rng(seed).permutation(values)
    one, other = of(values), of(shuffled)
    assert np.array_equal(one.share, other.share, equal_nan=True)
    assert np.array_equal(one.chance, other.chance, equal_nan=True)


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(1, 29))
def test_to_shift_all_by_the_same_amount_changes_no_chance_and_moves_the_shares(seed, by):
    turned = steps(seed)
    shifted = np.roll(turned, by, axis=1)
    assert chance_level(shifted, 0.95) == chance_level(turned, 0.95)
    assert np.array_equal(shares_together(shifted), np.roll(shares_together(turned), by))


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_to_shift_each_track_by_its_own_amount_changes_no_chance_where_all_are_seen(seed):
    turned = np.nan_to_num(steps(seed))
    alone = np.stack([np.roll(row, by) for row, by in zip(turned, itertools.count(3, 5), strict=False)])
    assert chance_level(alone, 0.95) == chance_level(turned, 0.95)


@pytest.mark.parametrize("seed", range(5))
def test_chance_is_the_quantile_over_every_circular_shift(seed):
    """Counted one by one: four tracks of six bins, each shifted among the bins in which it was seen."""
    turned = steps(seed, tracks=4, bins=6)
    turned[3, 2] = 1.0
    where = [np.flatnonzero(~np.isnan(row)) for row in turned]
    found = []
    for shift in itertools.product(*(range(len(seen)) for seen in where)):
        shifted = turned.copy()
        for row, seen, by in zip(shifted, where, shift, strict=True):
            row[seen] = np.roll(row[seen], by)
        found.append(shares_together(shifted))
    pooled = np.concatenate(found)
    for level in (0.5, 0.8, 0.95, 0.99):
        expected = np.quantile(pooled, level, method="inverted_cdf")
        assert chance_level(turned, level) == pytest.approx(expected)


def test_somebody_who_never_moves_lowers_chance_and_somebody_who_always_does_raises_it():
    turned = steps(2)
    calm, restless = turned.copy(), turned.copy()
    calm[1:6] = np.where(np.isnan(turned[1:6]), np.nan, 0.0)
    restless[1:6] = np.where(np.isnan(turned[1:6]), np.nan, 1.0)
    assert chance_level(calm, 0.95) < chance_level(turned, 0.95) < chance_level(restless, 0.95)


def timeline(made, rules=RULES):
    size = made.grid.size
    curves = make_curves(made, np.ones(size, bool), rules)
    return make_timeline(made, curves, LookedAt(np.full(size, 10), np.full(size, 9.0)), rules)


def test_a_film_in_which_the_class_looks_away_shows_both_turns():
    bins = film(8, 240, lambda k, t: Look(40.0 if k < 6 and 100 <= t < 140 else 0.0)).understood(
        [Task("lesson", 0, 240)]
    ).bins  # fmt: skip
    assert bins[0].synchrony is None
    assert {b.start_s: b.synchrony for b in bins if b.synchrony} == {100: 0.75, 140: 0.75}
    (chance,) = {b.synchrony_chance for b in bins[1:]}
    assert 0 < chance < 0.75


def test_nobody_turns_in_group_work_as_far_as_a_camera_can_know():
    tasks = [Task("talk", 0, 100), Task("teams", 100, 200, "group")]
    bins = film(8, 200, lambda k, t: Look(40.0 if t // 10 % 2 else 0.0)).understood(tasks).bins
    assert {b.synchrony for b in bins[1:10]} == {1.0}
    assert {(b.synchrony, b.synchrony_chance) for b in bins[10:]} == {(None, None)}


gaps = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 23), st.sampled_from([1, 3, 12])), max_size=8)


@settings(max_examples=25, deadline=None)
@given(gaps, st.integers(0, 8), st.integers(0, 23))
def test_every_turn_is_behind_one_value_and_every_value_is_about_min_group_pupils(missing, pupil, at):
    """So no sum of shown values is about fewer (docs/small-groups.md): a bin of one pupil has a part in two steps."""
    values = np.random.default_rng(5).uniform(0, 1, (9, 24))
    for who, first, length in missing:
        values[who, first : first + length] = np.nan
    likely = np.zeros((9, 24, 8))
    likely[..., 0] = 1
    before = timeline(cells(values, likely, [Task("lesson", 0, 240)], 240.0))
    for b, one in enumerate(before):
        assert (one.synchrony is None) == (one.synchrony_chance is None)
        if one.synchrony is not None:
            assert (~np.isnan(values[:, [b - 1, b]]).any(axis=1)).sum() >= RULES.evidence.min_group
            assert before[b - 1].orientation is not None and one.orientation is not None
    if np.isnan(values[pupil, at]):
        return
    values[pupil, at] = 1.0 - values[pupil, at]
    after = timeline(cells(values, likely, [Task("lesson", 0, 240)], 240.0))
    changed = [b for b in range(24) if after[b].synchrony != before[b].synchrony]
    assert set(changed) <= {at, at + 1}


def test_what_is_counted_as_a_turn_can_be_set_and_changes_no_other_number():
    values = np.random.default_rng(6).uniform(0, 1, (9, 24))
    likely = np.zeros((9, 24, 8))
    likely[..., 0] = 1
    made = cells(values, likely, [Task("lesson", 0, 240)], 240.0)
    strict = dataclasses.replace(RULES, synchrony=dataclasses.replace(RULE, min_change=1.0))
    usual, none = timeline(made), timeline(made, strict)
    assert any(b.synchrony for b in usual) and not any(b.synchrony for b in none)
    without = [dataclasses.replace(b, synchrony=None, synchrony_chance=None) for b in usual]
    assert without == [dataclasses.replace(b, synchrony=None, synchrony_chance=None) for b in none]
