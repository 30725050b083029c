"""A Keras inference net as an ONNX graph, layer by layer: the kinds of layer that `inference_net` leaves.

Written by hand because no exporter of Keras runs on every backend, and because what the product runs should be
readable. Keras keeps pictures channels last; ONNX wants channels first, so the input is reshaped once (one channel: no
copy) and every layer after it counts its channels in axis 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from training.runs.predictions import MAIN_HEAD
from training.shipping.inference_net import ExportError

OPSET = 17
"""ONNX operators of 2022: read by every ONNX Runtime that the product allows."""
IR_VERSION = 8
"""ONNX's file format of the same time."""
BATCH = "batch"
PRODUCER = "classroom-fer"


class _Graph:
    """Nodes and weights while the graph grows."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, name: str, values: npt.ArrayLike) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name=output, **attributes))
        return output


def to_onnx(model: Any) -> onnx.ModelProto:
    """What ``model`` computes, for float32 grey levels [batch, S, S] named "grey"; one output [batch, C] a head.

    Args:
        model: a functional Keras net of one grey picture [S, S, 1], as `inference_net` makes it.

    Raises:
        ExportError: a layer of a kind or setting that is not written here.
    """
    graph, made = _Graph(), {}
    side = int(model.input_shape[1])
    source = model.inputs[0]
    shape = graph.weight("shape", np.array([-1, 1, side, side], np.int64))
    made[_key(source)] = graph.node("Reshape", ["grey", shape], "pixels")
    for layer in model.layers:
        if not isinstance(layer, keras.layers.InputLayer):
            made[_key(layer.output)] = _written(graph, layer, [made[_key(tensor)] for tensor in _inputs(layer)])
    outputs = []
    heads = model.output if isinstance(model.output, Mapping) else {MAIN_HEAD: model.output}
    for head, tensor in heads.items():
        graph.node("Identity", [made[_key(tensor)]], head)
        outputs.append(helper.make_tensor_value_info(head, TensorProto.FLOAT, [BATCH, int(tensor.shape[-1])]))
    grey = helper.make_tensor_value_info("grey", TensorProto.FLOAT, [BATCH, side, side])
    return as_model(graph.nodes, [grey], outputs, graph.weights, name="expressions")


def as_model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    weights: Sequence[onnx.TensorProto],
    *,
    name: str,
) -> onnx.ModelProto:
    """A checked model of these parts, of this project's operator set and file format."""
    graph = helper.make_graph(list(nodes), name, list(inputs), list(outputs), initializer=list(weights))
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name=PRODUCER
    )
    onnx.checker.check_model(model)
    return model


def _key(tensor: Any) -> int:
    return id(tensor)


def _inputs(layer: Any) -> list[Any]:
    return list(layer.input) if isinstance(layer.input, (list, tuple)) else [layer.input]


