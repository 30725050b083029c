"""The networks, by system name: one module a family.

Every one takes grey [N, 48, 48, 1] in 0..255 and ends in logits: one tensor [N, C], or the heads of ``ours``. Softmax
lives in the loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras

from classroom_fer.errors import ConfigError
from training.settings.config import TrainConfig
from training.zoo.attention import build_cnn_attention
from training.zoo.mobile import MOBILES, build_mobile
from training.zoo.ours import build_ours, check_stages
from training.zoo.parts import INPUT_PX, STAGES, multiply_adds, stage_widths
from training.zoo.plain import build_baseline_cnn, build_cnn_bn_dropout, build_cnn_bn_dropout_aug, build_custom_cnn
from training.zoo.small import build_four_class, build_happy_sad, happy_sad_size
from training.zoo.transfer import BASES, build_resnet50_transfer, build_resnet50_transfer_fer, build_vgg16_transfer

__all__ = ["BUILDERS", "INPUT_PX", "build_model", "check_shape", "multiply_adds"]

BUILDERS: Mapping[str, Callable[[TrainConfig], Any]] = {
    "baseline-cnn": build_baseline_cnn,
    "cnn-bn-dropout": build_cnn_bn_dropout,
    "cnn-bn-dropout-aug": build_cnn_bn_dropout_aug,
    "resnet50-transfer": build_resnet50_transfer,
    "custom-cnn": build_custom_cnn,
    "custom-cnn-aug": build_custom_cnn,
    "vgg16-transfer": build_vgg16_transfer,
    "vgg16-hed-transfer": build_vgg16_transfer,
    "resnet50-transfer-fer": build_resnet50_transfer_fer,
    "happy-sad": build_happy_sad,
    "four-class": build_four_class,
    "ours": build_ours,
    "student": build_ours,
    "cnn-attention": build_cnn_attention,
} | dict.fromkeys(MOBILES, build_mobile)
SHAPE_CHECKS: Mapping[str, Callable[[TrainConfig], object]] = {
    "happy-sad": happy_sad_size,
    "ours": check_stages,
    "student": check_stages,
} | dict.fromkeys(STAGES, stage_widths)
"""What of a config a network can refuse before it is built; by system."""


def build_model(config: TrainConfig) -> Any:
    """A fresh, uncompiled `keras.Model` for ``config.system``, its first weights drawn from ``config.seed``.

    Raises:
        ConfigError: unknown system or variant, widths of another network, or ImageNet weights that cannot be had.
    """
    build = _builder(config)
    if config.weights == "imagenet" and config.system not in {*BASES, *MOBILES}:
        raise ConfigError(f"{config.system} has no ImageNet weights", hint="leave --weights out")
    keras.utils.set_random_seed(config.seed)
    return build(config)


def check_shape(config: TrainConfig) -> None:
    """Refuses, without building it, a network that `build_model` would refuse for its system, variant or stages.

    Raises:
        ConfigError: unknown system or variant, or widths of another network.
    """
    _builder(config)
    if config.system in SHAPE_CHECKS:
        SHAPE_CHECKS[config.system](config)


def _builder(config: TrainConfig) -> Callable[[TrainConfig], Any]:
    try:
        return BUILDERS[config.system]
    except KeyError:
        raise ConfigError(f"unknown system {config.system!r}", hint=f"known: {', '.join(BUILDERS)}") from None
