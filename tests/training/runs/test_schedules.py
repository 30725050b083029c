"""The learning rate of every step follows from config, step and curve."""

from __future__ import annotations

from itertools import pairwise

import pytest
from run_curves import curve

from training.runs.schedules import learning_rate
from training.settings.config import TrainConfig

STEPS = 10


def rates(config: TrainConfig) -> list[float]:
    return [learning_rate(config, step, STEPS, []) for step in range(config.epochs * STEPS)]


@pytest.mark.parametrize("schedule", ["constant", "cosine", "trapezoid", "plateau"])
def test_every_schedule_rises_over_the_warm_up_and_never_passes_its_top(schedule: str) -> None:
    config = TrainConfig(epochs=10, schedule=schedule, learning_rate=0.5, warmup_epochs=2, decay_epochs=4)
    found = rates(config)
    assert found[:20] == pytest.approx([0.5 * (k + 1) / 20 for k in range(20)])
    assert max(found) == pytest.approx(0.5)
    assert min(found) > 0 or schedule == "cosine"


def test_cosine_falls_to_nothing_and_passes_half_in_the_middle() -> None:
    found = rates(TrainConfig(epochs=10, schedule="cosine", learning_rate=1.0, warmup_epochs=0))
    assert all(a > b for a, b in pairwise(found))
    assert found[50] == pytest.approx(0.5, abs=0.02)
    assert found[-1] == pytest.approx(0, abs=1e-9)


def test_trapezoid_is_flat_and_then_straight() -> None:
    found = rates(TrainConfig(epochs=10, schedule="trapezoid", learning_rate=1.0, warmup_epochs=1, decay_epochs=4))
    assert set(found[10:60]) == {1.0}
    assert found[60:] == pytest.approx([(100 - step) / 40 for step in range(60, 100)])


def test_a_run_may_be_made_longer_before_the_decay_and_is_the_same_until_there() -> None:
    short, long = (TrainConfig(epochs=epochs, schedule="trapezoid", decay_epochs=4) for epochs in (10, 20))
    assert rates(short)[:60] == rates(long)[:60]


def test_plateau_lowers_the_rate_by_its_factor_for_every_reduction() -> None:
    config = TrainConfig(schedule="plateau", learning_rate=1.0, plateau_factor=0.2, plateau_patience=2, warmup_epochs=0)
    history = curve(1, 2, 2, 2, 2)
    found = [learning_rate(config, k * STEPS, STEPS, history[:k]) for k in range(6)]
    assert found == pytest.approx([1, 1, 1, 0.2, 0.2, 0.04])