def _written(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    for kind, write in WRITERS.items():
        if type(layer) is kind:
            return write(graph, layer, inputs)
    raise ExportError(f"no ONNX is written for layer {layer.name!r} ({type(layer).__name__})", hint="add its writer")


def _needs(layer: Any, *promises: bool) -> None:
    """Only the settings that our networks use are written."""
    if not all(promises):
        raise ExportError(
            f"no ONNX is written for these settings of layer {layer.name!r}", hint="add them to its writer"
        )


def _rescaling(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    scale = graph.weight(f"{layer.name}/scale", _by_channel(layer.scale))
    offset = graph.weight(f"{layer.name}/offset", _by_channel(layer.offset))
    scaled = graph.node("Mul", [*inputs, scale], f"{layer.name}/scaled")
    return graph.node("Add", [scaled, offset], layer.name)


def _by_channel(values: float | Sequence[float]) -> npt.NDArray[np.float32]:
    """One number, or [C, 1, 1] of C numbers: channels come first."""
    array = np.asarray(values, np.float32)
    return array.reshape(-1, 1, 1) if array.ndim else array


def _enlarged(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    plain = not (layer.antialias or layer.crop_to_aspect_ratio or layer.pad_to_aspect_ratio)
    _needs(layer, layer.data_format == "channels_last", layer.interpolation == "bilinear", plain)
    before = layer.input.shape[1:3]
    after = (layer.height, layer.width)
    scales = [_scale(was, wanted) for was, wanted in zip(before, after, strict=True)]
    weight = graph.weight(f"{layer.name}/scales", np.array([1, 1, *scales], np.float32))
    half_pixel = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    return graph.node("Resize", [*inputs, "", weight], layer.name, **half_pixel)


def _scale(was: int, wanted: int) -> np.float32:
    """A float32 next to ``wanted / was`` with which ONNX's floor(was * scale) is ``wanted``.

    >>> int(np.floor(np.float32(48) * _scale(48, 80))), round(float(_scale(48, 80)), 4)
    (80, 1.6667)
    """
    scale = np.float32(wanted / was)
    return scale if np.floor(np.float32(was) * scale) >= wanted else np.nextafter(scale, np.float32(np.inf))


def _zero_margin(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    _needs(layer, layer.data_format == "channels_last")
    (top, bottom), (left, right) = layer.padding
    pads = graph.weight(f"{layer.name}/pads", np.array([0, 0, top, left, 0, 0, bottom, right], np.int64))
    return graph.node("Pad", [*inputs, pads], layer.name)


def _convolution(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    kernel = np.asarray(layer.get_weights()[0], np.float32)
    return _convolved(graph, layer, inputs, kernel.transpose(3, 2, 0, 1), groups=int(layer.groups))


def _depthwise(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    _needs(layer, layer.depth_multiplier == 1)
    kernel = np.asarray(layer.get_weights()[0], np.float32)
    return _convolved(graph, layer, inputs, kernel.transpose(2, 3, 0, 1), groups=kernel.shape[2])


def _convolved(graph: _Graph, layer: Any, inputs: list[str], kernel: npt.NDArray[np.float32], *, groups: int) -> str:
    """``kernel`` is [out, in / groups, H, W]."""
    _needs(
        layer,
        layer.data_format == "channels_last",
        layer.padding in {"same", "valid"},
        tuple(layer.dilation_rate) == (1, 1),
    )
    bias = layer.get_weights()[1:]
    weights = [graph.weight(f"{layer.name}/kernel", kernel)]
    if bias:
        weights.append(graph.weight(f"{layer.name}/bias", np.asarray(bias[0], np.float32)))
    flow = graph.node(
        "Conv",
        [*inputs, *weights],
        layer.name,
        kernel_shape=list(layer.kernel_size),
        strides=list(layer.strides),
        group=groups,
        auto_pad="SAME_UPPER" if layer.padding == "same" else "VALID",
    )
    return _maybe_activated(graph, layer, flow)


def _batch_norm(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    _needs(layer, layer.axis in {-1, len(layer.output.shape) - 1})
    gain = 1.0 / np.sqrt(np.asarray(layer.moving_variance, np.float64) + layer.epsilon)
    if layer.scale:
        gain = gain * np.asarray(layer.gamma, np.float64)
    shift = -np.asarray(layer.moving_mean, np.float64) * gain
    if layer.center:
        shift = shift + np.asarray(layer.beta, np.float64)
    shape = (-1, *(1,) * (len(layer.output.shape) - 2))  # channels come first
    scale = graph.weight(f"{layer.name}/scale", gain.reshape(shape).astype(np.float32))
    offset = graph.weight(f"{layer.name}/offset", shift.reshape(shape).astype(np.float32))
    scaled = graph.node("Mul", [*inputs, scale], f"{layer.name}/scaled")
    return graph.node("Add", [scaled, offset], layer.name)


def _activation(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    return _activated(graph, layer, inputs[0], layer.name)


def _activated(graph: _Graph, layer: Any, flow: str, name: str) -> str:
    kinds = {keras.activations.relu: "Relu", keras.activations.sigmoid: "Sigmoid", keras.activations.tanh: "Tanh"}
    _needs(layer, layer.activation in kinds)
    return graph.node(kinds[layer.activation], [flow], name)


def _passed_on(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    return graph.node("Identity", inputs, layer.name)


def _product(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    _needs(layer, len(inputs) == 2)
    return graph.node("Mul", inputs, layer.name)


def _largest_pool(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    _needs(layer, layer.data_format == "channels_last", layer.padding in {"same", "valid"})
    return graph.node(
        "MaxPool",
        inputs,
        layer.name,
        kernel_shape=list(layer.pool_size),
        strides=list(layer.strides),
        auto_pad="SAME_UPPER" if layer.padding == "same" else "VALID",
    )


def _global_largest(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    _needs(layer, layer.data_format == "channels_last", not layer.keepdims)
    return graph.node("Flatten", [graph.node("GlobalMaxPool", inputs, f"{layer.name}/pooled")], layer.name)


def _flatten(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    if len(_inputs(layer)[0].shape) == 4:  # in Keras's order: the channels of a pixel side by side
        inputs = [graph.node("Transpose", inputs, f"{layer.name}/channels_last", perm=[0, 2, 3, 1])]
    return graph.node("Flatten", inputs, layer.name)


def _relu(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    _needs(layer, layer.negative_slope == 0, layer.threshold == 0)
    if layer.max_value is None:
        return graph.node("Relu", inputs, layer.name)
    limits = [
        graph.weight(f"{layer.name}/{name}", np.float32(v)) for name, v in (("least", 0), ("most", layer.max_value))
    ]
    return graph.node("Clip", [*inputs, *limits], layer.name)


def _sum(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    return graph.node("Sum" if len(inputs) != 2 else "Add", inputs, layer.name)


def _average_pool(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    _needs(layer, layer.data_format == "channels_last", layer.padding == "valid")
    return graph.node(
        "AveragePool", inputs, layer.name, kernel_shape=list(layer.pool_size), strides=list(layer.strides)
    )


def _global_average(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    _needs(layer, layer.data_format == "channels_last", not layer.keepdims)
    pooled = graph.node("GlobalAveragePool", inputs, f"{layer.name}/pooled")
    return graph.node("Flatten", [pooled], layer.name)


def _concatenate(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    _needs(layer, layer.axis in {-1, len(layer.output.shape) - 1})
    return graph.node("Concat", inputs, layer.name, axis=1)


def _dense(graph: _Graph, layer: Any, inputs: list[str]) -> str:
    _needs(layer, len(layer.output.shape) == 2)
    kernel, *bias = layer.get_weights()
    weights = [graph.weight(f"{layer.name}/kernel", np.asarray(kernel, np.float32))]
    if bias:
        weights.append(graph.weight(f"{layer.name}/bias", np.asarray(bias[0], np.float32)))
    return _maybe_activated(graph, layer, graph.node("Gemm", [*inputs, *weights], f"{layer.name}/logits"))


def _maybe_activated(graph: _Graph, layer: Any, flow: str) -> str:
    return flow if layer.activation is keras.activations.linear else _activated(graph, layer, flow, f"{layer.name}/act")


Writer = Callable[[_Graph, Any, list[str]], str]
WRITERS: dict[type, Writer] = {
    keras.layers.Rescaling: _rescaling,
    keras.layers.Resizing: _enlarged,
    keras.layers.ZeroPadding2D: _zero_margin,
    keras.layers.Conv2D: _convolution,
    keras.layers.DepthwiseConv2D: _depthwise,
    keras.layers.ReLU: _relu,
    keras.layers.Add: _sum,
    keras.layers.Multiply: _product,
    keras.layers.BatchNormalization: _batch_norm,
    keras.layers.Activation: _activation,
    keras.layers.Dropout: _passed_on,
    keras.layers.MaxPooling2D: _largest_pool,
    keras.layers.GlobalMaxPooling2D: _global_largest,
    keras.layers.Flatten: _flatten,
    keras.layers.AveragePooling2D: _average_pool,
    keras.layers.GlobalAveragePooling2D: _global_average,
    keras.layers.Concatenate: _concatenate,
    keras.layers.Dense: _dense,
}
