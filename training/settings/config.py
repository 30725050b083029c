"""What one training run is: every setting that changes its weights, JSON-able, with the reason for each default.

The defaults are the recipe of ``ours``; the settings of the other systems' authors stand in ``training/systems.py``.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classroom_fer.errors import ConfigError

DEFAULT_DATA = Path("../shared/datasets/fer2013")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "optimizer": ("sgd", "adam", "adamw"),
    "schedule": ("constant", "cosine", "trapezoid", "plateau"),
    "monitor": ("loss", "accuracy"),
    "loss": ("categorical", "binary"),
    "targets": ("votes", "label"),
    "class_weights": ("none", "balanced"),
    "precision": ("float32", "mixed_bfloat16", "mixed_float16"),
    "weights": ("auto", "imagenet", "none"),
}
"""Settings that are one of a few words."""
AT_LEAST: Mapping[str, float] = {
    "epochs": 1, "batch": 1, "learning_rate": 0, "warmup_epochs": 0, "decay_epochs": 0, "plateau_factor": 0,
    "plateau_patience": 1, "early_stopping": 0, "weight_decay": 0, "momentum": 0, "clip_norm": 0, "ema": 0,
    "label_smoothing": 0, "mixup": 0, "dropout": 0, "distill_weight": 0, "distill_temperature": 0.1, "aux_weight": 0,
    "aux_smoothing": 0, "score_every": 1, "branches": 1, "limit": 1, "trainable_layers": 0, "seed": 0,
    "head_dropout": 0,
}  # fmt: skip
AT_MOST: Mapping[str, float] = {
    "plateau_factor": 1, "momentum": 1, "ema": 1, "label_smoothing": 1, "dropout": 1, "distill_weight": 1,
    "aux_smoothing": 1, "head_dropout": 1,
}  # fmt: skip
FACE_PX = 48
"""Side of a training face."""
ELSEWHERE = frozenset({"data", "tensorboard"})
"""Settings that do not change the weights."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random changes of a training face. Ranges are symmetric around "unchanged" unless said otherwise; choices.

    Raises:
        ConfigError: a setting is out of its range.
    """

    rotation_deg: float = 15.0
    shift: float = 0.09
    """Translation, of the crop's side: our detector's boxes are less regular than FER's."""
    scale: float = 0.18
    """Natural logarithm of the largest zoom."""
    shear: float = 0.0
    """Pixels to the side for every pixel of height (the tangent of the lean)."""
    flip: float = 0.5
    """Probability."""
    contrast: float = 0.20
    """Natural logarithm of the largest gain."""
    brightness: float = 25.0
    """Grey levels."""
    erase: float = 0.20
    """Probability of one grey rectangle of 8-16 px a side (hands, hair, neighbours)."""
    blur: float = 0.0
    """Probability of a Gaussian blur (out of focus, moving)."""
    blur_sigma_px: float = 1.5
    """The largest blur; the smallest is .3 px."""
    resample: float = 0.25
    """Probability of going down to ``resample_min_px``-47 px and up again, as small faces do."""
    resample_min_px: int = 12

    def __post_init__(self) -> None:
        for name, value in dataclasses.asdict(self).items():
            if not value >= (1 if name == "resample_min_px" else 0):
                raise ConfigError(f"augmentation.{name} = {value} is too small", hint="0 switches a change off")
        if self.resample_min_px >= FACE_PX:
            raise ConfigError(
                f"augmentation.resample_min_px = {self.resample_min_px} is too large", hint=f"at most {FACE_PX - 1}"
            )

    @classmethod
    def nothing(cls) -> Augmentation:
        """Faces stay as they are."""
        return cls(rotation_deg=0, shift=0, scale=0, flip=0, contrast=0, brightness=0, erase=0, resample=0)


