"""The same code runs on torch and JAX without TensorFlow: the same network, and a run that goes on after kill -9.

Importing Keras and compiling cost seconds on every backend, so JAX has one process and torch the two that a real
kill -9 needs.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import keras
import numpy as np
import pytest
from labelled_faces import write_dataset

from training.settings.systems import default_config
from training.zoo import build_model

TESTS = Path(__file__).resolve().parents[2]
START = f"""
import os, signal, sys
from importlib.machinery import PathFinder
from pathlib import Path
find = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name.split(".")[0] == "tensorflow" else find(name, *rest)
sys.path[:0] = [{str(TESTS.parent)!r}, {str(TESTS)!r}]
import keras, numpy as np
from labelled_faces import tiny_config
from training.__main__ import app
from training.runs import train
from training.runs.train import train_and_evaluate
from training.runs.watch import Watch
from training.settings.systems import default_config
from training.zoo import build_model
train.STATISTICS_SPANS = 0.5  # a few batches where a real run gathers forty, each operation on its own
"""
NETWORK = """
folder = Path(sys.argv[1])
model = build_model(default_config("cnn-attention"))
model.load_weights(folder / "m.weights.h5")
np.save(folder / "logits.npy", keras.ops.convert_to_numpy(model(np.load(folder / "faces.npy"))))
"""
WHOLE_THEN_CUT = """
folder = Path(sys.argv[1])
config = tiny_config(folder / "data", epochs=2, batch=4, widths=(8,), blocks=(1,), ema=0.9)
train_and_evaluate(config, folder / "whole")
class Cut(BaseException):
    pass
def cut(epoch, step, steps):
    if (epoch, step) == (1, 2):
        os.kill(os.getpid(), signal.SIGKILL) if "kill" in sys.argv else exec("raise Cut")
try:
    train_and_evaluate(config, folder / "cut", watch=Watch(step=cut))
except Cut:
    pass
"""
RESUME = """
app(["train", "--workdir", str(Path(sys.argv[1]) / "cut"), "--resume", "--json"])
"""


def python(backend: str, code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"KERAS_BACKEND": backend, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-c", START + code, *map(str, arguments)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, cwd=TESTS.parent)


def check(folder: Path, backend: str, done: subprocess.CompletedProcess[str]) -> None:
    """The run that was cut off, and went on by command, is the uninterrupted run."""
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert (record["backend"], record["epochs_done"], record["finished"]) == (backend, 2, True)
    expected, found = (json.loads((folder / run / "history.json").read_text()) for run in ("whole", "cut"))
    assert [e["loss"] for e in found] == pytest.approx([e["loss"] for e in expected], rel=1e-5)
    assert [e["accuracy"] for e in found] == [e["accuracy"] for e in expected]
    with np.load(folder / "whole" / "checkpoint.npz") as a, np.load(folder / "cut" / "checkpoint.npz") as b:
        for name in a.files:
            np.testing.assert_allclose(a[name], b[name], rtol=1e-4, atol=1e-6)


@pytest.mark.slow  # importing Keras on torch, twice
def test_on_torch_the_network_is_the_same_and_a_run_goes_on_after_kill_9(tmp_path: Path) -> None:
    write_dataset(tmp_path / "data")
    model = build_model(default_config("cnn-attention"))
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48, 1)).astype(np.float32)
    model.save_weights(tmp_path / "m.weights.h5")
    np.save(tmp_path / "faces.npy", faces)

    killed = python("torch", NETWORK + WHOLE_THEN_CUT, tmp_path, "kill")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(json.loads((tmp_path / "cut" / "history.json").read_text())) == 1
    # float32 convolutions of two libraries, summed in other orders
    logits = keras.ops.convert_to_numpy(model(faces))
    np.testing.assert_allclose(np.load(tmp_path / "logits.npy"), logits, rtol=1e-3, atol=1e-4)
    check(tmp_path, "torch", python("torch", RESUME, tmp_path))


@pytest.mark.slow  # importing and compiling
def test_on_jax_a_run_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    write_dataset(tmp_path / "data")
    check(tmp_path, "jax", python("jax", WHOLE_THEN_CUT + RESUME, tmp_path))
