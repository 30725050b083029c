"""Rank tests: shown values as linear equations over what the pupils did, and whether a few of these can be solved for.

``solvable`` is the definition: somebody who knows who was visible when leaves out any ``group - 1`` pupils; if the
shown values then have a lower rank, some sum of them is about these pupils alone.
"""

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from classroom_fer.measurement.disclosure import joined_bins, panels

GROUP = 3


def solvable(blocks, group=GROUP):
    """Args: blocks [T, shown values, unknowns of a track]."""
    blocks = np.asarray(blocks, dtype=float)

    def rank(tracks):
        rows = np.concatenate([blocks[t] for t in tracks], axis=1)
        return np.linalg.matrix_rank(rows, tol=1e-7)

    everybody = range(len(blocks))
    whole = rank(everybody)
    return any(
        rank([t for t in everybody if t not in few]) < whole for few in itertools.combinations(everybody, group - 1)
    )


def curve(present, shown):
    """[T, shown bins, B] how each track's value in each bin enters the shown means of deviations."""
    kept = present & shown
    blocks = []
    for track in kept:
        deviation = np.diag(track.astype(float)) - np.outer(track, track) / max(track.sum(), 1)
        blocks.append((deviation / np.maximum(kept.sum(axis=0), 1)[:, None])[shown])
    return blocks


def means_and_differences(behind, pairs):
    """[T, shown values, tasks]"""
    blocks = np.zeros((len(behind[0]), len(behind) + len(pairs), len(behind)))
    for task, mask in enumerate(behind):
        blocks[mask, task, task] = 1 / max(mask.sum(), 1)
    for row, (first, second, kept) in enumerate(pairs, start=len(behind)):
        blocks[kept, row, first], blocks[kept, row, second] = -1 / kept.sum(), 1 / kept.sum()
    return blocks


masks = st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=5, max_size=8).map(np.array)


@settings(max_examples=40)
@given(masks)
def test_nobody_can_be_solved_for_from_bins_that_hang_together(present):
    shown = joined_bins(present, GROUP)
    while not np.array_equal(shown, joined_bins(present & shown, GROUP)):
        shown = joined_bins(present & shown, GROUP)
    if shown.any():
        assert not solvable(curve(present, shown))


def test_bins_that_do_not_hang_together_would_give_a_few_away():
    """Two halves of a lesson that share but two pupils: what these changed is the difference of the halves."""
    present = np.zeros((8, 6), dtype=bool)
    present[:5, :3] = present[3:, 3:] = True
    assert solvable(curve(present, np.ones(6, dtype=bool)))
    assert joined_bins(present, GROUP).tolist() == [True] * 3 + [False] * 3


def test_bins_of_too_few_hang_on_nothing():
    assert not joined_bins(np.ones((2, 4), dtype=bool), GROUP).any()
    assert joined_bins(np.ones((3, 4), dtype=bool), GROUP).all()
    assert joined_bins(np.zeros((0, 0), dtype=bool), GROUP).shape == (0,)


def shown_pairs(behind, group=GROUP):
    found = panels(behind, np.arange(behind.shape[1])[::-1], group)
    return [(a, b, tracks) for tasks, tracks in found for a, b in itertools.combinations(tasks, 2)]


@settings(max_examples=80)
@given(st.lists(st.sets(st.integers(0, 8), max_size=4), min_size=2, max_size=4))
@example([set(), {8}])
@example([set(), {8}, set()])
@example([{0}, {7, 8}, set(), {1, 8}])
def test_nobody_can_be_solved_for_from_task_means_and_differences(missing):
    """Nine pupils of whom some are missing in some tasks."""
    behind = np.array([[pupil not in gone for pupil in range(9)] for gone in missing])
    pairs = shown_pairs(behind)
    assert all(
        tracks.sum() >= GROUP and (behind[a] & behind[b] & tracks).sum() == tracks.sum() for a, b, tracks in pairs
    )
    assert not solvable(means_and_differences(behind, pairs))


@pytest.mark.parametrize(
    ("behind", "kept"),
    [
        (("11111111", "11111111"), "11111111"),
        (("11111111", "11111110"), "11111000"),  # two are given up with the one who is missing
        (("11111110", "01111111"), "01111100"),  # a difference between two pupils is a value of two
        (("11111111", "11111000"), "11111000"),  # three are missing: that protects them
        (("11111111", "11111110", "11111111"), "11111000"),
        (("11111", "11110"), None),
        (("11110000", "00001111"), None),
    ],
)
def test_a_panel_gives_up_no_more_than_it_must(behind, kept):
    sets = np.array([[c == "1" for c in text] for text in behind])
    got = {"".join("01"[int(x)] for x in tracks) for _, _, tracks in shown_pairs(sets)}
    assert got == ({kept} if kept else set())


@pytest.mark.parametrize("few", [[7], [6, 7]])
def test_pairs_by_all_who_are_in_both_would_give_a_few_away(few):
    everybody, others = np.ones(8, dtype=bool), ~np.isin(np.arange(8), few)
    assert solvable(means_and_differences([everybody, others], [(0, 1, others)]))
    three = [everybody, everybody, others]
    assert solvable(means_and_differences(three, [(0, 1, everybody), (0, 2, others), (1, 2, others)]))


def test_a_task_with_other_pupils_does_not_cost_the_rest_their_panel():
    first = np.repeat([True, True, False], 8)
    behind = np.array([first, first, ~first, first])
    (panel,) = panels(behind, np.zeros(24, dtype=np.int64), GROUP)
    assert panel[0] == [0, 1, 3]
    assert panel[1].sum() == 16


def test_without_tasks_there_is_no_panel():
    assert panels(np.zeros((0, 5), dtype=bool), np.zeros(5, dtype=np.int64), GROUP) == []
