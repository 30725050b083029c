"""ImageNet networks: grey goes in as colours did, frozen layers stay frozen, a missing network is explained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras
import numpy as np
import pytest

from classroom_fer.errors import ConfigError
from training.settings.systems import default_config
from training.zoo import build_model
from training.zoo.transfer import BASES, Download, from_scratch_note, weights_file, with_pooled_head

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2

RESNET50_WITHOUT_TOP = 23_587_712
VGG16_WITHOUT_TOP = 14_714_688
"""Both as `keras.applications` prints them."""


def no_network(*_: Any, **__: Any) -> str:
    raise Exception("URL fetch failure: Name or service not known")  # noqa: TRY002  # what get_file raises


@pytest.fixture(scope="module")
def resnet() -> Any:
    return build_model(default_config("resnet50-transfer", weights="none"))


def test_resnet50_transfer_has_its_authors_head(resnet: Any) -> None:
    flat = 2 * 2 * 2048
    head = 4 * flat + flat * 32 + 32 + 2 * (32 * 32 + 32) + 3 * 4 * 32 + 32 * 8 + 8
    assert resnet.count_params() == RESNET50_WITHOUT_TOP + head
    assert resnet.output_shape == (None, 8)
    kinds = [type(layer).__name__ for layer in resnet.layers[-15:]]
    block = ["Dense", "BatchNormalization", "ReLU", "Dropout"]
    assert kinds[-13:] == [*block, *block, *block, "Dense"]


@pytest.mark.parametrize(
    ("name", "base", "channels"),
    [("vgg16-transfer", VGG16_WITHOUT_TOP, 512), ("resnet50-transfer-fer", RESNET50_WITHOUT_TOP, 2048)],
)
def test_the_others_have_a_pooled_dense_head(name: str, base: int, channels: int) -> None:
    model = build_model(default_config(name, weights="none"))
    assert model.count_params() == base + (channels + 1) * 256 + 257 * 7
    assert model.output_shape == (None, 7)


def test_grey_reaches_the_base_as_its_own_preprocessing_makes_it(resnet: Any) -> None:
    grey = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1)).astype(np.float32)
    inner = keras.Model(resnet.input, next(la for la in resnet.layers if la.name == "conv1_pad").input)
    expected = keras.applications.resnet50.preprocess_input(np.repeat(grey, 3, axis=-1))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(inner(grey)), expected, atol=1e-4)


def test_with_imagenet_weights_only_the_last_layers_of_the_base_learn(tmp_path: Path) -> None:
    base = keras.applications.VGG16(include_top=False, weights=None, input_shape=(48, 48, 3))
    file = tmp_path / "vgg16.weights.h5"
    base.save_weights(file)
    model = with_pooled_head(default_config("vgg16-transfer", trainable_layers=4), file)
    assert model.first_weights == "imagenet"
    for name in ("block1_conv1", "block5_conv3"):
        np.testing.assert_array_equal(model.get_layer(name).kernel, base.get_layer(name).kernel)
    learning = {layer.name for layer in model.layers if layer.weights and layer.trainable}
    assert {name for name in learning if name.startswith("block")} == {f"block5_conv{k}" for k in (1, 2, 3)}
    assert "logits" in learning
    assert len(learning) == 3 + 2, "the new head learns"


def test_the_last_four_layers_of_resnet50_are_its_last_convolution(resnet: Any) -> None:
    base = [layer.name for layer in resnet.layers if layer.name.startswith("conv")]
    assert base[-4:] == ["conv5_block3_3_conv", "conv5_block3_3_bn", "conv5_block3_add", "conv5_block3_out"]


def test_from_scratch_the_whole_network_learns(resnet: Any) -> None:
    assert resnet.first_weights == "none"
    assert all(layer.trainable for layer in resnet.layers)


def test_without_a_network_imagenet_is_an_error_that_names_the_way_out() -> None:
    config = default_config("vgg16-transfer", weights="imagenet")
    with pytest.raises(ConfigError, match=r"vgg16_weights.*cannot be fetched: URL fetch failure") as caught:
        weights_file(config, get_file=no_network)
    assert "--weights none" in caught.value.hint
    assert "models/vgg16_weights" in caught.value.hint


def test_without_a_network_auto_trains_from_scratch_and_says_so() -> None:
    config = default_config("vgg16-transfer")
    assert config.weights == "auto"
    assert weights_file(config, get_file=no_network) is None
    note = from_scratch_note(config, get_file=no_network)
    assert note is not None
    assert note.startswith("vgg16-transfer is trained from scratch, not from ImageNet")
    assert from_scratch_note(config, get_file=lambda *_, **__: "/there/vgg16.h5") is None
    assert from_scratch_note(default_config("vgg16-transfer", weights="none"), get_file=no_network) is None
    assert from_scratch_note(default_config("baseline-cnn"), get_file=no_network) is None


def test_the_right_file_is_asked_for_once_and_checked(tmp_path: Path) -> None:
    asked = []

    def get_file(name: str, url: str, **settings: Any) -> str:
        asked.append((name, url, settings))
        return str(tmp_path / name)

    assert weights_file(default_config("resnet50-transfer"), get_file=get_file) == tmp_path / asked[0][0]
    source = BASES["resnet50-transfer"].source
    assert isinstance(source, Download)
    assert asked == [(source.url.split("/")[-1], source.url, {"cache_subdir": "models", "file_hash": source.md5})]


def test_a_network_without_imagenet_weights_cannot_be_asked_for_them() -> None:
    with pytest.raises(ConfigError, match="baseline-cnn has no ImageNet weights"):
        build_model(default_config("baseline-cnn", weights="imagenet"))


def test_binary_accuracy_is_seven_eighths_whatever_an_undecided_net_says() -> None:
    """The .8752 that the authors of resnet50-transfer print: seven of eight zeros are "right", the one is "wrong"."""
    shares = np.random.default_rng(0).dirichlet(np.full(8, 5.0), 400).astype(np.float32)
    undecided = shares[shares.max(axis=1) < 0.5]
    assert len(undecided) > 300

    accuracies = set()
    for shift in range(8):
        labels = (undecided.argmax(axis=1) + shift) % 8
        metric = keras.metrics.BinaryAccuracy()
        metric.update_state(np.eye(8, dtype=np.float32)[labels], undecided)
        assert float(metric.result()) == 7 / 8
        accuracies.add(float((undecided.argmax(axis=1) == labels).mean()))
    assert accuracies == {0.0, 1.0}, "always right and always wrong got the same figure"
