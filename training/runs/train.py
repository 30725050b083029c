"""One training run, resumable: `train_and_evaluate` is the one entry.

`training/runs/folder.py` says what lies in a run's folder.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from classroom_fer.errors import ClassroomFerError
from training.data.splits import Split, read_split
from training.runs import folder
from training.runs.checkpoint import plain_optimizer, restore, weights_and_statistics, write_checkpoint
from training.runs.compilation import compiled_model
from training.runs.events import EventLog
from training.runs.folder import CHECKPOINT, CONFIG, HISTORY, WEIGHTS, averaged_model, finished_epochs
from training.runs.frozen import FrozenMaps, frozen_maps
from training.runs.history import EpochResult, best_entry, should_stop, write_history
from training.runs.predictions import MAIN_HEAD, answers, heads_by_output, predict_logits, score, score_logits
from training.runs.sampling import Batch, BatchSource, batch_source
from training.runs.schedules import learning_rate
from training.runs.teachers import Teacher, load_teacher
from training.runs.watch import Watch
from training.settings.config import TrainConfig

__all__ = [
    "CHECKPOINT", "CONFIG", "HISTORY", "WEIGHTS", "DivergedError", "EpochResult", "averaged_model", "finished_epochs",
    "predict_logits", "read", "read_faces", "score", "train_and_evaluate", "train_on",
]  # fmt: skip

STATISTICS_EPOCH = 1_000_000
"""Epoch number whose batches the statistics of averaged weights are gathered on: no real epoch's."""
STATISTICS_SPANS = 4
"""Statistics are gathered over so many times 1 / (1 - momentum) batches: old ones then count for less than .02."""

UNWATCHED = Watch()


class DivergedError(ClassroomFerError):
    """The weights ran away: the loss is infinite or no number."""


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """What a run learns from, and what its epochs are judged by."""

    training: Split
    validation: Split


@dataclass(frozen=True, slots=True, eq=False)
class _Learner:
    """A compiled network with what it learns from."""

    model: Any
    config: TrainConfig
    source: BatchSource
    validation: Split
    teacher: Teacher | None
    frozen: FrozenMaps | None = None

    @property
    def network(self) -> Any:
        """What a step computes: the network, or what follows its frozen maps."""
        return self.model if self.frozen is None else self.frozen.rest


def train_and_evaluate(
    config: TrainConfig,
    workdir: Path,
    *,
    resume: bool = False,
    watch: Watch = UNWATCHED,
) -> list[EpochResult]:
    """Trains ``config`` in ``workdir`` on Training until its last epoch; gives one result an epoch.

    The order and the changes of the images depend on seed, epoch and step alone, stopping and rate reductions on the
    curve alone, and a checkpoint is written after every epoch, so a resumed run gives the weights of an uninterrupted
    one. Only the number of epochs may differ on resume: the learning rate then follows the new curve from where it is.

    Raises:
        DataError: the data is missing or malformed.
        ConfigError: unknown system, or ``workdir`` holds another run.
        DivergedError: the loss is no number any more.
    """
    folder.open_run(config, workdir, resume=resume)  # it may refuse, and reading the data takes seconds
    return train_on(config, workdir, read_faces(config), resume=resume, watch=watch)


def read_faces(config: TrainConfig) -> Faces:
    """What ``config`` trains on and what it is judged by.

    Raises:
        DataError: the data is missing or malformed.
    """
    return Faces(read(config, "Training"), read(config, "PublicTest"))


def read(config: TrainConfig, usage: str) -> Split:
    """A split as ``config`` wants it.

    Raises:
        DataError: the data is missing or malformed.
    """
    return read_split(config.data, usage, protocol=config.protocol, limit=config.limit, leave_out=config.leave_out)


