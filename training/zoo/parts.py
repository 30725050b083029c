"""What the networks share: input, convolutions, dense heads, logits, and the count of their multiplications."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any

import keras

from classroom_fer.errors import ConfigError
from training.data.readers.faces import SIDE_PX
from training.data.splits import classes_of
from training.settings.config import TrainConfig

INPUT_PX = SIDE_PX
LARGEST_SEED = 1_000_000_000
"""As in Keras (`make_default_seed`)."""
STAGES: Mapping[str, int] = {
    "baseline-cnn": 3, "cnn-bn-dropout": 3, "cnn-bn-dropout-aug": 3, "custom-cnn": 3, "custom-cnn-aug": 3,
    "four-class": 4, "cnn-attention": 3,
}  # fmt: skip
"""Of the systems that take their widths, one a stage, from the config; ``ours`` has as many as it is given."""


def grey_input() -> Any:
    """Grey [N, 48, 48, 1] in 0..255."""
    return keras.Input((INPUT_PX, INPUT_PX, 1), name="grey")


def unit_scaled(image: Any) -> Any:
    """0..255 to 0..1, inside the network, so that no caller can forget it."""
    return keras.layers.Rescaling(1 / 255)(image)


def conv(x: Any, filters: int, *, size: int = 3, padding: str = "valid", norm: bool = False) -> Any:
    """Convolution with bias and relu; with ``norm`` a batch normalisation between the two."""
    if not norm:
        return keras.layers.Conv2D(filters, size, padding=padding, activation="relu")(x)
    x = keras.layers.Conv2D(filters, size, padding=padding)(x)
    return keras.layers.ReLU()(keras.layers.BatchNormalization()(x))


def dropped(x: Any, rate: float) -> Any:
    """Dropout at ``rate``; no layer at all at 0.

    Its seed is drawn as Keras draws one where it is given none; torch then keeps its state with the weights, without
    which a run that goes on would drop other values than an uninterrupted one.
    """
    return keras.layers.Dropout(rate, seed=random.randint(1, LARGEST_SEED))(x) if rate else x


def dense_head(x: Any, config: TrainConfig) -> Any:
    """Dense relu layers of ``config.dense`` units, each followed by dropout at ``config.head_dropout``."""
    for units in config.dense:
        x = dropped(keras.layers.Dense(units, activation="relu")(x), config.head_dropout)
    return x


def logits(x: Any, config: TrainConfig) -> Any:
    """One float32 logit for each class of the protocol."""
    return keras.layers.Dense(class_count(config), dtype="float32", name="logits")(x)


def class_count(config: TrainConfig) -> int:
    """Classes of ``config.protocol``.

    Raises:
        ConfigError: unknown protocol.
        DataError: protocol "folders", and there are none at ``config.data``.
    """
    return len(classes_of(config.data, config.protocol))


def stage_widths(config: TrainConfig) -> tuple[int, ...]:
    """``config.widths``, one for each stage of ``config.system``.

    Raises:
        ConfigError: another number of them.
    """
    count = STAGES[config.system]
    if len(config.widths) != count:
        raise ConfigError(
            f"{config.system} has {count} stages, widths has {len(config.widths)} numbers: {config.widths}",
            hint=f"give {count} widths, or none for the authors' own",
        )
    return config.widths


def multiply_adds(model: Any) -> int:
    """Multiplications of one image in the convolutions and dense layers of ``model``."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            height, width = layer.output.shape[1:3]
            total += height * width * math.prod(layer.kernel.shape)
        elif isinstance(layer, keras.layers.DepthwiseConv2D):
            total += math.prod(layer.output.shape[1:]) * math.prod(layer.kernel_size)
        elif isinstance(layer, keras.layers.Dense):
            total += math.prod(layer.output.shape[1:-1]) * math.prod(layer.kernel.shape)
    return int(total)
