"""TensorBoard reads what a run writes, each epoch once, and TensorFlow is not needed for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring

from training.runs.events import EventLog
from training.runs.history import EpochResult

HISTORY = [EpochResult(1, 2.5, None, None, 3.0, 0.1, 0.25), EpochResult(2, 2.0, 0.5, 1.5, 3.0, 0.2, 0.5)]


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(folder))
    read.Reload()
    return {tag: [(e.step, round(e.value, 6)) for e in read.Scalars(tag)] for tag in read.Tags()["scalars"]}


def test_tensorboard_reads_the_curve(tmp_path: Path) -> None:
    with EventLog(tmp_path) as events:
        for entry in HISTORY:
            events.add(entry)
    assert scalars(tmp_path) == {
        "loss/train": [(1, 2.5), (2, 2.0)], "loss/validation": [(2, 1.5)], "accuracy/validation": [(2, 0.5)],
        "accuracy/train": [(1, 0.25), (2, 0.5)], "learning_rate": [(1, 0.1), (2, 0.2)],
        "seconds": [(1, 3.0), (2, 3.0)],
    }  # fmt: skip


def test_a_resumed_run_has_each_epoch_once(tmp_path: Path) -> None:
    with EventLog(tmp_path) as events:
        for entry in HISTORY:
            events.add(entry)
    with EventLog(tmp_path, HISTORY[:1]) as events:
        events.add(HISTORY[1])
    assert scalars(tmp_path)["loss/train"] == [(1, 2.5), (2, 2.0)]


def test_writing_loads_neither_tensorflow_nor_torch(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom training.runs.events import EventLog\n"
        "from training.runs.history import EpochResult\n"
        f"with EventLog(Path({str(tmp_path)!r})) as e: e.add(EpochResult(1, 2.0, None, None, 1.0))\n"
        "print({'tensorflow', 'torch', 'keras'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
