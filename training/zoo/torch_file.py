"""Weights of a file that `torch.save` of PyTorch before 1.6 wrote, read without PyTorch.

Such a file is five pickles (magic number, version, machine, the table of tensors, the keys of their storages) and then
each storage's length and numbers. Pickles can run code: this reader makes tables and tensors and nothing else.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ModelError

MAGIC = 0x1950A86A20F9469CFC6C
"""First pickle of every such file (torch/serialization.py, `MAGIC_NUMBER`)."""
LENGTH = np.dtype("<i8")
DTYPES: Mapping[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class _Storage:
    """Where a tensor's numbers are: the key of a storage that comes later in the file."""

    key: str
    dtype: np.dtype[Any]


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A part of a storage."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def read_torch_file(content: bytes) -> dict[str, Array]:
    """The tensors of a state dict by name, in the file's order.

    Raises:
        ModelError: not such a file, or it holds something else than dense float32 or int64 tensors in a table.
    """
    file = io.BytesIO(content)
    try:
        if _Reader(file).load() != MAGIC:
            raise ValueError("another magic number")
        _Reader(file).load(), _Reader(file).load()
        table = _Reader(file).load()
        keys = _Reader(file).load()
        tensors = {name: tensor for name, tensor in table.items() if isinstance(tensor, _Tensor)}
        dtypes = {tensor.storage.key: tensor.storage.dtype for tensor in tensors.values()}
        storages = {key: _numbers(file, dtypes[key]) for key in keys}
        return {name: _cut(storages[tensor.storage.key], tensor) for name, tensor in tensors.items()}
    except (pickle.UnpicklingError, EOFError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ModelError(
            f"not a file of weights that PyTorch before 1.6 wrote ({error})", hint="fetch it again"
        ) from error


def _numbers(file: io.BytesIO, dtype: np.dtype[Any]) -> Array:
    count = int(np.frombuffer(file.read(LENGTH.itemsize), LENGTH)[0])
    return np.frombuffer(file.read(count * dtype.itemsize), dtype, count)


def _cut(storage: Array, tensor: _Tensor) -> Array:
    last = tensor.offset + sum((size - 1) * step for size, step in zip(tensor.shape, tensor.stride, strict=True))
    if last >= len(storage) or min((0, *tensor.stride)) < 0:
        raise ValueError("a tensor that is larger than its storage")
    steps = [step * storage.itemsize for step in tensor.stride]
    return np.lib.stride_tricks.as_strided(storage[tensor.offset :], tensor.shape, steps, writeable=False)


def _rebuilt(storage: _Storage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: object) -> _Tensor:
    """In the place of `torch._utils._rebuild_tensor_v2`."""
    return _Tensor(storage, offset, shape, stride)


class _Reader(pickle.Unpickler):
    """Makes ordered tables, `_Tensor` and `_Storage`; every other name in a pickle is refused."""

    def find_class(self, module: str, name: str) -> Any:
        known: dict[tuple[str, str], Callable[..., Any] | np.dtype[Any]] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _rebuilt,
            **{("torch", storage): dtype for storage, dtype in DTYPES.items()},
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return known[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _, _, view = pid
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError("a storage that is part of another")
        return _Storage(key, dtype)
