"""Plain convolutional networks of the seed projects (rows 1-3, 5 and 6 of the systems table).

Where the table names no padding it is Keras' default, "valid", which is what their authors got.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from training.settings.config import TrainConfig
from training.zoo.parts import conv, dense_head, dropped, grey_input, logits, stage_widths, unit_scaled


def build_baseline_cnn(config: TrainConfig) -> Any:
    """Row 1: (Conv, pool) x3, Dense 1024."""
    image = grey_input()
    x = unit_scaled(image)
    for filters in stage_widths(config):
        x = keras.layers.MaxPooling2D()(conv(x, filters))
    x = dense_head(keras.layers.Flatten()(dropped(x, config.dropout)), config)
    return keras.Model(image, logits(x, config), name="baseline-cnn")


def build_cnn_bn_dropout(config: TrainConfig) -> Any:
    """Row 2: (Conv x2, normalisation, pool, dropout) x2; Conv x2, normalisation, pool; (Dense, dropout) x2."""
    image = grey_input()
    x = unit_scaled(image)
    widths = stage_widths(config)
    for stage, filters in enumerate(widths):
        x = conv(conv(x, filters), filters)
        x = keras.layers.MaxPooling2D()(keras.layers.BatchNormalization()(x))
        if stage < len(widths) - 1:
            x = dropped(x, config.dropout)
    x = dense_head(keras.layers.Flatten()(x), config)
    return keras.Model(image, logits(x, config), name="cnn-bn-dropout")


def build_cnn_bn_dropout_aug(config: TrainConfig) -> Any:
    """Row 3: ten valid convolutions in three widths, six of them normalised, two pools; (Dense, dropout) x2."""
    image = grey_input()
    x = unit_scaled(image)
    first, second, third = stage_widths(config)
    x = dropped(conv(conv(x, first, norm=True), first, norm=True), config.dropout)
    x = keras.layers.MaxPooling2D()(conv(conv(x, first), first))
    x = conv(conv(x, second, norm=True), second, norm=True)
    x = keras.layers.MaxPooling2D()(conv(conv(x, second), second))
    x = conv(conv(x, third, norm=True), third, norm=True)
    x = dense_head(keras.layers.Flatten()(x), config)
    return keras.Model(image, logits(x, config), name="cnn-bn-dropout-aug")


def build_custom_cnn(config: TrainConfig) -> Any:
    """Rows 5 and 6, which name layer kinds only; sizes and order are our choice (see `custom_trunk`)."""
    image = grey_input()
    x = custom_trunk(unit_scaled(image), config)
    x = dense_head(keras.layers.Flatten()(x), config)
    return keras.Model(image, logits(x, config), name=config.system)


def custom_trunk(x: Any, config: TrainConfig, after_stage: Callable[[Any], Any] = lambda x: x) -> Any:
    """(Conv x2, normalisation, ``after_stage``, pool, dropout) x3, "same" padding: 48, 24, 12, 6 px; choice."""
    for filters in stage_widths(config):
        x = conv(conv(x, filters, padding="same"), filters, padding="same")
        x = after_stage(keras.layers.BatchNormalization()(x))
        x = dropped(keras.layers.MaxPooling2D()(x), config.dropout)
    return x
