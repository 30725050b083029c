"""Curves of runs that never were."""

from __future__ import annotations

from training.runs.history import EpochResult


def curve(*losses: float | None) -> list[EpochResult]:
    """A run whose validation loss was this; the accuracy moves against it."""
    return [
        EpochResult(k + 1, 1.0, None if loss is None else 1 - loss / 10, loss, 1.0) for k, loss in enumerate(losses)
    ]
