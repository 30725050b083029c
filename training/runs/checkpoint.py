"""Everything a run needs to go on: weights, statistics, seeds of dropout, the optimiser's slots."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import keras
import numpy as np

from classroom_fer.errors import ConfigError

DAMAGE = (OSError, ValueError, KeyError, EOFError, BadZipFile)
"""What NumPy and h5py raise of files that were cut off or overwritten."""


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
        ConfigError: the checkpoint is of another network, or damaged.
    """
    with reading(path), np.load(path) as saved:
        variables = _state(model)
        fits = len(saved.files) - 1 == len(variables)
        if not fits or any(saved[f"v{k}"].shape != tuple(v.shape) for k, v in enumerate(variables)):
            raise ConfigError(f"{path}: checkpoint of another network", hint="use the config of its folder")
        for k, variable in enumerate(variables):
            variable.assign(saved[f"v{k}"])


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Inside, a file of a run is read; that there is none is left to the caller.

    Raises:
        ConfigError: the file is damaged.
    """
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise
    except DAMAGE as error:
        raise damaged(path, str(error).partition("\n")[0] or type(error).__name__) from error


def damaged(path: Path, reason: str) -> ConfigError:
    """What is to be said of a file of a run that is not as it was written."""
    return ConfigError(f"{path}: damaged ({reason})", hint="copy it again, or start anew in another --workdir")


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
