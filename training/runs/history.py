"""The curve of a run, and what follows from it alone: best epoch, rate reductions, whether to stop.

Nothing else remembers them, so a resumed run decides as an uninterrupted one does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from classroom_fer.errors import ConfigError
from training.files.json_file import write_json

PLATEAU_MIN_DELTA = 1e-4
"""As in Keras' ReduceLROnPlateau."""


@dataclass(frozen=True, slots=True)
class EpochResult:
    """What one epoch gave; accuracy is the validation split's, one view, with the averaged weights if there are any."""

    epoch: int
    """From 1."""
    loss: float
    """Mean over the epoch's batches, on changed faces."""
    accuracy: float | None
    """None for an epoch that was not scored."""
    loss_validation: float | None
    """Cross-entropy against the targets, in nats."""
    seconds: float
    learning_rate: float | None = None
    """Of the epoch's last step."""
    train_accuracy: float | None = None
    """Of the epoch's batches, changed as they are (and mixed, if they are)."""

    def merit(self, monitor: str) -> float | None:
        """What has to grow: the accuracy, or minus the loss."""
        if monitor == "accuracy":
            return self.accuracy
        return None if self.loss_validation is None else -self.loss_validation


def read_history(path: Path) -> list[EpochResult]:
    """The curve that ``write_history`` wrote; the NaN of older runs is read as None.

    Raises:
        ConfigError: not a curve.
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(entries, list):
            raise ValueError("no list of epochs")
        return [EpochResult(**{key: _or_none(value) for key, value in entry.items()}) for entry in entries]
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"{path}: not the curve of a run ({error})", hint="start a new run in another folder"
        ) from error


def _or_none(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_history(history: Sequence[EpochResult], path: Path) -> None:
    """Valid JSON (a loss that is no number is null), replaced in one step."""
    table = [{key: _or_none(value) for key, value in asdict(entry).items()} for entry in history]
    write_json(table, path)


def best_entry(history: Sequence[EpochResult], monitor: str) -> EpochResult | None:
    """The first of the best scored epochs; None when none was scored."""
    scored = [entry for entry in history if entry.merit(monitor) is not None]
    return max(scored, key=lambda entry: entry.merit(monitor) or 0.0) if scored else None


def should_stop(history: Sequence[EpochResult], *, patience: int, monitor: str) -> bool:
    """Has there been no better epoch for ``patience`` epochs? Decided where the split was scored; 0 = never."""
    if patience <= 0 or not history or history[-1].merit(monitor) is None:
        return False
    best = best_entry(history, monitor)
    return best is not None and history[-1].epoch - best.epoch >= patience


def plateau_reductions(history: Sequence[EpochResult], *, patience: int, monitor: str) -> int:
    """How often Keras' ReduceLROnPlateau would have lowered the rate by now (no cooldown)."""
    best, reductions, since = -math.inf, 0, 0
    for entry in history:
        merit, since = entry.merit(monitor), since + 1
        if merit is not None and merit > best + PLATEAU_MIN_DELTA:
            best, since = merit, 0
        elif merit is not None and since >= patience:
            reductions, since = reductions + 1, 0
    return reductions
