"""Safeguard S3: nothing is shown of fewer than ``min_group`` pupils, nor can it be worked out from what is shown.

Four rules, applied before any class value is made, so that a hidden number exists nowhere:
  1. a value needs ``min_group`` pupils behind it, and so does a count over time;
  2. what happened in a hidden task reaches no other class value (not even the tracks' own means in the timeline);
  3. no sum or difference of shown values is a value of fewer than ``min_group`` pupils (``disclosure``);
  4. a share of 5 % or less (95 % or more) is printed as such and does not follow from the other shares.
docs/small-groups.md says what these rules cover and proves the third.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np

from classroom_fer.lesson.records import ExpressionShares, TaskSummary
from classroom_fer.measurement.bins import Grid
from classroom_fer.measurement.sample_table import Mask
from classroom_fer.settings.rules import EvidenceRules

FEW, NEARLY_ALL = 0.05, 0.95
"""Shares beyond these are printed as such (safeguard S3, docs/small-groups.md): exact ones point at single pupils."""


def may_show(pupils: int | None, rules: EvidenceRules) -> bool:
    """Whether a class value of so many pupils (None = a hidden number) may exist at all."""
    return pupils is not None and pupils >= rules.min_group


def may_count(faces: float, simultaneous: int, rules: EvidenceRules) -> bool:
    """Whether so many ``faces`` at one time may be shown: nobody, or ``min_group`` of a class of at least that many.

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
    """Tracks that a bin needs to show a value: never fewer than ``min_group`` (docs/measurement.md, section 4)."""
    share = int(np.ceil(rules.timeline_min_share * simultaneous - 1e-9))
    return max(rules.min_group, rules.timeline_min_tracks, share)


def shown_shares(shares: ExpressionShares) -> ExpressionShares:
    """The shares as they may be stored and printed: 0 stands for FEW or less, 1 for NEARLY_ALL or more.

    The four sum to 1, so one that is not shown exactly must not follow from the others: a rare group's share is counted
    in ``other``; where ``other`` is rare as well, all rare ones are left out and the rest is scaled to 1.

    >>> shown_shares(ExpressionShares(neutral=0.75, smiling=0.125, surprised=0.03125, other=0.09375))
    ExpressionShares(neutral=0.75, smiling=0.125, surprised=0.0, other=0.125)
    """
    shown = {name: 0.0 if share <= FEW else share for name, share in asdict(shares).items() if name != "other"}
    other = 1.0 - sum(shown.values())
    if other > FEW:
        return ExpressionShares(**shown, other=other)
    scale = sum(shown.values())
    scaled = {name: share / scale for name, share in shown.items()}
    if max(scaled.values()) >= NEARLY_ALL:
        scaled = {name: float(share >= NEARLY_ALL) for name, share in scaled.items()}
    return ExpressionShares(**scaled, other=0.0)
