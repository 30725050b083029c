"""The shipped network keeps to its budget."""

from __future__ import annotations

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras

from training.config import TrainConfig
from training.zoo import build_model, multiply_adds


def test_ours_takes_a_grey_crop_gives_eight_logits_and_costs_at_most_80_mmac() -> None:
    model = build_model(TrainConfig())
    assert model.input_shape == (None, 48, 48, 1)
    heads = {f"emotions_{k}": (None, 8) for k in range(3)} | {f"fer7_{k}": (None, 7) for k in range(3)}
    assert {name: tensor.shape for name, tensor in model.output.items()} == heads
    assert 20e6 < multiply_adds(model) <= 80e6


def test_multiply_adds_are_counted_by_hand() -> None:
    image = keras.Input((10, 10, 3))
    x = keras.layers.Conv2D(4, 3, strides=2, padding="same")(image)
    model = keras.Model(image, keras.layers.Dense(7)(keras.layers.Flatten()(x)))
    assert multiply_adds(model) == 5 * 5 * 4 * 3 * 3 * 3 + 100 * 7
