"""Loss and accuracy of one head. Heads give logits; the softmax lives here."""

from __future__ import annotations

from typing import Any

import keras


class HeadLoss(keras.losses.Loss):  # type: ignore[misc]  # Keras ships no types
    """Cross-entropy against targets [N, C], and against a teacher where the targets are [N, 2C].

    With a teacher the second half of a row is its probabilities at ``temperature``; its term is temperature^2 times the
    Kullback-Leibler divergence of the student's from them (Hinton et al. 2015), weighted by ``teacher_weight``, the
    other by 1 - ``teacher_weight``.

    Args:
        kind: "categorical", or "binary": the mean over the classes of the binary cross-entropy of each logit's sigmoid.
            That is what Keras on TensorFlow computes for a softmax layer with `binary_crossentropy`: it takes the
            logits from behind the softmax (keras/src/backend/tensorflow/nn.py, `_get_logits`).
    """

    def __init__(self, kind: str = "categorical", *, teacher_weight: float = 0.0, temperature: float = 1.0) -> None:
        super().__init__(name="head_loss")
        self.kind, self.teacher_weight, self.temperature = kind, teacher_weight, temperature

    def call(self, targets: Any, logits: Any) -> Any:
        """[N]."""
        logits = keras.ops.cast(logits, "float32")
        targets = keras.ops.cast(targets, "float32")
        classes = logits.shape[-1]
        own = self._own(targets[:, :classes], logits)
        if targets.shape[-1] == classes:
            return own
        teacher = targets[:, classes:]
        student = keras.ops.log_softmax(logits / self.temperature)
        apart = keras.ops.sum(teacher * (keras.ops.log(keras.ops.maximum(teacher, 1e-12)) - student), axis=-1)
        return (1 - self.teacher_weight) * own + self.teacher_weight * self.temperature**2 * apart

    def _own(self, targets: Any, logits: Any) -> Any:
        if self.kind == "binary":
            return keras.losses.binary_crossentropy(targets, logits, from_logits=True)
        return keras.losses.categorical_crossentropy(targets, logits, from_logits=True)


def plurality_accuracy(targets: Any, logits: Any) -> Any:
    """[N]: is the largest logit that of the largest target? A teacher's half of the targets is not looked at."""
    own = targets[:, : logits.shape[-1]]
    same = keras.ops.equal(keras.ops.argmax(own, axis=-1), keras.ops.argmax(logits, axis=-1))
    return keras.ops.cast(same, "float32")
