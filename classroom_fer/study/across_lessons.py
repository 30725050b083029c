"""Lessons beside each other: what they have in common, how sure that is, and when nothing may be said. Pure.

docs/across-lessons.md has the model, what happens with few lessons, and how often the intervals hold the truth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.across import Across, By, Effect, LessonTask, Row, Summary
from classroom_fer.lesson.records import Estimate
from classroom_fer.study.random_effects import Fit, Unfit, around_lessons, fit_lessons, mean_of_lessons

NO_CLASS = "-"
"""Stands for lessons without the label ``class``."""
HALF = 0.5
"""A summary that leaves out more than this part of the lessons would be about another set of lessons (choice)."""
TEN_MINUTES = 10.0
ROUNDING = 1e-9
"""Keeps a gap of exactly the rule from failing by rounding."""


def compare_lessons(tasks: Sequence[LessonTask], by: By, max_gap: float) -> Across:
    """Args: ``max_gap`` largest difference of coverage within a group (``rules.compare.max_cov_gap``).

    Raises:
        ConfigError: of no group two lessons were seen about equally much.
    """
    rows = [Row(task, _group(task, by), False) for task in tasks]
    groups = list(dict.fromkeys((row.group, row.task.mode) for row in rows))
    kept: set[int] = set()
    summaries = []
    for group, mode in groups:
        mine = [at for at, row in enumerate(rows) if (row.group, row.task.mode) == (group, mode)]
        chosen, summary = _matched(rows, mine, max_gap)
        kept |= chosen
        summaries.append(summary)
    if not kept:
        raise _nothing_alike(rows, max_gap)
    rows = [replace(row, counts=at in kept) for at, row in enumerate(rows)]
    lessons = len({task.session_id for task in tasks})
    return _summarised(Across(by, tuple(rows), tuple(summaries), lessons, None, None, None, ""))


def _group(task: LessonTask, by: By) -> str:
    """Tasks of another mode are never in one group: their index is not the same."""
    names = {
        "task": task.task,
        "class": task.school_class or NO_CLASS,
        "mode": task.mode,
        "position": str(task.position),
    }
    return names[by]


def _matched(rows: Sequence[Row], mine: Sequence[int], max_gap: float) -> tuple[set[int], Summary]:
    """The rows of a group of which about as much was seen, and the summary that is to be filled."""
    shown = [at for at in mine if rows[at].task.index is not None and rows[at].task.coverage is not None]
    all_lessons = {rows[at].task.session_id for at in shown}
    coverage = {at: rows[at].task.coverage or 0.0 for at in shown}
    windows = [
        [at for at in shown if low <= coverage[at] <= low + max_gap + ROUNDING]
        for low in sorted(set(coverage.values()), reverse=True)
    ]
    best = max(windows, key=lambda inside: (len({rows[at].task.session_id for at in inside}), len(inside)), default=[])
    lessons = {rows[at].task.session_id for at in best}
    blank = Summary(rows[mine[0]].group, rows[mine[0]].task.mode, len(lessons), 0, "none", None, None)
    if not shown:
        return set(), replace(blank, why="no_index")
    if len(all_lessons) < 2:
        return set(), replace(blank, why="one_lesson")
    if len(lessons) < 2 or len(lessons) < HALF * len(all_lessons):
        return set(), replace(blank, why="coverage")
    seen = [coverage[at] for at in best]
    return set(best), replace(blank, left_out=len(all_lessons - lessons), coverage=(min(seen), max(seen)))


def _nothing_alike(rows: Sequence[Row], max_gap: float) -> ConfigError:
    seen = [row.task.coverage for row in rows if row.task.index is not None and row.task.coverage is not None]
    if not seen:
        return ConfigError(
            "none of these lessons has a task with an index", hint="see their reports: classroom-fer report SESSION"
        )
    return ConfigError(
        f"of no group two lessons were seen about equally much: {min(seen):.0%} to {max(seen):.0%} of the time, where "
        f"{max_gap:.0%} may lie between them; a difference could come from who was seen",
        hint="choose lessons that were filmed alike, or group them otherwise with --by",
    )


def _summarised(across: Across) -> Across:
    """With the summaries, by one model for all groups if there can be one."""
    rows = [row for row in across.rows if row.counts]
    values = np.array([row.task.index.value for row in rows if row.task.index is not None])
    lesson = np.array([row.task.session_id for row in rows], dtype=np.int64)
    names = [(s.group, s.mode) for s in across.summaries if s.coverage is not None]
    group = np.array([names.index((row.group, row.task.mode)) for row in rows], dtype=np.int64)
    fit, slopes = _model(rows, values, group, len(names))
    done = []
    for summary in across.summaries:
        if summary.coverage is None:
            done.append(summary)
            continue
        number = names.index((summary.group, summary.mode))
        mine = group == number
        index, method = mean_of_lessons(values[mine], lesson[mine]), "means"
        if isinstance(fit, Fit):
            found = around_lessons(float(fit.coefficients[number]), float(fit.errors[number]), summary.lessons)
            index, method = found, "mixed"
        done.append(replace(summary, index=_clipped(index), method=method))  # type: ignore[arg-type]  # a Literal
    across = replace(across, summaries=tuple(done))
    if not isinstance(fit, Fit):
        return replace(across, no_model=fit)
    effects: Mapping[str, Effect] = {
        name: Effect(around_lessons(float(fit.coefficients[at]), float(fit.errors[at]), len(np.unique(lesson))))
        for name, at in slopes.items()
    }
    return replace(across, lesson_sd=fit.lesson_sd, time=effects.get("time"), order=effects.get("order"))


def _model(
    rows: Sequence[Row], values: np.ndarray, group: np.ndarray, groups: int
) -> tuple[Fit | Unfit, dict[str, int]]:
    """The model with as many of the two slopes as can be told from the groups, and the columns of these.

    A slope of time cannot be told where each task always comes at its time; then the group's own level holds it.
    """
    lesson = np.array([row.task.session_id for row in rows], dtype=np.int64)
    design = np.eye(groups)[group]
    slopes: dict[str, int] = {}
    minute = np.array([row.task.minute for row in rows]) / TEN_MINUTES
    candidates = {"time": minute}
    if all(row.task.order is not None for row in rows):
        candidates["order"] = np.array([row.task.order or 0.0 for row in rows])
    for name, column in candidates.items():
        wider = np.column_stack([design, column - column.mean()])
        if _told_apart(wider):
            slopes[name], design = design.shape[1], wider
    fit = fit_lessons(values, design, lesson)
    if not isinstance(fit, Fit) and slopes:
        slopes, plain = {}, fit_lessons(values, np.eye(groups)[group], lesson)
        fit = plain
    return fit, slopes


SEPARABLE = 0.05
"""Part of a slope's column that the groups must leave unexplained, as a standard deviation's share (choice)."""


def _told_apart(design: np.ndarray) -> bool:
    """Whether the last column of a design is more than a sum of those before it."""
    column, others = design[:, -1], design[:, :-1]
    rest = column - others @ np.linalg.lstsq(others, column, rcond=None)[0]
    spread = float(np.linalg.norm(column))
    return len(design) > design.shape[1] + 1 and spread > 0 and float(np.linalg.norm(rest)) > SEPARABLE * spread


def _clipped(index: Estimate) -> Estimate:
    return Estimate(*(min(max(part, 0.0), 100.0) for part in (index.value, index.low, index.high)))
