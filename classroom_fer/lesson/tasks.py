"""Reading the tasks file: which part of the lesson was what.

The format and the list of mistakes are in ``docs/tasks.md``. Besides our own ``task,start,end[,mode][,video]`` the
tables of tools that researchers already use are read by their headers: BIDS ``*_events.tsv``, BORIS aggregated events
and PySceneDetect scene lists. Every mistake is found in one pass and told with line, column and remedy.
"""

from __future__ import annotations

import csv
import difflib
import io
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from classroom_fer.errors import TaskFileError
from classroom_fer.lesson.records import TASK_MODES, Task
from classroom_fer.lesson.timecode import format_time, parse_time

END_TOLERANCE_S = 1.0
"""A task may end this much after the film and is cut there: clocks and containers round (choice)."""
WHOLE_LESSON = "Whole lesson"
MAX_PROBLEMS = 20
"""Mistakes that one message lists; a wrong file usually repeats one (choice)."""
NAME_LIMIT = 500
"""Characters of a task name that are kept; more is surely not a name (choice)."""

HINT = "see docs/tasks.md for an example; in Excel choose 'CSV UTF-8 (Comma delimited)'"


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which columns of a known table hold what; names are lower case."""

    task: str
    start: str
    end: str
    mode: str | None = None
    video: str | None = None
    end_is_duration: bool = False
    allowed: frozenset[str] | None = None
    """The only columns allowed; None = further columns are ignored."""
    numbered: bool = False
    """Names repeat or are numbers: print them as "Scene 1" or number repeats."""


_OWN = _Layout("task", "start", "end", "mode", "video", allowed=frozenset({"task", "start", "end", "mode", "video"}))
_FOREIGN = (
    _Layout("trial_type", "onset", "duration", end_is_duration=True, numbered=True),
    _Layout("behavior", "start (s)", "stop (s)", numbered=True),
    _Layout("scene number", "start time (seconds)", "end time (seconds)", numbered=True),
)


def whole_lesson(start_s: float, end_s: float) -> tuple[Task, ...]:
    """The one task of a lesson without a tasks file: all that is analysed."""
    return (Task(WHOLE_LESSON, start_s, end_s, "board"),)


def gaps(tasks: Sequence[Task], duration_s: float) -> list[tuple[float, float]]:
    """Stretches longer than a second that belong to no task, in order.

    >>> gaps([Task("a", 10, 20)], 30)
    [(0.0, 10), (20, 30)]
    """
    edges = [0.0, *itertools.chain.from_iterable((t.start_s, t.end_s) for t in tasks), duration_s]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(a, b) for a, b in pairs if b - a > 1.0]


def read_tasks(path: Path, *, duration_s: float | None = None, video: str | None = None) -> tuple[Task, ...]:
    """Tasks of one film, in order of time.

    Args:
        path: the tasks file.
        duration_s: length of the film; tasks that end later are mistakes. None = not known.
        video: file name of the film; rows with another name in the ``video`` column are left out.

    Raises:
        TaskFileError: the file cannot be read, or holds mistakes (all of them, a line each).
    """
    text = _decode(path)
    rows = list(_rows(path, text))
    return _Reader(path, duration_s, video).read(rows, _delimiter(text))


def _decode(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise TaskFileError(f"{path}: no such tasks file", hint="check the path given to --tasks") from error
    except OSError as error:
        raise TaskFileError(f"{path}: cannot be read ({error.strerror})", hint="give a readable CSV file") from error
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise TaskFileError(f"{path}: this is a workbook, not a CSV file", hint="save it as 'CSV UTF-8' and give that")
    if not data.strip():
        raise TaskFileError(f"{path}: the file is empty", hint="its first line must be: task,start,end")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise TaskFileError(
            f"{path}, line {line}: the file is not UTF-8 text (byte 0x{data[error.start]:02x})",
            hint="save it as 'CSV UTF-8' (Excel: Save as, CSV UTF-8)",
        ) from error


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _rows(path: Path, text: str) -> Iterable[tuple[int, list[str]]]:
    """(line number, cells) of each line that is not blank."""
    reader = csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=_delimiter(text))
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        raise TaskFileError(f"{path}, line {reader.line_num}: {error}", hint=HINT) from error


class _Reader:
    """One reading of one file; gathers the mistakes on the way."""

    def __init__(self, path: Path, duration_s: float | None, video: str | None) -> None:
        self.path, self.duration_s, self.video = path, duration_s, video
        self.problems: list[str] = []
        self.decimal_comma = False

    def read(self, rows: list[tuple[int, list[str]]], delimiter: str) -> tuple[Task, ...]:
        self.decimal_comma = delimiter != ","
        if rows and rows[0][1][0].lower().startswith("timecode list"):
            rows = rows[1:]
        if not rows:
            raise TaskFileError(f"{self.path}: no header line", hint=HINT)
        line, names = rows[0][0], [name.lower() for name in rows[0][1]]
        layout = self._layout(line, names)
        self._raise()
        found = [self._task(number, dict(zip(names, cells, strict=False)), layout) for number, cells in rows[1:]]
        lines = {id(task): number for (number, _), task in zip(rows[1:], found, strict=True) if task}
        tasks = sorted((task for task in found if task), key=lambda task: (task.start_s, task.end_s))
        if layout.numbered:
            tasks = _numbered(tasks, lines, scenes=layout.task == "scene number")
        self._between(tasks, lines)
        if not tasks and not self.problems:
            which = f" for the film {self.video!r}" if self.video and len(rows) > 1 else ""
            self.problems.append(f"{self.path}: no task{which}; write at least one line below the header")
        self._raise()
        return tuple(self._cut(task) for task in tasks)

    def _layout(self, line: int, names: list[str]) -> _Layout:
        for layout in _FOREIGN:
            if {layout.task, layout.start, layout.end} <= set(names):
                return layout
        assert _OWN.allowed is not None
        for name in ("task", "start", "end"):
            if name not in names:
                self._say(line, name, f"this column is missing (found: {', '.join(names)})", "add it to the header")
        for index, name in enumerate(names):
            if name and name not in _OWN.allowed:
                near = difflib.get_close_matches(name, _OWN.allowed, n=1)
                remedy = f"did you mean {near[0]!r}?" if near else "remove it; known are task, start, end, mode, video"
                self._say(line, name, "unknown column", remedy)
            elif name and name in names[:index]:
                self._say(line, name, "this column stands twice", "remove one of them")
        return _OWN

    def _task(self, line: int, row: dict[str, str], layout: _Layout) -> Task | None:
        wanted = row.get(layout.video or "", "")
        if self.video and wanted and wanted != self.video:
            return None
        before = len(self.problems)
        name = " ".join(row.get(layout.task, "").split())[:NAME_LIMIT]
        if not name:
            self._say(line, layout.task, "the task has no name", "give it one")
        start = self._time(line, layout.start, row)
        end = self._time(line, layout.end, row)
        if layout.end_is_duration and start is not None and end is not None:
            end += start
        mode = row.get(layout.mode or "", "").lower() or "board"
        if mode not in TASK_MODES:
            near = difflib.get_close_matches(mode, TASK_MODES, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(TASK_MODES)}"
            self._say(line, "mode", f"wrong mode {mode!r}", remedy)
        if start is not None and end is not None:
            self._order(line, layout, start, end)
        if len(self.problems) > before or start is None or end is None:
            return None
        return Task(name, start, end, mode)  # type: ignore[arg-type]  # checked against TASK_MODES above

    def _time(self, line: int, column: str, row: dict[str, str]) -> float | None:
        text = row.get(column, "")
        if not text:
            self._say(line, column, "the time is missing", "write seconds or [HH:]MM:SS")
            return None
        try:
            return parse_time(text, decimal_comma=self.decimal_comma)
        except ValueError as error:
            self._say(line, column, f"{text!r} {error}", "write seconds (90.5) or [HH:]MM:SS (1:30)")
            return None

    def _order(self, line: int, layout: _Layout, start: float, end: float) -> None:
        if end <= start:
            what = "ends before it starts" if end < start else "has no length"
            times = f"({format_time(start)} to {format_time(end)})"
            self._say(line, layout.end, f"the task {what} {times}", "swap or correct start and end")
        elif self.duration_s is not None and (end > self.duration_s + END_TOLERANCE_S or start >= self.duration_s):
            self._say(
                line,
                layout.end,
                f"{format_time(end)} is past the end of the film ({format_time(self.duration_s)})",
                "correct it (Excel may have turned minutes:seconds into hours:minutes)",
            )

    def _between(self, tasks: Sequence[Task], lines: dict[int, int]) -> None:
        first_with: dict[str, int] = {}
        for task in tasks:
            line = lines.get(id(task), 0)
            if task.name in first_with:
                self._say(
                    line, "task", f"the name {task.name!r} stands in line {first_with[task.name]} too", "number them"
                )
            first_with.setdefault(task.name, line)
        for one, other in itertools.pairwise(tasks):
            if other.start_s < one.end_s:
                self._say(
                    lines.get(id(other), 0),
                    "start",
                    f"{other.name!r} begins at {format_time(other.start_s)}, before {one.name!r} "
                    f"(line {lines.get(id(one), 0)}) ends at {format_time(one.end_s)}",
                    "tasks may not overlap",
                )

    def _cut(self, task: Task) -> Task:
        if self.duration_s is None or task.end_s <= self.duration_s:
            return task
        return Task(task.name, min(task.start_s, self.duration_s), self.duration_s, task.mode)

    def _say(self, line: int, column: str, what: str, remedy: str) -> None:
        self.problems.append(f"{self.path}, line {line}, column {column!r}: {what}; {remedy}")

    def _raise(self) -> None:
        if self.problems:
            more = len(self.problems) - MAX_PROBLEMS
            shown = self.problems[:MAX_PROBLEMS] + ([f"... and {more} more"] if more > 0 else [])
            raise TaskFileError("\n".join(shown), hint=HINT)


def _numbered(tasks: Sequence[Task], lines: dict[int, int], *, scenes: bool) -> list[Task]:
    """Names made unique: scenes by number, repeated conditions as "name (2)"."""
    seen: dict[str, int] = {}
    result = []
    for task in tasks:
        name = f"Scene {task.name}" if scenes else task.name
        seen[name] = seen.get(name, 0) + 1
        renamed = Task(name if seen[name] == 1 else f"{name} ({seen[name]})", task.start_s, task.end_s, task.mode)
        lines[id(renamed)] = lines[id(task)]
        result.append(renamed)
    return result
