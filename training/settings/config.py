"""What one training run is: every setting that changes its weights, with its limits and the reason for its default.

This record is the one description: config.json, --set, --space and the options of the command line are read by it. The
defaults are the recipe of ``ours``; the settings of the other systems' authors stand in `training.settings.systems`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from classroom_fer.errors import ConfigError
from classroom_fer.settings.fields import STRICT, Checked, setting
from training.data.readers.faces import SIDE_PX
from training.files.json_file import write_json

DEFAULT_DATA = Path("../shared/datasets/fer2013")
ELSEWHERE = frozenset({"data", "tensorboard", "frozen_maps"})
"""Settings that do not change the weights."""
SHARE = (0, 1)
ANY_SIZE = (0, None)
AT_LEAST_ONE = (1, None)
CHOICE = "choice"
OURS = "the recipe of ours"
CHOSEN = "chosen on PublicTest"


@dataclass(frozen=True, slots=True, config=STRICT)
class Augmentation(Checked):
    """Random changes of a training face; ranges are symmetric around "unchanged", and 0 switches a change off."""

    SECTION: ClassVar[str] = "augmentation."

    rotation_deg: float = setting(15.0, "Largest turn.", limits=ANY_SIZE, unit="degrees", source=CHOICE)
    shift: float = setting(
        0.09, "Largest move: our detector's boxes are less regular than FER's.",
        limits=ANY_SIZE, unit="of the crop's side", source=CHOICE,
    )  # fmt: skip
    scale: float = setting(0.18, "Natural logarithm of the largest zoom.", limits=ANY_SIZE, source=CHOICE)
    shear: float = setting(
        0.0, "Largest lean.", limits=ANY_SIZE, unit="pixels to the side for every pixel of height", source=CHOICE
    )
    flip: float = setting(0.5, "Probability of a mirrored face.", limits=SHARE, source=CHOICE)
    contrast: float = setting(0.20, "Natural logarithm of the largest gain.", limits=ANY_SIZE, source=CHOICE)
    brightness: float = setting(25.0, "Largest shift of the greys.", limits=ANY_SIZE, unit="grey levels", source=CHOICE)
    erase: float = setting(
        0.20, "Probability of one grey rectangle of 8-16 px a side (hands, hair, neighbours).",
        limits=SHARE, source=CHOICE,
    )  # fmt: skip
    blur: float = setting(0.0, "Probability of a Gaussian blur (out of focus, moving).", limits=SHARE, source=CHOICE)
    blur_sigma_px: float = setting(
        1.5, "The largest blur; the smallest is .3 px.", limits=ANY_SIZE, unit="px", source=CHOICE
    )
    resample: float = setting(
        0.25, "Probability of going down to resample_min_px-47 px and up again, as small faces do.",
        limits=SHARE, source=CHOICE,
    )  # fmt: skip
    resample_min_px: int = setting(
        12, "Smallest width that resample goes down to.", limits=(1, SIDE_PX - 1), unit="px", source=CHOICE
    )
    dark: float = setting(
        0.0, "Probability of low light: darker by a gamma of 1 to 2.5 and a gain of .3 to 1, with noise of up to 8 "
        "grey levels.", limits=SHARE, source=CHOICE,
    )  # fmt: skip
    jpeg: float = setting(0.0, "Probability of a compression to JPEG and back.", limits=SHARE, source=CHOICE)
    jpeg_quality: int = setting(
        30, "Lowest quality of that; the highest is 90.", limits=(1, 90), unit="of 100", source=CHOICE
    )

    @classmethod
    def nothing(cls) -> Augmentation:
        """Faces stay as they are."""
        return cls(rotation_deg=0, shift=0, scale=0, flip=0, contrast=0, brightness=0, erase=0, resample=0)


@dataclass(frozen=True, slots=True, config=STRICT)
class RefitSettings(Checked):
    """How `training.shipping.refit` fits the last layers anew at export."""

    views: int = setting(
        2, "Changed copies of every training face beside the face itself, changed as the run changed them.",
        limits=ANY_SIZE, unit="copies", source=CHOSEN,
    )  # fmt: skip
    penalty: float = setting(
        1e-2, "Of the squared distance from the weights that the run ended with.", limits=ANY_SIZE, source=CHOSEN
    )
    balance: float = setting(
        0.4, 'Faces count (class frequency) ** -balance in the head "emotions"; in "fer7" every face counts 1.',
        limits=SHARE, source=CHOSEN,
    )  # fmt: skip
    seed: int = setting(1, "Of the changes of the copies.", limits=ANY_SIZE)


@dataclass(frozen=True, slots=True, config=STRICT)
class TrainConfig(Checked):
    """One run. ``data`` is where, not what: it is recorded but may differ on resume.

    Raises:
        ConfigError: a setting is unknown, out of its range or not one of its words.
    """

    system: str = setting("ours", "Network with its authors' settings, by name.")
    protocol: str = setting("P8", "Classes: P8, P8-lit, P7, P4, P2, folders.")
    data: Path = setting(DEFAULT_DATA, f"The data set. [default: {DEFAULT_DATA}]")
    leave_out: Path | None = setting(None, "Manifest of faces to leave out, written by `clean`.")
    epochs: int = setting(58, "How often every face is seen.", limits=AT_LEAST_ONE, unit="epochs", source=OURS)
    batch: int = setting(128, "Faces a step.", limits=AT_LEAST_ONE, unit="faces", source=OURS)
    optimizer: Literal["sgd", "adam", "adamw"] = setting("sgd", "sgd has Nesterov momentum.", source=OURS)
    learning_rate: float = setting(0.06, "Reached after warmup_epochs.", limits=ANY_SIZE, source=OURS)
    schedule: Literal["constant", "cosine", "trapezoid", "plateau"] = setting(
        "trapezoid", "cosine falls to 0 at the last epoch; trapezoid: see decay_epochs; plateau: see plateau_factor.",
        source=OURS,
    )  # fmt: skip
    warmup_epochs: float = setting(
        1.0, "Linear rise of the rate, with every schedule.", limits=ANY_SIZE, unit="epochs", source=OURS
    )
    decay_epochs: float = setting(
        18.0, "With trapezoid: the rate stays at learning_rate and falls to 0 over the last so many epochs. A run may "
        "then be made longer or shorter up to that point and still be the run that its config describes.",
        limits=ANY_SIZE, unit="epochs", source=OURS,
    )  # fmt: skip
    plateau_factor: float = setting(
        0.1, "With plateau: times this after plateau_patience epochs without improvement.",
        limits=SHARE, source="Keras' ReduceLROnPlateau",
    )  # fmt: skip
    plateau_patience: int = setting(
        10, "See plateau_factor.", limits=AT_LEAST_ONE, unit="epochs", source="Keras' ReduceLROnPlateau"
    )
    monitor: Literal["loss", "accuracy"] = setting(
        "loss", "What has to improve on PublicTest for plateau and early_stopping.", source="Keras"
    )
    early_stopping: int = setting(
        0, "Epochs without improvement after which a run stops and keeps its best epoch's weights; 0 = off, the last "
        "epoch's are kept.", limits=ANY_SIZE, unit="epochs", source=OURS,
    )  # fmt: skip
    weight_decay: float = setting(
        5e-3, "Decoupled (times the learning rate); with momentum .9 about an L2 term of 5e-4.",
        limits=ANY_SIZE, source=OURS,
    )  # fmt: skip
    momentum: float = setting(0.9, "Of sgd.", limits=SHARE, source=OURS)
    clip_norm: float = setting(5.0, "Largest norm of the whole gradient; 0 = off.", limits=ANY_SIZE, source=OURS)
    ema: float = setting(
        0.998, "Averaging of weights, as .998 (about two and a half epochs of batch 128); 0 = off.",
        limits=SHARE, source=OURS,
    )  # fmt: skip
    loss: Literal["categorical", "binary"] = setting("categorical", "Cross-entropy; binary is an author's setting.")
    targets: Literal["votes", "label"] = setting("votes", "votes are soft labels, label is the plurality.", source=OURS)
    label_smoothing: float = setting(
        0.0, "Share of every target spread over all classes.", limits=SHARE,
        source="Szegedy et al. 2016, arXiv 1512.00567",
    )  # fmt: skip
    class_weights: Literal["none", "balanced"] = setting(
        "none",
        "With balanced the loss of a face is weighted by the balanced weight of its class.",
        source="scikit-learn",
    )
    balance: float = setting(
        0.25, "Faces are drawn in proportion to (class frequency) ** -balance; 0 = as they are.", source=OURS
    )
    mixup: float = setting(
        0.0, "Alpha of the Beta distribution of the mixing share; 0 = off.", limits=ANY_SIZE,
        source="Zhang et al. 2018, arXiv 1710.09412",
    )  # fmt: skip
    dropout: float = setting(0.3, "Share of values that are dropped.", limits=SHARE, source=OURS)
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = setting(
        "mixed_bfloat16", "Of the computation; weights are float32.", source="speed on processors that have bfloat16"
    )
    seed: int = setting(1, "Of weights, order and changes.", limits=ANY_SIZE)
    limit: int | None = setting(
        None, "Use the first N faces of each split (trials, tests).", limits=AT_LEAST_ONE, unit="faces"
    )
    weights: Literal["auto", "imagenet", "none"] = setting(
        "auto", "First weights of transfer nets; auto: imagenet where they can be had."
    )
    start: str = setting(
        "", "Folder of a run of the same net: begin with that run's averaged weights; empty = fresh ones. After a "
        "run's rate has decayed this is the way to train it further: a new run, with a rise and a fall of its own.",
    )  # fmt: skip
    trainable_layers: int | None = setting(
        None, "How many of the last layers of a transfer net's base are trained; none = all.", limits=ANY_SIZE,
        unit="layers",
    )  # fmt: skip
    teachers: tuple[str, ...] = setting(
        (), "Distil from a run: folders of runs or ensembles whose probabilities are learned beside the targets."
    )
    distill_weight: float = setting(
        0.5, "Share of the teachers' term in the loss.", limits=SHARE, source="Hinton et al. 2015, arXiv 1503.02531"
    )
    distill_temperature: float = setting(
        2.0, "Of the teachers' and the student's probabilities.", limits=(0.1, None),
        source="Hinton et al. 2015, arXiv 1503.02531",
    )  # fmt: skip
    aux_weight: float = setting(
        0.4, "Weight of the loss of the second head, which learns FER2013's seven labels.", limits=ANY_SIZE,
        source=OURS,
    )  # fmt: skip
    aux_smoothing: float = setting(0.1, "As label_smoothing, of the second head.", limits=SHARE, source=OURS)
    score_every: int = setting(
        4, "Epochs between two looks at PublicTest.", limits=AT_LEAST_ONE, unit="epochs", source=OURS
    )
    inner_px: int = setting(
        64, "Side to which mobilenet-v2 and efficientnet-lite0 enlarge a face; a multiple of 32.",
        limits=(32, None), unit="px", source=CHOICE,
    )  # fmt: skip
    tensorboard: bool = setting(
        default=False, about="Write event files that TensorBoard reads to tensorboard/ in the run's folder."
    )
    frozen_maps: bool = setting(
        default=True, about="Where first layers are frozen and faces are not changed: what those layers say is "
        "computed once and kept in the run's folder while it is trained (up to 1.3 GB).",
    )  # fmt: skip
    widths: tuple[int, ...] = setting(
        (32, 64, 128, 192), "Channels of the stages of ours at 24, 12, 6 and 3 px; multiples of 16 suit matrix units.",
        unit="channels", source=OURS,
    )  # fmt: skip
    blocks: tuple[int, ...] = setting((1, 1, 1, 1), "Residual blocks of each stage.", unit="blocks", source=OURS)
    branches: int = setting(
        3, "Copies of the stages after the first, each with its own heads; their logits are averaged when the net is "
        "used.", limits=AT_LEAST_ONE, unit="branches", source=OURS,
    )  # fmt: skip
    dense: tuple[int, ...] = setting((), "Units of the dense layers before the logits (not ours).", unit="units")
    head_dropout: float = setting(0.0, "Dropout after each of them (not ours).", limits=SHARE)
    variant: str = setting("", "Size or kind of a system that comes in several.")
    augmentation: Augmentation = setting(Augmentation(), "Random changes of the training faces.")

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        table: dict[str, Any] = TypeAdapter(TrainConfig).dump_python(self, mode="json")
        return table

    def recipe(self) -> dict[str, Any]:
        """The settings that change the weights; two runs with the same recipe are the same run."""
        return {key: value for key, value in self.as_dict().items() if key not in ELSEWHERE}


def save_config(config: TrainConfig, path: Path) -> None:
    """Writes ``config`` as JSON."""
    write_json(config.as_dict(), path)


def read_config(path: Path) -> TrainConfig:
    """The config that ``save_config`` wrote; settings that an older version did not have take their defaults.

    Raises:
        ConfigError: no such file, not JSON, a key that this version does not know, or a value that it does not allow.
    """
    new = "start a new run in an empty folder"
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ConfigError(f"{path}: no such run", hint="name the folder given to --workdir when training") from error
    except ValueError as error:
        raise ConfigError(f"{path}: not a training config ({error})", hint=new) from error
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: not a training config (not a table of settings)", hint=new)
    try:
        return TrainConfig(**table)
    except ConfigError as error:
        raise ConfigError(f"{path}: not a training config ({error})", hint=f"{error.hint}; or {new}") from error
