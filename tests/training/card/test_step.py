"""One step here is one step of Keras."""

from __future__ import annotations

from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras
import numpy as np
import pytest
import torch

from training.card.step import Step
from training.card.torch_net import TorchNet
from training.runs.compilation import compiled_model
from training.settings.config import TrainConfig

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2

RANDOM = np.random.default_rng(5)
FACES = RANDOM.integers(0, 256, (8, 48, 48, 1)).astype(np.float32)


def shares(classes: int) -> np.ndarray:
    return RANDOM.dirichlet(np.ones(classes), len(FACES)).astype(np.float32)


VOTES, LABELS, TEACHER, TEACHER7 = shares(8), shares(7), shares(8), shares(7)
COUNTS = RANDOM.uniform(0.2, 2, len(FACES)).astype(np.float32)


@pytest.mark.parametrize(
    ("settings", "taught"),
    [
        ({"optimizer": "sgd", "clip_norm": 0.05}, True),
        ({"optimizer": "sgd", "momentum": 0.0, "weight_decay": 0.0}, False),
        ({"optimizer": "adamw", "weight_decay": 0.1}, True),
        ({"optimizer": "adam", "loss": "binary", "weight_decay": 0.0}, False),
    ],
    ids=["sgd", "plain sgd", "adamw", "adam, binary"],
)
def test_two_steps_give_the_weights_of_keras(settings: dict[str, Any], taught: bool) -> None:
    config = TrainConfig(
        widths=(8,), blocks=(1,), branches=1, dropout=0.0, precision="float32", batch=8, learning_rate=0.02, ema=0.9,
        **settings,
    )  # fmt: skip
    model = compiled_model(config)
    model.run_eagerly = True  # two steps are not worth a graph
    model.optimizer.learning_rate = config.learning_rate
    targets = {
        "emotions_0": np.concatenate([VOTES, TEACHER], 1) if taught else VOTES,
        "fer7_0": np.concatenate([LABELS, TEACHER7], 1) if taught else LABELS,
    }
    heads = {"emotions": targets["emotions_0"], "fer7": targets["fer7_0"]}
    step = Step(TorchNet(model).train(), config, {h: t.shape[1] for h, t in heads.items()}, weighted=True)
    start = [np.array(keras.ops.convert_to_numpy(w)) for w in model.trainable_variables]

    step.rate.fill_(config.learning_rate)
    counts = {head: torch.from_numpy(COUNTS) for head in heads}
    images = torch.from_numpy(FACES).permute(0, 3, 1, 2)
    losses = []
    for _ in range(2):
        step.fill(images, {head: torch.from_numpy(table) for head, table in heads.items()}, counts)
        step()
        losses.append(step.read_tallies()[0])
        model.reset_metrics()
        logs = model.train_on_batch(FACES, targets, sample_weight=dict.fromkeys(targets, COUNTS), return_dict=True)
        assert losses[-1] == pytest.approx(float(logs["loss"]), rel=1e-3)

    wanted = [np.array(keras.ops.convert_to_numpy(w)) for w in model.trainable_variables]
    step.net.store(model)
    found = [np.array(keras.ops.convert_to_numpy(w)) for w in model.trainable_variables]
    moved = max(np.abs(w - s).max() for w, s in zip(wanted, start, strict=True))
    off = np.concatenate([np.abs(f - w).ravel() for f, w in zip(found, wanted, strict=True)])
    assert moved > 1e-4
    alike = 0.98 if config.optimizer == "sgd" else 0.7  # Adam makes whole steps of gradients that are rounding alone
    assert np.quantile(off, alike) < 0.02 * moved


def test_tallies_begin_anew() -> None:
    config = TrainConfig(widths=(8,), blocks=(1,), branches=1, precision="float32", batch=8)
    step = Step(TorchNet(compiled_model(config)).train(), config, {"emotions": 8, "fer7": 7}, weighted=False)
    step.fill(torch.ones(8, 1, 48, 48), {"emotions": torch.from_numpy(VOTES), "fer7": torch.from_numpy(LABELS)}, None)
    step()
    assert step.read_tallies() != (0.0, 0.0)
    assert step.read_tallies() == (0.0, 0.0)
