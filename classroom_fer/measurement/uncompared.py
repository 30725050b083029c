"""Which tasks are not compared with each other, and why (docs/measurement.md, section 5).

Apart from ``comparison``, which loads SciPy: what prints a result asks only this.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from classroom_fer.lesson.records import Comparison, NotComparedCode, TaskSummary
from classroom_fer.measurement.engagement import ORIENTED_MODES


def not_compared(
    summaries: Sequence[TaskSummary], comparisons: Sequence[Comparison]
) -> tuple[tuple[str, str, NotComparedCode], ...]:
    """(first, second, why) of every pair of tasks without a comparison, in lesson order.

    Args: all tasks and comparisons of one result; also of a stored one, since the reason follows from both.
    """
    done = {(c.first, c.second) for c in comparisons}
    ordered = sorted(summaries, key=lambda summary: summary.task.start_s)
    return tuple(
        (first.task.name, second.task.name, _why_not_compared(first, second) or "too_few_in_both")
        for first, second in itertools.combinations(ordered, 2)
        if (first.task.name, second.task.name) not in done
    )


def _why_not_compared(first: TaskSummary, second: TaskSummary) -> NotComparedCode | None:
    """Why two tasks are no pair, as far as the tasks themselves say; None if they are one."""
    if first.task.mode != second.task.mode:
        return "other_mode"
    if first.task.mode not in ORIENTED_MODES:
        return "no_index"
    return "not_enough_seen" if first.grade is None or second.grade is None else None
