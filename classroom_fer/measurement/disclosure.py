"""Whether class values that are shown together let fewer than ``min_group`` pupils be solved for (safeguard S3).

Every shown value is a weighted sum over pupils. Somebody who adds and subtracts shown values gets another weighted sum;
if all but a few pupils cancel out in it, it is a value of those few. So the rule is: in whatever is made from the shown
values, either nobody remains or at least ``min_group`` pupils do. Two places need it, proven in docs/small-groups.md:
the bins of a task's curve (``joined_bins``) and the comparisons between tasks (``panels``).
"""

from __future__ import annotations

import itertools
from typing import TypeAlias

import numpy as np
from scipy.sparse.csgraph import connected_components

from classroom_fer.measurement.sample_table import Ints, Mask

KEPT = 0.5
"""Share of its tracks that a panel must keep for another task to join it (choice)."""

Panel: TypeAlias = tuple[list[int], Mask]
"""Tasks by number, and the tracks [T] by which all pairs of them are compared."""


def joined_bins(present: Mask, group: int) -> Mask:
    """[B] the largest set of bins that hang together by steps which share ``group`` tracks; the first one of equals.

    Args: ``present`` [T, B] tracks with a value in each bin. On such bins, values of deviations from the tracks' own
    means cannot be combined to cancel all but fewer than ``group`` tracks.
    """
    overlap = present.astype(np.int64).T @ present.astype(np.int64)
    touching = overlap >= group
    large = np.diag(touching)  # a bin with fewer tracks shares ``group`` of them with none
    if not large.any():
        return large.copy()
    _, part = connected_components(touching, directed=False)
    return np.asarray(part == np.bincount(part[large]).argmax())


def panels(behind: Mask, strength: Ints, group: int) -> list[Panel]:
    """Which tasks of one kind are compared with each other, and by which tracks.

    Args: ``behind`` [K, T] the tracks whose mean is shown of each task, in lesson order; ``strength`` [T] how much was
    seen of each track. All pairs within a panel are compared by the same tracks, those behind all of its tasks. A task
    that would cost a panel more than half of its tracks opens another panel.

    Mean differences over one set of tracks P can only be combined with the tasks' own means to something about those
    who are behind one of two tasks and not in P. If these are fewer than ``group`` for any two tasks, P gives up the
    tracks seen least, at most ``group`` of them; a panel that is then too small is left out.
    """
    return [panel for tasks in _together(behind, group) if (panel := _protected(behind, tasks, strength, group))]


def _together(behind: Mask, group: int) -> list[list[int]]:
    """Tasks that keep enough tracks in common, by lesson order."""
    shared: list[tuple[list[int], Mask]] = []
    for task, tracks in enumerate(behind):
        for number, (tasks, common) in enumerate(shared):
            both = common & tracks
            if both.sum() >= max(group, KEPT * common.sum(), KEPT * tracks.sum()):
                shared[number] = ([*tasks, task], both)
                break
        else:
            shared.append(([task], tracks))
    return [tasks for tasks, _ in shared if len(tasks) > 1]


def _protected(behind: Mask, tasks: list[int], strength: Ints, group: int) -> Panel | None:
    common = np.flatnonzero(behind[tasks].all(axis=0))
    weakest_first = common[np.argsort(strength[common], kind="stable")]
    for given_up in range(group + 1):
        kept = np.zeros(behind.shape[1], dtype=bool)
        kept[weakest_first[given_up:]] = True
        left = [int(((behind[a] | behind[b]) & ~kept).sum()) for a, b in itertools.combinations(tasks, 2)]
        if kept.sum() >= group and not any(0 < count < group for count in left):
            return tasks, kept
    return None
