"""Everything that is reported of logits on a split, as one JSON-able record. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.records import EMOTIONS
from training.data.protocols import shares
from training.data.splits import Split
from training.figures import metrics
from training.figures.calibration import Labels, Matrix, calibration_error, cross_entropy, reliability, softmax
from training.figures.risk_coverage import FINE_SHARES, risk_coverage


def summary(logits: Matrix, split: Split, temperature: float) -> dict[str, Any]:
    """The short record that a manifest carries; classes without faces have recall None and stay out of macro means."""
    counts = metrics.confusion(logits.argmax(axis=1), split.labels, len(split.classes))
    calibrated = softmax(logits, temperature)
    return {
        "faces": len(split.labels),
        "accuracy": float(metrics.accuracy(counts)),
        "macro_f1": float(metrics.macro_f1(counts)),
        "macro_recall": float(metrics.balanced_accuracy(counts)),
        "recall": {n: f.recall for n, f in zip(split.classes, metrics.by_class(counts), strict=True)},
        "ece_before": calibration_error(softmax(logits), split.labels),
        "ece": calibration_error(calibrated, split.labels),
        "cross_entropy_votes": cross_entropy(calibrated, split.votes),
        "temperature": temperature,
        "confusion": counts.tolist(),
    }


def figures(logits: Matrix, split: Split, temperature: float) -> dict[str, Any]:
    """The whole record of one split: agreement with the labels, class by class, calibration, agreement with the votes.

    Intervals are 95 %: Wilson for shares of faces, percentile bootstrap over faces for macro figures.
    """
    counts = metrics.confusion(logits.argmax(axis=1), split.labels, len(split.classes))
    calibrated = softmax(logits, temperature)
    auc = metrics.roc_auc(calibrated, split.labels)
    known = [area for area in auc if area is not None]
    return {
        "faces": len(split.labels),
        "classes": list(split.classes),
        "accuracy": share(int(np.trace(counts)), len(split.labels)),
        "balanced_accuracy": _macro(counts, metrics.balanced_accuracy),
        "macro_f1": _macro(counts, metrics.macro_f1),
        "roc_auc_macro": float(np.mean(known)) if known else None,
        "by_class": _by_class(counts, split.classes, auc),
        "confusion": counts.tolist(),
        "calibration": {
            "temperature": temperature,
            "ece_before": calibration_error(softmax(logits), split.labels),
            "ece": calibration_error(calibrated, split.labels),
            "reliability": [asdict(b) for b in reliability(calibrated, split.labels)],
        },
        "risk_coverage": curve(calibrated, split.labels),
        "votes": _votes(logits, calibrated, split),
    }


def curve(probabilities: Matrix, labels: Labels) -> dict[str, Any]:
    """How right the surest answers are, by the share that is answered; surest by the largest of [N, C]."""
    found = risk_coverage(probabilities.max(axis=1), probabilities.argmax(axis=1) == labels, FINE_SHARES)
    return {"shares": list(FINE_SHARES), "accuracy": list(found.accuracy), "area": found.area}


def share(right: int, total: int) -> dict[str, Any]:
    """A share of faces with its Wilson interval; value None without faces."""
    if not total:
        return {"value": None, "low": None, "high": None, "faces": 0, "interval": "Wilson"}
    interval = metrics.wilson(right, total)
    return {
        "value": right / total,
        "low": interval.low,
        "high": interval.high,
        "faces": total,
        "interval": "Wilson",
    }


def _macro(counts: metrics.Counts, figure: Callable[[npt.NDArray[Any]], Any]) -> dict[str, Any]:
    interval = metrics.bootstrap(counts, figure)
    return {"value": float(figure(counts)), "low": interval.low, "high": interval.high, "interval": "bootstrap"}


def _by_class(counts: metrics.Counts, classes: Sequence[str], auc: Sequence[float | None]) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for name, row, area in zip(classes, metrics.by_class(counts), auc, strict=True):
        rows[name] = asdict(row) | {"roc_auc": area}
    return rows


def _votes(logits: Matrix, calibrated: Matrix, split: Split) -> Mapping[str, Any] | None:
    """Agreement with the taggers; None where the soft targets are single labels and tell nothing more."""
    if bool((split.votes.max(axis=1) > 1 - 1e-6).all()):
        return None
    answers, votes = logits.argmax(axis=1), _votes_as_cast(split)
    return {
        "kl": metrics.votes_divergence(calibrated, votes),
        "kl_before_temperature": metrics.votes_divergence(softmax(logits), votes),
        "kl_of_class_shares": metrics.votes_divergence(
            np.broadcast_to(votes.mean(axis=0, dtype=np.float64), logits.shape), votes
        ),
        "votes_for_the_answer": float(votes[np.arange(len(answers)), answers].mean()),
        "one_tagger": metrics.one_tagger(votes),
    }


def _votes_as_cast(split: Split) -> npt.NDArray[np.float32]:
    """Shares [N, C] of all votes for the eight emotions: the soft targets of P8-lit lack single votes."""
    if split.tallies is None or split.votes.shape[1] != len(EMOTIONS):
        return split.votes
    return shares(split.tallies)
