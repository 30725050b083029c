"""How right the answers are among those that are surest."""

from __future__ import annotations

import numpy as np
import pytest

from training.figures.risk_coverage import (
    energies,
    margins,
    risk_coverage,
    threshold_of_answer,
    thresholds_by_group,
)


def test_a_score_that_sorts_the_right_answers_first_has_the_smaller_area() -> None:
    right = np.array([True] * 8 + [False] * 2)
    good, bad = risk_coverage(np.linspace(1, 0, 10), right), risk_coverage(np.linspace(0, 1, 10), right)
    assert good.accuracy == (1.0,) * 8 + (pytest.approx(8 / 9), 0.8)
    assert bad.accuracy[:2] == (0.0, 0.0)
    assert (good.area, bad.accuracy[-1]) == (pytest.approx((1 / 9 + 2 / 10) / 10), 0.8)
    assert good.area < bad.area


def test_energy_is_high_where_some_class_is_strongly_seen_and_no_number_overflows() -> None:
    strong, weak, huge = energies(np.array([[9.0, 0.0], [0.1, 0.0], [5000.0, 0.0]]), 2.0)
    assert weak < strong < huge
    assert huge == pytest.approx(5000.0)


def test_margins_are_of_the_two_largest_whatever_their_order() -> None:
    assert margins(np.array([[0.1, 0.6, 0.3], [0.5, 0.0, 0.5]])) == pytest.approx([0.3, 0.0])


def test_each_group_has_a_limit_of_its_own_and_one_that_is_never_right_has_none() -> None:
    p = np.array([[0.9, 0.1, 0.0], [0.6, 0.4, 0.0], [0.4, 0.6, 0.0], [0.1, 0.8, 0.1], [0.0, 0.0, 1.0]])
    assert thresholds_by_group(p, np.array([0, 1, 1, 1, 0]), 0.9) == [0.9, 0.6, None]


def test_equal_scores_are_never_parted() -> None:
    assert threshold_of_answer(np.array([0.8, 0.8]), np.array([True, False]), 0.9) is None
