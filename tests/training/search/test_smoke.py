"""One command trains a short epoch of every system and says what it cost."""

from __future__ import annotations

import json
from inspect import signature
from pathlib import Path
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import pytest
from labelled_faces import write_dataset
from typer.testing import CliRunner

from classroom_fer.errors import ConfigError
from training.__main__ import app
from training.search.smoke import smoke
from training.settings.config import TrainConfig
from training.settings.systems import SYSTEMS, default_config
from training.zoo import build_model

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_dataset(tmp_path_factory.mktemp("data"), faces=16)


def test_each_system_is_trained_for_one_epoch_on_so_many_faces(data: Path) -> None:
    steps: dict[str, list[tuple[int, int, int]]] = {}
    names = ("happy-sad", "cnn-attention")
    results = list(
        smoke(data, names, faces=12, on_start=lambda name: steps.setdefault(name, []),
              on_step=lambda *step: list(steps.values())[-1].append(step))
    )  # fmt: skip
    assert steps == {name: [(0, 1, 1)] for name in names}
    assert [(r.system, r.protocol, r.weights) for r in results] == [
        ("happy-sad", "P2", "none"),
        ("cnn-attention", "P7", "none"),
    ]
    for result in results:
        assert result.parameters == build_model(default_config(result.system)).count_params()
        assert result.loss is not None and 0 < result.loss < 20
        assert result.accuracy is not None and 0 <= result.accuracy <= 1
        assert 0 < result.seconds < 300


LARGE = ("cnn-bn-dropout-aug", "resnet50-transfer", "vgg16-transfer")
"""Those that no other test trains; `python -m training smoke` is for all (five minutes and more)."""


def test_all_systems_are_meant_where_none_is_named() -> None:
    assert signature(smoke).parameters["systems"].default == tuple(SYSTEMS)


@pytest.mark.slow
def test_the_largest_systems_take_a_training_step_in_one_process(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def from_scratch(system: str, **settings: Any) -> TrainConfig:
        return default_config(system, weights="none", **settings)  # no test fetches ImageNet weights

    monkeypatch.setattr("training.search.smoke.default_config", from_scratch)
    results = {result.system: result for result in smoke(data, LARGE, faces=8)}
    assert list(results) == list(LARGE)
    for system, result in results.items():
        assert result.loss is not None and 0 < result.loss < 50, system
        assert result.accuracy is not None, system


def test_the_command_prints_a_row_a_system(data: Path) -> None:
    done = CliRunner().invoke(app, ["smoke", "--data", str(data), "--systems", "happy-sad", "--faces", "8"])
    assert done.exit_code == 0, done.output
    header, row = done.stdout.splitlines()
    assert header.split() == ["system", "protocol", "parameters", "weights", "seconds", "loss", "accuracy"]
    assert row.split()[:4] == ["happy-sad", "P2", "249,238", "none"]


def test_the_command_prints_json(data: Path) -> None:
    done = CliRunner().invoke(app, ["smoke", "--data", str(data), "--systems", "happy-sad", "--faces", "8", "--json"])
    (entry,) = json.loads(done.stdout)
    assert (entry["system"], entry["parameters"]) == ("happy-sad", 249_238)


@pytest.mark.parametrize("wrong", [["--systems", "theirs"], ["--systems", "happy-sad", "--data", "nowhere"]])
def test_an_error_is_not_preceded_by_an_empty_table(data: Path, wrong: list[str]) -> None:
    done = CliRunner().invoke(app, ["smoke", "--data", str(data), *wrong])
    assert done.exit_code in {1, 2}
    assert done.stdout == ""
    assert "error: " in done.stderr


def test_an_unknown_system_stops_before_anything_is_trained(data: Path) -> None:
    with pytest.raises(ConfigError, match="unknown system 'theirs'"):
        next(smoke(data, ("happy-sad", "theirs")))
