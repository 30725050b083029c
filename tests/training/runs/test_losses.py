"""The loss of a head is what its formula says."""

from __future__ import annotations

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras
import numpy as np
import pytest

from training.runs.losses import HeadLoss, plurality_accuracy

LOGITS = np.array([[2.0, 0.5, -1.0], [0.0, 0.0, 3.0]], np.float32)
TARGETS = np.array([[0.7, 0.3, 0.0], [0.0, 1.0, 0.0]], np.float32)
TEACHER = np.array([[0.5, 0.25, 0.25], [0.2, 0.2, 0.6]], np.float32)


def softmax(logits: np.ndarray) -> np.ndarray:
    grown = np.exp(logits)
    return grown / grown.sum(axis=1, keepdims=True)


def test_categorical_is_the_cross_entropy() -> None:
    expected = -(TARGETS * np.log(softmax(LOGITS))).sum(axis=1).mean()
    assert float(HeadLoss()(TARGETS, LOGITS)) == pytest.approx(expected, rel=1e-5)


def test_binary_is_the_sigmoid_of_each_logit() -> None:
    p = 1 / (1 + np.exp(-LOGITS))
    expected = -(TARGETS * np.log(p) + (1 - TARGETS) * np.log(1 - p)).mean()
    assert float(HeadLoss("binary")(TARGETS, LOGITS)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the other backends take the softmax literally")
def test_binary_is_what_the_authors_compile_trained_with() -> None:
    """A softmax layer compiled with binary_crossentropy, on TensorFlow."""
    image = keras.Input((3,))
    net = keras.Model(image, keras.layers.Softmax()(image))
    net.compile(loss="binary_crossentropy")
    assert net.evaluate(LOGITS, TARGETS, verbose=0) == pytest.approx(
        float(HeadLoss("binary")(TARGETS, LOGITS)), rel=1e-5
    )


def test_a_teacher_adds_its_divergence_at_the_temperature() -> None:
    own = -(TARGETS * np.log(softmax(LOGITS))).sum(axis=1)
    apart = (TEACHER * np.log(TEACHER / softmax(LOGITS / 2))).sum(axis=1)
    loss = HeadLoss(teacher_weight=0.25, temperature=2.0)
    both = np.concatenate([TARGETS, TEACHER], axis=1)
    assert float(loss(both, LOGITS)) == pytest.approx((0.75 * own + 0.25 * 4 * apart).mean(), rel=1e-5)
    assert float(loss(TARGETS, LOGITS)) == pytest.approx(own.mean(), rel=1e-5)


def test_a_student_that_answers_as_its_teacher_has_no_loss_left() -> None:
    both = np.concatenate([TARGETS, TEACHER], axis=1)
    answer = (2 * np.log(TEACHER)).astype(np.float32)
    assert float(HeadLoss(teacher_weight=1.0, temperature=2.0)(both, answer)) == pytest.approx(0, abs=1e-6)


def test_a_face_weight_scales_its_loss() -> None:
    one, two = (float(HeadLoss()(TARGETS[k : k + 1], LOGITS[k : k + 1])) for k in (0, 1))
    weighted = float(HeadLoss()(TARGETS, LOGITS, sample_weight=np.array([3.0, 0.5], np.float32)))
    assert weighted == pytest.approx((3 * one + 0.5 * two) / 2, rel=1e-5)


def test_accuracy_looks_at_the_plurality_and_not_at_the_teacher() -> None:
    both = np.concatenate([TARGETS, TEACHER], axis=1)
    assert keras.ops.convert_to_numpy(plurality_accuracy(both, LOGITS)).tolist() == [1, 0]
