"""Several classifiers on the same faces, pair by pair: who is right where the other is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError
from classroom_fer.measurement.statistics import holm
from training.evaluation.answers import answer_for, answer_logits, open_subject
from training.evaluation.page import interval, number
from training.evaluation.question import Question
from training.figures.metrics import mcnemar, paired_difference
from training.figures.split_figures import share

Rights = npt.NDArray[np.bool_]
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Contest:
    """What is compared."""

    models: tuple[str, ...]
    """Each "shipped", a folder that `export` wrote, or a run."""
    question: Question


def compare(contest: Contest, on_step: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """The JSON-able record: every model's accuracy, and McNemar's test for each pair with Holm's correction.

    Raises:
        ConfigError: fewer than two models, or one twice, or a model that cannot answer the protocol.
        DataError, ModelError: see the readers.
    """
    if len(set(contest.models)) < max(2, len(contest.models)):
        raise ConfigError("compare needs two or more different models", hint="name runs, export folders or 'shipped'")
    question = contest.question
    faces = question.faces()
    right: dict[str, Rights] = {}
    answered: dict[str, str] = {}
    for model in contest.models:
        on_step(model)
        subject = open_subject(model)
        answer = answer_for(question.protocol, faces.classes, subject)
        logits = answer_logits(subject, answer, faces.images, question.views)
        right[model], answered[model] = logits.argmax(axis=1) == faces.labels, answer.description
    models = {m: {"accuracy": share(int(r.sum()), len(r)), "answered_by": answered[m]} for m, r in right.items()}
    counted = {"faces": len(faces.labels), "remarks": list(faces.remarks), "models": models, "pairs": pairs(right)}
    return question.header() | counted


def pairs(right: Mapping[str, Rights]) -> list[dict[str, Any]]:
    """One record a pair: discordant faces, difference of accuracy with its 95 % interval, exact p, p after Holm."""
    table: list[dict[str, Any]] = []
    for first, second in combinations(right, 2):
        only_first = int((right[first] & ~right[second]).sum())
        only_second = int((right[second] & ~right[first]).sum())
        difference, bounds = paired_difference(only_first, only_second, len(right[first]))
        table.append(
            {
                "first": first,
                "second": second,
                "only_first_right": only_first,
                "only_second_right": only_second,
                "difference": {"value": difference, "low": bounds.low, "high": bounds.high, "interval": "Bonett-Price"},
                "p": mcnemar(only_first, only_second),
            }
        )
    for row, p in zip(table, holm([row["p"] for row in table]), strict=True):
        row["p_holm"] = p
    return table


def markdown(record: Mapping[str, Any]) -> str:
    """The record as tables."""
    lines = [f"# {record['protocol']} {record['split']}, {record['faces']:,} faces, views: {record['views']}", ""]
    lines += [f"**{record['warning']}**", ""] if record["warning"] else []
    lines += ["| model | accuracy | 95 % | answered by |", "|---|---|---|---|"]
    for name, row in record["models"].items():
        lines.append(
            f"| {name} | {number(row['accuracy']['value'], 4)} | {interval(row['accuracy'])} | {row['answered_by']} |"
        )
    lines += ["", "| first | second | only first right | only second right | difference | 95 % | p | p (Holm) | |"]
    lines.append("|---|---|---|---|---|---|---|---|---|")
    lines += [_pair_row(row) for row in record["pairs"]]
    lines += ["", *(f"Data: {remark}." for remark in record["remarks"])]
    if record["limit"]:
        lines.append(f"A trial: only the first {record['limit']} faces.")
    lines += ["", "McNemar's exact test; difference = accuracy of the first minus the second; Holm over all pairs."]
    return "\n".join(lines) + "\n"


def _pair_row(row: Mapping[str, Any]) -> str:
    change = row["difference"]
    cells: Sequence[str] = (
        row["first"],
        row["second"],
        str(row["only_first_right"]),
        str(row["only_second_right"]),
        f"{change['value']:+.4f}",
        f"{change['low']:+.4f} to {change['high']:+.4f}",
        _p(row["p"]),
        _p(row["p_holm"]),
        verdict(row),
    )
    return f"| {' | '.join(cells)} |"


def verdict(row: Mapping[str, Any]) -> str:
    """Which of the two is better, if the test can tell."""
    if row["p_holm"] >= LEVEL:
        return "no clear difference"
    return f"{row['first'] if row['difference']['value'] > 0 else row['second']} is better"


def _p(value: float) -> str:
    return "<.001" if value < 0.001 else number(value)
