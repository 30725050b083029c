"""The shipped classifier (row 11)."""

from __future__ import annotations

from typing import Any

import keras

from classroom_fer.errors import ConfigError
from training.settings.config import TrainConfig
from training.zoo.parts import class_count, grey_input

FER7 = 7
"""FER2013's own labels, learned by the second head."""


def check_stages(config: TrainConfig) -> None:
    """Refuses what is no network.

    Raises:
        ConfigError: the config has not one width and one count of blocks for each stage.
    """
    if not config.widths or len(config.widths) != len(config.blocks) or min(*config.widths, *config.blocks) < 1:
        raise ConfigError(
            f"widths = {config.widths} and blocks = {config.blocks} are no stages of ours",
            hint="a width and a count of blocks for each stage, at least 1: --set widths=16,32 --set blocks=1,1",
        )


def build_ours(config: TrainConfig) -> Any:
    """A shared early-strided trunk and residual branches; outputs ``emotions_k`` [N, C] and ``fer7_k`` [N, 7] each.

    The order of the layers is part of the file format of a run's weights.

    Raises:
        ConfigError: the stages do not fit.
    """
    check_stages(config)
    image = grey_input()
    x = keras.layers.Rescaling(1 / 127.5, offset=-1.0)(image)
    x = _conv(x, config.widths[0], stride=2, size=5)
    for _ in range(config.blocks[0]):
        x = _residual(x, config.widths[0])
    outputs = {}
    for k in range(config.branches):
        y = x
        for filters, blocks in zip(config.widths[1:], config.blocks[1:], strict=True):
            for block in range(blocks):
                y = _residual(y, filters, stride=2 if block == 0 else 1)
        y = keras.layers.GlobalAveragePooling2D()(y)
        y = keras.layers.Dropout(config.dropout, seed=config.seed + k)(y)
        for head, count in ((f"emotions_{k}", class_count(config)), (f"fer7_{k}", FER7)):
            outputs[head] = keras.layers.Dense(count, dtype="float32", name=head)(y)
    return keras.Model(image, outputs, name="ours")


def _conv(x: Any, filters: int, *, stride: int = 1, size: int = 3, relu: bool = True) -> Any:
    x = keras.layers.Conv2D(
        filters, size, strides=stride, padding="same", use_bias=False, kernel_initializer="he_normal"
    )(x)
    x = keras.layers.BatchNormalization(momentum=0.9)(x)
    return keras.layers.ReLU()(x) if relu else x


def _residual(x: Any, filters: int, *, stride: int = 1) -> Any:
    """Two 3x3 convolutions and a shortcut (He et al. 2016)."""
    y = _conv(x, filters, stride=stride)
    y = _conv(y, filters, relu=False)
    if stride > 1:
        x = keras.layers.AveragePooling2D(stride)(x)
    if x.shape[-1] != filters:
        x = _conv(x, filters, size=1, relu=False)
    return keras.layers.ReLU()(keras.layers.Add()([x, y]))
