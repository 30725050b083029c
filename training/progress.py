"""Progress of a training run: a bar on a terminal, a line an epoch elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from classroom_fer.commands.console import say

if TYPE_CHECKING:
    from training.train import EpochResult


class TrainingProgress:
    """Give its ``step`` and ``epoch`` to `train_and_evaluate`."""

    def __init__(self, epochs: int) -> None:
        self._epochs = epochs
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        self._task = self._bar.add_task("starting", total=None)

    def __enter__(self) -> TrainingProgress:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def step(self, epoch: int, step: int, steps: int) -> None:
        """``epoch`` from 0, ``step`` from 1."""
        label = f"epoch {epoch + 1} of {self._epochs}"
        self._bar.update(self._task, description=label, completed=epoch * steps + step, total=self._epochs * steps)

    def epoch(self, result: EpochResult) -> None:
        """One line, kept on screen and in logs."""
        line = (
            f"epoch {result.epoch}/{self._epochs}  loss {result.loss:.4f}  PublicTest {result.accuracy:.4f} "
            f"(cross-entropy {result.loss_validation:.4f})  {result.seconds:.0f} s"
        )
        if self._bar.disable:
            say(line)
        else:
            self._bar.console.print(line, highlight=False)
