"""Where a user's folder or file cannot be, the error says where, why and which option names another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from classroom_fer.errors import ConfigError
from training.__main__ import app
from training.evaluation.results_kfold import save_cross_validation
from training.files.folders import made_folder, write_text
from training.runs.events import EventLog
from training.search.cross_validation import CrossValidation, FoldResult


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    path.write_text("{}")
    return path


def test_a_folder_is_made_with_those_above_it_and_one_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    assert made_folder(tmp_path / "a" / "b", "--out").is_dir()
    assert made_folder(tmp_path, "--out") == tmp_path
    assert {path.name for path in tmp_path.iterdir()} == {"kept", "a"}
    assert not list((tmp_path / "a" / "b").iterdir())


@pytest.mark.parametrize("below", ["", "run", "runs/run"])
def test_a_file_is_no_folder(file: Path, below: str) -> None:
    with pytest.raises(ConfigError, match=r"config\.json.*: cannot be written \(Not a directory\)") as caught:
        made_folder(file / below, "--workdir")
    assert caught.value.hint == "name another folder with --workdir"


@pytest.mark.parametrize("path", ["/proc", "/proc/x"])
def test_a_folder_in_which_nothing_can_be_made_is_refused(path: str) -> None:
    """/proc is such a folder for root too."""
    with pytest.raises(ConfigError, match=f"{path}: cannot be written"):
        made_folder(Path(path), "--workdir")


def test_a_file_is_written_with_its_folder_or_refused(tmp_path: Path) -> None:
    write_text("é", tmp_path / "a" / "page.md", "name another file with --page")
    assert (tmp_path / "a" / "page.md").read_text(encoding="utf-8") == "é"
    with pytest.raises(ConfigError, match=r"a: cannot be written \(Is a directory\)") as caught:
        write_text("", tmp_path / "a", "name another file with --page")
    assert caught.value.hint == "name another file with --page"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["train", "--data", "nowhere", "--workdir", "FILE"], "another folder with --workdir"),
        (["train", "--data", "nowhere", "--workdir", "/proc/x"], "another folder with --workdir"),
        (["tune", "--space", "batch=1,2", "--data", "nowhere", "--workdir", "FILE"], "another folder with --workdir"),
        (["results", "--page", "/proc/x/y.md"], "another file with --page"),
    ],
)
def test_commands_do_not_call_it_a_bug(file: Path, arguments: list[str], hint: str) -> None:
    done = CliRunner().invoke(app, [str(file) if word == "FILE" else word for word in arguments])
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr
    assert done.stderr.splitlines()[-1] == f"hint: name {hint}"


def cross_validation(**changes: Any) -> CrossValidation:
    results = tuple(FoldResult(1, fold, 0.9, 0.3, 40, 100, 10.0, f"runs/{fold}") for fold in (1, 2))
    return CrossValidation("happy-sad", "P2", 2, 1, results, **changes)


def test_event_files_and_kept_results_say_it_too(file: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written"):
        EventLog(file / "tensorboard")
    with pytest.raises(ConfigError, match="cannot be written") as caught:
        save_cross_validation(cross_validation(), file / "kfold")
    assert "--save-result" in caught.value.hint
