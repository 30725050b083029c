"""A network with the optimiser, losses and metric of its config."""

from __future__ import annotations

from typing import Any

import keras

from training.runs.losses import HeadLoss, plurality_accuracy
from training.runs.predictions import heads_by_output
from training.settings.config import TrainConfig
from training.zoo import build_model


def compiled_model(config: TrainConfig) -> Any:
    """A fresh network of ``config`` with its optimiser and losses, ready for `train_on_batch`.

    Raises:
        ConfigError: unknown system.
    """
    model = build_model(config)
    compile_as(model, config, _optimizer(config))
    model.optimizer.build(model.trainable_variables)
    return model


def compile_as(model: Any, config: TrainConfig, optimizer: Any) -> None:
    """Gives ``model``, a network of ``config`` or the rest of one, this optimiser and the losses of ``config``."""
    heads = heads_by_output(model)
    single = len(heads) == 1
    losses = {name: _loss(config, head) for name, head in heads.items()}
    first = next(name for name, head in heads.items() if head == "emotions")
    accuracy = [keras.metrics.MeanMetricWrapper(plurality_accuracy, name="accuracy")]
    model.compile(
        optimizer=optimizer,
        loss=losses[first] if single else losses,
        loss_weights=None if single else {n: 1.0 if h == "emotions" else config.aux_weight for n, h in heads.items()},
        metrics=accuracy if single else {first: accuracy},
        jit_compile=keras.backend.backend()
        == "jax",  # JAX is slow without; the others compile longer than a trial runs
    )


def _loss(config: TrainConfig, head: str) -> HeadLoss:
    kind = config.loss if head == "emotions" else "categorical"
    return HeadLoss(kind, teacher_weight=config.distill_weight, temperature=config.distill_temperature)


def _optimizer(config: TrainConfig) -> Any:
    common: dict[str, Any] = {
        "learning_rate": float(config.learning_rate),
        "weight_decay": config.weight_decay or None,
        "global_clipnorm": config.clip_norm or None,
        "use_ema": config.ema > 0,
        "ema_momentum": config.ema if config.ema > 0 else 0.99,
    }
    if config.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(momentum=config.momentum, nesterov=config.momentum > 0, **common)
    else:
        kind = keras.optimizers.Adam if config.optimizer == "adam" else keras.optimizers.AdamW
        optimizer = kind(**common | {"weight_decay": config.weight_decay})
    if config.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer
