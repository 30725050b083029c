"""Class-activation maps: which places of a picture spoke for a class (Zhou et al. 2016, arXiv 1512.04150)."""

from __future__ import annotations

from typing import Any

import cv2
import keras
import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import Image

Floats = npt.NDArray[np.float64]


def activation_maps(net: Any, head: str, images: Image, classes: npt.NDArray[np.int64]) -> Floats:
    """[N, S, S] in 0..1 of grey [N, S, S] and the class (column of ``head``) asked of each.

    A map's mean over the picture is what the place-wise parts of the class's logit add up to; it is stretched to 0..1
    picture by picture, so maps of two pictures tell nothing about each other.

    Raises:
        ConfigError: the head is no linear layer on globally averaged maps, so there is no such map.
    """
    pools = [layer for layer in net.layers if isinstance(layer, keras.layers.GlobalAveragePooling2D)]
    kernels = _kernels(net, head)
    if not pools or not kernels:
        raise _no_map(head)
    found = keras.Model(net.input, [pool.input for pool in pools]).predict(images[..., None], verbose=0)
    maps = [np.asarray(part, np.float64) for part in (found if isinstance(found, list) else [found])]
    widths = [part.shape[-1] for part in maps]
    if len(kernels) == 1:
        kernels = np.split(kernels[0], np.cumsum(widths)[:-1])
    if [len(kernel) for kernel in kernels] != widths:
        raise _no_map(head)
    heat = sum(np.einsum("nhwf,fn->nhw", part, kernel[:, classes]) for part, kernel in zip(maps, kernels, strict=True))
    return np.stack([_stretched(one, images.shape[1]) for one in np.asarray(heat)])


def _kernels(net: Any, head: str) -> list[Floats]:
    """The last layers of ``head``, branch by branch."""
    layers = [layer for layer in net.layers if isinstance(layer, keras.layers.Dense) and _is_of(layer.name, head)]
    return [np.asarray(layer.get_weights()[0], np.float64) for layer in sorted(layers, key=lambda layer: layer.name)]


def _is_of(name: str, head: str) -> bool:
    return name == head or name.rpartition("_")[0] == head


def _no_map(head: str) -> ConfigError:
    return ConfigError(
        f"head {head!r} is no linear layer on averaged feature maps: it has no class-activation map",
        hint="ours, student, mobilenet-v2 and efficientnet-lite0 have one",
    )


def _stretched(heat: Floats, side: int) -> Floats:
    low, high = float(heat.min()), float(heat.max())
    even = (heat - low) / (high - low) if high > low else np.zeros_like(heat)
    return np.asarray(np.clip(cv2.resize(even, (side, side), interpolation=cv2.INTER_CUBIC), 0, 1))
