"""The torch form of every system is the Keras net: same answers, same weights there and back."""

from __future__ import annotations

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras
import numpy as np
import pytest
import torch

from classroom_fer.errors import ConfigError
from training.card.torch_net import TorchNet
from training.settings.systems import default_config
from training.zoo import build_model

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2

LIGHT = {"resnet50-transfer", "cnn-attention", "efficientnet-lite0", "mobilenet-v2", "student", "baseline-cnn"}
"""Together they have every kind of layer that a system has."""
FACES = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1)).astype(np.float32)


def built(system: str):  # type: ignore[no-untyped-def]  # Keras ships no types
    model = build_model(default_config(system, weights="none"))
    random = np.random.default_rng(1)
    for layer in model.operations:
        if isinstance(layer, keras.layers.BatchNormalization):  # fresh statistics would hide that they are not copied
            layer.moving_mean.assign(random.normal(0, 0.1, layer.moving_mean.shape))
            layer.moving_variance.assign(random.uniform(0.5, 2, layer.moving_variance.shape))
    return model


def answers(model) -> dict[str, np.ndarray]:  # type: ignore[no-untyped-def]
    given = model(FACES, training=False)
    table = given if isinstance(given, dict) else {model.output_names[0]: given}
    return {name: np.asarray(keras.ops.convert_to_numpy(value)) for name, value in table.items()}


@pytest.mark.parametrize("system", sorted(LIGHT))
def test_answers_are_those_of_the_keras_net(system: str) -> None:
    model = built(system)
    net = TorchNet(model).eval()
    with torch.no_grad():
        found = net(torch.from_numpy(FACES).permute(0, 3, 1, 2))
    wanted = answers(model)
    assert found.keys() == wanted.keys()
    for name, logits in wanted.items():
        assert np.abs(found[name].numpy() - logits).max() <= 2e-5 * max(1, np.abs(logits).max())


def test_weights_go_there_and_back() -> None:
    model = built("mobilenet-v2")
    before = [np.array(keras.ops.convert_to_numpy(w)) for w in model.weights]
    net = TorchNet(model)
    for weight in model.weights:
        weight.assign(np.zeros(weight.shape, weight.dtype))
    net.store(model)
    seeds = {id(w) for layer in model.layers for w in layer.variables if "seed" in w.path}
    for weight, value in zip(model.weights, before, strict=True):
        assert id(weight) in seeds or np.array_equal(keras.ops.convert_to_numpy(weight), value)


def test_frozen_layers_do_not_learn() -> None:
    model = built("student")
    model.layers[2].trainable = False
    net = TorchNet(model).train()
    frozen, other = [part for part in net.parts if isinstance(part.core, torch.nn.Conv2d)][:2]
    assert not frozen.core.weight.requires_grad
    assert not frozen.training
    assert other.core.weight.requires_grad
    assert len(net.decayed()) == 13  # twelve convolutions and two heads, less the frozen one


def test_a_layer_without_torch_form_is_named() -> None:
    image = keras.Input((48, 48, 1))
    model = keras.Model(image, keras.layers.Dense(3)(keras.layers.Flatten()(keras.layers.UpSampling2D()(image))))
    with pytest.raises(ConfigError, match="UpSampling2D"):
        TorchNet(model)
