"""Progress of what takes long: a bar on a terminal, a line for each epoch or stage elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn

from classroom_fer.terminal import escaped, say
from training.runs.history import EpochResult
from training.runs.watch import Watch

RESUMES = "whole epochs are kept; the same command with --resume goes on from there"
AGAIN = "run it again"
"""What a user who stopped a command is told."""


class TerminalBar:
    """One bar on stderr while the block lasts; none where that is no terminal."""

    def __init__(self, *columns: ProgressColumn) -> None:
        self._bar = Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty())
        self._task = self._bar.add_task("starting", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()


class StageProgress(TerminalBar):
    """Stages of known length, one after the other."""

    def __init__(self) -> None:
        super().__init__(TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` of a stage are behind us."""
        if stage != self._stage and self._bar.disable:
            say(f"{stage} ...")
        if stage != self._stage:
            self._bar.reset(self._task, description=stage)
        self._stage = stage
        self._bar.update(self._task, completed=done, total=total)


class TrainingProgress(TerminalBar):
    """Epochs of runs. Give its ``watch`` to what trains."""

    def __init__(self, epochs: int) -> None:
        super().__init__(
            TextColumn("{task.description}"), BarColumn(bar_width=None), MofNCompleteColumn(), TimeRemainingColumn()
        )
        self._epochs = epochs
        self._name = ""

    @property
    def watch(self) -> Watch:
        """What to give to a run."""
        return Watch(run=self.run, step=self.step, epoch=self.epoch, note=say)

    def run(self, name: str, epochs: int | None = None) -> None:
        """From here on it is the run ``name``, of so many epochs."""
        self._name = f"{escaped(name)}  "
        self._epochs = epochs or self._epochs
        self._bar.reset(self._task, description=escape(self._name), total=None)

    def step(self, epoch: int, step: int, steps: int) -> None:
        """``epoch`` from 0, ``step`` from 1."""
        label = escape(f"{self._name}epoch {epoch + 1} of {self._epochs}")
        self._bar.update(self._task, description=label, completed=epoch * steps + step, total=self._epochs * steps)

    def epoch(self, result: EpochResult) -> None:
        """One line, kept on screen and in logs."""
        line = f"{self._name}{epoch_line(result, self._epochs)}"
        if self._bar.disable:
            say(line)
        else:
            self._bar.console.print(line, highlight=False, markup=False)


def epoch_line(result: EpochResult, epochs: int) -> str:
    """An epoch in words; an epoch that was not scored has no validation figures.

    >>> epoch_line(EpochResult(2, 1.25, None, None, 61.0, train_accuracy=0.5), 3)
    'epoch 2/3  loss 1.2500  training .5000  61 s'
    """
    parts = [f"epoch {result.epoch}/{epochs}", f"loss {result.loss:.4f}"]
    if result.train_accuracy is not None:
        parts.append(f"training {_share(result.train_accuracy)}")
    if result.accuracy is not None and result.loss_validation is not None:
        parts.append(f"validation {_share(result.accuracy)} (cross-entropy {result.loss_validation:.4f})")
    return "  ".join([*parts, f"{result.seconds:.0f} s"])


def _share(value: float) -> str:
    return f"{value:.4f}".removeprefix("0")
