"""Rank tests: shown values as linear equations over what the pupils did, and whether a few of these can be solved for.

``solvable`` is the definition: somebody who knows who was visible when leaves out any ``group - 1`` pupils; if the
shown values then have a lower rank, some sum of them is about these pupils alone.
"""

import itertools

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from classroom_fer.disclosure import joined_bins, stays_hidden

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


def pairs_of(behind, dropped=()):
    """All pairs of tasks, each with the tracks behind both, less ``dropped``."""
    found = []
    for first, second in itertools.combinations(range(len(behind)), 2):
        kept = behind[first] & behind[second]
        kept[list(dropped)] = False
        if kept.sum() >= GROUP:
            found.append((first, second, kept))
    return found


@settings(max_examples=50)
@given(st.lists(st.sets(st.integers(0, 8), max_size=3), min_size=2, max_size=4), st.sets(st.integers(0, 8), max_size=3))
@example([set(), {8}], {5, 6})
@example([set(), {8}, set()], {5, 6})
@example([set(), set(), {7, 8}], set())
def test_what_is_certified_lets_nobody_be_solved_for(missing, dropped):
    """Nine pupils; some are missing in some tasks, some are left out of every comparison."""
    behind = [np.array([pupil not in gone for pupil in range(9)]) for gone in missing]
    pairs = pairs_of(behind, dropped)
    if stays_hidden(behind, pairs, GROUP):
        assert not solvable(means_and_differences(behind, pairs))


@pytest.mark.parametrize(
    ("behind", "kept", "safe"),
    [
        (("11111111", "11111111"), ["11111111"], True),
        (("11111111", "11111110"), ["11111110"], False),  # the last one's mean is left over
        (("11111111", "11111110"), ["01111110"], False),  # the sum over two of them is
        (("11111111", "11111110"), ["00111110"], True),
        (("11111110", "01111111"), ["01111110"], False),  # a difference between two pupils is
        (("11111111", "11111000"), ["11111000"], True),
        (("11111111", "11111110", "11111111"), ["11111110", "11111111", "11111110"], False),
        (("11111111", "11111110", "11111111"), ["00111110", "11111111", "00111110"], True),
    ],
)
def test_pairs_are_refused_exactly_where_few_are_left_over(behind, kept, safe):
    sets = [np.array([c == "1" for c in text]) for text in behind]
    links = list(itertools.combinations(range(len(sets)), 2))
    pairs = [(*link, np.array([c == "1" for c in text])) for link, text in zip(links, kept, strict=True)]
    assert solvable(means_and_differences(sets, pairs)) is not safe
    assert stays_hidden(sets, pairs, GROUP) is safe


def test_without_pairs_or_tasks_there_is_nothing_to_solve():
    assert stays_hidden([], [], GROUP)
    assert stays_hidden([np.ones(5, dtype=bool)], [], GROUP)
