"""Whether class values that are shown together let fewer than ``min_group`` pupils be solved for (safeguard S3).

Every shown value is a weighted sum over pupils. Somebody who adds and subtracts shown values gets another weighted sum;
if all but a few pupils cancel out in it, it is a value of those few. So the rule is: in whatever is made from the shown
values, either nobody remains or at least ``min_group`` pupils do. Two places need it, proven in docs/small-groups.md:
the bins of a task's curve (``joined_bins``) and the comparisons between tasks (``stays_hidden``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from classroom_fer.engagement import Floats
from classroom_fer.sample_table import Mask

SLACK = 1e-9
"""Lengths below this are rounding; the vectors compared here hold 0, 1 and -1."""

Pair = tuple[int, int, Mask]
"""Two tasks by number, and the tracks [T] whose mean difference is shown."""


def joined_bins(present: Mask, group: int) -> Mask:
    """[B] the largest set of bins that hang together by steps which share ``group`` tracks; the first one of equals.

    Args: ``present`` [T, B] tracks with a value in each bin. On such bins, values of deviations from the tracks' own
    means cannot be combined to cancel all but fewer than ``group`` tracks.
    """
    overlap = present.astype(np.int64).T @ present.astype(np.int64)
    parts = _parts(overlap >= group)
    return max(parts, key=lambda part: int(part.sum())) if parts else np.zeros(present.shape[1], dtype=bool)


def stays_hidden(behind: Sequence[Mask], pairs: Sequence[Pair], group: int) -> bool:
    """Whether the means of the tasks and the mean differences of ``pairs`` may be shown together.

    Args: ``behind`` [T] per task: the tracks whose mean is shown (all False: none is).

    A certificate, so it may refuse what would be safe: if the tracks hold ``group`` disjoint sets, from each of which
    alone all shown values could be told apart, then whatever is not 0 is not 0 in each of these sets, so at least
    ``group`` tracks remain in it.
    """
    return all(_is_certified(behind, linked, group) for linked in _linked(len(behind), pairs))


def _linked(tasks: int, pairs: Sequence[Pair]) -> list[list[Pair]]:
    """The pairs, parted into those that are linked by common tasks; only these can act together."""
    touching = np.zeros((tasks, tasks), dtype=bool)
    for first, second, _ in pairs:
        touching[np.ix_((first, second), (first, second))] = True
    return [[pair for pair in pairs if part[pair[0]]] for part in _parts(touching)]


def _parts(touching: Mask) -> list[Mask]:
    """[n, n] symmetric -> the groups of things that hang together, [n] each; what does not touch itself is in none."""
    left, parts = np.diag(touching).copy(), []
    while left.any():
        part = np.arange(len(left)) == np.argmax(left)
        while (grown := touching[part].any(axis=0)).sum() > part.sum():
            part = grown
        parts.append(part)
        left &= ~part
    return parts


def _is_certified(behind: Sequence[Mask], pairs: Sequence[Pair], group: int) -> bool:
    tasks = sorted({index for first, second, _ in pairs for index in (first, second)})
    kinds = _kinds(behind, pairs, tasks)
    blocks = {kind: _block(kind, pairs, tasks) for kind in kinds}
    everything = _Span(len(tasks) + len(pairs))
    for block in blocks.values():
        everything.add(block)
    for _ in range(group):
        span = _Span(everything.size)
        for kind, left in sorted(kinds.items(), key=lambda item: (-item[1], item[0])):
            if left and span.rank < everything.rank and span.add(blocks[kind]):
                kinds[kind] -= 1
        if span.rank < everything.rank:
            return False
    return True


def _kinds(behind: Sequence[Mask], pairs: Sequence[Pair], tasks: Sequence[int]) -> Counter[tuple[bool, ...]]:
    """How many tracks are in which of the tasks' means and the pairs' differences."""
    columns = np.stack([*(behind[index] for index in tasks), *(kept for _, _, kept in pairs)], axis=1)
    return Counter(tuple(bool(x) for x in row) for row in columns if row.any())


def _block(kind: tuple[bool, ...], pairs: Sequence[Pair], tasks: Sequence[int]) -> Floats:
    """[shown values, tasks] how a track of this kind enters each of them (scaled: only zeros matter)."""
    place = {index: number for number, index in enumerate(tasks)}
    block = np.zeros((len(kind), len(tasks)))
    for number in range(len(tasks)):
        block[number, number] = kind[number]
    for number, (first, second, _) in enumerate(pairs, start=len(tasks)):
        block[number, place[first]], block[number, place[second]] = -1.0 * kind[number], 1.0 * kind[number]
    return block


class _Span:
    """The space spanned by the columns added so far."""

    def __init__(self, size: int) -> None:
        self.size, self.rank = size, 0
        self._basis = np.zeros((size, 0))

    def add(self, block: Floats) -> bool:
        """Whether the columns of ``block`` [size, c] widened the space."""
        rest = block - self._basis @ (self._basis.T @ block)
        rest -= self._basis @ (self._basis.T @ rest)
        left, lengths, _ = np.linalg.svd(rest, full_matrices=False)
        fresh = left[:, lengths > SLACK]
        self._basis = np.hstack([self._basis, fresh])
        self.rank = self._basis.shape[1]
        return bool(fresh.shape[1])
