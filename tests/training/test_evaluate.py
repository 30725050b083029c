"""Figures are what their definitions say."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from faces import smooth_faces

from training import evaluate
from training.data import Split


def split_of(labels: list[int]) -> Split:
    return Split(
        images=smooth_faces(len(labels)), labels=np.array(labels), votes=np.eye(8, dtype=np.float32)[labels],
        fer7=np.full(len(labels), -1),
    )  # fmt: skip


def test_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(evaluate, extraglobs={"np": np}).failed == 0


def test_figures_of_a_known_table() -> None:
    logits = 10 * np.eye(8)[[0, 0, 1, 1, 2, 0]]
    result = evaluate.figures(logits, split_of([0, 0, 1, 1, 2, 2]), temperature=1.0)
    assert result["accuracy"] == pytest.approx(5 / 6)
    assert result["macro_recall"] == pytest.approx((1 + 1 + 0.5) / 3)
    assert result["macro_f1"] == pytest.approx((0.8 + 1 + 2 / 3) / 3)
    assert result["recall"]["contempt"] is None
    assert result["confusion"][2][:3] == [1, 0, 1]


def test_a_sure_classifier_that_is_right_is_calibrated_and_one_that_is_wrong_is_not() -> None:
    probabilities = np.eye(8)[[0, 1, 2]]
    assert evaluate.calibration_error(probabilities, np.array([0, 1, 2])) == 0
    assert evaluate.calibration_error(probabilities, np.array([3, 3, 3])) == 1


def test_the_temperature_undoes_overconfidence() -> None:
    rng = np.random.default_rng(0)
    votes = rng.dirichlet(np.ones(8), 200)
    assert evaluate.fit_temperature(1.7 * np.log(votes), votes) == pytest.approx(1.7, rel=1e-3)


def test_a_picture_that_was_trained_on_is_recognised_by_its_bytes() -> None:
    faces = smooth_faces(4)
    changed = faces[1].copy()
    changed[0, 0] ^= 1
    assert evaluate.seen_in(np.stack([faces[2], changed]), faces).tolist() == [True, False]
