"""The commands say what they do, take every setting, and refuse with a hint."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from labelled_faces import tiny_config, write_dataset
from typer.testing import CliRunner

from training.__main__ import app
from training.commands.train import TrainOptions, stored_config
from training.settings.config import TrainConfig, save_config
from training.settings.systems import default_config


def options(**given: Any) -> TrainOptions:
    """As the command line makes them."""
    return TrainOptions(**given)


def test_flags_win_over_set_and_set_over_the_authors_settings() -> None:
    authors = default_config("baseline-cnn")
    config = options(system="baseline-cnn", settings=["epochs=7", "batch=9"], epochs=3).config()
    assert config == replace(authors, epochs=3, batch=9)
    assert options().config() == default_config("ours") == TrainConfig()


def test_a_resumed_run_keeps_its_settings_and_takes_those_that_are_given(tmp_path: Path) -> None:
    stored = replace(default_config("custom-cnn"), batch=48, seed=5)
    save_config(stored, tmp_path / "config.json")
    found = options(epochs=99).config(stored_config(tmp_path))
    assert found == replace(stored, epochs=99)
    assert stored_config(tmp_path / "nowhere") is None


@pytest.mark.parametrize("command", ["train", "kfold", "tune", "distil", "ensemble"])
def test_help_has_an_example_that_names_the_command(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert f"python -m training {command} " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["train", "--system", "theirs"], "unknown system 'theirs'", "baseline-cnn"),
        (["train", "--set", "epoch=3"], "unknown setting 'epoch'", "epochs"),
        (["train", "--optimizer", "lion"], "optimizer = 'lion' is not known", "adamw"),
        (["train", "--teacher", "nowhere", "--data", "DATA"], "no such run", "--workdir"),
        (["train", "--data", "nowhere"], "nowhere", ""),
        (["kfold", "--data", "nowhere"], "nowhere", ""),
        (["tune"], "nothing to search", "--space"),
        (["tune", "--space", "dropout=0..1", "--method", "grid", "--data", "DATA"], "a grid has no ranges", "random"),
        (["ensemble", "nowhere"], "no such run", "--workdir"),
        (["ensemble", "nowhere", "--shares", "best"], "shares 'best' are not known", "learned"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_hint(
    tmp_path: Path, arguments: list[str], message: str, hint: str
) -> None:
    if "DATA" in arguments:
        arguments = [str(write_dataset(tmp_path / "data")) if word == "DATA" else word for word in arguments]
    done = CliRunner().invoke(app, [*arguments, "--workdir", str(tmp_path / "run")])
    assert done.exit_code in {1, 2}
    lines = done.stderr.splitlines()
    first, second = lines[next(k for k, line in enumerate(lines) if line.startswith("error: ")) :][:2]
    assert message in first
    assert second.startswith("hint: ")
    assert hint in second


def test_an_ensemble_warns_of_reading_the_private_test_and_leaves_nothing_where_there_is_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["ensemble", "nowhere", "--split", "PrivateTest"])
    assert done.stderr.startswith("warning: PrivateTest is for one reading")
    assert not list(tmp_path.iterdir())


def test_a_folder_with_a_run_is_refused_before_the_data_are_read(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.npz").write_bytes(b"")
    done = CliRunner().invoke(app, ["train", "--data", "nowhere", "--workdir", str(tmp_path)])
    assert "already holds a run" in done.stderr


def test_the_result_of_a_run_is_shown_in_words_and_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def train(config: TrainConfig, folder: Path, **rest: object) -> None:
        kept = {"epoch": 4, "accuracy": 0.5}
        record = {
            "epochs_done": 6, "stopped_early": True, "seconds": 61.0, "parameters": 1234, "kept": kept,
        }  # fmt: skip
        (folder / "run.json").write_text(json.dumps(record))

    monkeypatch.setattr("training.commands.train.train_and_evaluate", train)
    folder, data = tmp_path / "run", write_dataset(tmp_path / "data")
    done = CliRunner().invoke(app, ["train", "--system", "baseline-cnn", "--data", str(data), "--workdir", str(folder)])
    expected = "6 epochs (stopped early) in 61 s, 1234 parameters; kept epoch 4, PublicTest accuracy 0.5000"
    assert done.stdout.strip() == f"{folder}: {expected}"


def test_a_run_that_is_finished_is_not_said_to_have_been_trained_now(tmp_path: Path) -> None:
    folder, data = tmp_path / "run", write_dataset(tmp_path / "data")
    folder.mkdir()
    save_config(tiny_config(data, widths=(8,), blocks=(1,), epochs=1), folder / "config.json")
    command = ["train", "--workdir", str(folder), "--resume"]
    first, again, longer = (CliRunner().invoke(app, [*command, *more]) for more in ([], [], ["--epochs", "2"]))
    assert first.stdout.startswith(f"{folder}: 1 epochs in ")
    assert again.stdout == first.stdout.replace(": 1", ": already finished: 1")
    assert longer.stdout.startswith(f"{folder}: 2 epochs in ")