def train_on(
    config: TrainConfig,
    workdir: Path,
    faces: Faces,
    *,
    resume: bool = False,
    watch: Watch = UNWATCHED,
) -> list[EpochResult]:
    """As `train_and_evaluate`, on splits that were read before (folds, searches)."""
    history = folder.open_run(config, workdir, resume=resume)
    config = _as_begun(config, workdir)
    log = EventLog(workdir / folder.EVENTS, history) if config.tensorboard else nullcontext()
    with _dtype_policy(config, faces.training) as teacher, log as events:
        learner = _learner(config, faces, teacher)
        start = folder.start_from(learner.model, config) if config.start and not history else None
        facts = _facts(learner, workdir, start)
        if history:
            restore(learner.model, workdir / CHECKPOINT)
            folder.write_record(workdir, config, history, facts)
        if _goes_on(config, history):
            with frozen_maps(learner.model, config, (faces.training, faces.validation), workdir, watch.note) as maps:
                learner, facts = _beginning_with(maps, learner, facts)
                for result in _epochs(learner, history, workdir, watch):
                    folder.write_record(workdir, config, history, facts)
                    if isinstance(events, EventLog):
                        events.add(result)
                    watch.epoch(result)
    return history


def _epochs(learner: _Learner, history: list[EpochResult], workdir: Path, watch: Watch) -> Iterator[EpochResult]:
    """Trains epoch after epoch, each added to ``history`` and kept before it is given."""
    while _goes_on(learner.config, history):
        result = _epoch(learner, history, workdir, watch)
        history.append(result)
        write_history(history, workdir / HISTORY)  # first the curve, then the checkpoint that says how much counts
        write_checkpoint(learner.model, workdir / CHECKPOINT, len(history))
        yield result


def _beginning_with(
    maps: FrozenMaps | None, learner: _Learner, facts: dict[str, Any]
) -> tuple[_Learner, dict[str, Any]]:
    """The learner whose steps begin with ``maps``, and the facts with the seconds that all maps of the run took."""
    if maps is None:
        return learner, facts
    source = replace(learner.source, maps=maps.training)
    seconds = facts.get("frozen_maps_seconds", 0) + maps.seconds
    return replace(learner, source=source, frozen=maps), facts | {"frozen_maps_seconds": seconds}


def _as_begun(config: TrainConfig, workdir: Path) -> TrainConfig:
    """Weights "auto" mean what they meant when the run began: which layers learn follows from it."""
    record = folder.read_record(workdir) if config.weights == "auto" else None
    return replace(config, weights="none" if record["weights"] == "none" else "imagenet") if record else config


@contextmanager
def _dtype_policy(config: TrainConfig, training: Split) -> Iterator[Teacher | None]:
    """Teachers are loaded first; then the run's own precision holds until the end."""
    teacher = None
    if config.teachers:
        teacher = load_teacher(config.teachers, classes=training.votes.shape[1], precision=config.precision)
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(config.precision)
    try:
        yield teacher
    finally:
        keras.config.set_dtype_policy(before)


def _goes_on(config: TrainConfig, history: list[EpochResult]) -> bool:
    stopped = should_stop(history, patience=config.early_stopping, monitor=config.monitor)
    return len(history) < config.epochs and not stopped


def _learner(config: TrainConfig, faces: Faces, teacher: Teacher | None) -> _Learner:
    model = compiled_model(config)
    source = batch_source(faces.training, config, frozenset(heads_by_output(model).values()))
    return _Learner(model, config, source, faces.validation, teacher)


def _facts(learner: _Learner, workdir: Path, start: dict[str, Any] | None) -> dict[str, Any]:
    """What of the summary does not depend on the curve. First weights are those of the run's first start."""
    before = folder.read_record(workdir) or {}
    spent = {key: before[key] for key in ("frozen_maps_seconds",) if key in before}
    own = folder.facts_of(learner.model, learner.source.split, learner.validation)
    weights = before.get("weights") or (start or {}).get("weights") or own["weights"]
    return spent | own | {"start": start or before.get("start"), "weights": weights}


def _epoch(learner: _Learner, history: list[EpochResult], workdir: Path, watch: Watch) -> EpochResult:
    """Trains one epoch and scores it where it is due; keeps the weights if they are to be judged by."""
    config, number = learner.config, len(history) + 1
    started = time.monotonic()
    loss, train_accuracy, rate = _train_epoch(learner, history, watch)
    accuracy = loss_validation = None
    if number % config.score_every == 0 or number == config.epochs:
        with _judged_weights(learner):
            accuracy, loss_validation = _score(learner)
            _check_finite(loss_validation, f"epoch {number}, validation")
            trial = EpochResult(number, loss, accuracy, loss_validation, 0.0)
            if not config.early_stopping or best_entry([*history, trial], config.monitor) is trial:
                folder.save_weights(learner.model, workdir)
    return EpochResult(number, loss, accuracy, loss_validation, time.monotonic() - started, rate, train_accuracy)


def _score(learner: _Learner) -> tuple[float, float]:
    """Accuracy and cross-entropy of the validation faces, see `score`."""
    config, faces = learner.config, learner.validation
    if learner.frozen is None:
        return score(learner.model, faces, targets=config.targets)
    logits = answers(learner.frozen.rest, learner.frozen.validation)[MAIN_HEAD]
    return score_logits(logits, faces, targets=config.targets)


def _train_epoch(learner: _Learner, history: list[EpochResult], watch: Watch) -> tuple[float, float, float]:
    """Mean loss, mean accuracy and last rate. `fit` is not used: it overwrites the weights with their average."""
    model, config, epoch, steps = learner.network, learner.config, len(history), learner.source.steps
    optimizer, outputs = plain_optimizer(learner.model), heads_by_output(learner.model)
    losses, right, rate = [], [], 0.0
    for index, batch in enumerate(learner.source.batches(epoch)):
        rate = learning_rate(config, epoch * steps + index, steps, history)
        optimizer.learning_rate = rate
        model.reset_metrics()  # Keras before 3.15 gives means over all steps so far
        targets, weights = _targets(batch, outputs, learner.teacher, config.distill_temperature)
        logs = model.train_on_batch(batch.images, targets, sample_weight=weights, return_dict=True)
        losses.append(float(logs["loss"]))
        _check_finite(losses[-1], f"epoch {epoch + 1}, step {index + 1}")
        right.append(next(float(value) for name, value in logs.items() if name.endswith("accuracy")))
        watch.step(epoch, index + 1, steps)
    return float(np.mean(losses)), float(np.mean(right)), rate


def _check_finite(loss: float, place: str) -> None:
    if not math.isfinite(loss):
        raise DivergedError(
            f"{place}: the loss is no number any more",
            hint="a lower --learning-rate, --set clip_norm=5, or --precision float32, in a new --workdir",
        )


def _targets(batch: Batch, outputs: dict[str, str], teacher: Teacher | None, temperature: float) -> tuple[Any, Any]:
    """Targets and weights as the network's outputs want them: a table, or one array for one output."""
    by_head = dict(batch.targets)
    if teacher is not None:
        answers = teacher.probabilities(batch.images, temperature)
        by_head |= {h: np.concatenate([by_head[h], answers[h]], axis=1) for h in by_head if h in answers}
    targets: Any = {name: by_head[head] for name, head in outputs.items()}
    weights: Any = None if batch.weights is None else {name: batch.weights[head] for name, head in outputs.items()}
    if len(outputs) == 1:
        (name,) = outputs
        return targets[name], None if weights is None else weights[name]
    return targets, weights


@contextmanager
def _judged_weights(learner: _Learner) -> Iterator[None]:
    """Inside, the network has the averaged weights, if the run averages; afterwards its own again.

    Batch-normalisation statistics belong to the weights they were gathered under, so they are gathered anew on
    augmented training faces (measured after six epochs: .664 against .619 with the old ones).
    """
    if learner.config.ema == 0:
        yield
        return
    model = learner.model
    variables = weights_and_statistics(model)
    current = [keras.ops.convert_to_numpy(v) for v in variables]
    try:
        model.optimizer.finalize_variable_values(model.trainable_variables)
        for variable in model.trainable_variables:  # JAX would free the optimiser's averages along with the weights
            variable.assign(keras.ops.convert_to_numpy(variable))
        for batch in learner.source.batches(STATISTICS_EPOCH, _statistics_steps(learner)):
            learner.network(batch.images.astype(np.float32), training=True)
        yield
    finally:
        for variable, value in zip(variables, current, strict=True):
            variable.assign(value)


def _statistics_steps(learner: _Learner) -> int:
    """Batches over which statistics are gathered anew; 0 for a network without batch normalisation."""
    layers = [layer for layer in learner.model._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]
    spans = [round(STATISTICS_SPANS / (1 - layer.momentum)) for layer in layers if layer.trainable]
    return max(spans, default=0)  # more than an epoch has, with few faces: its batches begin anew
