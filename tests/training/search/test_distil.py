"""Teachers, then the student that learns from them; a chain that was cut off goes on where it stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import pytest
from labelled_faces import tiny_config, write_dataset
from typer.testing import CliRunner

from training.__main__ import app
from training.commands.distil import DistilOptions
from training.runs.folder import read_record
from training.runs.watch import Watch
from training.search.distil import chain, distil
from training.settings.systems import default_config
from training.zoo import build_model, multiply_adds

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


def test_the_teacher_is_trained_first_and_a_finished_chain_is_not_repeated(tmp_path: Path) -> None:
    config = tiny_config(write_dataset(tmp_path / "data"), epochs=1)
    links = chain([replace(config, seed=2)], config, tmp_path / "chain")
    heard: list[str] = []
    watch = Watch(run=lambda name, epochs: heard.append(f"{name} {epochs}"), epoch=lambda _: heard.append("epoch"))
    first = distil(links, watch=watch)
    assert heard == ["ours 1", "epoch", "ours 1", "epoch"]
    student = read_record(tmp_path / "chain" / "student")
    assert student is not None
    assert student["teachers"] == [(tmp_path / "chain" / "ours").as_posix()]
    heard.clear()
    assert distil(links, resume=True, watch=watch) == first
    assert heard == ["ours 1", "ours 1"], "no epoch is trained again"


def test_the_student_is_small_enough_and_its_teachers_share_its_data() -> None:
    options = DistilOptions(teachers="mobilenet-v2, ours", teacher_epochs=3, settings=["seed=7"], data=Path("there"))
    student = options.config(default_config("student"))
    teachers = options.teacher_configs(student)
    assert [(t.system, t.epochs, t.seed, t.data) for t in teachers] == [
        ("mobilenet-v2", 3, 7, Path("there")),
        ("ours", 3, 7, Path("there")),
    ]
    model = build_model(student)
    assert multiply_adds(model) <= 40e6
    assert 4 * model.count_params() <= 6e6


def test_the_command_says_what_became_of_each_run(tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data")
    small = ["--set", "widths=8,16", "--set", "blocks=1,1", "--set", "ema=0", "--set", "batch=8"]
    arguments = ["--teachers", "", "--epochs", "1", "--data", str(data), "--workdir", str(tmp_path / "chain"), *small]
    done = CliRunner().invoke(app, ["distil", *arguments, "--json"])
    assert done.exit_code == 0, done.output
    (record,) = json.loads(done.stdout)
    assert (record["run"], record["system"], record["epochs_done"]) == (
        (tmp_path / "chain" / "student").as_posix(), "student", 1,
    )  # fmt: skip
