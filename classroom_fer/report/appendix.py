"""The appendix (``--appendix``): class values, bounds, sizes, base steps and settings as tables. Pure.

What the pages before keep back stays back here: every number passes the same doors (safeguard S3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, TypeAlias

from classroom_fer.lesson.records import Estimate, SessionResult, StoredSession, TaskSummary
from classroom_fer.report.figures import coverage_told, faces_told, is_small, shown_bins
from classroom_fer.report.formatting import clock, plain
from classroom_fer.report.reasons import size_label
from classroom_fer.report.sections import is_shown
from classroom_fer.report.view_records import Table
from classroom_fer.report.wording import Wording
from classroom_fer.settings.rules import Rules

ROW_S = 60.0
"""Seconds in one line of the table of steps (choice: an hour is 60 lines)."""
LINES = 130
"""Lines of steps that are printed; a longer lesson gets longer lines (choice: three pages)."""
NOTHING = "–"

_Step: TypeAlias = tuple[float | None, float | None, float | None]
"""Index, faces and coverage of a base step, as far as they are told."""


def appendix_tables(session: StoredSession, result: SessionResult, rules: Rules, say: Wording) -> tuple[Table, ...]:
    """All tables that have something to say."""
    presence = session.start.profile == "presence"
    tables = [] if presence else [_values(result, rules, say)]
    if result.visibility.faces and not is_small(result.visibility, rules):
        tables += [_sizes(result, say), *_steps(result, rules, presence, say)]
    return (*tables, _settings(session.start.settings, say))


def _values(result: SessionResult, rules: Rules, say: Wording) -> Table:
    heads = ("column_task", "column_steps", "column_faces", "column_seen", "column_o", "column_e", "column_readable",
             "column_bounds")  # fmt: skip
    ordered = sorted(result.tasks, key=lambda summary: summary.task.start_s)
    rows = tuple(_value_row(number, summary, rules, say) for number, summary in enumerate(ordered, start=1))
    note = say("values_note", seconds=say.whole(rules.bins.seconds))
    return Table("values", say("values_title"), note, tuple(say(head) for head in heads), rows)


def _value_row(number: int, summary: TaskSummary, rules: Rules, say: Wording) -> tuple[str, ...]:
    name, steps = f"{say.whole(number)}  {plain(summary.task.name, 40)}", say.whole(summary.bins)
    if not is_shown(summary, rules) or summary.n is None or summary.coverage is None:
        return (name, steps, *[NOTHING] * 6)
    readable = NOTHING if summary.readable is None else say.share(summary.readable)
    return (
        name, steps, say.whole(summary.n), say.share(summary.coverage), _interval(summary.orientation, say),
        _interval(summary.expression, say), readable, bounds(summary, say) or NOTHING,
    )  # fmt: skip


def _interval(estimate: Estimate | None, say: Wording) -> str:
    return NOTHING if estimate is None else say.interval(estimate, 100)


def bounds(summary: TaskSummary, say: Wording) -> str:
    """The range of O whatever the unseen faces did: C * O to C * O + 1 - C (measurement.md, section 4)."""
    if summary.orientation is None or summary.coverage is None:
        return ""
    seen = summary.coverage * summary.orientation.value
    return f"{say.share(seen)} – {say.share(seen + 1 - summary.coverage)}"


def _sizes(result: SessionResult, say: Wording) -> Table:
    total = max(1, sum(count for _, count in result.visibility.sizes))
    rows = tuple(
        (size_label(label, say), say.whole(count), say.share(count / total)) for label, count in result.visibility.sizes
    )
    heads = (say("column_size"), say("column_readings"), say("column_share"))
    return Table("sizes", say("sizes_title"), "", heads, rows)


def _steps(result: SessionResult, rules: Rules, presence: bool, say: Wording) -> list[Table]:
    """One line per minute: the index, the faces and the coverage of each base step in it."""
    if not result.bins:
        return []
    length = result.bins[-1].end_s - result.bins[0].start_s
    row_s = ROW_S * max(1, -(-length // (ROW_S * LINES)))
    step_s = rules.bins.seconds
    per_row = max(1, min(12, round(row_s / step_s)))
    row_s = per_row * step_s
    lines: dict[int, list[_Step]] = {}
    for bin_, shown in zip(result.bins, shown_bins(result, rules), strict=True):
        index = bin_.engagement.value if shown and bin_.engagement else None
        step = (index, faces_told(bin_, result.visibility, rules), coverage_told(bin_, result.visibility, rules))
        lines.setdefault(int(bin_.start_s // row_s), []).append(step)
    rows = tuple(_step_row(key * row_s, line, per_row, presence, say) for key, line in sorted(lines.items()))
    heads = (() if presence else (say("formula_index"),)) + (say("faces_label"), say("coverage_label"))
    note = say("bins_note", row=say.whole(row_s))
    title = say("bins_title", seconds=say.whole(step_s))
    return [Table("steps", title, note, (say("column_time"), *heads), rows, (1, *[per_row] * len(heads)))]


def _step_row(start_s: float, line: Sequence[_Step], per_row: int, presence: bool, say: Wording) -> tuple[str, ...]:
    def cells(texts: Sequence[str]) -> list[str]:
        return [*texts, *[""] * per_row][:per_row]

    index = [NOTHING if value is None else say.whole(value) for value, _, _ in line]
    faces = [NOTHING if number is None else say.whole(number) for _, number, _ in line]
    seen = [NOTHING if share is None else say.whole(100 * min(0.95, max(0.05, share))) for _, _, share in line]
    return (clock(start_s), *([] if presence else cells(index)), *cells(faces), *cells(seen))


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
