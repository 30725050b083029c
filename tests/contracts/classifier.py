"""What every classifier promises. A test module subclasses ClassifierContract and gives a ``classifier`` fixture."""

from __future__ import annotations

from typing import Any

import numpy as np


def crops(count: int, side: int, *, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, side, side)).astype(np.uint8)


class ClassifierContract:
    def test_no_crops_give_no_rows(self, classifier: Any) -> None:
        answer = classifier.classify(crops(0, classifier.input_px))
        assert (answer.shape, answer.dtype) == ((0, 8), np.float32)

    def test_rows_are_probabilities(self, classifier: Any) -> None:
        for count in (1, 7, 64, 65):
            answer = classifier.classify(crops(count, classifier.input_px))
            assert (answer.shape, answer.dtype) == ((count, 8), np.float32)
            assert (answer >= 0).all()
            np.testing.assert_allclose(answer.sum(axis=1), 1, atol=1e-5)

    def test_votes_and_classes_are_both_told_and_sum_to_one(self, classifier: Any) -> None:
        many = crops(5, classifier.input_px)
        said = classifier.expressions(many)
        assert said.votes.shape == said.classes.shape == (5, 8)
        np.testing.assert_allclose(said.votes.sum(axis=1), 1, atol=1e-5)
        np.testing.assert_array_equal(said.classes, classifier.classify(many))
        assert classifier.expressions(crops(0, classifier.input_px)).votes.shape == (0, 8)

    def test_a_crop_gets_the_same_answer_whoever_is_beside_it(self, classifier: Any) -> None:
        many = crops(9, classifier.input_px)
        alone = np.concatenate([classifier.classify(many[k : k + 1]) for k in range(9)])
        np.testing.assert_allclose(classifier.classify(many), alone, atol=1e-5)

    def test_the_model_is_named_by_a_hash(self, classifier: Any) -> None:
        assert len(classifier.sha256) == 64
