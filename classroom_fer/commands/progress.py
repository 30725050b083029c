"""Progress on a terminal; silent where the output is no terminal."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from classroom_fer.lesson.records import Advanced, StageFinished, StageStarted
from classroom_fer.lesson.records import Progress as Event
from classroom_fer.lesson.timecode import format_time
from classroom_fer.terminal import escaped


class ProgressBar:
    """One bar per film: stage, film time done over duration, faces so far, time left."""

    def __init__(self, title: str, *, quiet: bool) -> None:
        self._title = escape(escaped(title))
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._quiet = quiet or not sys.stderr.isatty()

    def __enter__(self) -> ProgressBar:
        if not self._quiet:
            self._bar = Progress(
                TextColumn("{task.fields[title]}"),
                TextColumn("{task.description}", style="cyan"),
                BarColumn(bar_width=None),
                TextColumn("{task.fields[detail]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
            )
            self._bar.start()
            self._task = self._bar.add_task("", title=self._title, detail="", total=None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, event: Event) -> None:
        """Shows one event of the pipeline."""
        if self._bar is None or self._task is None:
            return
        match event:
            case StageStarted(stage=stage, total_s=total):
                self._bar.reset(self._task, description=stage, total=total, title=self._title, detail="")
            case Advanced(done_s=done, faces=faces):
                total = self._bar.tasks[0].total or 0
                detail = f"{format_time(done)} / {format_time(total)}  {faces} faces"
                self._bar.update(self._task, completed=done, detail=detail)
            case StageFinished():
                self._bar.update(self._task, completed=self._bar.tasks[0].total)
