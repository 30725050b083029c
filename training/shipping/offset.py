"""A constant added to each class's logit, chosen on PublicTest: the best accuracy at a macro recall that is asked for.

A net that was trained on vote shares, with rare classes drawn more often, answers neither with the data's shares nor so
that rare classes (contempt, disgust, fear) are found. An offset corrects the first, which gains both figures (ask for a
macro recall of 0), and buys the second with accuracy. It has eight numbers, but a rare class has two dozen faces on
PublicTest, so its figures there flatter; `RecallOffset.held_out` says what faces that did not choose it get.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from classroom_fer.errors import ConfigError
from training.figures.calibration import Labels, Matrix
from training.figures.metrics import accuracy, balanced_accuracy, confusion

GRID: Matrix = np.round(np.arange(-2.0, 3.0001, 0.05), 2)
"""Offsets that are tried, in logits (choice: .05 is coarse enough not to step between single faces)."""
TRADES = (0.0, *(float(x) for x in np.round(np.geomspace(0.02, 3.0, 24), 4)))
"""Points of accuracy that a point of macro recall may cost; each gives one candidate."""
ROUNDS = 20
SAME = 1e-9
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """Accuracy and macro recall of the same answers."""

    accuracy: float
    macro_recall: float


@dataclass(frozen=True, slots=True)
class RecallOffset:
    """The offset, and what it does to the faces that chose it."""

    values: tuple[float, ...]
    """Logits, a class each; their median is 0."""
    before: Pair
    after: Pair
    held_out: Pair
    """Mean over five folds: the offset chosen on four, measured on the fifth."""


def recall_offset(logits: Matrix, labels: Labels, target: float) -> RecallOffset:
    """The offset with the best accuracy among those found whose macro recall is at least ``target``.

    Raises:
        ConfigError: no offset reaches the target.
    """
    values = _search(logits, labels, target)
    after = figures(logits + values, labels)
    if after.macro_recall < target:
        raise ConfigError(
            f"no offset reaches macro recall {target:.3f}; the best is {after.macro_recall:.3f} at accuracy "
            f"{after.accuracy:.3f}",
            hint="ask for less with --macro-recall, or train longer",
        )
    return RecallOffset(
        values=tuple(float(v) for v in values),
        before=figures(logits, labels),
        after=after,
        held_out=_held_out(logits, labels, target),
    )


def figures(logits: Matrix, labels: Labels) -> Pair:
    """Of the largest logit."""
    counts = confusion(logits.argmax(axis=1), labels, logits.shape[1])
    return Pair(float(accuracy(counts)), float(balanced_accuracy(counts)))


def _search(logits: Matrix, labels: Labels, target: float) -> Matrix:
    """The best of one candidate a trade, each trimmed back to the target; where none reaches it, the nearest."""
    best, reached = np.zeros(logits.shape[1]), figures(logits, labels)
    candidate = best
    for trade in TRADES:
        candidate = _climbed(logits, labels, candidate, trade)
        trimmed = _trimmed(logits, labels, candidate, target)
        found = figures(logits + trimmed, labels)
        if _better(found, reached, target):
            best, reached = trimmed, found
    return np.round(best - np.median(best), 3)  # what all classes share changes no answer: most classes stay at 0


def _better(found: Pair, best: Pair, target: float) -> bool:
    if min(found.macro_recall, best.macro_recall) >= target:
        return found.accuracy > best.accuracy
    return found.macro_recall > best.macro_recall


def _climbed(logits: Matrix, labels: Labels, start: Matrix, trade: float) -> Matrix:
    """Coordinate ascent on accuracy + trade * macro recall: class by class over the grid, until nothing improves."""

    def line(offset: Matrix, k: int) -> tuple[Matrix, Matrix]:
        values, right, recall = _along(logits, labels, offset, k)
        return values, right + trade * recall

    return _ascended(start, line)


def _trimmed(logits: Matrix, labels: Labels, start: Matrix, target: float) -> Matrix:
    """Coordinate ascent on accuracy alone, among offsets that reach the target; ``start`` if it does not itself."""
    if figures(logits + start, labels).macro_recall < target:
        return start

    def line(offset: Matrix, k: int) -> tuple[Matrix, Matrix]:
        values, right, recall = _along(logits, labels, offset, k)
        return values, np.where(recall >= target - SAME, right, -np.inf)

    return _ascended(start, line)


def _ascended(start: Matrix, line: Callable[[Matrix, int], tuple[Matrix, Matrix]]) -> Matrix:
    """Follows ``line(offset, class) -> (values, worth)``, whose last value is the present one, class after class."""
    offset = start.copy()
    for _ in range(ROUNDS):
        before = offset.copy()
        for k in range(len(offset)):
            values, worth = line(offset, k)
            if worth[-1] < worth.max() - SAME:
                best = values[worth >= worth.max() - SAME]
                offset[k] = best[np.abs(best).argmin()]
        if np.array_equal(before, offset):
            break
    return offset


def _along(logits: Matrix, labels: Labels, offset: Matrix, k: int) -> tuple[Matrix, Matrix, Matrix]:
    """Values for the offset of class ``k`` (the grid, then the present one), with accuracy and macro recall at each."""
    others = logits + offset
    others[:, k] = -np.inf
    rival, needed = others.argmax(axis=1), others.max(axis=1) - logits[:, k]
    order = np.argsort(needed)
    values = np.append(GRID, offset[k])
    taken = np.searchsorted(needed[order], values, side="left")  # faces that answer k at each value
    faces = np.bincount(labels, minlength=logits.shape[1])
    lines = []
    for weight in (np.full(len(faces), 1 / len(labels)), 1 / (np.maximum(faces, 1) * (faces > 0).sum())):
        without = np.where(rival == labels, weight[labels], 0.0)
        change = np.where(labels == k, weight[k], 0.0) - without
        lines.append(without.sum() + np.concatenate([[0.0], np.cumsum(change[order])])[taken])
    return values, lines[0], lines[1]


def _held_out(logits: Matrix, labels: Labels, target: float) -> Pair:
    fold = np.random.default_rng(0).permutation(len(labels)) % FOLDS
    moved = logits.copy()
    for k in range(FOLDS):
        moved[fold == k] += _search(logits[fold != k], labels[fold != k], target)
    return figures(moved, labels)
