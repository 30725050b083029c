"""One inference network from a training network: batch norms folded, branches averaged, plain logits per head.

What it computes is what the training network computes with `training=False`, up to float rounding; tests hold both to
that. Only layers that matter at inference are left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ClassroomFerError
from training.runs.predictions import MAIN_HEAD, by_head

Floats = npt.NDArray[np.float32]
CONVOLUTIONS = (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)


class ExportError(ClassroomFerError):
    """The run cannot become the shipped model."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The last layer of a head on the features of all branches side by side: logits = features @ kernel + bias."""

    kernel: npt.NDArray[np.float64]
    """[F, C]."""
    bias: npt.NDArray[np.float64]
    """[C]."""

    def logits(self, features: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
        """[N, C] of features [N, F]."""
        return features.astype(np.float64) @ self.kernel + self.bias


def inference_net(
    model: Any,
    *,
    offset: Sequence[float] | None = None,
    heads: Mapping[str, Head] | None = None,
    name: str = "expressions",
) -> Any:
    """A float32 network of ``model``'s weights, outputs {"emotions": logits [N, 8], "fer7": logits [N, 7]}.

    Args:
        model: a functional network that gives one logits tensor, or a dict whose names end in _0, _1, ... for the
            branches of a head; the logits of a head's branches are averaged.
        offset: added to the logits of the head "emotions", through the bias of its last layer.
        heads: last layers in place of the model's own (see `training.shipping.refit`).

    Raises:
        ExportError: a head does not end in a Dense layer without activation.
    """
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        inputs, tensors = _folded(model)
        joint = joint_heads(model) | dict(heads or {})
        outputs = {}
        for head, layers in _heads(model).items():
            features = [tensors[layer.name] for layer in layers]
            outputs[head] = _dense(head, features, joint[head], offset if head == MAIN_HEAD else None)
        return keras.Model(inputs, outputs, name=name)
    finally:
        keras.config.set_dtype_policy(policy)


def joint_heads(model: Any) -> dict[str, Head]:
    """mean_k(W_k x_k + b_k) over a head's branches as one layer on the x_k side by side.

    Raises:
        ExportError: a head does not end in a Dense layer without activation.
    """
    joint = {}
    for head, layers in _heads(model).items():
        kernel = np.concatenate([np.asarray(layer.get_weights()[0], np.float64) for layer in layers]) / len(layers)
        joint[head] = Head(kernel, np.mean([_bias(layer) for layer in layers], axis=0))
    return joint


def feature_net(model: Any) -> Any:
    """``model`` up to what feeds its joint heads: features [N, F]."""
    fed = [layer.input for layer in _heads(model)[MAIN_HEAD]]
    return keras.Model(model.inputs, fed[0] if len(fed) == 1 else keras.layers.Concatenate()(fed))


def _heads(model: Any) -> dict[str, list[Any]]:
    """The last layers of each head, branch by branch."""
    heads = {head: [_producer(tensor) for tensor in tensors] for head, tensors in by_head(model.output).items()}
    for head, layers in heads.items():
        for layer in layers:
            if not isinstance(layer, keras.layers.Dense) or layer.activation is not keras.activations.linear:
                raise ExportError(
                    f"head {head!r} ends in {type(layer).__name__} {layer.name!r}, not in a Dense layer of logits",
                    hint="give the network logits; softmax belongs to the loss",
                )
    return heads


def _producer(tensor: Any) -> Any:
    return tensor._keras_history.operation


def _dense(name: str, features: Sequence[Any], head: Head, offset: Sequence[float] | None) -> Any:
    """``head``, moved by ``offset``, on the features side by side."""
    bias = head.bias if offset is None else head.bias + np.asarray(offset, np.float64)
    joined = features[0] if len(features) == 1 else keras.layers.Concatenate(name=f"{name}_features")(features)
    dense = keras.layers.Dense(head.kernel.shape[1], name=name)
    answer = dense(joined)
    dense.set_weights(_plain([head.kernel, bias]))
    return answer


def _bias(layer: Any) -> npt.NDArray[np.float64]:
    if layer.use_bias:
        return np.asarray(layer.get_weights()[1], np.float64)
    return np.zeros(layer.units)


def _folded(model: Any) -> tuple[Any, dict[str, Any]]:
    """Inputs of a copy of ``model``, and the copy's tensor that feeds each Dense layer, by the layer's name."""
    folds = _foldable(model)
    norms = {norm.name: conv for conv, norm in folds.values()}
    fed: dict[str, Any] = {}
    made: dict[str, Any] = {}

    def copied(layer: Any) -> Any:
        settings = layer.get_config()
        settings["dtype"] = "float32"
        if layer.name in folds:
            settings["use_bias"] = True
        made[layer.name] = type(layer).from_config(settings)
        return made[layer.name]

    def called(layer: Any, *args: Any, **kwargs: Any) -> Any:
        if layer.name in norms or isinstance(layer, keras.layers.Dropout):
            return args[0]
        if isinstance(layer, keras.layers.Dense):
            fed[layer.name] = args[0]
        return layer(*args, **kwargs)

    copy = keras.models.clone_model(model, clone_function=copied, call_function=called)
    for layer in model.layers:
        if layer.name in folds:
            made[layer.name].set_weights(_folded_weights(layer, folds[layer.name][1]))
        elif layer.weights and layer.name not in norms and layer.name in made:
            made[layer.name].set_weights(_plain(layer.get_weights()))
    return copy.inputs, fed


def _foldable(model: Any) -> dict[str, tuple[Any, Any]]:
    """Convolutions whose only reader is a batch norm over channels, by name, each with that norm."""
    found = {}
    for layer in model.layers:
        if not isinstance(layer, CONVOLUTIONS) or layer.activation is not keras.activations.linear:
            continue
        readers = [node.operation for node in layer._outbound_nodes]
        if len(readers) == 1 and isinstance(readers[0], keras.layers.BatchNormalization) and readers[0].axis in (-1, 3):
            found[layer.name] = (layer, readers[0])
    return found


def _folded_weights(conv: Any, norm: Any) -> list[Floats]:
    """Kernel and bias of conv followed by norm: gamma (x - mean) / sqrt(var + eps) + beta."""
    gain = 1.0 / np.sqrt(np.asarray(norm.moving_variance, np.float64) + norm.epsilon)
    if norm.scale:
        gain = gain * np.asarray(norm.gamma, np.float64)
    weights = [np.asarray(w, np.float64) for w in conv.get_weights()]
    bias = (weights[1] if conv.use_bias else 0.0) - np.asarray(norm.moving_mean, np.float64)
    bias = bias * gain + (np.asarray(norm.beta, np.float64) if norm.center else 0.0)
    by_channel = gain[:, None] if isinstance(conv, keras.layers.DepthwiseConv2D) else gain
    return _plain([weights[0] * by_channel, bias])


def _plain(weights: Sequence[Any]) -> list[Floats]:
    return [np.asarray(w, np.float32) for w in weights]
