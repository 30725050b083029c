"""Every system's network has the layers that its authors name: shapes and parameters are counted by hand."""

from __future__ import annotations

from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras
import numpy as np
import pytest
from layouts import write_folder_layout

from classroom_fer.errors import ConfigError
from training.settings.config import TrainConfig
from training.settings.systems import SYSTEMS, default_config
from training.zoo import BUILDERS, build_model, multiply_adds
from training.zoo.parts import dropped
from training.zoo.small import VARIANTS

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2

NORM = 4
"""Numbers a channel that batch normalisation keeps."""


def conv(size: int, before: int, after: int, *, bias: bool = True) -> int:
    return size * size * before * after + bias * after


def dense(*units: int) -> int:
    return sum((a + 1) * b for a, b in pairwise(units))


def custom_cnn() -> int:
    channels = (1, 32, 64, 128)
    stages = pairwise(channels)
    return sum(conv(3, a, b) + conv(3, b, b) + NORM * b for a, b in stages) + dense(6 * 6 * 128, 256, 7)


def cbam(channels: int) -> int:
    return dense(channels, max(1, channels // 16), channels) + conv(7, 2, 1)


def ours() -> int:
    def block(before: int, after: int) -> int:
        shortcut = conv(1, before, after, bias=False) + NORM * after if before != after else 0
        both = conv(3, before, after, bias=False) + conv(3, after, after, bias=False)
        return both + 2 * NORM * after + shortcut

    trunk = conv(5, 1, 32, bias=False) + NORM * 32 + block(32, 32)
    branch = block(32, 64) + block(64, 128) + block(128, 192) + dense(192, 8) + dense(192, 7)
    return trunk + 3 * branch


PARAMETERS = {
    "baseline-cnn": conv(3, 1, 64) + conv(3, 64, 64) + conv(3, 64, 128) + dense(4 * 4 * 128, 1024, 8),
    "cnn-bn-dropout": (
        conv(3, 1, 64) + 3 * conv(3, 64, 64) + 2 * NORM * 64
        + conv(3, 64, 128) + conv(3, 128, 128) + NORM * 128 + dense(2 * 2 * 128, 1024, 1024, 8)
    ),
    "cnn-bn-dropout-aug": (
        conv(3, 1, 64) + 3 * conv(3, 64, 64) + 2 * NORM * 64
        + conv(3, 64, 128) + 3 * conv(3, 128, 128) + 2 * NORM * 128
        + conv(3, 128, 256) + conv(3, 256, 256) + 2 * NORM * 256 + dense(2 * 2 * 256, 1024, 1024, 8)
    ),
    "custom-cnn": custom_cnn(),
    "custom-cnn-aug": custom_cnn(),
    "cnn-attention": custom_cnn() + cbam(32) + cbam(64) + cbam(128),
    "happy-sad": conv(3, 1, 16) + conv(3, 16, 32) + conv(3, 32, 64) + dense(4 * 4 * 64, 220, 2),
    "four-class": (
        conv(7, 1, 64) + conv(3, 64, 128) + conv(3, 128, 128) + conv(3, 128, 256) + dense(3 * 3 * 256, 64, 64, 4)
    ),
    "ours": ours(),
}  # fmt: skip
"""The transfer networks have a file of their own."""
CLASSES = {"P8": 8, "P7": 7, "P4": 4, "P2": 2}


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_system_has_its_authors_layers_takes_a_grey_face_and_gives_a_logit_a_class(name: str) -> None:
    model = build_model(default_config(name))
    assert model.count_params() == PARAMETERS[name]
    assert model.input_shape == (None, 48, 48, 1)
    classes = CLASSES[SYSTEMS[name].protocol]
    if name == "ours":
        heads = {key: value.shape for key, value in model.output.items()}
        assert heads == {f"emotions_{k}": (None, 8) for k in range(3)} | {f"fer7_{k}": (None, 7) for k in range(3)}
    else:
        assert model.output_shape == (None, classes)
        assert model.layers[-1].activation is keras.activations.linear, "softmax lives in the loss"


def test_every_system_has_a_network_and_every_network_a_system() -> None:
    assert set(BUILDERS) == set(SYSTEMS)


@pytest.mark.parametrize("protocol", CLASSES)
def test_a_system_can_be_trained_on_another_protocol(protocol: str) -> None:
    assert build_model(default_config("happy-sad", protocol=protocol)).output_shape == (None, CLASSES[protocol])


def test_a_system_can_be_trained_on_anyones_folders(tmp_path: Path) -> None:
    names = ("bored", "sleepy", "curious", "joyful", "lost", "amazed", "calm")
    config = default_config("baseline-cnn", protocol="folders", data=write_folder_layout(tmp_path, names=names))
    assert build_model(config).output_shape == (None, 7)


@pytest.mark.parametrize(("variant", "parameters"), [("30k", 30e3), ("250k", 250e3), ("1m", 1e6), ("3.8m", 3.8e6)])
def test_happy_sad_comes_in_sizes_from_30_thousand_to_3_8_million(variant: str, parameters: float) -> None:
    model = build_model(default_config("happy-sad", variant=variant))
    assert model.count_params() == pytest.approx(parameters, rel=0.01)


def test_all_happy_sad_sizes_are_tested_above() -> None:
    assert set(VARIANTS) == {"30k", "250k", "1m", "3.8m"}


def test_ours_costs_at_most_80_mmac_and_keeps_the_order_of_its_weights_which_files_of_runs_rely_on() -> None:
    model = build_model(TrainConfig())
    assert 20e6 < multiply_adds(model) <= 80e6
    kernels = [tuple(w.shape) for w in model.weights if len(w.shape) > 1]
    trunk = [(5, 5, 1, 32), (3, 3, 32, 32), (3, 3, 32, 32)]
    # layers are ordered by depth, so the three branches take turns
    stages = [3 * [(3, 3, a, b)] + 3 * [(1, 1, a, b), (3, 3, b, b)] for a, b in ((32, 64), (64, 128), (128, 192))]
    heads = 3 * [(192, 8)] + 3 * [(192, 7)]
    assert kernels == [*trunk, *chain.from_iterable(stages), *heads]


def test_the_seed_decides_the_first_weights() -> None:
    first, same, other = (build_model(default_config("happy-sad", seed=seed)).get_weights() for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_dropout_has_a_seed_which_runs_on_torch_need_to_go_on_and_it_is_the_one_that_keras_would_draw() -> None:
    image = keras.Input((4,))
    keras.utils.set_random_seed(5)
    ours = dropped(image, 0.5)._keras_history.operation
    keras.utils.set_random_seed(5)
    theirs = keras.layers.Dropout(0.5)
    assert ours.seed is not None
    drawn, expected = (keras.ops.convert_to_numpy(layer.seed_generator.state) for layer in (ours, theirs))
    np.testing.assert_array_equal(drawn, expected)


def test_attention_gates_stay_between_nothing_and_everything(tmp_path: Path) -> None:
    model = build_model(default_config("cnn-attention"))
    gates = [layer.output for layer in model.layers if getattr(layer, "activation", None) is keras.activations.sigmoid]
    assert len(gates) == 6
    assert gates[0].shape == (None, 1, 1, 32)
    assert gates[1].shape == (None, 48, 48, 1)
    model.save(tmp_path / "m.keras")
    faces = np.random.default_rng(0).integers(0, 256, (2, 48, 48, 1)).astype(np.float32)
    again = keras.saving.load_model(tmp_path / "m.keras")
    np.testing.assert_allclose(np.asarray(again(faces)), np.asarray(model(faces)), rtol=1e-5)


def test_an_unknown_system_variant_protocol_or_number_of_widths_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="unknown system 'theirs'") as caught:
        build_model(TrainConfig(system="theirs"))
    assert "baseline-cnn" in caught.value.hint
    with pytest.raises(ConfigError, match="no variant 'huge'") as caught:
        build_model(default_config("happy-sad", variant="huge"))
    assert "3.8m" in caught.value.hint
    with pytest.raises(ConfigError, match="unknown protocol 'P9'") as caught:
        build_model(default_config("baseline-cnn", protocol="P9"))
    assert "P7" in caught.value.hint
    with pytest.raises(ConfigError, match="baseline-cnn has 3 stages, widths has 2 numbers"):
        build_model(default_config("baseline-cnn", widths=(8, 16)))


@pytest.mark.parametrize("changes", [{"widths": (8, 16, 32)}, {"widths": (), "blocks": ()}, {"widths": (8, 0)}])
def test_stages_of_ours_that_do_not_fit_are_an_error(changes: dict[str, Any]) -> None:
    config = default_config("ours", **{"widths": (8, 16), "blocks": (1, 1)} | changes)
    with pytest.raises(ConfigError, match="are no stages of ours") as caught:
        build_model(config)
    assert "--set blocks" in caught.value.hint


def test_multiply_adds_are_counted_by_hand() -> None:
    image = keras.Input((10, 10, 3))
    x = keras.layers.Conv2D(4, 3, strides=2, padding="same")(image)
    x = keras.layers.Dense(6)(x)
    model = keras.Model(image, keras.layers.Dense(7)(keras.layers.Flatten()(x)))
    assert multiply_adds(model) == 5 * 5 * 4 * 3 * 3 * 3 + 5 * 5 * 4 * 6 + 150 * 7
