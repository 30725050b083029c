"""One tensor of logits or a table of heads: both are read the same way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from labelled_faces import smooth_faces

from classroom_fer.errors import ConfigError
from training.data.splits import Split
from training.runs.predictions import head_logits, heads_by_output, predict_logits, score


class Net:
    """Answers with what it was given."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.output_names = list(answer) if isinstance(answer, dict) else ["dense_3"]

    def predict(self, images: np.ndarray, batch_size: int, verbose: int) -> Any:
        assert images.shape[1:] == (48, 48, 1)
        return self.answer


TABLE = {"emotions_0": np.eye(2), "emotions_1": 3 * np.eye(2), "fer7_0": np.ones((2, 7)), "fer7_1": np.zeros((2, 7))}


def test_branches_are_averaged_head_by_head() -> None:
    heads = head_logits(TABLE)
    assert heads["emotions"].tolist() == [[2, 0], [0, 2]]
    assert heads["fer7"].tolist() == [[0.5] * 7] * 2


def test_a_single_output_is_the_head_of_the_protocols_classes_whatever_its_name() -> None:
    assert heads_by_output(Net(np.eye(2))) == {"dense_3": "emotions"}
    assert predict_logits(Net(np.eye(2)), smooth_faces(2)).dtype == np.float64


def test_a_head_that_the_network_lacks_is_an_error_that_names_the_others() -> None:
    with pytest.raises(ConfigError, match="no head 'fer7'") as caught:
        predict_logits(Net(np.eye(2)), smooth_faces(2), "fer7")
    assert "emotions" in caught.value.hint


def test_an_output_of_no_head_is_an_error() -> None:
    with pytest.raises(ConfigError, match="'age_0'"):
        heads_by_output(Net({"emotions_0": 0, "age_0": 0}))


def test_the_score_is_accuracy_against_labels_and_cross_entropy_against_targets() -> None:
    votes = np.array([[0.5, 0.5], [1.0, 0.0]], np.float32)
    split = Split(images=smooth_faces(2), labels=np.array([0, 0]), votes=votes, fer7=np.array([-1, -1]))
    log_p = np.log([[0.8, 0.2], [0.4, 0.6]])
    net = Net(log_p + 5.0)
    accuracy, loss = score(net, split)
    assert accuracy == 0.5
    assert loss == pytest.approx(-(0.5 * log_p[0, 0] + 0.5 * log_p[0, 1] + log_p[1, 0]) / 2)
    assert score(net, split, targets="label")[1] == pytest.approx(-(log_p[0, 0] + log_p[1, 0]) / 2)
