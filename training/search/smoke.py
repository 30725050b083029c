"""One short epoch of every system on a part of the data: does each train here, and what does it cost?"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import keras

from training.runs.folder import read_record
from training.runs.train import UNWATCHED, train_and_evaluate
from training.runs.watch import Watch
from training.settings.config import TrainConfig
from training.settings.systems import SYSTEMS, default_config
from training.zoo.transfer import from_scratch_note

FACES = 2000
"""Of each split."""


@dataclass(frozen=True, slots=True)
class SmokeResult:
    """One epoch of one system."""

    system: str
    protocol: str
    parameters: int
    weights: str
    """First weights: "imagenet" or "none"."""
    seconds: float
    """From reading the data to the scored and written run."""
    loss: float | None
    """Training loss, mean of the epoch; None when it was no number."""
    accuracy: float | None
    """On the first faces of PublicTest."""


def smoke(
    data: Path,
    systems: Sequence[str] = tuple(SYSTEMS),
    *,
    faces: int = FACES,
    watch: Watch = UNWATCHED,
) -> Iterator[SmokeResult]:
    """Trains ``systems`` one after another for one epoch on ``faces`` faces, each in a folder that is then deleted.

    Raises:
        ConfigError: unknown system.
        DataError: the data is missing or malformed.
    """
    for config in [default_config(system, data=data, epochs=1, limit=faces) for system in systems]:
        watch.run(config.system, config.epochs)
        if note := from_scratch_note(config):
            watch.note(note)
        keras.backend.clear_session()  # the former network's memory
        with TemporaryDirectory(prefix="smoke-") as folder:
            yield _one(config, Path(folder), watch)


def _one(config: TrainConfig, folder: Path, watch: Watch) -> SmokeResult:
    started = time.monotonic()
    (epoch,) = train_and_evaluate(config, folder, watch=Watch(step=watch.step))
    seconds = time.monotonic() - started
    record = read_record(folder) or {}
    return SmokeResult(
        system=config.system,
        protocol=config.protocol,
        parameters=record["parameters"],
        weights=record["weights"],
        seconds=round(seconds, 1),
        loss=epoch.loss if math.isfinite(epoch.loss) else None,
        accuracy=epoch.accuracy,
    )
