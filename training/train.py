"""One training run, resumable: `train_and_evaluate` is the one entry.

A run folder holds ``config.json``, ``history.json`` (one entry an epoch), ``checkpoint.npz`` (every variable, the
optimiser's included) and ``averaged.weights.h5`` (the averaged weights as of the last epoch: what is evaluated and
exported).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError
from classroom_fer.types import Image
from training.augment import augment_batch
from training.config import TrainConfig, read_config, save_config
from training.data import Split, read_split
from training.zoo import build_model

CHECKPOINT = "checkpoint.npz"
CONFIG = "config.json"
HISTORY = "history.json"
WEIGHTS = "averaged.weights.h5"
STATISTICS_EPOCH = 1_000_000
"""Epoch number whose batches the statistics of averaged weights are gathered on: no real epoch's."""
STATISTICS_STEPS = 40
"""At momentum .9 the old statistics then count for less than .02."""


@dataclass(frozen=True, slots=True)
class EpochResult:
    """What one epoch gave; accuracy is PublicTest's, with the averaged weights, one view."""

    epoch: int
    loss: float
    accuracy: float
    loss_validation: float
    seconds: float


OnStep = Callable[[int, int, int], None]
"""epoch, step, steps an epoch."""
OnEpoch = Callable[[EpochResult], None]


def train_and_evaluate(
    config: TrainConfig,
    workdir: Path,
    *,
    resume: bool = False,
    on_step: OnStep | None = None,
    on_epoch: OnEpoch | None = None,
) -> list[EpochResult]:
    """Trains ``config`` in ``workdir`` until its last epoch; gives one result an epoch.

    The order and the changes of the images depend on seed, epoch and step alone, and a checkpoint is written after
    every epoch, so a resumed run gives the weights of an uninterrupted one. Only the number of epochs may differ on
    resume: the learning rate then follows the new curve from where it is.

    Raises:
        DataError: the data is missing or malformed.
        ConfigError: unknown system, or ``workdir`` holds another run.
    """
    history = _open_run(config, workdir, resume=resume)
    train, validation = (read_split(config.data, usage, limit=config.limit) for usage in ("Training", "PublicTest"))
    keras.config.set_dtype_policy(config.precision)
    try:
        model = _compiled(config, steps=_steps(train, config))
        if history:
            restore(model, workdir / CHECKPOINT)
        for epoch in range(len(history), config.epochs):
            started = time.monotonic()
            loss = _one_epoch(model, config, train, epoch, on_step)
            accuracy, validation_loss = float("nan"), float("nan")
            if (epoch + 1) % config.score_every == 0 or epoch + 1 == config.epochs:
                accuracy, validation_loss = _with_averaged_weights(
                    model, config, train, lambda: _save_and_score(model, validation, workdir)
                )
            result = EpochResult(epoch + 1, loss, accuracy, validation_loss, time.monotonic() - started)
            history.append(result)
            _write_checkpoint(model, workdir, history)
            if on_epoch is not None:
                on_epoch(result)
    finally:
        keras.config.set_dtype_policy("float32")
    return history


def _open_run(config: TrainConfig, workdir: Path, *, resume: bool) -> list[EpochResult]:
    workdir.mkdir(parents=True, exist_ok=True)
    if not (workdir / CHECKPOINT).exists():
        save_config(config, workdir / CONFIG)
        return []
    if not resume:
        raise ConfigError(f"{workdir} already holds a run", hint="add --resume, or name another --workdir")
    known = read_config(workdir / CONFIG)
    changed = [key for key, value in config.recipe().items() if known.recipe()[key] != value and key != "epochs"]
    if changed:
        raise ConfigError(
            f"{workdir} was started with another {', '.join(changed)}", hint="give the same settings or a new --workdir"
        )
    save_config(config, workdir / CONFIG)
    entries = json.loads((workdir / HISTORY).read_text(encoding="utf-8"))
    return [EpochResult(**entry) for entry in entries[: finished_epochs(workdir)]]


def finished_epochs(workdir: Path) -> int:
    """Epochs that the checkpoint of a run stands for."""
    with np.load(workdir / CHECKPOINT) as saved:
        return int(saved["epochs_done"])


