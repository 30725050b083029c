"""Repeated k-fold cross-validation of one config on the Training split; PublicTest and PrivateTest stay unseen.

FER2013 repeats pictures: identical ones always fall into the same fold, or the folds would answer for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError
from classroom_fer.terminal import counted
from training.data.splits import Split
from training.files.json_file import write_json
from training.runs.history import EpochResult
from training.settings.config import TrainConfig

RESULT = "kfold.json"
FLATTERS = "Early stopping picked each run's epoch on the fold that it is measured on: these figures flatter."
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FoldResult:
    """One run of a cross-validation."""

    repeat: int
    """From 1."""
    fold: int
    """From 1."""
    accuracy: float
    """On the held-out faces, with the weights that the run keeps."""
    cross_entropy: float
    """Nats."""
    epochs: int
    held_out: int
    """Faces."""
    seconds: float
    run: str
    """Its folder."""


@dataclass(frozen=True, slots=True)
class CrossValidation:
    """All runs and what they say together."""

    system: str
    protocol: str
    folds: int
    repeats: int
    results: tuple[FoldResult, ...]
    limit: int | None = None
    """Faces that were used, where not all were."""
    early_stopping: int = 0
    """Epochs without improvement *on the held-out fold* after which a run stopped: its best epoch was picked on the
    faces that it is measured on, which flatters. 0 = every run went to its last epoch, which was kept."""
    variant: str = ""
    parameters: int | None = None

    @property
    def mean(self) -> float:
        """Of the accuracies."""
        return mean(result.accuracy for result in self.results)

    @property
    def spread(self) -> float:
        """Standard deviation of the accuracies over runs (they share faces: no interval of the mean follows)."""
        return stdev(result.accuracy for result in self.results)

    @property
    def best(self) -> FoldResult:
        """The run with the highest accuracy."""
        return max(self.results, key=lambda result: result.accuracy)

    def as_dict(self) -> dict[str, object]:
        """JSON-able."""
        return asdict(self) | {"mean": self.mean, "spread": self.spread, "best": asdict(self.best)}


def cross_validate(
    config: TrainConfig,
    workdir: Path,
    *,
    folds: int,
    repeats: int,
    resume: bool = False,
    on_run: Callable[[str, int], None] | None = None,
    on_step: Callable[[int, int, int], None] | None = None,
    on_epoch: Callable[[EpochResult], None] | None = None,
) -> CrossValidation:
    """Trains ``folds`` x ``repeats`` runs in ``workdir`` and writes ``kfold.json``; finished runs are not repeated.

    Args:
        on_run: called with a run's name and epochs before it is trained.

    Raises:
        DataError, ConfigError: see `train_and_evaluate`; more folds than faces; a run's weights or teachers.
    """
    from training.runs.folder import read_record
    from training.runs.train import read, train_on

    if config.start or config.teachers:
        raise ConfigError(
            "first weights and teachers of another run have seen the folds that are held out",
            hint="cross-validate without start and teachers",
        )
    faces = read(config, "Training")
    results = []
    for repeat, fold, rest, held_out in fold_rows(faces, folds=folds, repeats=repeats, seed=config.seed):
        folder = workdir / f"{folds}fold-repeat{repeat}-fold{fold}"
        if on_run is not None:
            on_run(f"repeat {repeat} fold {fold}", config.epochs)
        one = replace(config, seed=config.seed + repeat - 1)
        history = train_on(
            one, folder, part(faces, rest), part(faces, held_out), resume=resume, on_step=on_step, on_epoch=on_epoch
        )
        results.append(_result(repeat, fold, folder, history, len(held_out)))
    done = CrossValidation(
        config.system, config.protocol, folds, repeats, tuple(results), config.limit, config.early_stopping,
        config.variant, (read_record(folder) or {})["parameters"],
    )  # fmt: skip
    write_json(done.as_dict(), workdir / RESULT)
    return done


def _result(repeat: int, fold: int, folder: Path, history: list[EpochResult], held_out: int) -> FoldResult:
    from training.runs.folder import read_record

    kept = (read_record(folder) or {})["kept"]
    seconds = sum(entry.seconds for entry in history)
    return FoldResult(
        repeat, fold, kept["accuracy"], kept["loss_validation"], len(history), held_out, round(seconds, 1), str(folder)
    )


def fold_rows(faces: Split, *, folds: int, repeats: int, seed: int) -> Iterator[tuple[int, int, Rows, Rows]]:
    """(repeat, fold, rows to train on, rows held out): classes are spread evenly, identical pictures kept together.

    Raises:
        ConfigError: more folds than faces of every class, or fewer than two.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    _, pictures = np.unique(faces.images.reshape(len(faces.images), -1), axis=0, return_inverse=True)
    for repeat in range(repeats):
        try:
            splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed + repeat)
            pairs = list(splitter.split(pictures, faces.labels, pictures))
        except ValueError as error:
            raise ConfigError(
                f"no {folds} folds of {len(faces.labels)} faces ({error})", hint="fewer --folds"
            ) from error
        for fold, (rest, held_out) in enumerate(pairs):
            if not len(rest) or not len(held_out):
                raise ConfigError(f"fold {fold + 1} of {folds} has no faces", hint="fewer --folds")
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


def table(done: CrossValidation) -> str:
    """Markdown: one line a run, then mean, spread and best."""
    lines = ["| repeat | fold | accuracy | cross-entropy | epochs | faces | s |", "|---|---|---|---|---|---|---|"]
    for r in done.results:
        figures = f"{r.accuracy:.4f} | {r.cross_entropy:.4f} | {r.epochs} | {r.held_out} | {r.seconds:.0f}"
        lines.append(f"| {r.repeat} | {r.fold} | {figures} |")
    best = done.best
    runs = counted(len(done.results), "run")
    said = (
        f"{done.system}, {done.protocol}: mean {done.mean:.4f}, standard deviation {done.spread:.4f} over {runs}; "
        f"best {best.accuracy:.4f}: repeat {best.repeat} fold {best.fold} ({best.run})"
    )
    return "\n".join([*lines, "", said, *([FLATTERS] if done.early_stopping else [])])
