"""Several results of one lesson side by side: what a further one may show (safeguard S3, docs/small-groups.md).

Somebody who has two results of one lesson may subtract them. So a result with other tasks, bins or ``min_group`` shows
the values of its tasks alone, and only if ``adds_nobody`` holds: no sum of what all results show is about fewer than
``min_group`` pupils. Where it does not hold, one pupil of each of ``min_group`` groups is left out of the further
result; where that does not help, there is no such result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import qr

from classroom_fer.lesson.records import Lesson, SessionResult, Task
from classroom_fer.measurement.engagement import Floats
from classroom_fer.measurement.equations import KINDS, Equations, columns, equations
from classroom_fer.measurement.sample_table import Ints, Mask
from classroom_fer.measurement.session_result import Workings, told, work_out
from classroom_fer.settings.rules import Rules

SAME = 1e-9
"""Pivots smaller than this part of the largest are rounding (choice)."""
NEW = 1e-6
"""A shown value of which less than this part is not known from others is known (choice)."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a result of a lesson is made by."""

    tasks: tuple[Task, ...]
    rules: Rules


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """A further result as it may be shown."""

    result: SessionResult
    everything: bool
    """Else the values of its tasks alone."""
    left_out: Mask
    """[T] tracks that none of its values are about, in the order of the sample table."""


def alike(one: Recipe, other: Recipe) -> bool:
    """Whether the same pupils in the same bins are behind both, so that no difference between them is about a few.

    Weights and alpha change what is counted for each pupil, and not which pupils are counted.
    """
    bins, group = one.rules.bins == other.rules.bins, one.rules.evidence == other.rules.evidence
    return bins and group and sorted(one.tasks, key=_order) == sorted(other.tasks, key=_order)


def _order(task: Task) -> tuple[float, float, str]:
    return task.start_s, task.end_s, task.name


def measure_beside(lesson: Lesson, own: Recipe, earlier: Sequence[Recipe], new: Recipe) -> Beside | None:
    """The result ``new`` beside the lesson's ``own`` and the ``earlier`` ones; None if none may be shown.

    Args: ``earlier`` in the order in which they were made.
    """
    if alike(own, new):
        same = work_out(replace(lesson, tasks=new.tasks), new.rules)
        return Beside(told(same, new.rules), True, np.zeros(len(same.cells.seen), dtype=bool))
    group = own.rules.evidence.min_group
    work = work_out(replace(lesson, tasks=own.tasks), own.rules)
    track, known = work.table.track, [equations(work, own.rules, curves=True)]
    masks: list[Mask] = []
    last: tuple[Workings, Mask] | None = None
    for recipe in (*(one for one in earlier if not alike(own, one)), new):
        last = _fitting(lesson, recipe, known, track, group, masks)
        if last is not None:
            known.append(equations(last[0], recipe.rules, curves=False))
            masks.append(last[1])
    if last is None:
        return None
    return Beside(tasks_alone(last[0], new.rules), False, last[1])


def tasks_alone(work: Workings, rules: Rules) -> SessionResult:
    """The values of tasks and their comparisons: no curve and no moments."""
    return replace(told(work, rules), bins=(), moments=())


def _fitting(
    lesson: Lesson,
    recipe: Recipe,
    known: Sequence[dict[str, Equations]],
    track: Ints,
    group: int,
    masks: Sequence[Mask],
) -> tuple[Workings, Mask] | None:
    """The result with as few pupils left out as needed, and who they are; None if that does not help."""
    lesson = replace(lesson, tasks=recipe.tasks)
    whole = work_out(lesson, recipe.rules)
    strength = (whole.cells.seen > 0).sum(axis=1)
    groups = dealt(strength, group)
    nobody = np.zeros(len(strength), dtype=bool)
    weakest = nobody.copy()
    weakest[[members[-1] for members in groups if len(members) > 1]] = True
    for left_out in (nobody, *masks, weakest):
        work = whole if not left_out.any() else work_out(lesson, recipe.rules, left_out)
        if adds_nobody(known, equations(work, recipe.rules, curves=False), track, groups):
            return work, left_out
    return None


def dealt(strength: Ints, group: int) -> list[list[int]]:
    """Tracks in ``group`` groups, by turns, those seen most first; in each the one seen least comes last."""
    ordered = np.argsort(-strength, kind="stable")
    return [[int(t) for t in ordered[start::group]] for start in range(group)]


def adds_nobody(
    known: Sequence[dict[str, Equations]], new: dict[str, Equations], track: Ints, groups: Sequence[Sequence[int]]
) -> bool:
    """Whether every sum that needs ``new`` is about somebody of each of the ``groups``, no two of which share anybody.

    It is if ``new`` tells each group alone as much beside what is ``known`` as it tells of all tracks together: then no
    sum in which it has a part vanishes on a group. Sums without it are about nobody or enough by what is known.
    """
    return all(_adds_nobody([one[kind] for one in known], new[kind], track, groups) for kind in KINDS)


def _adds_nobody(known: Sequence[Equations], new: Equations, track: Ints, groups: Sequence[Sequence[int]]) -> bool:
    matrices, owner = columns([*known, new], track)
    before, after = np.concatenate(matrices[:-1]), matrices[-1]
    told_of_all = beyond(before, after)
    if not told_of_all:
        return True
    mine = [np.isin(owner, members) for members in groups]
    return all(beyond(before[:, columns_], after[:, columns_]) >= told_of_all for columns_ in mine)


def beyond(known: Floats, new: Floats) -> int:
    """How many independent sums of the rows of ``new`` are no sums of the rows of ``known``.

    >>> beyond(np.eye(3)[:2], np.array([[1.0, 1, 0], [1, 0, 1], [0, 1, 1]]))
    1
    """
    new = _scaled(new)
    if not new.size:
        return 0
    basis = _basis(_scaled(known))
    rest = new.T - basis @ (basis.T @ new.T)
    rest = rest - basis @ (basis.T @ rest)  # twice is enough (Parlett 1998, The symmetric eigenvalue problem, 6.9)
    return int((np.linalg.svd(rest, compute_uv=False) > NEW).sum())


def _scaled(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    kept = length[:, 0] > 0
    return np.asarray(rows[kept] / length[kept])


def _basis(rows: Floats) -> Floats:
    """[C, rank] orthonormal columns that span the rows."""
    if not rows.size:
        return np.zeros((rows.shape[1], 0))
    q, r, _ = qr(rows.T, mode="economic", pivoting=True, check_finite=False)
    size = np.abs(np.diag(r))
    return np.asarray(q[:, size > SAME * size[0]])
