"""facenet-pytorch's O-Net as an ONNX graph, with the package's weights. The one module here that loads torch."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnx
from facenet_pytorch.models.mtcnn import ONet
from onnx import TensorProto, helper, numpy_helper

from training.shipping.keras_to_onnx import BATCH, as_model

SIDE = 48
"""Pixels of O-Net's input."""
OUTPUTS = {"scores": 1, "points": 10}


def landmarks_onnx() -> onnx.ModelProto:
    """Scores [batch, 1] and points [batch, 10] (five x, then five y, in crop sizes) of crops [batch, 3, 48, 48].

    The box that O-Net also gives is left out. Layers and their order are those of ``facenet_pytorch.models.mtcnn``.
    """
    weights = {name: values.numpy() for name, values in ONet().state_dict().items()}
    nodes: list[onnx.NodeProto] = []
    kept: list[onnx.TensorProto] = []

    def weight(name: str, values: npt.NDArray[np.float32]) -> str:
        kept.append(numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name))
        return name

    def node(kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def dense(layer: str, source: str, output: str) -> str:
        names = [weight(f"{layer}.{part}", weights[f"{layer}.{part}"]) for part in ("weight", "bias")]
        return node("Gemm", [source, *names], output, transB=1)

    flow = "crops"
    for number, pool in ((1, 3), (2, 3), (3, 2), (4, 0)):
        layer = f"conv{number}"
        names = [weight(f"{layer}.{part}", weights[f"{layer}.{part}"]) for part in ("weight", "bias")]
        flow = node("Conv", [flow, *names], layer)
        slope = weight(f"prelu{number}.weight", weights[f"prelu{number}.weight"].reshape(-1, 1, 1))
        flow = node("PRelu", [flow, slope], f"prelu{number}")
        if pool:
            flow = node("MaxPool", [flow], f"pool{number}", kernel_shape=[pool, pool], strides=[2, 2], ceil_mode=1)
    flow = node("Transpose", [flow], "columns_first", perm=[0, 3, 2, 1])  # the order of the MATLAB original
    flow = dense("dense5", node("Flatten", [flow], "flat"), "dense5")
    flow = node("PRelu", [flow, weight("prelu5.weight", weights["prelu5.weight"])], "prelu5")
    both = node("Softmax", [dense("dense6_1", flow, "classes")], "shares", axis=1)
    node("Gather", [both, _face_column(kept)], "scores", axis=1)
    dense("dense6_3", flow, "points")
    crops = helper.make_tensor_value_info("crops", TensorProto.FLOAT, [BATCH, 3, SIDE, SIDE])
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [BATCH, size]) for name, size in OUTPUTS.items()]
    return as_model(nodes, [crops], outputs, kept, name="landmarks")


def _face_column(kept: list[onnx.TensorProto]) -> str:
    """Index of "is a face" among O-Net's two classes."""
    kept.append(numpy_helper.from_array(np.array([1], np.int64), "face"))
    return "face"
