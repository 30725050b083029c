"""Everything a run needs to go on: weights, statistics, seeds of dropout, the optimiser's slots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np

from classroom_fer.errors import ConfigError


def write_checkpoint(model: Any, path: Path, epochs_done: int) -> None:
    """All variables of ``model`` and its optimiser as NumPy arrays, replaced in one step."""
    arrays = {f"v{k}": keras.ops.convert_to_numpy(v) for k, v in enumerate(_state(model))}
    partial = path.with_name(f"{path.name}.part")
    with partial.open("wb") as file:
        np.savez(file, allow_pickle=False, epochs_done=epochs_done, **arrays)
    partial.replace(path)


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


def weights_and_statistics(model: Any) -> list[Any]:
    """Every variable of the network (metrics left out)."""
    metrics = {id(v) for v in model.metrics_variables}
    return [v for v in model.variables if id(v) not in metrics]


def _state(model: Any) -> list[Any]:
    """In a fixed order. The learning rate is left out: it follows from the step."""
    rates = {id(model.optimizer.learning_rate), id(plain_optimizer(model).learning_rate)}
    return weights_and_statistics(model) + [v for v in model.optimizer.variables if id(v) not in rates]


def plain_optimizer(model: Any) -> Any:
    """The optimiser itself: in float16 Keras wraps it in one that scales the loss."""
    return getattr(model.optimizer, "inner_optimizer", model.optimizer)