class Trapezoid(keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up, a flat top, linear decay to 0 at the end."""

    def __init__(self, top: float, warmup: float, total: float, decay: float) -> None:
        self.top, self.warmup, self.total, self.decay = top, max(1.0, warmup), total, max(1.0, decay)

    def __call__(self, step: Any) -> Any:
        step = keras.ops.cast(step, "float32")
        up, down = (step + 1.0) / self.warmup, (self.total - step) / self.decay
        return self.top * keras.ops.clip(keras.ops.minimum(up, down), 0.0, 1.0)

    def get_config(self) -> dict[str, float]:
        return {"top": self.top, "warmup": self.warmup, "total": self.total, "decay": self.decay}


def drawn_order(labels: npt.NDArray[np.int64], balance: float, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """One epoch's faces: N indices, rare classes repeated, by systematic sampling, shuffled."""
    weights = (np.bincount(labels) / len(labels)).clip(1e-9)[labels] ** -balance
    edges = np.cumsum(weights) * (len(labels) / weights.sum())
    start = rng.permutation(len(labels))
    edges = np.cumsum(weights[start]) * (len(labels) / weights.sum())
    picks = np.minimum(np.searchsorted(edges, np.arange(len(labels)) + rng.random()), len(labels) - 1)
    order: npt.NDArray[np.int64] = rng.permutation(start[picks])
    return order


def _compiled(config: TrainConfig, *, steps: int) -> Any:
    model = build_model(config)
    schedule = Trapezoid(config.learning_rate, config.warmup_epochs * steps, config.epochs * steps, config.decay_epochs * steps)
    optimizer = keras.optimizers.SGD(
        schedule,
        momentum=config.momentum,
        nesterov=True,
        weight_decay=config.weight_decay,
        global_clipnorm=config.clip_norm,
        use_ema=True,
        ema_momentum=config.ema,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    soft = keras.losses.CategoricalCrossentropy(from_logits=True)
    smooth = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=config.aux_smoothing)
    names = list(model.output_names)
    model.compile(
        optimizer=optimizer,
        loss={n: soft if n.startswith("emotions") else smooth for n in names},
        loss_weights={n: 1.0 if n.startswith("emotions") else config.aux_weight for n in names},
        jit_compile=False,
    )
    optimizer.build(model.trainable_variables)
    return model


def _batch(split: Split, config: TrainConfig, epoch: int, index: int) -> tuple[Image, npt.NDArray[np.float32]]:
    """Batch ``index`` of an epoch: grey [B, 48, 48, 1] and vote shares [B, 8]; full, wrapping round at the end."""
    order = drawn_order(split.labels, config.balance, np.random.default_rng([config.seed, epoch]))
    rows = np.take(order, range(index * config.batch, (index + 1) * config.batch), mode="wrap")
    rng = np.random.default_rng([config.seed, epoch, index])
    targets = {}
    for k in range(config.branches):
        targets[f"emotions_{k}"] = split.votes[rows]
        targets[f"fer7_{k}"] = np.eye(7, dtype=np.float32)[split.fer7[rows]]
    return augment_batch(split.images[rows], config.augmentation, rng)[..., None], targets


def _batches(
    split: Split, config: TrainConfig, epoch: int, count: int
) -> Iterator[tuple[Image, npt.NDArray[np.float32]]]:
    """``count`` batches of an epoch, made one ahead in a thread while the step runs."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(_batch, split, config, epoch, 0)
        for index in range(count):
            ready = coming.result()
            if index + 1 < count:
                coming = pool.submit(_batch, split, config, epoch, index + 1)
            yield ready


def _steps(split: Split, config: TrainConfig) -> int:
    return -(-len(split.images) // config.batch)


def _one_epoch(model: Any, config: TrainConfig, split: Split, epoch: int, on_step: OnStep | None) -> float:
    """The mean training loss. `fit` is not used: it overwrites the weights with their average when it returns."""
    steps = _steps(split, config)
    losses = []
    for index, (images, votes) in enumerate(_batches(split, config, epoch, steps)):
        losses.append(float(np.ravel(model.train_on_batch(images, votes))[0]))
        if on_step is not None:
            on_step(epoch, index + 1, steps)
    return float(np.mean(losses))


def score(model: Any, split: Split, *, batch: int = 256) -> tuple[float, float]:
    """Accuracy against the plurality label and cross-entropy against the votes, one view."""
    logits = predict_logits(model, split.images, batch=batch)
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float((logits.argmax(axis=1) == split.labels).mean()), float(-(split.votes * log_p).sum(axis=1).mean())


def predict_logits(model: Any, images: npt.NDArray[np.uint8], *, batch: int = 256) -> npt.NDArray[np.float64]:
    """Logits [N, 8] of grey [N, 48, 48]."""
    out = model.predict(images[..., None], batch_size=batch, verbose=0)
    return np.mean([np.asarray(v, np.float64) for n, v in out.items() if n.startswith("emotions")], axis=0)


def _save_and_score(model: Any, validation: Split, workdir: Path) -> tuple[float, float]:
    model.save_weights(workdir / WEIGHTS)
    return score(model, validation)


def averaged_model(workdir: Path) -> tuple[Any, TrainConfig]:
    """The averaged weights of a run in a float32 network, and the run's config.

    Raises:
        ConfigError: no run there, or no finished epoch.
    """
    config = read_config(workdir / CONFIG)
    if not (workdir / WEIGHTS).is_file():
        raise ConfigError(f"{workdir}: no epoch has been finished", hint="train first; --resume continues a run")
    keras.config.set_dtype_policy("float32")
    model = build_model(config)
    model.load_weights(workdir / WEIGHTS)
    return model, config


def _with_averaged_weights(model: Any, config: TrainConfig, split: Split, action: Callable[[], Any]) -> Any:
    """Runs ``action`` on the averaged weights, then puts the weights back.

    Batch-normalisation statistics belong to the weights they were gathered under, so they are gathered anew on
    augmented training faces (measured after six epochs: .664 against .619 with the old ones).
    """
    variables = _weights_and_state(model)
    current = [keras.ops.convert_to_numpy(v) for v in variables]
    try:
        model.optimizer.finalize_variable_values(model.trainable_variables)
        for images, _ in _batches(split, config, STATISTICS_EPOCH, min(STATISTICS_STEPS, _steps(split, config))):
            model(images.astype(np.float32), training=True)
        return action()
    finally:
        for variable, value in zip(variables, current, strict=True):
            variable.assign(value)


def _write_checkpoint(model: Any, workdir: Path, history: list[EpochResult]) -> None:
    """History first, then the checkpoint that says how much of it counts; both replaced in one step each."""
    partial = workdir / f"{HISTORY}.part"
    partial.write_text(json.dumps([asdict(entry) for entry in history], indent=1) + "\n", encoding="utf-8")
    partial.replace(workdir / HISTORY)
    arrays = {f"v{k}": keras.ops.convert_to_numpy(v) for k, v in enumerate(_state(model))}
    partial = workdir / f"{CHECKPOINT}.part"
    with partial.open("wb") as file:
        np.savez(file, allow_pickle=False, epochs_done=len(history), **arrays)
    partial.replace(workdir / CHECKPOINT)


def restore(model: Any, path: Path) -> None:
    """Puts every variable of a checkpoint into ``model`` and its optimiser.

    Raises:
        ConfigError: the checkpoint is of another network.
    """
    with np.load(path) as saved:
        variables = _state(model)
        if len(saved.files) - 1 != len(variables):
            raise ConfigError(f"{path}: checkpoint of another network", hint="use the config of its folder")
        for k, variable in enumerate(variables):
            variable.assign(saved[f"v{k}"])


def _state(model: Any) -> list[Any]:
    """Weights, statistics, seeds of dropout and the optimiser's slots, in a fixed order (metrics left out)."""
    return _weights_and_state(model) + list(model.optimizer.variables)


def _weights_and_state(model: Any) -> list[Any]:
    metrics = {id(v) for v in model.metrics_variables}
    return [v for v in model.variables if id(v) not in metrics]
