"""Repeated k-fold cross-validation of one config on the Training split; PublicTest and PrivateTest stay unseen.

FER2013 repeats pictures: identical ones always fall into the same fold, or the folds would answer for each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold

from classroom_fer.errors import ConfigError
from training.data.splits import Split
from training.files.json_file import write_json
from training.runs.folder import read_record
from training.runs.history import EpochResult
from training.runs.train import UNWATCHED, Faces, read, train_on
from training.runs.watch import Watch
from training.search.cross_validation import CrossValidation, FoldResult
from training.settings.config import TrainConfig

RESULT = "kfold.json"
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Folds:
    """How the Training split is divided."""

    folds: int = 5
    repeats: int = 1
    """Times; each with other folds and another seed of the run."""


def cross_validate(
    config: TrainConfig,
    workdir: Path,
    into: Folds,
    *,
    resume: bool = False,
    watch: Watch = UNWATCHED,
) -> CrossValidation:
    """Trains a run for each fold and repeat in ``workdir`` and writes ``kfold.json``; finished runs are not repeated.

    Raises:
        DataError, ConfigError: see `train_and_evaluate`; more folds than faces; a run's weights or teachers.
    """
    if config.start or config.teachers:
        raise ConfigError(
            "first weights and teachers of another run have seen the folds that are held out",
            hint="cross-validate without start and teachers",
        )
    faces = read(config, "Training")
    results = []
    for repeat, fold, rest, held_out in fold_rows(faces, into, seed=config.seed):
        folder = workdir / f"{into.folds}fold-repeat{repeat}-fold{fold}"
        watch.run(f"repeat {repeat} fold {fold}", config.epochs)
        one = replace(config, seed=config.seed + repeat - 1)
        parts = Faces(part(faces, rest), part(faces, held_out))
        history = train_on(one, folder, parts, resume=resume, watch=watch)
        results.append(_result(repeat, fold, folder, history, len(held_out)))
    done = CrossValidation(
        config.system, config.protocol, into.folds, into.repeats, tuple(results), config.limit, config.early_stopping,
        config.variant, (read_record(folder) or {})["parameters"],
    )  # fmt: skip
    write_json(done.as_dict(), workdir / RESULT)
    return done


def _result(repeat: int, fold: int, folder: Path, history: list[EpochResult], held_out: int) -> FoldResult:
    kept = (read_record(folder) or {})["kept"]
    seconds = sum(entry.seconds for entry in history)
    return FoldResult(
        repeat, fold, kept["accuracy"], kept["loss_validation"], len(history), held_out, round(seconds, 1), str(folder)
    )


def fold_rows(faces: Split, into: Folds, *, seed: int) -> Iterator[tuple[int, int, Rows, Rows]]:
    """(repeat, fold, rows to train on, rows held out): classes are spread evenly, identical pictures kept together.

    Raises:
        ConfigError: more folds than faces of every class, or fewer than two.
    """
    _, pictures = np.unique(faces.images.reshape(len(faces.images), -1), axis=0, return_inverse=True)
    for repeat in range(into.repeats):
        try:
            splitter = StratifiedGroupKFold(into.folds, shuffle=True, random_state=seed + repeat)
            pairs = list(splitter.split(pictures, faces.labels, pictures))
        except ValueError as error:
            raise ConfigError(
                f"no {into.folds} folds of {len(faces.labels)} faces ({error})", hint="fewer --folds"
            ) from error
        for fold, (rest, held_out) in enumerate(pairs):
            if not len(rest) or not len(held_out):
                raise ConfigError(f"fold {fold + 1} of {into.folds} has no faces", hint="fewer --folds")
            yield repeat + 1, fold + 1, rest, held_out


def part(faces: Split, rows: Rows) -> Split:
    """The faces of ``rows``."""
    return replace(
        faces,
        images=faces.images[rows],
        labels=faces.labels[rows],
        votes=faces.votes[rows],
        fer7=faces.fer7[rows],
        names=tuple(faces.names[k] for k in rows) if faces.names else (),
        tallies=None if faces.tallies is None else faces.tallies[rows],
    )