@dataclass(frozen=True, slots=True)
class RefitSettings:
    """How `training.shipping.refit` fits the last layers anew at export; the numbers were chosen on PublicTest."""

    views: int = 2
    """Changed copies of every training face beside the face itself, changed as the run changed them."""
    penalty: float = 1e-2
    """Of the squared distance from the weights that the run ended with."""
    balance: float = 0.4
    """Faces count (class frequency) ** -balance in the head "emotions"; in "fer7" every face counts 1."""
    seed: int = 1


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """One run. ``data`` is where, not what: it is recorded but may differ on resume.

    Raises:
        ConfigError: a setting is out of its range or not one of its words.
    """

    system: str = "ours"
    protocol: str = "P8"
    data: Path = DEFAULT_DATA
    leave_out: Path | None = None
    """The manifest of faces to leave out that `python -m training clean` wrote."""
    epochs: int = 58
    batch: int = 128
    optimizer: str = "sgd"
    """sgd (with Nesterov momentum), adam or adamw."""
    learning_rate: float = 0.06
    """Reached after ``warmup_epochs``."""
    schedule: str = "trapezoid"
    """constant; cosine to 0 at the last epoch; trapezoid (see ``decay_epochs``); plateau (see ``plateau_factor``)."""
    warmup_epochs: float = 1.0
    """Linear rise of the rate, with every schedule."""
    decay_epochs: float = 18.0
    """With schedule "trapezoid": the rate stays at ``learning_rate`` and falls to 0 over the last so many epochs. A run
    may then be made longer or shorter up to that point and still be the run that its config describes."""
    plateau_factor: float = 0.1
    """With schedule "plateau": times this after ``plateau_patience`` epochs without improvement (Keras' defaults)."""
    plateau_patience: int = 10
    monitor: str = "loss"
    """What has to improve on PublicTest for "plateau" and ``early_stopping``: loss (as in Keras) or accuracy."""
    early_stopping: int = 0
    """Stop after so many epochs without improvement and keep the best epoch's weights; 0 = off, keep the last."""
    weight_decay: float = 5e-3
    """Decoupled (times the learning rate); with momentum .9 about an L2 term of 5e-4."""
    momentum: float = 0.9
    clip_norm: float = 5.0
    """Of the whole gradient; 0 = off."""
    ema: float = 0.998
    """Weight averaging; 0.998 spans about two and a half epochs of batch 128; 0 = off."""
    loss: str = "categorical"
    """categorical, or binary cross-entropy (an author's setting; see `training.runs.losses`)."""
    targets: str = "votes"
    """votes (soft labels) or label (the plurality)."""
    label_smoothing: float = 0.0
    class_weights: str = "none"
    """balanced: the loss of a face is weighted by scikit-learn's "balanced" weight of its class."""
    balance: float = 0.25
    """Faces are drawn in proportion to (class frequency) ** -balance; 0 = as they are."""
    mixup: float = 0.0
    """Alpha of the Beta distribution of the mixing share (Zhang et al. 2018, arXiv 1710.09412); 0 = off."""
    dropout: float = 0.3
    precision: str = "mixed_bfloat16"
    seed: int = 1
    limit: int | None = None
    """Use only the first N images of every split (trials, tests)."""
    weights: str = "auto"
    """First weights of a transfer net: imagenet, none, or auto (imagenet where they can be had)."""
    start: str = ""
    """Folder of a run of the same net whose averaged weights are the first weights; empty = fresh ones. After a run's
    rate has decayed this is the way to train it further: a new run, with a rise and a fall of its own."""
    trainable_layers: int | None = None
    """How many of the last layers of a transfer net's base are trained; None = all."""
    teachers: tuple[str, ...] = ()
    """Folders of runs or ensembles whose probabilities are learned beside the targets."""
    distill_weight: float = 0.5
    """Share of the teachers' term in the loss (Hinton et al. 2015, arXiv 1503.02531)."""
    distill_temperature: float = 2.0
    aux_weight: float = 0.4
    """Weight of the loss of the second head, which learns FER2013's seven labels."""
    aux_smoothing: float = 0.1
    score_every: int = 4
    """Epochs between two looks at PublicTest."""
    tensorboard: bool = False
    """Write event files that TensorBoard reads to ``tensorboard/`` in the run's folder."""
    widths: tuple[int, ...] = (32, 64, 128, 192)
    """Channels of the stages of ``ours`` at 24, 12, 6 and 3 px; multiples of 16 suit matrix units."""
    blocks: tuple[int, ...] = (1, 1, 1, 1)
    """Residual blocks of each stage."""
    branches: int = 3
    """Copies of the stages after the first, each with its own heads; their logits are averaged when the net is used."""
    dense: tuple[int, ...] = ()
    """Units of the dense layers before the logits (not ``ours``)."""
    head_dropout: float = 0.0
    """After each of them (not ``ours``)."""
    variant: str = ""
    """Size or kind of a system that comes in several."""
    augmentation: Augmentation = field(default_factory=Augmentation)

    def __post_init__(self) -> None:
        for name, known in CHOICES.items():
            if getattr(self, name) not in known:
                raise ConfigError(f"{name} = {getattr(self, name)!r} is not known", hint=f"one of {', '.join(known)}")
        for name, limit in AT_LEAST.items():
            value = getattr(self, name)
            if value is not None and not value >= limit:
                raise ConfigError(f"{name} = {value} is too small", hint=f"at least {limit:g}")
        for name, limit in AT_MOST.items():
            if not getattr(self, name) <= limit:
                raise ConfigError(f"{name} = {getattr(self, name)} is too large", hint=f"at most {limit:g}")

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        table = dataclasses.asdict(self)
        table["data"] = str(self.data)
        table["leave_out"] = None if self.leave_out is None else str(self.leave_out)
        return {key: list(value) if isinstance(value, tuple) else value for key, value in table.items()}

    def recipe(self) -> dict[str, Any]:
        """The settings that change the weights; two runs with the same recipe are the same run."""
        return {key: value for key, value in self.as_dict().items() if key not in ELSEWHERE}


def save_config(config: TrainConfig, path: Path) -> None:
    """Writes ``config`` as JSON."""
    path.write_text(json.dumps(config.as_dict(), indent=2) + "\n", encoding="utf-8")


def read_config(path: Path) -> TrainConfig:
    """The config that ``save_config`` wrote; settings that an older version did not have take their defaults.

    Raises:
        ConfigError: no such file, not JSON, or a key that this version does not know.
    """
    try:
        table: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
        }
        values["data"] = Path(values["data"])
        values["leave_out"] = Path(values["leave_out"]) if values.get("leave_out") else None
        values["augmentation"] = Augmentation(**values["augmentation"])
        return TrainConfig(**values)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ConfigError(f"{path}: no such run", hint="name the folder given to --workdir when training") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"{path}: not a training config ({error})", hint="start a new run in an empty folder"
        ) from error
