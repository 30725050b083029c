"""The systems that `python -m training` rebuilds: their authors' settings and the figures that their authors print.

One row a system, as its authors' code has it. What that leaves open is our choice and says so in ``note``.
Light: no network is built here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from classroom_fer.errors import ConfigError
from training.settings.config import Augmentation, TrainConfig


@dataclass(frozen=True, slots=True)
class System:
    """One row of the table."""

    row: int | None
    """Of the systems table; None for a system that is ours, or that the projects planned and did not build."""
    name: str
    protocol: str
    settings: Mapping[str, Any]
    """Fields of `TrainConfig` in which the authors differ from their ground: `KERAS_DEFAULTS`, for all but ours."""
    printed: str = "none"
    """The figure that the authors print; "none" where they print none."""
    note: str = ""
    """What the figure is, and which settings are our choice."""


UNCHANGED = Augmentation.nothing()
KERAS_DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "optimizer": "adam",
        "learning_rate": 1e-3,
        "schedule": "constant",
        "warmup_epochs": 0.0,
        "weight_decay": 0.0,
        "clip_norm": 0.0,
        "ema": 0.0,
        "targets": "label",
        "balance": 0.0,
        "precision": "float32",
        "score_every": 1,
        "batch": 64,
        "epochs": 100,
        "dropout": 0.0,
        "augmentation": UNCHANGED,
    }
)
"""What `compile` and `fit` do when told nothing but Adam: the ground of every system but ours. 100 epochs of 64 where
the authors name no other numbers (rows 1 and 3 do)."""
UNTIL_IT_STOPS: Mapping[str, Any] = MappingProxyType({"schedule": "plateau", "early_stopping": 20})
"""ReduceLROnPlateau and EarlyStopping(20) of row 4; taken over where a row names the callbacks without numbers."""
FINE_TUNED: Mapping[str, Any] = MappingProxyType(
    {
        **UNTIL_IT_STOPS,
        "learning_rate": 1e-4,
        "epochs": 60,
        "batch": 32,
        "dense": (256,),
        "dropout": 0.5,
        "head_dropout": 0.5,
    }
)
"""Rows 7 and 8, all of it choice."""
CUSTOM: Mapping[str, Any] = MappingProxyType(
    {"widths": (32, 64, 128), "dense": (256,), "dropout": 0.25, "head_dropout": 0.5, "epochs": 60}
)
"""Rows 5 and 6 name layer kinds only: sizes, rates and epochs are choice."""
CUSTOM_AUGMENTATION = dataclasses.replace(UNCHANGED, rotation_deg=20.0, shift=0.1, scale=0.1, shear=0.1, flip=0.5)
"""Row 6 names rotation, shifts, shear, zoom and flip; the amounts are those of row 3 or choice."""

TRAVELLING = Augmentation(
    rotation_deg=20.0, shift=0.12, scale=0.25, contrast=0.5, brightness=40.0, erase=0.25, blur=0.2, blur_sigma_px=2.0,
    resample=0.3, dark=0.2, jpeg=0.3,
)  # fmt: skip
"""Stronger changes, for pictures from elsewhere: framing, sharpness, contrast, light, compression. Choice."""
TEACHER: Mapping[str, Any] = MappingProxyType(
    {"learning_rate": 0.02, "dropout": 0.2, "weight_decay": 2e-3, "augmentation": TRAVELLING}
)
"""On the ground of ours; a gentler rate, for the weights are worth keeping."""

STUDENT: Mapping[str, Any] = MappingProxyType(
    {"branches": 1, "dropout": 0.15, "distill_weight": 0.7, "augmentation": TRAVELLING}
)
"""32.8 million multiply-adds and 3.6 MB. Without teachers the same net learns from the votes alone."""


_ALL = (
    System(
        1, "baseline-cnn", "P8", {"widths": (64, 64, 128), "dense": (1024,)},
        printed=".6227 test, .7247 validation, .9921 train",
        note="overfits: 30 points between its training and its test figure",
    ),
    System(
        2, "cnn-bn-dropout", "P8",
        {"widths": (64, 64, 128), "dense": (1024, 1024), "dropout": 0.5, "head_dropout": 0.2},
        printed=".7518 test, .7686 validation",
        note="epochs and batch are not printed; those of row 1",
    ),
    System(
        3, "cnn-bn-dropout-aug", "P8",
        {
            "widths": (64, 128, 256), "dense": (1024, 1024), "dropout": 0.5, "head_dropout": 0.2,
            "learning_rate": 1e-4, "loss": "binary",
            "augmentation": dataclasses.replace(UNCHANGED, rotation_deg=20.0, shift=0.1, flip=0.5),
        },
        printed=".8167 test, .8179 validation",
        note="trained with binary cross-entropy on a softmax; batch of row 1",
    ),
    System(
        4, "resnet50-transfer", "P8",
        {**UNTIL_IT_STOPS, "dense": (32, 32, 32), "dropout": 0.5, "head_dropout": 0.5, "trainable_layers": 4},
        printed=".8752 (BinaryAccuracy, no accuracy)",
        note="compiled with BinaryAccuracy: eight one-hot classes give 7/8 = .875 to any net whose outputs are all "
        "below .5; the rate of the inner dropouts, epochs and batch are our choice",
    ),
    System(5, "custom-cnn", "P7", CUSTOM, note="the authors name layer kinds only: sizes and settings are our choice"),
    System(
        6, "custom-cnn-aug", "P7", {**CUSTOM, "augmentation": CUSTOM_AUGMENTATION},
        note="as custom-cnn; amounts of augmentation are our choice",
    ),
    System(
        7, "vgg16-transfer", "P7", {**FINE_TUNED, "trainable_layers": 4},
        note="head and settings are our choice; of the base its last block is tuned",
    ),
    System(
        None, "vgg16-hed-transfer", "P7", {**FINE_TUNED, "trainable_layers": 4},
        note="vgg16-transfer on a base near ImageNet's, not ImageNet's: VGG16 after training on from ImageNet to find "
        "edges (HED, from a package); all of it our choice",
    ),
    System(
        8, "resnet50-transfer-fer", "P7", {**FINE_TUNED, "trainable_layers": 32},
        note="head and settings are our choice; of the base its last stage is tuned",
    ),
    System(
        9, "happy-sad", "P2",
        {"variant": "250k", "dropout": 0.25, "head_dropout": 0.5, "epochs": 40},
        printed=".95",
        note="repeated 5-fold cross-validation, mean and best fold; 30 k to 3.8 M parameters (--set variant=30k|250k|"
        "1m|3.8m), shapes, epochs and rates are our choice; ours learns its training faces nearly by "
        "heart (.97) and stays at .87 on others",
    ),
    System(
        10, "four-class", "P4",
        {**UNTIL_IT_STOPS, "widths": (64, 128, 128, 256), "dense": (64, 64), "head_dropout": 0.25},
        printed="about .70 validation",
        note="two dense layers, epochs, batch and the callbacks' numbers are our choice",
    ),
    System(
        11, "ours", "P8", {},
        note="the shipped classifier's net: TrainConfig's defaults are its first run, the rest is in the model card",
    ),
    System(
        None, "mobilenet-v2", "P8", TEACHER,
        note="ours, a teacher: MobileNetV2 with ImageNet's weights on faces enlarged to 64 px; all of it our choice",
    ),
    System(
        None, "efficientnet-lite0", "P8", TEACHER,
        note="ours, a teacher: EfficientNet-Lite0, as mobilenet-v2",
    ),
    System(
        None, "student", "P8", STUDENT,
        note="ours with one branch instead of three, distilled from teachers (`python -m training distil`)",
    ),
    System(
        None, "cnn-attention", "P7",
        {**CUSTOM, "augmentation": CUSTOM_AUGMENTATION},
        note="custom-cnn-aug with CBAM attention, which the projects planned; all of it our choice",
    ),
)  # fmt: skip


OUR_OWN = frozenset({"ours", "student", "mobilenet-v2", "efficientnet-lite0"})
"""On the ground of `TrainConfig`'s defaults."""


def _on_its_ground(system: System) -> System:
    """With all settings in which it differs from `TrainConfig`'s defaults, which are the recipe of ``ours``."""
    ground = {} if system.name in OUR_OWN else KERAS_DEFAULTS
    return dataclasses.replace(system, settings=MappingProxyType({**ground, **system.settings}))


SYSTEMS: Mapping[str, System] = MappingProxyType({system.name: _on_its_ground(system) for system in _ALL})


def default_config(system: str, **overrides: Any) -> TrainConfig:
    """The authors' settings of ``system``, with ``overrides`` on top of them.

    Raises:
        ConfigError: unknown system or setting.
    """
    try:
        known = SYSTEMS[system]
    except KeyError:
        raise ConfigError(f"unknown system {system!r}", hint=f"known: {', '.join(SYSTEMS)}") from None
    return TrainConfig(**{"system": system, "protocol": known.protocol, **known.settings, **overrides})
