"""How the values of tasks move with the weights of expressions and with alpha: the parts of the index that are choices.

The same pupils in the same bins are behind every value, so nothing more is told of anybody (docs/small-groups.md).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from classroom_fer.lesson.records import Lesson, TaskSummary
from classroom_fer.measurement.engagement import expression_values
from classroom_fer.measurement.session_result import work_out
from classroom_fer.measurement.summaries import summarise_task
from classroom_fer.settings.rules import Rules


@dataclass(frozen=True, slots=True)
class Variant:
    """The tasks under one set of weights and one alpha."""

    weight_set: str
    alpha: float
    in_use: bool
    """Whether these are the session's own."""
    tasks: tuple[TaskSummary, ...]


def variants(lesson: Lesson, rules: Rules) -> tuple[Variant, ...]:
    """Every set of weights with every alpha of ``rules.compare.alphas`` and the one in use."""
    cells = work_out(lesson, rules).cells
    alphas = sorted({*rules.compare.alphas, rules.alpha_orientation})
    found = []
    for name in rules.weight_sets:
        weighed = replace(cells, expression=expression_values(cells.votes, rules.weights(name)))
        for alpha in alphas:
            other = replace(rules, weight_set=name, alpha_orientation=alpha)
            tasks = tuple(summarise_task(weighed, index, other) for index in range(len(cells.grid.tasks)))
            own = (name, alpha) == (rules.weight_set, rules.alpha_orientation)
            found.append(Variant(name, alpha, own, tasks))
    return tuple(found)
