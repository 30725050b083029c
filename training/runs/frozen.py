"""Frozen first layers are computed once: where faces are not changed, epochs begin with what those layers say of them.

The last frozen map of every face of both splits lies in the run's folder while it is trained (`FOLDER`), and goes with
the end of the training, whatever ended it; a run that goes on computes it anew. Order of the faces, dropout and weights
are those of a run that computes every layer in every step.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from numpy.lib.format import open_memmap

from classroom_fer.lesson.records import Image
from training.data.splits import Split
from training.runs.augment import augment_batch
from training.runs.compilation import compile_as
from training.settings.config import Augmentation, TrainConfig

FOLDER = "frozen-maps"
"""In the run's folder, while it is trained."""
BATCH = 256
"""Faces at a time, as when a run is scored; choice."""
ROOM = 1.1
"""So many times the maps' size must be free on the disk; choice."""
Maps = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """A network in two; both share its layers."""

    frozen: Any
    """From faces to the last frozen map."""
    rest: Any
    """From that map to the network's outputs; not compiled."""

    def size(self, faces: int) -> int:
        """Bytes of the maps of so many faces."""
        return int(faces * np.prod(self.shape) * self.dtype.itemsize)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the map of a face."""
        return tuple(self.frozen.output.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the kept maps: what the layers compute in; float32 holds bfloat16, which NumPy has not, exactly."""
        return np.dtype(np.float16 if self.frozen.output.dtype == "float16" else np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class FrozenMaps:
    """What a run begins its steps with."""

    rest: Any
    """Compiled with the optimiser of the whole network."""
    training: Maps
    """[N, ...] of the training faces, read from the disk as they are needed."""
    validation: Maps
    """[N, ...] of the faces that the epochs are judged by."""
    seconds: float
    """That they took."""


@contextmanager
def frozen_maps(
    model: Any, config: TrainConfig, splits: tuple[Split, Split], workdir: Path, note: Callable[[str], None]
) -> Iterator[FrozenMaps | None]:
    """Inside, the maps of (training, validation) faces are there; None where they are of no use, or have no room.

    They are of use where the first layers are frozen and a face is the same in each epoch: no random changes, no
    mixing, and no teachers, who want the faces themselves.

    Args:
        model: compiled, with the weights that the run begins or goes on with.
        note: hears that there is no room.
    """
    wanted = config.frozen_maps and config.augmentation == Augmentation.nothing()
    parts = parts_of(model) if wanted and config.mixup == 0 and not config.teachers else None
    folder = workdir / FOLDER
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    if parts is None or not _have_room(parts.size(sum(len(split.images) for split in splits)), workdir, note):
        yield None
        return
    try:
        folder.mkdir()
        yield _made(model, config, parts, splits, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _made(model: Any, config: TrainConfig, parts: Parts, splits: tuple[Split, Split], folder: Path) -> FrozenMaps:
    started = time.monotonic()
    training, validation = (split.images for split in splits)
    as_trained = augment_batch(training, config.augmentation, np.random.default_rng())  # rounds some greys down
    of_training = kept_maps(parts, as_trained, folder / "training.npy")
    of_validation = kept_maps(parts, validation, folder / "validation.npy")
    compile_as(parts.rest, config, model.optimizer)
    return FrozenMaps(parts.rest, of_training, of_validation, time.monotonic() - started)


def _have_room(size: int, workdir: Path, note: Callable[[str], None]) -> bool:
    enough = shutil.disk_usage(workdir).free > ROOM * size
    if not enough:
        gigabytes = f"{size / 1e9:.1f} GB"
        note(f"{workdir}: no room for {gigabytes} of frozen maps, so every step computes the frozen layers anew")
    return enough


def kept_maps(parts: Parts, faces: Image, file: Path) -> Maps:
    """What the frozen layers say of grey [N, 48, 48], written to ``file`` and mapped from there: [N, ...]."""
    maps = open_memmap(file, "w+", parts.dtype, (len(faces), *parts.shape))
    for start in range(0, len(faces), BATCH):
        maps[start : start + BATCH] = parts.frozen.predict_on_batch(faces[start : start + BATCH, ..., None])
    maps.flush()
    return open_memmap(file, "r")


def parts_of(model: Any) -> Parts | None:
    """``model`` cut after the last tensor up to which nothing learns and nothing is drawn; None where that is nothing.

    Everything later follows from that one tensor; where a shortcut leads around what learns, the cut lies before both.
    """
    cut = _cut(model)
    if cut is None:
        return None
    frozen = keras.Model(model.input, cut)  # before the other, for which Keras gives the layers a second input
    parts = Parts(frozen, keras.Model(cut, model.output))
    own, same = ([id(v) for v in net.trainable_variables] for net in (model, parts.rest))
    return parts if own == same else None  # the optimiser goes by their order


def _cut(model: Any) -> Any:
    operations = [op for op in model.operations if not isinstance(op, keras.layers.InputLayer)]
    fixed = len(list(takewhile(_is_fixed, operations)))
    needed = {id(tensor) for tensor in model.outputs}
    for index, operation in reversed(list(enumerate(operations))):
        made = _ids(operation.output)
        if index < fixed and needed == made:
            return operation.output if any(op.weights for op in operations[: index + 1]) else None
        needed = (needed - made) | _ids(operation.input)
    return None


def _is_fixed(operation: Any) -> bool:
    """Whether it says the same of the same input in every step: frozen, and without random numbers."""
    return not getattr(operation, "trainable", True) and getattr(operation, "seed_generator", None) is None


def _ids(tensors: Any | Sequence[Any]) -> set[int]:
    return {id(tensor) for tensor in keras.tree.flatten(tensors)}
