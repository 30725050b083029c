"""The appendix (``--appendix``): class values, bounds, sizes, base steps and settings as tables. Pure.

Like the pages before it prints what the result holds: small groups are hidden there already (safeguard S3).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from classroom_fer.lesson.records import Estimate, SessionResult, StoredSession, TaskSummary, TimelineBin
from classroom_fer.measurement.small_groups import FEW, NEARLY_ALL
from classroom_fer.report.formatting import clock, plain
from classroom_fer.report.view_records import Table
from classroom_fer.report.wording import Wording
from classroom_fer.settings.rules import Rules

ROW_S = 60.0
"""Seconds in one line of the table of steps (choice: an hour is 60 lines)."""
LINES = 130
"""Lines of steps that are printed; a longer lesson gets longer lines (choice: three pages)."""
NOTHING = "–"


def appendix_tables(session: StoredSession, result: SessionResult, rules: Rules, say: Wording) -> tuple[Table, ...]:
    """All tables that have something to say."""
    presence = session.start.profile == "presence"
    tables = [] if presence else [_values(result, rules, say)]
    if result.visibility.enough_seen:
        tables += [_sizes(result, say), *_steps(result, rules, presence, say)]
    return (*tables, _settings(session.start.settings, say))


def _values(result: SessionResult, rules: Rules, say: Wording) -> Table:
    heads = ("column_task", "column_steps", "column_faces", "column_seen", "column_o", "column_e", "column_readable",
             "column_bounds")  # fmt: skip
    ordered = sorted(result.tasks, key=lambda summary: summary.task.start_s)
    rows = tuple(_value_row(number, summary, say) for number, summary in enumerate(ordered, start=1))
    note = say("values_note", seconds=say.whole(rules.bins.seconds))
    return Table("values", say("values_title"), note, tuple(say(head) for head in heads), rows)


def _value_row(number: int, summary: TaskSummary, say: Wording) -> tuple[str, ...]:
    name, steps = f"{say.whole(number)}  {plain(summary.task.name, 40)}", say.whole(summary.bins)
    if summary.not_shown_because is not None or summary.n is None or summary.coverage is None:
        return (name, steps, *[NOTHING] * 6)
    readable = NOTHING if summary.readable is None else say.share(summary.readable)
    return (
        name, steps, say.whole(summary.n), say.share(summary.coverage), _interval(summary.orientation, say),
        _interval(summary.expression, say), readable, bounds(summary, say) or NOTHING,
    )  # fmt: skip


def _interval(estimate: Estimate | None, say: Wording) -> str:
    return NOTHING if estimate is None else say.interval(estimate, 100)


def bounds(summary: TaskSummary, say: Wording) -> str:
    """The range of O whatever the unseen faces did: C * O to C * O + 1 - C (docs/measurement.md, section 4)."""
    if summary.orientation is None or summary.coverage is None:
        return ""
    seen = summary.coverage * summary.orientation.value
    return f"{say.share(seen)} – {say.share(seen + 1 - summary.coverage)}"


def _sizes(result: SessionResult, say: Wording) -> Table:
    sizes = result.visibility.sizes
    total = max(1, sum(size.faces for size in sizes))
    rows = tuple((say.size(size), say.whole(size.faces), say.share(size.faces / total)) for size in sizes)
    heads = (say("column_size"), say("column_readings"), say("column_share"))
    return Table("sizes", say("sizes_title"), "", heads, rows)


@dataclass(frozen=True, slots=True)
class _Line:
    """One printed line of base steps."""

    start_s: float
    steps: dict[int, TimelineBin]
    """By their place in the line."""


def _steps(result: SessionResult, rules: Rules, presence: bool, say: Wording) -> list[Table]:
    """One line per minute: the index, the faces and the coverage of each base step in it."""
    if not result.bins:
        return []
    step_s = rules.bins.seconds
    length = result.bins[-1].end_s - result.bins[0].start_s
    places = max(1, min(12, round(ROW_S * max(1, -(-length // (ROW_S * LINES))) / step_s)))
    rows = tuple(_step_row(line, places, presence, say) for line in _lines(result.bins, step_s, places))
    heads = (() if presence else (say("formula_index"),)) + (say("faces_label"), say("coverage_label"))
    note = say("bins_note", row=say.whole(places * step_s))
    title = say("bins_title", seconds=say.whole(step_s))
    return [Table("steps", title, note, (say("column_time"), *heads), rows, (1, *[places] * len(heads)))]


def _lines(bins: Sequence[TimelineBin], step_s: float, places: int) -> list[_Line]:
    """Every bin in its place by time; a line begins with each task, whose bins are counted from its own start."""
    lines: list[_Line] = []
    task: str | None = None
    for bin_ in bins:
        place = round((bin_.start_s - lines[-1].start_s) / step_s) if lines else places
        if bin_.task != task or place >= places or place in lines[-1].steps:
            lines.append(_Line(bin_.start_s, {}))
            place, task = 0, bin_.task
        lines[-1].steps[place] = bin_
    return lines


def _step_row(line: _Line, places: int, presence: bool, say: Wording) -> tuple[str, ...]:
    def cells(text: Callable[[TimelineBin], str]) -> list[str]:
        return [text(line.steps[place]) if place in line.steps else "" for place in range(places)]

    def index(bin_: TimelineBin) -> str:
        return NOTHING if bin_.engagement is None else say.whole(bin_.engagement.value)

    def faces(bin_: TimelineBin) -> str:
        return NOTHING if bin_.faces is None else say.whole(bin_.faces)

    def seen(bin_: TimelineBin) -> str:
        return NOTHING if bin_.coverage is None else say.whole(100 * min(NEARLY_ALL, max(FEW, bin_.coverage)))

    return (clock(line.start_s), *([] if presence else cells(index)), *cells(faces), *cells(seen))


def _settings(settings: Mapping[str, Any], say: Wording) -> Table:
    """Two settings a line, the first half beside the second."""
    cells = [(name, plain(str(value), 60)) for name, value in flattened(settings)]
    half = (len(cells) + 1) // 2
    rows = tuple((*left, *right) for left, right in zip_longest(cells[:half], cells[half:], fillvalue=("", "")))
    return Table("settings", say("settings_title"), say("settings_note"), (), rows)


def flattened(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, object]]:
    """Nested settings as dotted names.

    >>> flattened({"fps": 1.0, "rules": {"bins": {"seconds": 10}}})
    [('fps', 1.0), ('rules.bins.seconds', 10)]
    """
    rows: list[tuple[str, object]] = []
    for key, value in settings.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            rows += flattened(value, f"{name}.")
        elif value is not None:
            rows.append((plain(name, 60), value))
    return rows
