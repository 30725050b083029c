"""Progress on a terminal; silent where the output is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from classroom_fer.lesson.records import Advanced, StageFinished, StageStarted
from classroom_fer.lesson.records import Progress as Event
from classroom_fer.lesson.timecode import format_time
from classroom_fer.terminal import escaped


class FilmBar:
    """The bar of one film; shows nothing where there are no bars."""

    def __init__(self, title: str, bars: Progress | None) -> None:
        self._bars, self._title = bars, escape(escaped(title))
        self._row = None if bars is None else bars.add_task("", title=self._title, detail="", total=None)

    def __call__(self, event: Event) -> None:
        """Shows one event of the pipeline."""
        bars, row = self._bars, self._row
        if bars is None or row is None:
            return
        total = next(task.total for task in bars.tasks if task.id == row)
        match event:
            case StageStarted(stage=stage, total_s=stage_s):
                bars.reset(row, description=stage, total=stage_s, title=self._title, detail="")
            case Advanced(done_s=done, faces=faces):
                detail = f"{format_time(done)} / {format_time(total or 0)}  {faces} faces"
                bars.update(row, completed=done, detail=detail)
            case StageFinished():
                bars.update(row, completed=total)

    def remove(self) -> None:
        """The film has ended."""
        if self._bars is not None and self._row is not None:
            self._bars.remove_task(self._row)
            self._row = None


class ProgressBars:
    """A bar for each film that is on its way: stage, film time done over duration, faces so far, time left.

    Args:
        films: how many there are; of several, one more bar counts those that have ended.
    """

    def __init__(self, *, films: int = 1, quiet: bool) -> None:
        self._films, self._ended = films, 0
        self._bars: Progress | None = None
        self._all: TaskID | None = None
        self._quiet = quiet or not sys.stderr.isatty()

    def __enter__(self) -> ProgressBars:
        if not self._quiet:
            self._bars = Progress(
                TextColumn("{task.fields[title]}"),
                TextColumn("{task.description}", style="cyan"),
                BarColumn(bar_width=None),
                TextColumn("{task.fields[detail]}"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._bars.start()
            if self._films > 1:
                self._all = self._bars.add_task("", title="all films", detail=f"0 / {self._films}", total=self._films)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def film(self, title: str) -> FilmBar:
        """What shows the events of one film; ``title`` names it."""
        return FilmBar(title, self._bars)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """No bar is drawn inside the block, so that it can print."""
        if self._bars is not None:
            self._bars.stop()
        try:
            yield
        finally:
            if self._bars is not None:
                self._bars.start()

    def count_film(self) -> None:
        """One film more has ended."""
        self._ended += 1
        if self._bars is not None and self._all is not None:
            self._bars.update(self._all, completed=self._ended, detail=f"{self._ended} / {self._films}")
