"""Who hears of runs while they are trained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from training.runs.history import EpochResult


def _nobody(*_: object) -> None:
    """Hears nothing."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What is called while runs are trained; by default nobody hears of it."""

    run: Callable[[str, int], None] = _nobody
    """Name and epochs of a run, before it is trained, where there are several."""
    step: Callable[[int, int, int], None] = _nobody
    """Epoch from 0, step from 1, steps an epoch."""
    epoch: Callable[[EpochResult], None] = _nobody
    """What an epoch gave, after it is kept."""
    note: Callable[[str], None] = _nobody
    """What a user should know before a run, such as weights that cannot be had."""
