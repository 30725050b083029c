"""The list of commands loads none of them; a command that is stopped says what goes on from where."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import heed_sigint
from labelled_faces import write_dataset
from typer.testing import CliRunner

from training.__main__ import Commands, app
from training.commands.progress import RESUMES

ROOT = Path(__file__).resolve().parents[2]


def test_help_lists_every_command_and_loads_no_keras() -> None:
    code = (
        "import sys\nfrom training.__main__ import Commands, app\ntry: app(['--help'])\nexcept SystemExit: pass\n"
        "sys.stderr.write('LOADED ' + ' '.join({'keras', 'tensorflow', 'torch', 'optuna', 'cv2'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == "LOADED "
    for name in Commands.lazy:
        assert f"\n  {name} " in done.stdout


@pytest.mark.parametrize("name", Commands.lazy)
def test_a_listed_command_says_of_itself_what_its_module_says(name: str) -> None:
    lazy = Commands.lazy[name]
    real = lazy.load(name)
    assert real.help is not None
    assert lazy.help == " ".join(real.help.split("\n\n")[0].split())


def test_the_advice_after_an_interrupted_training_works(tmp_path: Path) -> None:
    data, run = write_dataset(tmp_path / "data", faces=16), tmp_path / "run"
    arguments = ["train", "--system", "happy-sad", "--data", str(data), "--workdir", str(run)]
    command = [sys.executable, "-m", "training", *arguments, "--epochs", "5000"]

    process = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=heed_sigint
    )
    while not (run / "checkpoint.npz").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1]
    assert process.returncode == 130
    assert f"interrupted: {RESUMES}" in said
    assert "absl::InitializeLog" not in said
    history = (run / "history.json").read_text()
    done = len(json.loads(history))
    again = CliRunner().invoke(app, [*arguments, "--epochs", str(done + 1), "--resume", "--json"])
    assert json.loads(again.stdout)["epochs_done"] == done + 1
    assert (run / "history.json").read_text().startswith(history.rstrip("]\n "))
