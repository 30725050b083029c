"""Figures are what their definitions say, checked against scikit-learn and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as reference

from training.data.protocols import one_hot
from training.figures import calibration, metrics


@pytest.fixture(scope="module")
def answered() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, answers and probabilities of 300 faces over four classes, the last without faces."""
    rng = np.random.default_rng(0)
    labels = rng.choice(3, 300, p=[0.6, 0.3, 0.1])
    probabilities = calibration.softmax(1.5 * np.eye(4)[labels] + rng.normal(size=(300, 4)))
    return labels, probabilities.argmax(axis=1), probabilities


def test_macro_figures_are_scikit_learns_over_the_classes_that_have_faces(
    answered: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    labels, answers, _ = answered
    counts = metrics.confusion(answers, labels, 4)
    np.testing.assert_array_equal(counts, reference.confusion_matrix(labels, answers, labels=range(4)))
    assert metrics.accuracy(counts) == pytest.approx((answers == labels).mean())
    precision, recall, f1, _ = reference.precision_recall_fscore_support(
        labels, answers, labels=range(3), zero_division=0
    )
    assert metrics.balanced_accuracy(counts) == pytest.approx(recall.mean())
    assert metrics.macro_f1(counts) == pytest.approx(f1.mean())
    rows = metrics.by_class(counts)
    assert [row.precision for row in rows[:3]] == pytest.approx(list(precision))
    assert [row.recall for row in rows[:3]] == pytest.approx(list(recall))
    assert [row.f1 for row in rows[:3]] == pytest.approx(list(f1))
    assert (rows[3].faces, rows[3].recall, rows[3].f1) == (0, None, None)


def test_a_class_without_faces_has_no_roc_area(answered: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    labels, _, probabilities = answered
    areas = metrics.roc_auc(probabilities, labels)
    assert areas[3] is None
    assert 0.5 < min(a for a in areas if a is not None) <= 1


def test_the_bootstrap_of_cells_is_the_bootstrap_of_faces(answered: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    labels, answers, _ = answered
    found = metrics.bootstrap(metrics.confusion(answers, labels, 4), metrics.macro_f1)
    rng = np.random.default_rng(1)
    draws = []
    for _ in range(2000):
        rows = rng.integers(0, len(labels), len(labels))
        draws.append(metrics.macro_f1(metrics.confusion(answers[rows], labels[rows], 4)))
    # 2,000 draws leave an end of the interval a standard error of about .002
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(draws, [0.025, 0.975])), abs=0.01)


def test_the_human_ceiling_of_ten_votes_is_counted_one_tagger_at_a_time() -> None:
    counts = np.array([[10, 0, 0], [5, 5, 0], [6, 3, 1], [1, 0, 0]])
    # unanimous: 10 of 10; a tie: whoever is taken away loses; 6/3/1: the six agree with the plurality of the rest
    assert metrics.one_tagger(counts / counts.sum(axis=1, keepdims=True)) == pytest.approx(
        (1 + 0 + 0.6 + 1) / 4
    )  # fmt: skip


def test_votes_answered_exactly_diverge_by_nothing() -> None:
    votes = np.random.default_rng(0).dirichlet(np.ones(4), 20)
    assert metrics.votes_divergence(votes, votes) == pytest.approx(0, abs=1e-9)
    assert metrics.votes_divergence(np.full((20, 4), 0.25), votes) > 0.1
    assert metrics.votes_divergence(np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]])) == pytest.approx(np.log(2))


def test_a_sure_classifier_that_is_right_is_calibrated_and_one_that_is_wrong_is_not() -> None:
    probabilities = np.eye(8)[[0, 1, 2]]
    assert calibration.calibration_error(probabilities, np.array([0, 1, 2])) == 0
    assert calibration.calibration_error(probabilities, np.array([3, 3, 3])) == 1


def test_reliability_bins_hold_every_face_once(answered: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    labels, answers, probabilities = answered
    table = calibration.reliability(probabilities, labels)
    assert sum(b.faces for b in table) == 300
    right = sum(b.faces * b.accuracy for b in table if b.accuracy is not None)
    assert right == pytest.approx((answers == labels).sum())
    assert all(b.low <= b.confidence < b.high + 1e-9 for b in table if b.confidence is not None)


def test_the_temperature_undoes_overconfidence() -> None:
    rng = np.random.default_rng(0)
    votes = rng.dirichlet(np.ones(8), 200)
    assert calibration.fit_temperature(1.7 * np.log(votes), votes) == pytest.approx(1.7, rel=1e-3)


def test_a_temperature_fitted_to_labels_makes_p_the_share_of_right_answers() -> None:
    rng = np.random.default_rng(0)
    true = rng.dirichlet(np.full(4, 0.5), 4000)
    labels = (true.cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
    shy = 0.4 * np.log(true)
    temperature = calibration.fit_temperature(shy, one_hot(labels, 4))
    assert temperature == pytest.approx(0.4, abs=0.03)
    assert calibration.calibration_error(calibration.softmax(shy, temperature), labels) < 0.03
    assert calibration.calibration_error(calibration.softmax(shy), labels) > 0.1
