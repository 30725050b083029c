"""How a classifier with both heads fares under conditions of elsewhere, and how the heads are best joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError
from training.data.protocols import one_hot
from training.data.splits import FER7, DataError, Split
from training.evaluation.answers import Subject, open_subject
from training.evaluation.question import Question
from training.figures.calibration import Labels, Matrix, fit_temperature, softmax
from training.figures.groups import SURE, answered_at, group_figures, group_matrix, joined
from training.runs.conditions import CONDITIONS, under
from training.runs.predictions import FER_HEAD, MAIN_HEAD

READINGS = ("votes", "labels", "joined")
"""Groups of the head that learnt FER+'s votes, of the one that learnt FER2013's labels, and of both."""
TRUTHS = ("seen", "meant", "clear")
"""What people saw, what the picture was found by, and the faces where both are the same group."""
KEPT = 0.9
"""Accuracy that a rule for abstaining keeps among the answered (choice)."""
SEED = 1
Mask = npt.NDArray[np.bool_]


def measure_conditions(
    model: str, question: Question, on_step: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """The JSON-able record: groups by condition and reading, and what abstaining costs.

    Choices may follow from it, so ``question`` is about PublicTest.

    Raises:
        ConfigError: the classifier has not both heads, or nothing of the kind is there.
        DataError, ModelError: see the readers; or a face has no label of FER2013.
    """
    subject = open_subject(model)
    if not {MAIN_HEAD, FER_HEAD} <= set(subject.heads):
        raise ConfigError(f"{model} has not both heads", hint="it takes a run of ours, or the shipped model")
    faces = question.faces()
    if (faces.fer7 < 0).any():
        raise DataError(
            f"{question.data}: faces without FER2013's own label",
            hint="name a data set that has both labels of every face",
        )
    temperatures = _temperatures(subject, faces)
    answers = {}
    for condition in CONDITIONS:
        on_step(condition)
        answers[condition] = _groups(subject, under(condition, faces.images, seed=SEED), temperatures)
    truths = _truths(subject, faces)
    return {
        "model": subject.name,
        "split": question.split,
        "faces": len(faces.labels),
        "clear": int(truths["clear"][1].sum()),
        "temperatures": temperatures,
        "conditions": {name: _figures(readings, truths) for name, readings in answers.items()},
        "answered": _abstaining(answers, truths),
    }


def _temperatures(subject: Subject, faces: Split) -> dict[str, float]:
    """Of each head, to its own labels: the classifier's where it has one, else fitted on ``faces`` as they are."""
    labels = {MAIN_HEAD: faces.labels, FER_HEAD: faces.fer7}
    fitted = {
        head: fit_temperature(subject.logits(faces.images, head), one_hot(right, len(subject.heads[head])))
        for head, right in labels.items()
        if head not in subject.calibrated
    }
    return dict(subject.calibrated) | fitted


def _groups(subject: Subject, images: Any, temperatures: Mapping[str, float]) -> dict[str, Matrix]:
    logits = subject.answer(images)
    votes, labels = (
        softmax(np.asarray(logits[head], np.float64), temperatures[head]) @ group_matrix(subject.heads[head])
        for head in (MAIN_HEAD, FER_HEAD)
    )
    return dict(zip(READINGS, (votes, labels, joined(votes, labels)), strict=True))


def _truths(subject: Subject, faces: Split) -> dict[str, tuple[Labels, Mask]]:
    """The right groups [N] and the faces that are asked [N], by truth."""
    seen = group_matrix(subject.heads[MAIN_HEAD]).argmax(axis=1)[faces.labels]
    meant = group_matrix(FER7).argmax(axis=1)[faces.fer7]
    everyone = np.ones(len(seen), bool)
    return dict(zip(TRUTHS, ((seen, everyone), (meant, everyone), (seen, seen == meant)), strict=True))


def _figures(readings: Mapping[str, Matrix], truths: Mapping[str, tuple[Labels, Mask]]) -> dict[str, Any]:
    return {
        reading: {truth: asdict(group_figures(groups[asked], right[asked])) for truth, (right, asked) in truths.items()}
        for reading, groups in readings.items()
    }


def _abstaining(answers: Mapping[str, Mapping[str, Matrix]], truths: Mapping[str, tuple[Labels, Mask]]) -> Any:
    """The rule that keeps `KEPT` over all conditions but "as it is", by reading and truth."""
    changed = [readings for name, readings in answers.items() if name != "as it is"]
    table: dict[str, Any] = {}
    for reading in READINGS:
        table[reading] = {}
        for truth, (right, asked) in truths.items():
            groups = np.concatenate([readings[reading][asked] for readings in changed])
            rule = answered_at(groups, np.tile(right[asked], len(changed)), KEPT)
            table[reading][truth] = None if rule is None else asdict(rule)
    return table


def markdown(record: Mapping[str, Any]) -> str:
    """Two tables."""
    lines = [
        f"{record['model']}, {record['split']}: {record['faces']} faces, {record['clear']} of them clear. "
        f"Accuracy of the four groups (in brackets: share of the wrong answers above p = {SURE})",
        "",
        "| condition | " + " | ".join(f"{reading}: {truth}" for reading in READINGS for truth in TRUTHS) + " |",
        "|---" * (1 + len(TRUTHS) * len(READINGS)) + "|",
    ]
    for name, readings in record["conditions"].items():
        cells = [_cell(readings[reading][truth]) for reading in READINGS for truth in TRUTHS]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    lines += ["", f"| answered where {KEPT:.0%} of the answers are right | seen | meant | clear |", "|---|---|---|---|"]
    for reading, rules in record["answered"].items():
        lines.append(f"| {reading} | " + " | ".join(_rule(rules[truth]) for truth in TRUTHS) + " |")
    return "\n".join(lines)


def _cell(figures: Mapping[str, float | None]) -> str:
    wrong = figures["confident_wrong"]
    return f"{_plain(figures['accuracy'])} ({'-' if wrong is None else f'{wrong:.0%}'})"


def _rule(rule: Mapping[str, float] | None) -> str:
    return "none" if rule is None else f"{rule['share']:.0%} (p from {_plain(rule['threshold'])})"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}".removeprefix("0")
