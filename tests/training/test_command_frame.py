"""A command that is stopped says what goes on from where, and TensorFlow's notes while it loads are not shown."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer
from faces import write_dataset

from training.command_frame import AGAIN, RESUMES, frame

ROOT = Path(__file__).resolve().parents[2]


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
    long = subprocess.Popen(
        [*command, "--epochs", "5000"], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # a test runner may ignore it
    )  # fmt: skip
    while not (run / "checkpoint.npz").exists():
        assert long.poll() is None, long.communicate()
        time.sleep(0.05)
    os.kill(long.pid, signal.SIGINT)
    said = long.communicate()[1]
    assert long.returncode == 130
    assert f"interrupted: {RESUMES}" in said
    assert "absl::InitializeLog" not in said
    history = (run / "history.json").read_text()
    # nothing but the advice: the same command with --resume; a second Ctrl-C ends it
    again = subprocess.Popen(
        [*command, "--epochs", "5000", "--resume"], cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    while len((run / "history.json").read_text()) <= len(history):
        assert again.poll() is None, again.communicate()
        time.sleep(0.05)
    os.kill(again.pid, signal.SIGINT)
    assert "interrupted" in again.communicate()[1]
    assert (run / "history.json").read_text().startswith(history.rstrip("]\n "))
