"""The networks of fewer classes: happy/sad in four sizes (row 9) and the four-class CNN (row 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from classroom_fer.errors import ConfigError
from training.settings.config import TrainConfig
from training.zoo.parts import conv, dense_head, dropped, grey_input, logits, stage_widths, unit_scaled

FIRST_PX = 7
"""Side of the first kernels of row 10."""


@dataclass(frozen=True, slots=True)
class Size:
    """One happy/sad network: filters of its three stages, units of its dense layer."""

    widths: tuple[int, int, int]
    units: int


VARIANTS: Mapping[str, Size] = {
    "30k": Size((8, 16, 32), 47),
    "250k": Size((16, 32, 64), 220),
    "1m": Size((32, 64, 128), 442),
    "3.8m": Size((64, 128, 256), 837),
}
"""The authors' range is 30 k to 3.8 M parameters; the steps between and the shapes are our choice."""


def happy_sad_size(config: TrainConfig) -> Size:
    """The size that ``config.variant`` names.

    Raises:
        ConfigError: unknown variant.
    """
    try:
        return VARIANTS[config.variant]
    except KeyError:
        raise ConfigError(
            f"happy-sad has no variant {config.variant!r}", hint=f"known: {', '.join(VARIANTS)}"
        ) from None


def build_happy_sad(config: TrainConfig) -> Any:
    """Row 9: (Conv valid, pool) x3, dropout, one Dense; as large as ``config.variant`` says."""
    size = happy_sad_size(config)
    image = grey_input()
    x = unit_scaled(image)
    for filters in size.widths:
        x = keras.layers.MaxPooling2D()(conv(x, filters))
    x = dropped(keras.layers.Flatten()(x), config.dropout)
    x = keras.layers.Dense(size.units, activation="relu")(x)
    return keras.Model(image, logits(dropped(x, config.head_dropout), config), name="happy-sad")


def build_four_class(config: TrainConfig) -> Any:
    """Row 10: Conv 7x7 and three Conv 3x3, each with a pool, (Dense, dropout) x2; "same" padding throughout."""
    image = grey_input()
    x = unit_scaled(image)
    for stage, filters in enumerate(stage_widths(config)):
        x = conv(x, filters, size=FIRST_PX if stage == 0 else 3, padding="same")
        x = dropped(keras.layers.MaxPooling2D()(x), config.dropout)
    x = dense_head(keras.layers.Flatten()(x), config)
    return keras.Model(image, logits(x, config), name="four-class")
