"""The networks, by system name: one module a family.

Every one takes grey [N, 48, 48, 1] in 0..255 and ends in logits: one tensor [N, C], or the heads of ``ours``. Softmax
lives in the loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from classroom_fer.errors import ConfigError
from training.config import TrainConfig
from training.zoo.attention import build_cnn_attention
from training.zoo.ours import build_ours
from training.zoo.parts import INPUT_PX, multiply_adds
from training.zoo.plain import build_baseline_cnn, build_cnn_bn_dropout, build_cnn_bn_dropout_aug, build_custom_cnn
from training.zoo.small import build_four_class, build_happy_sad
from training.zoo.transfer import BASES, build_resnet50_transfer, build_resnet50_transfer_fer, build_vgg16_transfer

__all__ = ["BUILDERS", "INPUT_PX", "build_model", "multiply_adds"]

BUILDERS: Mapping[str, Callable[[TrainConfig], Any]] = {
    "baseline-cnn": build_baseline_cnn,
    "cnn-bn-dropout": build_cnn_bn_dropout,
    "cnn-bn-dropout-aug": build_cnn_bn_dropout_aug,
    "resnet50-transfer": build_resnet50_transfer,
    "custom-cnn": build_custom_cnn,
    "custom-cnn-aug": build_custom_cnn,
    "vgg16-transfer": build_vgg16_transfer,
    "resnet50-transfer-fer": build_resnet50_transfer_fer,
    "happy-sad": build_happy_sad,
    "four-class": build_four_class,
    "ours": build_ours,
    "cnn-attention": build_cnn_attention,
}


def build_model(config: TrainConfig) -> Any:
    """A fresh, uncompiled `keras.Model` for ``config.system``, its first weights drawn from ``config.seed``.

    Raises:
        ConfigError: unknown system or variant, widths of another network, or ImageNet weights that cannot be had.
    """
    try:
        build = BUILDERS[config.system]
    except KeyError:
        raise ConfigError(f"unknown system {config.system!r}", hint=f"known: {', '.join(BUILDERS)}") from None
    if config.weights == "imagenet" and config.system not in BASES:
        raise ConfigError(f"{config.system} has no ImageNet weights", hint="leave --weights out")
    keras.utils.set_random_seed(config.seed)
    return build(config)
