"""The same command runs on torch and JAX without TensorFlow, and goes on after kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from labelled_faces import write_dataset

NO_TENSORFLOW = """
import sys
from importlib.machinery import PathFinder
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name.split(".")[0] == "tensorflow" else find(name, *rest)
"""
WHOLE_THEN_KILLED = """
import os, signal
from pathlib import Path
sys.path[:0] = [{root!r}, {tests!r}]
from labelled_faces import tiny_config
from training.runs.train import train_and_evaluate
data, whole, cut = (Path(p) for p in {paths!r})
config = tiny_config(data, epochs=2, batch=4, widths=(8,), blocks=(1,))
train_and_evaluate(config, whole)
def kill(epoch, step, steps):
    if (epoch, step) == (1, 2):
        os.kill(os.getpid(), signal.SIGKILL)
train_and_evaluate(config, cut, on_step=kill)
"""

COMMAND = """
from training.__main__ import app
app()
"""


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_a_run_that_was_killed_goes_on_by_command_and_is_the_uninterrupted_run(tmp_path: Path, backend: str) -> None:
    tests = Path(__file__).resolve().parents[2]
    root = tests.parent
    data, whole, cut = write_dataset(tmp_path / "data"), tmp_path / "whole", tmp_path / "cut"
    code = NO_TENSORFLOW + WHOLE_THEN_KILLED.format(
        root=str(root), tests=str(tests), paths=(str(data), str(whole), str(cut))
    )
    environment = os.environ | {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"}
    killed = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(json.loads((cut / "history.json").read_text())) == 1

    command = [sys.executable, "-c", NO_TENSORFLOW + COMMAND, "train", "--workdir", str(cut), "--resume", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=root)
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert (record["backend"], record["epochs_done"], record["finished"]) == (backend, 2, True)
    expected, found = (json.loads((run / "history.json").read_text()) for run in (whole, cut))
    assert [e["loss"] for e in found] == pytest.approx([e["loss"] for e in expected], rel=1e-5)
    assert [e["accuracy"] for e in found] == [e["accuracy"] for e in expected]
    with np.load(whole / "checkpoint.npz") as a, np.load(cut / "checkpoint.npz") as b:
        for name in a.files:
            np.testing.assert_allclose(a[name], b[name], rtol=1e-4, atol=1e-6)
