"""The networks, by system name. Every one takes grey [N, 48, 48, 1] in 0..255 and gives logits [N, 8]."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from classroom_fer.errors import ConfigError
from classroom_fer.types import EMOTIONS
from training.config import TrainConfig

INPUT_PX = 48
SQUEEZE = 8
"""Channel reduction in the squeeze-and-excitation gates (Hu et al. 2018 use 16; our layers are narrow)."""


def build_model(config: TrainConfig) -> Any:
    """A fresh, uncompiled `keras.Model` for ``config.system``, its first weights drawn from ``config.seed``.

    Raises:
        ConfigError: unknown system.
    """
    try:
        build = SYSTEMS[config.system]
    except KeyError:
        raise ConfigError(f"unknown system {config.system!r}", hint=f"known: {', '.join(SYSTEMS)}") from None
    keras.utils.set_random_seed(config.seed)
    return build(config)


def build_ours(config: TrainConfig) -> Any:
    """The shipped classifier for training: a shared trunk and branches; outputs emotions_k [N, 8] and fer7_k [N, 7]."""
    image = keras.Input((INPUT_PX, INPUT_PX, 1), name="grey")
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
        outputs[f"emotions_{k}"] = keras.layers.Dense(len(EMOTIONS), dtype="float32", name=f"emotions_{k}")(y)
        outputs[f"fer7_{k}"] = keras.layers.Dense(7, dtype="float32", name=f"fer7_{k}")(y)
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


def multiply_adds(model: Any) -> int:
    """Multiplications of one image in the convolutions and dense layers of ``model``."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            height, width = layer.output.shape[1:3]
            total += (
                height
                * width
                * int(layer.kernel.shape[0] * layer.kernel.shape[1])
                * (int(layer.kernel.shape[2]) * int(layer.kernel.shape[3]))
            )
        elif isinstance(layer, keras.layers.Dense):
            total += int(layer.kernel.shape[0]) * int(layer.kernel.shape[1])
    return total


SYSTEMS: dict[str, Callable[[TrainConfig], Any]] = {"ours": build_ours}
