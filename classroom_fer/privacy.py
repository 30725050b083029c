"""Safeguard S3: nothing is shown of fewer than ``min_group`` pupils, nor can it be worked out from what is shown.

Three rules, applied before any class value is made, so that a hidden number exists nowhere:
  1. a value needs ``min_group`` pupils behind it;
  2. what happened in a hidden task reaches no other class value (not even the tracks' own means in the timeline);
  3. a comparison never leaves a remainder of fewer than ``min_group`` pupils that could be solved for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classroom_fer.bins import Grid
from classroom_fer.config import EvidenceRules
from classroom_fer.sample_table import Ints, Mask
from classroom_fer.types import TaskSummary

FEW, NEARLY_ALL = 0.05, 0.95
"""Shares beyond these are printed as such (safeguards.md S3): exact ones point at single pupils."""


def may_show(pupils: int | None, rules: EvidenceRules) -> bool:
    """Whether a class value of so many pupils (None = a hidden number) may exist at all."""
    return pupils is not None and pupils >= rules.min_group


def may_count(faces: float, simultaneous: int, rules: EvidenceRules) -> bool:
    """Whether so many ``faces`` at one time may be told: nobody, or ``min_group`` of a class of at least that many.

    In a class of two, how many were visible when is what each of them did.
    """
    return may_show(simultaneous, rules) and (faces == 0 or faces >= rules.min_group)


def open_bins(grid: Grid, tasks: Sequence[TaskSummary], rules: EvidenceRules) -> Mask:
    """[B] bins that may feed and show class values: all but those of tasks with too few pupils.

    Args: ``tasks`` in the order of ``grid.tasks``.
    """
    hidden = [index for index, task in enumerate(tasks) if not may_show(task.n, rules)]
    return ~np.isin(grid.task, hidden)


def timeline_threshold(simultaneous: int, rules: EvidenceRules) -> int:
    """Tracks that a bin needs to show a value: never fewer than ``min_group`` (measurement.md section 4)."""
    share = int(np.ceil(rules.timeline_min_share * simultaneous - 1e-9))
    return max(rules.min_group, rules.timeline_min_tracks, share)


def protected_pairs(first: Mask, second: Mask, strength: Ints, rules: EvidenceRules) -> Mask:
    """[T] tracks that a comparison of two shown tasks may use: those behind both, less one where that is needed.

    Means over ``first``, over ``second`` and the mean difference over their intersection are all printed. If one task
    has nobody but the intersection, the mean of those who are only in the other follows by subtraction. Where these are
    fewer than ``min_group``, the pair seen least (``strength``, [T] valid bins) is left out, so that one more unknown
    remains.
    """
    both = first & second
    alone = int((first & ~both).sum()), int((second & ~both).sum())
    if min(alone) > 0 or max(alone) == 0 or may_show(max(alone), rules) or not both.any():
        return both
    rows = np.flatnonzero(both)
    weakest = rows[np.argmin(strength[rows])]
    kept = both.copy()
    kept[weakest] = False
    return kept
