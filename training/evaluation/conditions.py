"""How a classifier with both heads fares under conditions of elsewhere, and how the heads are best joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError
from classroom_fer.faces.calibrated import joined
from classroom_fer.lesson.expression_groups import IN_GROUP
from training.data.protocols import one_hot
from training.data.splits import FER7, DataError, Split
from training.evaluation.answers import Subject, open_subject
from training.evaluation.question import Question
from training.figures.calibration import Labels, Matrix, fit_temperature, softmax
from training.figures.groups import GROUPS, SURE, answered_at, group_figures, group_matrix
from training.figures.heads import second_head
from training.figures.risk_coverage import SHARES, Scores, energies, margins, risk_coverage, thresholds_by_group
from training.runs.conditions import CONDITIONS, under
from training.runs.predictions import FER_HEAD, MAIN_HEAD

JOINED = "joined"
READINGS = ("votes", "labels", JOINED)
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
        answers[condition] = _answers(subject, under(condition, faces.images, seed=SEED), temperatures)
    truths = _truths(subject, faces)
    return {
        "model": subject.name,
        "sha256": subject.facts.get("sha256"),
        "split": question.split,
        "limit": question.limit,
        "faces": len(faces.labels),
        "clear": int(truths["clear"][1].sum()),
        "temperatures": temperatures,
        "conditions": {name: _figures(said.groups, truths) for name, said in answers.items()},
        "answered": _abstaining(answers, truths),
        "thresholds": _thresholds(answers, truths),
        "risk_coverage": _curves(answers, truths),
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


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a classifier says of faces under one condition."""

    groups: Mapping[str, Matrix]
    """[N, 4] by reading."""
    energy: Scores
    """[N] mean of both heads' energies."""


def _answers(subject: Subject, images: Any, temperatures: Mapping[str, float]) -> Answers:
    logits = {head: np.asarray(rows, np.float64) for head, rows in subject.answer(images).items()}
    votes, labels = (softmax(logits[head], temperatures[head]) for head in (MAIN_HEAD, FER_HEAD))
    both = joined(votes, labels, second_head(temperatures[FER_HEAD]))
    parts = (votes @ IN_GROUP, labels @ group_matrix(subject.heads[FER_HEAD]), both @ IN_GROUP)
    energy = np.mean([energies(logits[head], temperatures[head]) for head in (MAIN_HEAD, FER_HEAD)], axis=0)
    return Answers(dict(zip(READINGS, parts, strict=True)), energy)


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


def _changed(answers: Mapping[str, Answers]) -> list[Answers]:
    """All conditions that change something."""
    return [said for name, said in answers.items() if name != "as it is"]


def _abstaining(answers: Mapping[str, Answers], truths: Mapping[str, tuple[Labels, Mask]]) -> Any:
    """The rule that keeps `KEPT` over all conditions but "as it is", by reading and truth."""
    changed = _changed(answers)
    table: dict[str, Any] = {}
    for reading in READINGS:
        table[reading] = {}
        for truth, (right, asked) in truths.items():
            groups = np.concatenate([said.groups[reading][asked] for said in changed])
            rule = answered_at(groups, np.tile(right[asked], len(changed)), KEPT)
            table[reading][truth] = None if rule is None else asdict(rule)
    return table


def _thresholds(answers: Mapping[str, Answers], truths: Mapping[str, tuple[Labels, Mask]]) -> Any:
    """By truth and group: from which probability of the joint answer `KEPT` of the answers that name it are right."""
    changed = _changed(answers)
    table = {}
    for truth, (right, asked) in truths.items():
        groups = np.concatenate([said.groups[JOINED][asked] for said in changed])
        limits = thresholds_by_group(groups, np.tile(right[asked], len(changed)), KEPT)
        answered = _answered_by(groups, np.tile(right[asked], len(changed)), limits)
        table[truth] = {"limits": dict(zip(GROUPS, limits, strict=True))} | answered
    return table


def _answered_by(groups: Matrix, right: Labels, limits: Sequence[float | None]) -> dict[str, float]:
    """Share and accuracy of what passes each group's own limit; a group without one is never answered."""
    answer, score = groups.argmax(axis=1), groups.max(axis=1)
    passes = score >= np.array([np.inf if limit is None else limit for limit in limits])[answer]
    accuracy = float((answer == right)[passes].mean()) if passes.any() else float("nan")
    return {"share": float(passes.mean()), "accuracy": accuracy}


def _curves(answers: Mapping[str, Answers], truths: Mapping[str, tuple[Labels, Mask]]) -> Any:
    """Risk and coverage of the joint answer over the changed conditions, by truth and by what is taken as sureness."""
    changed = _changed(answers)
    groups = np.concatenate([said.groups[JOINED] for said in changed])
    scores = {
        "probability": groups.max(axis=1),
        "margin": margins(groups),
        "energy": np.concatenate([said.energy for said in changed]),
    }
    table: dict[str, Any] = {}
    for truth, (right, asked) in truths.items():
        kept = np.tile(asked, len(changed))
        correct = groups.argmax(axis=1) == np.tile(right, len(changed))
        table[truth] = {name: asdict(risk_coverage(score[kept], correct[kept])) for name, score in scores.items()}
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
    lines += ["", f"| own limit of each group (joined) | {' | '.join(GROUPS)} | answered | right |", "|---" * 7 + "|"]
    for truth, rule in record["thresholds"].items():
        limits = [_plain(limit) for limit in rule["limits"].values()]
        lines.append(f"| {truth} | {' | '.join(limits)} | {rule['share']:.0%} | {_plain(rule['accuracy'])} |")
    shares = " | ".join(f"{share:.0%}" for share in SHARES)
    lines += ["", f"| right among the surest (joined, changed) | {shares} | AURC |", "|---" * (2 + len(SHARES)) + "|"]
    for truth, curves in record["risk_coverage"].items():
        for score, curve in curves.items():
            numbers = " | ".join(_plain(accuracy) for accuracy in (*curve["accuracy"], curve["area"]))
            lines.append(f"| {truth}, by {score} | {numbers} |")
    return "\n".join(lines)


def _cell(figures: Mapping[str, float | None]) -> str:
    wrong = figures["confident_wrong"]
    return f"{_plain(figures['accuracy'])} ({'-' if wrong is None else f'{wrong:.0%}'})"


def _rule(rule: Mapping[str, float] | None) -> str:
    return "none" if rule is None else f"{rule['share']:.0%} (p from {_plain(rule['threshold'])})"


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}".removeprefix("0")
