"""Small ImageNet networks as teachers and students: MobileNetV2 and EfficientNet-Lite0, with the heads of ``ours``.

Layer for layer what PyTorch's networks are whose weights packages carry, so that those weights give the same features.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from classroom_fer.errors import ConfigError
from training.settings.config import TrainConfig
from training.zoo.ours import FER7
from training.zoo.packaged import EFFICIENTNET_LITE0, MOBILENET_V2, Package, packaged_weights, port, weights_folder
from training.zoo.parts import class_count, grey_input

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
"""Of RGB in 0..1: what both networks were trained with (torchvision's documentation, the Lite package's readme)."""
STEM, TOP = 32, 1280
"""Channels of the first and the last convolution of both."""
MOMENTUM = 0.9
"""PyTorch's .1 counts the other way round."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Inverted residual blocks (Sandler et al. 2018); the first one has the stride."""

    expansion: int
    channels: int
    blocks: int
    stride: int
    kernel: int = 3


@dataclass(frozen=True, slots=True)
class Mobile:
    """What the two networks differ in."""

    stages: tuple[Stage, ...]
    epsilon: float
    """Of the batch normalisations."""
    symmetric: bool
    """Strided convolutions are padded alike on both sides (PyTorch), or more at the end (TensorFlow's "same")."""
    package: Package


MOBILES: Mapping[str, Mobile] = {
    "mobilenet-v2": Mobile(
        (
            Stage(1, 16, 1, 1), Stage(6, 24, 2, 2), Stage(6, 32, 3, 2), Stage(6, 64, 4, 2), Stage(6, 96, 3, 1),
            Stage(6, 160, 3, 2), Stage(6, 320, 1, 1),
        ),
        epsilon=1e-5, symmetric=True, package=MOBILENET_V2,
    ),
    "efficientnet-lite0": Mobile(
        (
            Stage(1, 16, 1, 1), Stage(6, 24, 2, 2), Stage(6, 40, 2, 2, 5), Stage(6, 80, 3, 2), Stage(6, 112, 3, 1, 5),
            Stage(6, 192, 4, 2, 5), Stage(6, 320, 1, 1),
        ),
        epsilon=1e-3, symmetric=False, package=EFFICIENTNET_LITE0,
    ),
}  # fmt: skip
"""By system: Sandler et al. 2018 (arXiv 1801.04381), table 2; Tan and Le 2019 (arXiv 1905.11946), table 1, without
squeeze and excitation and with relu6, which is what "Lite" means."""


def build_mobile(config: TrainConfig) -> Any:
    """The network of ``config.system`` on faces enlarged to ``config.inner_px``; outputs ``emotions_0`` and ``fer7_0``.

    Its attribute ``first_weights`` says what it began with, for the run's record.

    Raises:
        ConfigError: ``config.weights`` is "imagenet" and they cannot be had.
        ModelError: the package is not what it should be.
    """
    kind = MOBILES[config.system]
    tensors = first_tensors(config)
    image = grey_input()
    x = keras.layers.Resizing(config.inner_px, config.inner_px, name="enlarged")(image)
    x = keras.layers.GlobalAveragePooling2D()(features(as_colours(x), kind))
    x = keras.layers.Dropout(config.dropout, seed=config.seed)(x)
    counts = {"emotions_0": class_count(config), "fer7_0": FER7}
    heads = {head: keras.layers.Dense(count, dtype="float32", name=head)(x) for head, count in counts.items()}
    model = keras.Model(image, heads, name=config.system)
    if tensors is not None:
        port(model.layers, tensors)
    model.first_weights = "none" if tensors is None else "imagenet"
    return model


def first_tensors(config: TrainConfig) -> Mapping[str, Any] | None:
    """The ImageNet weights that ``config`` begins with; None = from scratch.

    Raises:
        ConfigError, ModelError: see `build_mobile`.
    """
    if config.weights == "none":
        return None
    try:
        return imagenet_tensors(config.system)
    except ConfigError:
        if config.weights == "imagenet":
            raise
        return None


def imagenet_tensors(system: str) -> Mapping[str, Any]:
    """The ImageNet weights of a system of this module, by their names in PyTorch.

    Raises:
        ConfigError, ModelError: see `packaged_weights`.
    """
    return packaged_weights(MOBILES[system].package, weights_folder())


def as_colours(grey: Any) -> Any:
    """Grey 0..255 as three alike channels, scaled as ImageNet's colours were."""
    scale = [1 / (255 * std) for std in IMAGENET_STD]
    offset = [-mean / std for mean, std in zip(IMAGENET_MEAN, IMAGENET_STD, strict=True)]
    return keras.layers.Rescaling(scale, offset)(keras.layers.Concatenate()([grey, grey, grey]))


def features(x: Any, kind: Mobile) -> Any:
    """The last map [N, side / 32, side / 32, 1280] of colours [N, side, side, 3]."""
    x = _conv(x, kind, STEM, kernel=3, stride=2)
    for stage in kind.stages:
        for block in range(stage.blocks):
            x = _block(x, kind, stage, stage.stride if block == 0 else 1)
    return _conv(x, kind, TOP)


def _block(x: Any, kind: Mobile, stage: Stage, stride: int) -> Any:
    """Widen, filter each channel, narrow; with a shortcut where the shape stays."""
    channels = x.shape[-1]
    y = _conv(x, kind, channels * stage.expansion) if stage.expansion > 1 else x
    y, padding = _padded(y, kind, stage.kernel, stride)
    y = keras.layers.DepthwiseConv2D(stage.kernel, strides=stride, padding=padding, use_bias=False)(y)
    y = _conv(_normed(y, kind), kind, stage.channels, relu=False)
    return keras.layers.Add()([x, y]) if stride == 1 and channels == stage.channels else y


def _conv(x: Any, kind: Mobile, channels: int, *, kernel: int = 1, stride: int = 1, relu: bool = True) -> Any:
    x, padding = _padded(x, kind, kernel, stride)
    x = keras.layers.Conv2D(
        channels, kernel, strides=stride, padding=padding, use_bias=False, kernel_initializer="he_normal"
    )(x)
    return _normed(x, kind, relu=relu)


def _normed(x: Any, kind: Mobile, *, relu: bool = True) -> Any:
    x = keras.layers.BatchNormalization(momentum=MOMENTUM, epsilon=kind.epsilon)(x)
    return keras.layers.ReLU(max_value=6.0)(x) if relu else x


def _padded(x: Any, kind: Mobile, kernel: int, stride: int) -> tuple[Any, str]:
    """``x`` and the padding that a convolution then needs."""
    if stride > 1 and kind.symmetric:
        return keras.layers.ZeroPadding2D(kernel // 2)(x), "valid"
    return x, "same"
