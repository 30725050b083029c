"""What one training run is: every setting that changes its weights, JSON-able, with the reason for each default."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classroom_fer.errors import ConfigError

DEFAULT_DATA = Path("../shared/datasets/fer2013")


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random changes of a training face. Ranges are symmetric around "unchanged" unless said otherwise; choices."""

    rotation_deg: float = 15.0
    shift: float = 0.09
    """Of the crop's side: our detector's boxes are less regular than FER's."""
    scale: float = 0.18
    """Natural logarithm of the largest zoom."""
    flip: float = 0.5
    """Probability."""
    contrast: float = 0.20
    """Natural logarithm of the largest gain."""
    brightness: float = 25.0
    """Grey levels."""
    erase: float = 0.20
    """Probability of one grey rectangle of 8-16 px a side (hands, hair, neighbours)."""
    resample: float = 0.25
    """Probability of going down to ``resample_min_px``-47 px and up again, as small faces do."""
    resample_min_px: int = 14


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """One run. ``data`` is where, not what: it is recorded but may differ on resume."""

    system: str = "ours"
    protocol: str = "P8"
    data: Path = DEFAULT_DATA
    epochs: int = 80
    batch: int = 128
    learning_rate: float = 0.06
    """Reached after ``warmup_epochs``."""
    decay_epochs: float = 24.0
    """With schedule "trapezoid": the rate stays at ``learning_rate`` and falls to 0 over the last so many epochs. A run
    may then be made longer or shorter up to that point and still be the run that its config describes."""
    warmup_epochs: float = 1.0
    weight_decay: float = 5e-3
    """Decoupled (times the learning rate); with momentum .9 about an L2 term of 5e-4."""
    momentum: float = 0.9
    clip_norm: float = 5.0
    ema: float = 0.998
    """Weight averaging; 0.998 spans about two and a half epochs of batch 128."""
    seed: int = 1
    precision: str = "mixed_bfloat16"
    limit: int | None = None
    """Use only the first N images of every split (trials, tests)."""
    widths: tuple[int, ...] = (32, 64, 128, 192)
    """Channels of the stages of ``ours`` at 24, 12, 6 and 3 px; multiples of 16 suit matrix units."""
    blocks: tuple[int, ...] = (1, 1, 1, 1)
    """Residual blocks of each stage."""
    branches: int = 3
    """Copies of the stages after the first, each with its own heads; their logits are averaged when the net is used."""
    aux_weight: float = 0.4
    """Weight of the loss of the second head, which learns FER2013's seven labels."""
    aux_smoothing: float = 0.1
    balance: float = 0.25
    """Faces are drawn in proportion to (class frequency) ** -balance; 0 = as they are."""
    score_every: int = 4
    """Epochs between two looks at PublicTest."""
    dropout: float = 0.3
    augmentation: Augmentation = field(default_factory=Augmentation)

    def as_dict(self) -> dict[str, Any]:
        """JSON-able."""
        table = dataclasses.asdict(self)
        table["data"] = str(self.data)
        table["widths"], table["blocks"] = list(self.widths), list(self.blocks)
        return table

    def recipe(self) -> dict[str, Any]:
        """The settings that change the weights; two runs with the same recipe are the same run."""
        table = self.as_dict()
        del table["data"]
        return table


def save_config(config: TrainConfig, path: Path) -> None:
    """Writes ``config`` as JSON."""
    path.write_text(json.dumps(config.as_dict(), indent=2) + "\n", encoding="utf-8")


def read_config(path: Path) -> TrainConfig:
    """The config that ``save_config`` wrote.

    Raises:
        ConfigError: no such file, not JSON, or a key that this version does not know.
    """
    try:
        table: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        values = dict(table)
        values["data"] = Path(values["data"])
        values["widths"], values["blocks"] = tuple(values["widths"]), tuple(values["blocks"])
        values["augmentation"] = Augmentation(**values["augmentation"])
        return TrainConfig(**values)
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such run", hint="name the folder given to --workdir when training") from error
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"{path}: not a training config ({error})", hint="start a new run in an empty folder"
        ) from error
