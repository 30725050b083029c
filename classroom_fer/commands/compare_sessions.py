"""What ``classroom-fer compare`` does: stored lessons to a table, a page and a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import typer

from classroom_fer.commands.compare import CompareOptions
from classroom_fer.commands.settings import own_file
from classroom_fer.exchange.cells import csv_lines
from classroom_fer.files import write_private
from classroom_fer.lesson.across import Across, Row, Summary
from classroom_fer.lesson.labels import read_labels
from classroom_fer.lesson.records import Estimate, StoredSession
from classroom_fer.report.formatting import NBSP
from classroom_fer.report.pdf_place import check_no_other_file
from classroom_fer.report.wording import Wording
from classroom_fer.session_choice import find_session
from classroom_fer.settings.config import load_config, stored_config
from classroom_fer.settings.declaration import check_allowed
from classroom_fer.store.store import SqlStore, open_reader
from classroom_fer.study.across_lessons import compare_lessons
from classroom_fer.study.comparable import check_comparable, lesson_tasks
from classroom_fer.study.random_effects import MODEL_FROM
from classroom_fer.terminal import counted, show, user_errors
from classroom_fer.text.columns import fitted

NAME_CELLS = 32
"""Cells that a name takes (choice)."""
HEADER = (
    "session_id", "lesson", "class", "lesson_order", "task", "mode", "position", "middle_min", "index", "index_low",
    "index_high", "n", "coverage", "grade", "not_shown_because", "group", "in_summary",
)  # fmt: skip
REMEDY = "make room or choose another file, then give the command again"


def run(options: CompareOptions) -> None:
    """Compares, shows, and writes what was asked for."""
    with user_errors():
        settings = load_config(own_file(), {"lang": options.lang})
        for path in (options.pdf, options.csv):
            if path is not None and path.is_dir():
                raise typer.BadParameter(f"{path} is a folder: name a file")
        if options.pdf is not None:
            check_no_other_file(options.pdf)
        with open_reader(options.db) as store:
            sessions = _chosen(options, store)
            check_comparable(sessions)
            for session in sessions:
                check_allowed(settings.declaration, session.start.profile)
            rules = stored_config(sessions[0].start.settings).rules
            summaries = store.task_summaries([session.session_id for session in sessions])
            across = compare_lessons(lesson_tasks(sessions, summaries), options.by.value, rules.compare.max_cov_gap)
            details: dict[str, object] = {"lessons": len(sessions), "by": across.by, "pdf": options.pdf is not None}
            store.record_if_writable("compare", None, details)
        if options.csv is not None:
            table = "\n".join(csv_lines(HEADER, map(_cells, across.rows))) + "\n"
            write_private(options.csv, table.encode("utf-8"), what="the CSV file", remedy=REMEDY)
        if options.pdf is not None:
            from classroom_fer.commands.compare_page import write_page

            write_page(across, settings.report_style, options.pdf)
        _show(across, options)


def _chosen(options: CompareOptions, store: SqlStore) -> list[StoredSession]:
    """The sessions that were named, or all finished ones with the labels."""
    wanted, known = read_labels(options.where or ()), store.sessions()
    if bool(options.sessions) == bool(wanted):
        raise typer.BadParameter("name sessions, or choose them with --where: one of both")
    if options.sessions:
        named = (find_session(text, known) for text in options.sessions)
        return list({session.session_id: session for session in named}.values())
    fitting = [s for s in known if dict(s.labels).items() >= wanted.items() and s.status == "finished"]
    return [s for s in fitting if s.start.profile != "presence"]


def _show(across: Across, options: CompareOptions) -> None:
    if options.as_json:
        show(json.dumps(asdict(across), indent=2))
        return
    for line in lines(across):
        show(line)
    for path in (options.pdf, options.csv):
        if path is not None:
            show(f"written: {path}")


def lines(across: Across) -> Iterator[str]:
    """The comparison in words."""
    yield f"{counted(across.lessons, 'lesson')}, by {across.by}. It compares neither teachers nor children."
    for row in across.rows:
        yield _lesson_line(row)
    yield "in common:"
    for summary in across.summaries:
        yield f"  {fitted(_group(summary, across), NAME_CELLS)}  {_summary(summary)}"
    yield from (f"  {note}" for note in _notes(across))


def _lesson_line(row: Row) -> str:
    task = row.task
    value = "-" if task.index is None else f"{_interval(task.index)}; seen {task.coverage or 0:.0%}, {task.n} faces"
    unused = "" if row.counts or task.index is None else "  (not in the summary: not seen as much as the others)"
    where = f"{task.school_class or '':<6}{task.position:>2}."
    return (
        f"  {task.session_id:>4}  {fitted(task.lesson, 24)}  {where}  {fitted(task.task, NAME_CELLS)}  {value}{unused}"
    )


def _interval(value: Estimate) -> str:
    return f"{value.value:.0f} ({value.low:.0f}-{value.high:.0f})"


def _group(summary: Summary, across: Across) -> str:
    return summary.group if across.by == "mode" else f"{summary.group} ({summary.mode})"


def _summary(summary: Summary) -> str:
    if summary.index is None or summary.coverage is None:
        return Wording()(f"across_{summary.why}")
    low, high = summary.coverage
    left_out = f"; {summary.left_out} left out" if summary.left_out else ""
    return f"{_interval(summary.index)}; {counted(summary.lessons, 'lesson')}, seen {low:.0%}-{high:.0%}{left_out}"


def _notes(across: Across) -> Iterator[str]:
    word = Wording()
    if across.lesson_sd is None:
        values = {"needed": MODEL_FROM} if across.no_model == "few_lessons" else {}
        yield word(f"across_{across.no_model}", **values)
        return
    yield word("across_mixed", points=f"{across.lesson_sd:.1f}")
    for effect, known, unknown in (
        (across.time, "across_time", "across_no_time"),
        (across.order, "across_order", "across_no_order"),
    ):
        if effect is None:
            yield word(unknown)
        else:
            ends = {"low": f"{effect.points.low:+.1f}", "high": f"{effect.points.high:+.1f}"}
            yield word(known, points=f"{effect.points.value:+.1f}", **ends).replace(NBSP, " ")


def _cells(row: Row) -> list[Any]:
    task, value = row.task, row.task.index
    parts = (None, None, None) if value is None else (value.value, value.low, value.high)
    why = None if task.not_shown is None else task.not_shown.code
    return [
        *(task.session_id, task.lesson, task.school_class, task.order, task.task, task.mode, task.position),
        *(round(task.minute, 3), *parts, task.n, task.coverage, task.grade, why, row.group, int(row.counts)),
    ]
