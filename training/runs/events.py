"""TensorBoard's event files without TensorFlow: scalars of every epoch.

Only TensorBoard's record format and messages are used. Its own writers import TensorFlow where it is installed, and
tensorboardX imports torch, which after TensorFlow kills the process (see docs/dependencies.md).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

from training.files.folders import made_folder
from training.runs.history import EpochResult

TAGS = {
    "loss": "loss/train", "loss_validation": "loss/validation", "accuracy": "accuracy/validation",
    "train_accuracy": "accuracy/train", "learning_rate": "learning_rate", "seconds": "seconds",
}  # fmt: skip


class EventLog:
    """One event file in ``folder``: the curve so far, written anew, then an entry an epoch as they come.

    Older files are removed: a resumed run's curve is in its newest file, each epoch once.
    """

    def __init__(self, folder: Path, history: Sequence[EpochResult] = ()) -> None:
        made_folder(folder, "--workdir")
        for old in folder.glob("events.out.tfevents.*.classroom-fer"):
            old.unlink()
        self._path = folder / f"events.out.tfevents.{time.time_ns() // 1_000_000_000:010d}.classroom-fer"
        self._history = history

    def __enter__(self) -> EventLog:
        self._file: BinaryIO = self._path.open("wb")
        left = sum(entry.seconds for entry in self._history)
        self._write(event_pb2.Event(wall_time=time.time() - left, file_version="brain.Event:2").SerializeToString())
        for entry in self._history:
            left -= entry.seconds
            self.add(entry, at=time.time() - left)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, entry: EpochResult, *, at: float | None = None) -> None:
        """The scalars of one epoch; ``at`` is Unix time in seconds (default: now)."""
        found = {tag: getattr(entry, name) for name, tag in TAGS.items()}
        values = [summary_pb2.Summary.Value(tag=t, simple_value=v) for t, v in found.items() if v is not None]
        event = event_pb2.Event(
            wall_time=time.time() if at is None else at, step=entry.epoch, summary=summary_pb2.Summary(value=values)
        )
        self._write(event.SerializeToString())

    def _write(self, record: bytes) -> None:
        RecordWriter(self._file).write(record)
        self._file.flush()
