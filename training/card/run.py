"""A run on a graphics card: the config, the folder and the curve of `train`, in a fraction of the time.

The recipe is `TrainConfig`'s; draws, rounding and so the weights differ from those of `train`. A killed run begins
anew: it takes minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from classroom_fer.errors import ConfigError
from training.card.changes import changed, draws
from training.card.step import Step, precision_of
from training.card.torch_net import TorchNet
from training.data.splits import Split
from training.figures.calibration import Matrix
from training.runs import folder
from training.runs.history import EpochResult, best_entry, should_stop, write_history
from training.runs.predictions import score_logits
from training.runs.sampling import BatchSource, batch_source, drawn_order
from training.runs.schedules import learning_rate
from training.runs.train import STATISTICS_SPANS, DivergedError, Faces
from training.settings.config import TrainConfig, save_config
from training.zoo import build_model

LARGE = 1024
"""Faces at once where nothing is learnt; choice."""
Answers = Mapping[str, Tensor]
"""Teachers' probabilities [N, C] by head."""


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """What a student learns from: for every view of the training faces the faces and what the teachers say of them."""

    count: int
    view: Callable[[int], tuple[Tensor, Answers]]
    """Bytes [N, 1, 48, 48], and the answers."""


@dataclass(slots=True)
class _State:
    """A run while it runs."""

    config: TrainConfig
    workdir: Path
    model: Any
    net: TorchNet
    source: BatchSource
    validation: Split
    lessons: Lessons | None
    images: Tensor
    targets: dict[str, Tensor]
    weights: dict[str, Tensor] | None
    step: Step
    history: list[EpochResult] = field(default_factory=list)


def train_on_card(
    config: TrainConfig,
    workdir: Path,
    faces: Faces,
    *,
    lessons: Lessons | None = None,
    until: float | None = None,
    device: str = "cuda",
) -> list[EpochResult]:
    """Trains ``config`` in the new folder ``workdir``; gives one result an epoch.

    Args:
        lessons: what a student learns from, in place of ``config.teachers``, which then only names them.
        until: `time.monotonic` by which it has to end. A trapezoid run is made as long as fits, its fall included;
            ``config.epochs`` is then the most.

    Raises:
        ConfigError: ``workdir`` holds a run, or the net, or a setting, has no form here.
        DivergedError: the loss is no number any more.
    """
    if config.mixup or config.tensorboard or config.start or (config.teachers and lessons is None):
        raise ConfigError("mixup, tensorboard, start and teachers by folder are not known here", hint="use `train`")
    folder.open_run(config, workdir, resume=False)
    torch.manual_seed(config.seed)
    state = _begun(config, workdir, faces, lessons, torch.device(device))
    while len(state.history) < state.config.epochs and not _stopped(state):
        _epoch(state)
        state.config = shortened(state.config, state.history, until)
        _keep(state)
    return state.history


def shortened(config: TrainConfig, history: list[EpochResult], until: float | None) -> TrainConfig:
    """``config`` with as many epochs as there is time for; a trapezoid run begins to fall in time."""
    if until is None or len(history) < 2:
        return config
    left = until - time.monotonic()
    pace = float(np.median([entry.seconds for entry in history[-5:]]))
    more = int(left / pace) if pace else config.epochs
    if config.schedule != "trapezoid":
        return replace(config, epochs=min(config.epochs, len(history) + max(0, more)))
    fall = round(config.decay_epochs)
    falling = len(history) > config.epochs - fall
    if falling or more > fall + 1:
        return config
    return replace(config, epochs=min(config.epochs, len(history) + fall))


def _stopped(state: _State) -> bool:
    return should_stop(state.history, patience=state.config.early_stopping, monitor=state.config.monitor)


def _begun(config: TrainConfig, workdir: Path, faces: Faces, lessons: Lessons | None, device: torch.device) -> _State:
    model = build_model(config)
    net = TorchNet(model).on(device)
    net.train()
    source = batch_source(faces.training, config, frozenset(net.heads.values()))
    targets = {head: torch.from_numpy(table).to(device) for head, table in source.targets.items()}
    weights = None
    if source.weights is not None:
        weights = {head: torch.from_numpy(row).to(device) for head, row in source.weights.items()}
    widths = {head: table.shape[1] * (2 if lessons else 1) for head, table in targets.items()}
    images = torch.from_numpy(faces.training.images).to(device)[:, None]
    step = Step(net, config, widths, weighted=weights is not None)
    return _State(config, workdir, model, net, source, faces.validation, lessons, images, targets, weights, step)


