"""How much of the class turns the same way at the same time (docs/measurement.md, section 4). Not part of the index.

A pupil's step is O in a bin minus O in the bin before, within one task; a step of ``min_change`` or more is a turn, up
or down. The synchrony of a bin is the larger share of the two directions, over all tracks that were seen in both bins.
Only what the curve of O shows counts, and each step is in one value, so no sum of shares is about fewer pupils than one
of them (safeguard S3, docs/small-groups.md).

What chance alone would give is said by circular shifts: every track's steps are turned round against the others' by an
amount of its own, among the steps in which it was seen. One bin's share then depends only on how often each track
turned, so that the share under all shifts has a distribution that is calculated, and nothing is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classroom_fer.measurement.bins import OUTSIDE
from classroom_fer.measurement.engagement import Floats
from classroom_fer.measurement.sample_table import Ints
from classroom_fer.settings.rules import SynchronyRules

SLACK = 1e-9
"""Keeps a step of exactly ``min_change``, and a chance of exactly ``level``, from failing by rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Synchrony:
    """NaN where nothing may be shown."""

    share: Floats
    """[B] tracks that turned the same way since the bin before, of those seen in both; 0-1."""
    chance: Floats
    """[B] what the share of a bin of this task exceeds by chance with a probability of 1 - ``level`` at most; 0-1."""


def synchrony(deviation: Floats, task: Ints, needed: int, rules: SynchronyRules) -> Synchrony:
    """Args: O of the tracks behind each shown bin [T, B], about the tracks' own means; the task of each bin [B]; how
    many tracks a bin needs."""
    turned = turns(deviation, task, rules.min_change)
    turned[:, (~np.isnan(turned)).sum(axis=0) < needed] = np.nan
    share = shares_together(turned)
    chance = np.full(share.shape, np.nan)
    for index in np.unique(task):
        shown = (task == index) & ~np.isnan(share)
        if shown.any():
            chance[shown] = chance_level(turned[:, shown], rules.level)
    return Synchrony(share, chance)


def turns(values: Floats, task: Ints, min_change: float) -> Floats:
    """[T, B] 1 up, -1 down, 0 neither since the bin before; NaN where a track has no value in one of the two, in the
    first bin of a task, and between tasks.

    >>> turns(np.array([[0.9, 0.6, 0.6, 1.0]]), np.zeros(4, dtype=int), 0.25)
    array([[nan, -1.,  0.,  1.]])
    """
    step = np.full(values.shape, np.nan)
    step[:, 1:] = np.diff(values, axis=1)
    follows = np.concatenate([[False], (task[1:] == task[:-1]) & (task[1:] != OUTSIDE)])
    large = np.abs(step) >= min_change - SLACK
    return np.asarray(np.where(np.isnan(step) | ~follows, np.nan, np.where(large, np.sign(step), 0.0)))


def shares_together(turned: Floats) -> Floats:
    """[B] the larger of the shares that turned up and down; NaN where nobody was seen."""
    seen = (~np.isnan(turned)).sum(axis=0)
    same = np.maximum((turned == 1).sum(axis=0), (turned == -1).sum(axis=0))
    return np.asarray(np.where(seen > 0, same / np.maximum(seen, 1), np.nan))


def chance_level(turned: Floats, level: float) -> float:
    """The ``level`` quantile of a bin's share, over the bins of ``turned`` [T, B] and all circular shifts.

    Each track is shifted among the bins in which it was seen, so that every bin keeps its number of tracks: where many
    are lost at once, shares jump, and that is no synchrony. Every bin was seen of somebody.
    """
    seen = ~np.isnan(turned)
    count = np.maximum(seen.sum(axis=1), 1)
    up, down = ((turned == way).sum(axis=1) / count for way in (1, -1))
    who, times = np.unique(seen, axis=1, return_counts=True)
    shares, weights = [], []
    for here, bins in zip(who.T, times, strict=True):
        likely = _largest(up[here], down[here])
        shares.append(np.arange(len(likely)) / (len(likely) - 1))
        weights.append(likely * bins)
    share, weight = np.concatenate(shares), np.concatenate(weights)
    order = np.argsort(share, kind="stable")
    reached = np.cumsum(weight[order]) / weight.sum()
    return float(share[order][np.flatnonzero(reached >= level - SLACK)[0]])


def _largest(up: Floats, down: Floats) -> Floats:
    """[n + 1] probabilities that the larger of two counts is 0, 1, ... n, where each of n independent tracks turns up
    or down with a probability of its own."""
    n = len(up)
    both = np.zeros((n + 1, n + 1))
    both[0, 0] = 1.0
    for rises, falls in zip(up, down, strict=True):
        after = both * (1.0 - rises - falls)
        after[1:] += both[:-1] * rises
        after[:, 1:] += both[:, :-1] * falls
        both = after
    larger = np.maximum.outer(np.arange(n + 1), np.arange(n + 1))
    likely: Floats = np.bincount(larger.ravel(), weights=both.ravel(), minlength=n + 1).astype(np.float64)
    return likely
