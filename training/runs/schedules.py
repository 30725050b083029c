"""The learning rate of every step, a pure function of the config, the step and the curve so far."""

from __future__ import annotations

import math
from collections.abc import Sequence

from training.runs.history import EpochResult, plateau_reductions
from training.settings.config import TrainConfig


def learning_rate(config: TrainConfig, step: int, steps: int, history: Sequence[EpochResult]) -> float:
    """The rate of ``step`` (from 0, over the whole run) at ``steps`` steps an epoch.

    >>> flat = TrainConfig(schedule="constant", learning_rate=0.5, warmup_epochs=2)
    >>> [learning_rate(flat, step, 2, []) for step in range(6)]
    [0.125, 0.25, 0.375, 0.5, 0.5, 0.5]
    """
    total, warmup = config.epochs * steps, max(1.0, config.warmup_epochs * steps)
    rise = min(1.0, (step + 1) / warmup)
    if config.schedule == "trapezoid":
        share = min(rise, (total - step) / max(1.0, config.decay_epochs * steps))
    elif config.schedule == "cosine":
        done = max(0.0, step + 1 - warmup) / max(1.0, total - warmup)
        share = rise * (1 + math.cos(math.pi * min(1.0, done))) / 2
    elif config.schedule == "plateau":
        reductions = plateau_reductions(history, patience=config.plateau_patience, monitor=config.monitor)
        share = rise * config.plateau_factor**reductions
    else:
        share = rise
    return config.learning_rate * min(1.0, max(0.0, share))
