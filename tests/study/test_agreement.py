"""Statistics against worked examples that were published with them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu, spearmanr

from classroom_fer.study.agreement import auc, intraclass, kappa, mean_recall, rank_correlation

COHEN_1960 = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
"""Educational and Psychological Measurement 20:37, table 1, in units of .005: two psychologists, three diagnoses."""
SHROUT_FLEISS_1979 = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float
)
"""Psychological Bulletin 86:420, table 2: six targets, four judges."""
FLEISS_COHEN_EVERITT_1969 = np.array([[53, 5, 2], [11, 14, 5], [1, 6, 3]])
"""The example of Psychological Bulletin 72:323, in per cent of 200 patients."""


def as_codes(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    one, other = np.indices(table.shape)
    return one.ravel(), other.ravel(), table.ravel().astype(float)


def test_kappa_of_cohens_own_example() -> None:
    one, other, counts = as_codes(COHEN_1960)
    assert kappa(one, other, counts) == pytest.approx(0.492, abs=5e-4)


def test_kappa_of_the_example_of_fleiss_cohen_and_everitt() -> None:
    one, other, counts = as_codes(FLEISS_COHEN_EVERITT_1969)
    assert kappa(one, other, counts) == pytest.approx(0.429, abs=5e-4)


def test_linear_weights_by_cicchettis_formula() -> None:
    """1 - (weighted observed disagreement) / (weighted expected disagreement), written out."""
    table = COHEN_1960 / COHEN_1960.sum()
    apart = np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
    expected = (apart * np.outer(table.sum(axis=1), table.sum(axis=0))).sum()
    one, other, counts = as_codes(COHEN_1960)
    assert kappa(one, other, counts, ordered=True) == pytest.approx(1 - (apart * table).sum() / expected)


def test_intraclass_correlation_of_shrout_and_fleiss() -> None:
    """Their table 4 gives .29 for ICC(2,1)."""
    assert intraclass(SHROUT_FLEISS_1979) == pytest.approx(0.290, abs=5e-4)


def test_observers_of_one_opinion_agree_wholly_in_numbers_too() -> None:
    assert intraclass(np.array([[3.0, 3.0], [5.0, 5.0], [9.0, 9.0]])) == pytest.approx(1.0)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(1, 4)), min_size=6, max_size=30))
def test_a_weight_of_two_is_a_clip_that_stands_twice(rows: list[tuple[int, bool, int]]) -> None:
    value, yes, weight = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    times = weight.astype(int)
    again, said, ones = np.repeat(value, times), np.repeat(yes, times), np.ones(times.sum())
    np.testing.assert_allclose(auc(value, yes, weight), auc(again, said, ones))
    np.testing.assert_allclose(rank_correlation(value, yes, weight), rank_correlation(again, said, ones))
    codes, seen = value.astype(int), yes.astype(int)
    np.testing.assert_allclose(
        kappa(codes, seen, weight), kappa(again.astype(int), said.astype(int), ones), equal_nan=True, atol=1e-12
    )
    np.testing.assert_allclose(
        mean_recall(seen, codes % 2, weight), mean_recall(said.astype(int), again.astype(int) % 2, ones)
    )


def test_with_equal_weights_it_is_spearmans_and_mann_whitneys() -> None:
    random = np.random.default_rng(3)
    value, share = random.integers(0, 6, 80).astype(float), random.integers(0, 2, 80).astype(float)
    u = mannwhitneyu(value[share == 1], value[share == 0]).statistic / ((share == 1).sum() * (share == 0).sum())
    assert auc(value, share, np.ones(80)) == pytest.approx(u)
    assert rank_correlation(value, share, np.ones(80)) == pytest.approx(spearmanr(value, share).statistic)


def test_a_clip_on_which_observers_disagree_counts_half_on_either_side() -> None:
    value, share = np.array([0.2, 0.5, 0.9]), np.array([0.0, 0.5, 1.0])
    twice = auc(np.array([0.2, 0.2, 0.5, 0.5, 0.9, 0.9]), np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0]), np.ones(6))
    assert auc(value, share, np.ones(3)) == pytest.approx(twice)


def test_recall_is_averaged_over_codes_however_rare() -> None:
    """90 of 90 neutral faces and 2 of 10 smiling ones are named: (1 + .2) / 2."""
    seen = np.array([0] * 90 + [1] * 10)
    said = np.array([0] * 98 + [1] * 2)
    assert mean_recall(seen, said, np.ones(100)) == pytest.approx(0.6)


def test_what_is_not_defined_is_nan_and_no_number() -> None:
    nothing, one = np.array([], dtype=int), np.array([1, 1])
    assert np.isnan(kappa(nothing, nothing, np.array([])))
    assert np.isnan(kappa(one, one, np.ones(2)))
    assert np.isnan(auc(np.array([0.1, 0.2]), np.array([1.0, 1.0]), np.ones(2)))
    assert np.isnan(rank_correlation(np.array([1.0, 1.0, 1.0]), np.array([0.0, 1.0, 0.0]), np.ones(3)))
    assert np.isnan(mean_recall(one, one, np.ones(2)))
    assert np.isnan(intraclass(np.array([[1.0, 2.0]])))
