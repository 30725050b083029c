"""A command that is stopped says what goes on from where, and TensorFlow's notes while it loads are not shown."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from command import heed_sigint
from labelled_faces import write_dataset

from training.commands.frame import AGAIN, RESUMES, frame

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("advice", [AGAIN, RESUMES])
def test_an_interrupted_command_says_how_it_goes_on(capsys: pytest.CaptureFixture[str], advice: str) -> None:
    with pytest.raises(typer.Exit) as caught, frame(interrupted=advice, keras=False):
        raise KeyboardInterrupt
    assert caught.value.exit_code == 130
    assert capsys.readouterr().err == f"interrupted: {advice}\n"


def test_the_advice_after_an_interrupted_training_works(tmp_path: Path) -> None:
    data, run = write_dataset(tmp_path / "data", faces=16), tmp_path / "run"
    command = [
        sys.executable,
        "-m",
        "training",
        "train",
        "--system",
        "happy-sad",
        "--data",
        str(data),
        "--workdir",
        str(run),
    ]
    command += ["--epochs", "5000"]

    def interrupted(command: list[str], when: Callable[[], bool]) -> str:
        """What the command says on stderr when it is interrupted then."""
        process = subprocess.Popen(
            command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=heed_sigint
        )
        while not when():
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
        assert process.returncode == 130
        return said

    said = interrupted(command, (run / "checkpoint.npz").exists)
    assert f"interrupted: {RESUMES}" in said
    assert "absl::InitializeLog" not in said
    history = (run / "history.json").read_text()
    again = interrupted([*command, "--resume"], lambda: len((run / "history.json").read_text()) > len(history))
    assert "interrupted" in again
    assert (run / "history.json").read_text().startswith(history.rstrip("]\n "))
