"""How task values move over weights and alphas: lines for the terminal, CSV, JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from classroom_fer.commands.summary import NAME_CELLS, task_as_json
from classroom_fer.exchange.cells import csv_lines as table_lines
from classroom_fer.lesson.records import Estimate
from classroom_fer.measurement.sensitivity import Variant
from classroom_fer.text.columns import fitted

HEADER = ("task", "mode", "start_s", "end_s", "weight_set", "alpha", "in_use", "n", "coverage", "grade")
VALUES = ("engagement", "orientation", "expression")


def lines(found: Sequence[Variant]) -> list[str]:
    """A row for each task: its index under every variant, the one in use first, and the range of all."""
    ordered = sorted(found, key=lambda one: not one.in_use)
    width = [max(6, len(_head(one))) for one in ordered]
    text = [f"{'task':<{NAME_CELLS}}  " + "  ".join(f"{_head(o):>{w}}" for o, w in zip(ordered, width, strict=True))]
    text[0] += "   from-to"
    for at, summary in enumerate(ordered[0].tasks):
        values = [one.tasks[at].engagement for one in ordered]
        shown = "  ".join(f"{_points(v):>{w}}" for v, w in zip(values, width, strict=True))
        known = [value.value for value in values if value is not None]
        spread = f"{min(known):.0f}-{max(known):.0f}" if known else ""
        text.append(f"{fitted(summary.task.name, NAME_CELLS)}  {shown}   {spread}".rstrip())
    return [*text, "index 0-100; the first column is in use (weights, alpha); - = no index is shown"]


def _head(one: Variant) -> str:
    return f"{one.weight_set} {one.alpha:g}"


def _points(value: Estimate | None) -> str:
    return "-" if value is None else f"{value.value:.1f}"


def csv_lines(found: Sequence[Variant]) -> list[str]:
    """Long format: a row for each task and variant; empty where nothing is shown."""
    ends = [f"{name}{end}" for name in VALUES for end in ("", "_low", "_high")]
    rows = [
        [
            *(s.task.name, s.task.mode, s.task.start_s, s.task.end_s, one.weight_set, one.alpha, int(one.in_use)),
            *(s.n, s.coverage, s.grade),
            *(part for name in VALUES for part in _parts(getattr(s, name))),
        ]
        for one in found
        for s in one.tasks
    ]
    return table_lines([*HEADER, *ends], rows)


def _parts(value: Estimate | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if value is None else (value.value, value.low, value.high)


def as_json(session_id: int, found: Sequence[Variant]) -> dict[str, Any]:
    """The same for scripts."""
    return {
        "session_id": session_id,
        "variants": [
            {
                "weight_set": one.weight_set,
                "alpha": one.alpha,
                "in_use": one.in_use,
                "tasks": [task_as_json(summary) for summary in one.tasks],
            }
            for one in found
        ],
    }