def _epoch(state: _State) -> None:
    started, config, number = time.monotonic(), state.config, len(state.history)
    order = drawn_order(state.source.split.labels, config.balance, np.random.default_rng([config.seed, number]))
    rows = torch.from_numpy(order).to(state.images.device)
    images, targets = _material(state, number, rows)
    weights = None if state.weights is None else {head: row[rows] for head, row in state.weights.items()}
    steps, rate = state.source.steps, 0.0
    for index in range(steps):
        rate = learning_rate(config, number * steps + index, steps, state.history)
        batch = torch.arange(index * config.batch, (index + 1) * config.batch, device=images.device) % len(images)
        own = None if weights is None else {head: row[batch] for head, row in weights.items()}
        state.step.fill(images[batch], {head: table[batch] for head, table in targets.items()}, own)
        state.step.rate.fill_(rate)
        state.step()
    loss, right = (total / steps for total in state.step.read_tallies())
    if not np.isfinite(loss):
        raise DivergedError(f"epoch {number + 1}: the loss is no number any more", hint="a lower --learning-rate")
    result = EpochResult(number + 1, loss, None, None, time.monotonic() - started, rate, right)
    if (number + 1) % config.score_every == 0 or number + 1 == config.epochs:
        result = _scored(state, result, started)
    state.history.append(result)


def _material(state: _State, epoch: int, rows: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The faces of an epoch, changed, in their order, with their targets."""
    if state.lessons is None:
        random = draws(state.images.device, state.config.seed, epoch)
        images = changed(state.images[rows], state.config.augmentation, random)
        return images, {head: table[rows] for head, table in state.targets.items()}
    images, answers = state.lessons.view(epoch % state.lessons.count)
    both = {head: torch.cat([table, answers[head]], 1) for head, table in state.targets.items()}
    return images[rows], {head: table[rows] for head, table in both.items()}


def _scored(state: _State, result: EpochResult, started: float) -> EpochResult:
    """With accuracy and loss on PublicTest; the weights are kept if the run is to be judged by them."""
    config = state.config
    with _judged_weights(state):
        logits = head_logits(state.net, _on(state, state.validation.images), config)
        accuracy, loss = score_logits(logits["emotions"], state.validation, targets=config.targets)
        result = replace(result, accuracy=accuracy, loss_validation=loss, seconds=time.monotonic() - started)
        if not config.early_stopping or best_entry([*state.history, result], config.monitor) is result:
            state.net.store(state.model)
            folder.save_weights(state.model, state.workdir)
    return result


def _on(state: _State, images: Any) -> Tensor:
    return torch.from_numpy(images).to(state.images.device)[:, None]


@torch.no_grad()
def head_logits(net: TorchNet, images: Tensor, config: TrainConfig) -> dict[str, Matrix]:
    """Logits [N, C] by head of bytes [N, 1, S, S], averaged over the net's branches."""
    learning = net.training
    net.eval()
    parts: list[dict[str, Tensor]] = []
    with precision_of(config, images.device):
        for chunk in torch.split(images, LARGE):
            found = net(chunk.float())
            branches = {head: [found[name] for name in found if net.heads[name] == head] for head in net.heads.values()}
            parts.append({head: torch.stack(logits).mean(0) for head, logits in branches.items()})
    net.train(learning)
    return {head: torch.cat([part[head] for part in parts]).cpu().numpy().astype(np.float64) for head in parts[0]}


@contextmanager
def _judged_weights(state: _State) -> Iterator[None]:
    """Inside, the net has the averaged weights, with statistics gathered anew, see `training.runs.train`."""
    if not state.step.averages:
        yield
        return
    kept = {name: tensor.detach().clone() for name, tensor in state.net.state_dict().items()}
    with torch.no_grad():
        torch._foreach_copy_(state.step.learnt, state.step.averages)
        _gather_statistics(state)
    try:
        yield
    finally:
        with torch.no_grad():
            for name, tensor in state.net.state_dict().items():
                tensor.copy_(kept[name])


def _gather_statistics(state: _State) -> None:
    """The plain mean over as many batches as `train` looks at."""
    norms = state.net.norms()
    momenta = [norm.momentum for norm in norms]
    images, _ = _material(state, len(state.history), torch.randperm(len(state.images), device=state.images.device))
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # torch then takes the mean of all
    count = max((round(STATISTICS_SPANS / momentum) for momentum in momenta), default=0)
    with precision_of(state.config, images.device):
        for chunk in torch.split(images, state.config.batch)[:count]:
            state.net(chunk.float())
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum


def _keep(state: _State) -> None:
    write_history(state.history, state.workdir / folder.HISTORY)
    np.savez(state.workdir / folder.CHECKPOINT, epochs_done=len(state.history))
    save_config(state.config, state.workdir / folder.CONFIG)
    facts = folder.facts_of(state.model, state.source.split, state.validation)
    facts |= {"start": None, "backend": f"torch on {_device_name(state.images.device)}"}
    folder.write_record(state.workdir, state.config, state.history, facts)


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "a processor"
