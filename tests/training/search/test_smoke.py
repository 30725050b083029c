"""One command trains a short epoch of every system and says what it cost."""

from __future__ import annotations

import json
from dataclasses import asdict
from inspect import signature
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras
import pytest
from labelled_faces import write_dataset
from typer.testing import CliRunner

from classroom_fer.errors import ConfigError
from training.__main__ import app
from training.runs.watch import Watch
from training.search.smoke import SmokeResult, smoke
from training.settings.config import TrainConfig
from training.settings.systems import SYSTEMS, default_config
from training.zoo import build_model
from training.zoo.transfer import BASES, VGG16, Base

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"), faces=16)


def test_each_system_is_trained_for_one_epoch_on_so_many_faces(data: Path) -> None:
    steps: dict[str, list[tuple[int, int, int]]] = {}
    names = ("happy-sad", "cnn-attention")
    watch = Watch(
        run=lambda name, _: steps.update({name: []}), step=lambda *step: list(steps.values())[-1].append(step)
    )
    results = list(smoke(data, names, faces=12, watch=watch))
    assert steps == {name: [(0, 1, 1)] for name in names}
    assert [(r.system, r.protocol, r.weights) for r in results] == [
        ("happy-sad", "P2", "none"),
        ("cnn-attention", "P7", "none"),
    ]
    for result in results:
        assert result.parameters == build_model(default_config(result.system)).count_params()
        assert result.loss is not None and 0 < result.loss < 20
        assert result.accuracy is not None and 0 <= result.accuracy <= 1
        assert result.seconds > 0


def test_all_systems_are_meant_where_none_is_named() -> None:
    assert signature(smoke).parameters["systems"].default == tuple(SYSTEMS)


def small_base(*, include_top: bool, weights: Path | None, input_tensor: Any) -> Any:
    """Stands for an ImageNet network, which takes a minute to compile: a convolution and a norm."""
    assert not include_top
    assert weights is None
    x = keras.layers.Conv2D(8, 3, strides=4, name="conv1")(input_tensor)
    return SimpleNamespace(output=keras.layers.ReLU()(keras.layers.BatchNormalization()(x)), layers=[])


def test_the_transfer_systems_take_a_training_step_too(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def from_scratch(system: str, **settings: Any) -> TrainConfig:
        return default_config(system, weights="none", **settings)  # no test fetches ImageNet weights

    monkeypatch.setattr("training.search.smoke.default_config", from_scratch)
    monkeypatch.setattr("training.zoo.transfer.BASES", dict.fromkeys(BASES, Base(small_base, VGG16.source)))
    for result in smoke(data, ("resnet50-transfer", "vgg16-transfer"), faces=8):
        assert result.loss is not None and 0 < result.loss < 50, result.system
        assert result.accuracy is not None, result.system


def test_the_command_prints_a_row_a_system(data: Path) -> None:
    done = CliRunner().invoke(app, ["smoke", "--data", str(data), "--systems", "happy-sad", "--faces", "8"])
    assert done.exit_code == 0, done.output
    header, row = done.stdout.splitlines()
    assert header.split() == ["system", "protocol", "parameters", "weights", "seconds", "loss", "accuracy"]
    assert row.split()[:4] == ["happy-sad", "P2", "249,238", "none"]


def test_the_command_prints_json(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = SmokeResult("happy-sad", "P2", 249_238, "none", 1.5, None, 0.5)
    monkeypatch.setattr("training.commands.smoke.smoked", lambda *_, **__: [result])
    done = CliRunner().invoke(app, ["smoke", "--data", str(data), "--systems", "happy-sad", "--faces", "8", "--json"])
    assert json.loads(done.stdout) == [asdict(result)]


@pytest.mark.parametrize("wrong", [["--systems", "theirs"], ["--systems", "happy-sad", "--data", "nowhere"]])
def test_an_error_is_not_preceded_by_an_empty_table(data: Path, wrong: list[str]) -> None:
    done = CliRunner().invoke(app, ["smoke", "--data", str(data), *wrong])
    assert done.exit_code in {1, 2}
    assert done.stdout == ""
    assert "error: " in done.stderr


def test_an_unknown_system_stops_before_anything_is_trained(data: Path) -> None:
    with pytest.raises(ConfigError, match="unknown system 'theirs'"):
        next(smoke(data, ("happy-sad", "theirs")))
