"""A Keras net as a torch module: the same layers on torch's own operations, its weights copied in and out.

Keras on torch turns pictures and kernels around at every layer, and starts each small step from Python. This module can
be recorded once as a graph of the card's own (`training.card.step`), which is what makes small nets quick there.
Pictures are [N, C, H, W] here and [N, H, W, C] in Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from classroom_fer.errors import ConfigError
from training.runs.predictions import heads_by_output

Array = npt.NDArray[Any]
Step = Callable[..., Tensor]
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)
AXES: Mapping[int, int] = {0: 0, 1: 2, 2: 3, 3: 1, -1: 1}
"""Keras' axis of a picture to torch's."""
TO_TORCH: Mapping[type[nn.Module], tuple[int, ...]] = {nn.Conv2d: (3, 2, 0, 1), nn.Linear: (1, 0)}
TO_KERAS: Mapping[type[nn.Module], tuple[int, ...]] = {nn.Conv2d: (2, 3, 1, 0), nn.Linear: (1, 0)}
DEPTHWISE = (2, 3, 0, 1)
"""How the axes of a kernel are turned; of a depthwise one [H, W, C, 1] both ways."""
ACTIVATIONS: Mapping[str, Step] = {"linear": lambda x: x, "relu": functional.relu, "sigmoid": torch.sigmoid}


class TorchNet(nn.Module):
    """What a functional Keras net computes.

    Args:
        model: its layers, also its weights; it is not changed before `store`.

    Raises:
        ConfigError: a layer that has no torch form here.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.heads = heads_by_output(model)
        self._source, self._outputs = model.inputs[0], dict(zip(model.output_names, model.outputs, strict=True))
        self._layers = [layer for layer in model.operations if not isinstance(layer, keras.layers.InputLayer)]
        self.parts = nn.ModuleList([_part(layer) for layer in self._layers])
        for layer, part in self._weighted():
            for own, variable, axes in _pairs(layer, part, TO_TORCH):
                own.data.copy_(torch.from_numpy(_turned(keras.ops.convert_to_numpy(variable), axes)))
                own.requires_grad_(bool(layer.trainable) and isinstance(own, nn.Parameter))

    def forward(self, grey: Tensor) -> dict[str, Tensor]:
        """Logits [N, C] by output, of grey [N, 1, S, S] in 0..255."""
        known = {id(self._source): grey}
        for layer, part in zip(self._layers, self.parts, strict=True):
            given = layer.input if isinstance(layer.input, (list, tuple)) else [layer.input]
            known[id(layer.output)] = part(*(known[id(tensor)] for tensor in given))
        return {name: known[id(tensor)].float() for name, tensor in self._outputs.items()}

    def train(self, mode: bool = True) -> TorchNet:
        """Frozen layers keep their statistics, as in Keras."""
        super().train(mode)
        for layer, part in self._weighted():
            if not layer.trainable:
                part.eval()
        return self

    def on(self, device: torch.device) -> TorchNet:
        """Itself, on ``device``, with a pixel's channels side by side: three times as quick (measured)."""
        return self.to(device=device).to(memory_format=torch.channels_last)

    def store(self, model: Any) -> None:
        """Gives ``model``, which has the same layers, the weights as they are now."""
        layers = [layer for layer in model.operations if not isinstance(layer, keras.layers.InputLayer)]
        for layer, part in zip(layers, self.parts, strict=True):
            for own, variable, axes in _pairs(layer, part, TO_KERAS):
                variable.assign(_turned(own.detach().float().cpu().numpy(), axes))

    def decayed(self) -> list[Tensor]:
        """What weight decay is for: kernels that learn; no biases, nothing of the normalisations."""
        kernels = [part.core.weight for _, part in self._weighted() if not isinstance(part.core, NORMS)]
        return [kernel for kernel in kernels if kernel.requires_grad]

    def norms(self) -> list[Any]:
        """The batch normalisations that learn."""
        return [part.core for layer, part in self._weighted() if isinstance(part.core, NORMS) and layer.trainable]

    def _weighted(self) -> list[tuple[Any, Any]]:
        pairs = zip(self._layers, self.parts, strict=True)
        return [(layer, part) for layer, part in pairs if part.core is not None]


class _Part(nn.Module):
    """One layer: ``core`` holds its weights, if it has any, and ``step`` is called with it and the inputs."""

    def __init__(self, step: Step, core: nn.Module | None = None) -> None:
        super().__init__()
        self.step, self.core = step, core

    def forward(self, *given: Tensor) -> Tensor:
        return self.step(*given) if self.core is None else self.step(self.core, *given)


def _pairs(layer: Any, part: Any, turns: Mapping[type[nn.Module], tuple[int, ...]]) -> list[tuple[Any, Any, Any]]:
    """Torch's tensor, Keras' variable and the turn of the axes, for each weight of a layer."""
    core = part.core
    if core is None:
        return []
    if isinstance(core, NORMS):
        own = [core.weight, core.bias, core.running_mean, core.running_var]
        return [
            (o, v, ())
            for o, v in zip(own, (layer.gamma, layer.beta, layer.moving_mean, layer.moving_variance), strict=True)
        ]
    depthwise = isinstance(layer, keras.layers.DepthwiseConv2D)
    found = [(core.weight, layer.kernel, DEPTHWISE if depthwise else turns[type(core)])]
    return found + ([(core.bias, layer.bias, ())] if layer.use_bias else [])


def _turned(values: Array, axes: tuple[int, ...]) -> Array:
    return np.array(values.transpose(axes) if axes else values)


