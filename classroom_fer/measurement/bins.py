"""Base bins: the analysed span of film, tiled without gap or overlap.

Each task is tiled from its own start, so that no bin mixes two tasks. Choice: a remainder shorter than half a bin joins
the bin before it, a longer one is a bin of its own; the stretches between tasks are tiled in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.records import Task, TaskMode
from classroom_fer.measurement.engagement import ORIENTED_MODES, Floats
from classroom_fer.measurement.sample_table import Ints, Mask

REFERENCE_BIN_S = 10.0
"""rules.bins.min_pose and min_expr are counted for this bin at 1 sample/s (docs/measurement.md, section 4)."""
SLACK_S = 1e-6
"""Times closer than this are the same: room for the arithmetic of floats."""
OUTSIDE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """B bins in order of time, and the tasks that they belong to."""

    tasks: tuple[Task, ...]
    """In lesson order, as marked: they may reach beyond the film."""
    edges_s: Floats
    """[B + 1]; bin b covers [edges[b], edges[b + 1])."""
    task: Ints
    """[B] index into ``tasks``; OUTSIDE between tasks."""

    @property
    def size(self) -> int:
        return len(self.task)

    def mode(self, b: int) -> TaskMode | None:
        """Mode of bin ``b``; None between tasks."""
        return None if self.task[b] == OUTSIDE else self.tasks[self.task[b]].mode

    def oriented(self) -> Mask:
        """[B] where O is defined."""
        return np.array([self.mode(b) in ORIENTED_MODES for b in range(self.size)], dtype=bool)

    def length_s(self) -> Floats:
        return np.diff(self.edges_s)

    def place(self, time_s: npt.ArrayLike) -> Ints:
        """Bin of each time; OUTSIDE where it lies in none."""
        times = np.asarray(time_s, dtype=np.float64)
        index = np.searchsorted(self.edges_s, times, side="right") - 1
        return np.where((index >= 0) & (index < self.size), index, OUTSIDE).astype(np.int64)


def make_grid(tasks: Sequence[Task], start_s: float, end_s: float, seconds: float) -> Grid:
    """Tiles [start_s, end_s) by bins of ``seconds``; parts of tasks beyond it get no bin.

    Raises:
        ValueError: tasks overlap (the readers of task files refuse that).
    """
    ordered = tuple(sorted(tasks, key=lambda t: (t.start_s, t.end_s, t.name)))
    edges, owners, now = [start_s], [], start_s
    for index, task in enumerate(ordered):
        if index and task.start_s < ordered[index - 1].end_s - SLACK_S:
            raise ValueError(f"tasks {ordered[index - 1].name!r} and {task.name!r} overlap")
        begin, stop = min(max(task.start_s, now), end_s), min(task.end_s, end_s)
        for owner, left, right in ((OUTSIDE, now, begin), (index, begin, stop)):
            pieces = _tile(left, right, seconds)
            edges += pieces
            owners += [owner] * len(pieces)
            now = edges[-1]
    pieces = _tile(now, end_s, seconds)
    return Grid(ordered, np.array(edges + pieces), np.array(owners + [OUTSIDE] * len(pieces), dtype=np.int64))


def _tile(left_s: float, right_s: float, seconds: float) -> list[float]:
    """Right edges of the bins of [left, right); none if it is empty."""
    length = right_s - left_s
    if length <= SLACK_S:
        return []
    whole = math.floor(length / seconds + SLACK_S)
    remainder = length - whole * seconds
    count = whole + 1 if whole == 0 or remainder >= seconds / 2 - SLACK_S else whole
    return [left_s + k * seconds for k in range(1, count)] + [right_s]


def needed_samples(at_reference: int, fps: float, length_s: Floats) -> Ints:
    """[B] valid samples that a track needs for a value in each bin; at least 1, never more than the film can give.

    Args: ``at_reference`` samples in REFERENCE_BIN_S at 1 sample/s.

    >>> needed_samples(3, 1.0, np.array([10.0, 5.0])), needed_samples(3, 0.05, np.array([10.0]))
    (array([3, 2]), array([1]))
    """
    scaled = np.rint(at_reference * fps * length_s / REFERENCE_BIN_S)
    given = np.floor(fps * length_s + SLACK_S)
    return np.maximum(1, np.minimum(scaled, given)).astype(np.int64)