def _part(layer: Any) -> _Part:
    make = PARTS.get(type(layer).__name__)
    if make is None:
        raise ConfigError(
            f"no torch form of layer {layer.name!r} ({type(layer).__name__})", hint="train this system with `train`"
        )
    return make(layer)


def _convolution(layer: Any, *, depthwise: bool = False) -> _Part:
    inputs = int(layer.input.shape[-1])
    outputs = inputs if depthwise else layer.filters
    pads = _margins(layer)
    even = pads[0] == pads[1]
    core = nn.Conv2d(
        inputs, outputs, layer.kernel_size, layer.strides, padding=pads[0] if even else 0,
        groups=inputs if depthwise else 1, bias=layer.use_bias,
    )  # fmt: skip
    after = _activation(layer)
    if even:
        return _Part(lambda core, x: after(core(x)), core)
    return _Part(lambda core, x: after(core(functional.pad(x, (*pads, *pads)))), core)


def _margins(layer: Any) -> tuple[int, int]:
    """Zeros before and after: for "same" one more at the end where their number is odd. All is square here."""
    if layer.padding == "valid":
        return 0, 0
    length, size, stride = int(layer.input.shape[1]), layer.kernel_size[0], layer.strides[0]
    missing = max((-(-length // stride) - 1) * stride + size - length, 0)
    return missing // 2, missing - missing // 2


def _activation(layer: Any) -> Step:
    name = layer.activation.__name__
    if name not in ACTIVATIONS:
        raise ConfigError(f"no torch form of activation {name!r}", hint="train this system with `train`")
    return ACTIVATIONS[name]


def _dense(layer: Any) -> _Part:
    core, after = nn.Linear(int(layer.input.shape[-1]), layer.units, bias=layer.use_bias), _activation(layer)
    if len(layer.input.shape) == 2:
        return _Part(lambda core, x: after(core(x)), core)
    return _Part(lambda core, x: after(core(x.movedim(1, -1)).movedim(-1, 1)), core)


def _batch_norm(layer: Any) -> _Part:
    kind = nn.BatchNorm2d if len(layer.input.shape) == 4 else nn.BatchNorm1d
    core = kind(int(layer.input.shape[-1]), eps=layer.epsilon, momentum=1 - layer.momentum)
    return _Part(lambda core, x: core(x), core)


def _relu(layer: Any) -> _Part:
    most = layer.max_value
    return _Part(functional.relu if most is None else lambda x: functional.hardtanh(x, 0.0, float(most)))


class _Scaled(_Part):
    """Keras' Rescaling: one factor, or one a channel."""

    def __init__(self, layer: Any) -> None:
        super().__init__(lambda x: x * self.scale + self.offset)
        for name in ("scale", "offset"):
            values = torch.tensor(np.asarray(getattr(layer, name), np.float32)).reshape(-1, 1, 1)
            self.register_buffer(name, values)


class _Dropped(_Part):
    """Dropout, in training."""

    def __init__(self, layer: Any) -> None:
        super().__init__(lambda x: functional.dropout(x, layer.rate, training=self.training))


def _zero_margin(layer: Any) -> _Part:
    (top, bottom), (left, right) = layer.padding
    return _Part(lambda x: functional.pad(x, (left, right, top, bottom)))


def _enlarged(layer: Any) -> _Part:
    size = (layer.height, layer.width)
    return _Part(lambda x: functional.interpolate(x, size, mode="bilinear", align_corners=False))


def _pool(layer: Any, pool: Step) -> _Part:
    if layer.padding != "valid":
        raise ConfigError(f"no torch form of padding {layer.padding!r}", hint="train this system with `train`")
    return _Part(lambda x: pool(x, layer.pool_size, layer.strides))


def _global(layer: Any, reduce: Step) -> _Part:
    return _Part(lambda x: reduce(x, (2, 3), layer.keepdims))


def _reduced(layer: Any, reduce: Step) -> _Part:
    axes = tuple(AXES[int(axis)] for axis in np.atleast_1d(layer.axis))
    return _Part(lambda x: reduce(x, axes, layer.keepdims))


def _flat(_: Any) -> _Part:
    """In Keras' order."""
    return _Part(lambda x: x.permute(0, 2, 3, 1).flatten(1) if x.ndim == 4 else x)


def _joined(layer: Any) -> _Part:
    return _Part(lambda *given: torch.cat(given, AXES[layer.axis]))


PARTS: Mapping[str, Callable[[Any], _Part]] = {
    "Conv2D": _convolution,
    "DepthwiseConv2D": lambda layer: _convolution(layer, depthwise=True),
    "Dense": _dense,
    "BatchNormalization": _batch_norm,
    "ReLU": _relu,
    "Activation": lambda layer: _Part(_activation(layer)),
    "Rescaling": _Scaled,
    "Dropout": _Dropped,
    "ZeroPadding2D": _zero_margin,
    "Resizing": _enlarged,
    "MaxPooling2D": lambda layer: _pool(layer, functional.max_pool2d),
    "AveragePooling2D": lambda layer: _pool(layer, functional.avg_pool2d),
    "GlobalAveragePooling2D": lambda layer: _global(layer, torch.mean),
    "GlobalMaxPooling2D": lambda layer: _global(layer, torch.amax),
    "Sum": lambda layer: _reduced(layer, torch.sum),
    "Mean": lambda layer: _reduced(layer, torch.mean),
    "Max": lambda layer: _reduced(layer, torch.amax),
    "Flatten": _flat,
    "Concatenate": _joined,
    "Add": lambda _: _Part(lambda *given: sum(given[1:], given[0])),
    "Multiply": lambda _: _Part(lambda one, other: one * other),
}
"""By the name of the layer's class: one entry for each that a system of ours has."""
