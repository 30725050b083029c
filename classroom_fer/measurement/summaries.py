"""The class during each task: value, interval, coverage, grade, or why nothing is shown.

docs/measurement.md, section 4. Choices: a track counts for O and for E by the number of its valid bins of each (a bin
rarely has both where heads turn away: E abstains exactly where O is 0), and O, E and the index of a task are means over
the same tracks, so that they add up.
"""

from __future__ import annotations

import numpy as np

from classroom_fer.lesson.records import Estimate, ExpressionShares, Grade, NotShown, TaskSummary
from classroom_fer.measurement.bins import SLACK_S
from classroom_fer.measurement.engagement import ORIENTED_MODES, Floats, index_points
from classroom_fer.measurement.sample_table import Mask
from classroom_fer.measurement.small_groups import may_show, shown_shares
from classroom_fer.measurement.statistics import estimate
from classroom_fer.measurement.track_bins import TrackBins, task_means
from classroom_fer.settings.rules import EvidenceRules, Rules

UNIT = (0.0, 1.0)
POINTS = (0.0, 100.0)


def task_bins(cells: TrackBins, index: int) -> Mask:
    """[B] bins of task number ``index``."""
    return np.asarray(cells.grid.task == index)


def tracks_behind(cells: TrackBins, index: int, rules: EvidenceRules) -> tuple[Mask, Floats, Floats]:
    """[T] whether a track stands behind the values of the task, its O and its E (NaN where too little was seen).

    Where nothing was inferred, a track counts that was seen in as many bins as a value would need.
    """
    bins = task_bins(cells, index)
    orientation = task_means(cells.orientation, bins, rules)
    expression = task_means(cells.expression, bins, rules)
    if not cells.inferred:
        seen = np.where(cells.seen > 0, 1.0, np.nan)
        return ~np.isnan(task_means(seen, bins, rules)), orientation, expression
    behind = ~np.isnan(expression)
    if cells.grid.tasks[index].mode in ORIENTED_MODES:
        behind &= ~np.isnan(orientation)
    return behind, orientation, expression


def summarise_task(cells: TrackBins, index: int, rules: Rules) -> TaskSummary:
    """The summary of task number ``index`` of the grid."""
    task, bins = cells.grid.tasks[index], task_bins(cells, index)
    behind, orientation, expression = tracks_behind(cells, index, rules.evidence)
    n = min(int(behind.sum()), cells.simultaneous)
    coverage = covered(cells, bins)
    reason = _why_not(cells, index, n, coverage, rules.evidence)
    oriented = task.mode in ORIENTED_MODES
    points = index_points(orientation, expression, rules.alpha_orientation)

    def across(values: Floats, scale: tuple[float, float], defined: bool) -> Estimate | None:
        return estimate(values[behind], n, scale) if defined and reason is None else None

    return TaskSummary(
        task=task,
        bins=int(bins.sum()),
        n=n if may_show(n, rules.evidence) else None,
        coverage=coverage if may_show(n, rules.evidence) else None,
        grade=None if reason else _grade(n, coverage, rules.evidence),
        engagement=across(points, POINTS, oriented),
        orientation=across(orientation, UNIT, oriented),
        expression=across(expression, UNIT, True),
        shares=None if reason else _shares(cells, bins, rules.evidence),
        readable=None if reason else _readable(cells, bins),
        not_shown_because=reason,
    )


def covered(cells: TrackBins, bins: Mask) -> float:
    """Valid track-bins / (N95 x bins), at most 1; 0 where there are none of either.

    Valid is a value of O where the task has one, else of E; where nothing was inferred, any face.
    """
    possible = cells.simultaneous * int(bins.sum())
    value = np.where(cells.grid.oriented(), cells.orientation, cells.expression)
    valid = ~np.isnan(value) if cells.inferred else cells.seen > 0
    return min(1.0, int(valid[:, bins].sum()) / possible) if possible else 0.0


def _why_not(cells: TrackBins, index: int, n: int, coverage: float, rules: EvidenceRules) -> NotShown | None:
    """None if the task may be shown. Args: ``n`` pupils behind task number ``index``, the share of it that was seen."""
    task = cells.grid.tasks[index]
    lasts = task.end_s - task.start_s
    analysed = float(cells.grid.length_s()[task_bins(cells, index)].sum())
    few = NotShown("few", needed=rules.min_group)  # how few is hidden too (S3)
    if analysed <= 0:
        return NotShown("outside")
    if not cells.inferred:
        return NotShown("not_inferred") if may_show(n, rules) else few
    if lasts < rules.task_min_s - SLACK_S:
        return NotShown("short", lasts, rules.task_min_s)
    if analysed < rules.task_min_s - SLACK_S:
        return NotShown("partly_analysed", analysed, rules.task_min_s)
    if n == 0:
        return NotShown("nobody")
    if not may_show(n, rules):
        return few
    return NotShown("coverage", coverage, rules.c_min) if coverage < rules.c_min else None


def _grade(n: int, coverage: float, rules: EvidenceRules) -> Grade:
    if n >= rules.n_grade_a and coverage >= rules.c_a:
        return "A"
    return "B" if n >= rules.n_grade_b and coverage >= rules.c_b else "C"


def _shares(cells: TrackBins, bins: Mask, rules: EvidenceRules) -> ExpressionShares | None:
    """Mean over tracks of each track's own shares (choice: a pupil counts once, however often seen).

    Tracks that count have readable samples in as many bins as a value of E needs; uncertain samples count as read.
    None with too few such tracks: in desk work most heads are down, and lowered faces are not read here.
    """
    readable = np.where(cells.readable, 1.0, np.nan)
    kept = ~np.isnan(task_means(readable, bins, rules))
    if not may_show(min(int(kept.sum()), cells.simultaneous), rules):
        return None
    counts = cells.groups[kept][:, bins].sum(axis=1)
    share = (counts / counts.sum(axis=1, keepdims=True)).mean(axis=0)
    neutral, smiling, surprised, other = (float(x) for x in share)
    return shown_shares(ExpressionShares(neutral=neutral, smiling=smiling, surprised=surprised, other=other))


def _readable(cells: TrackBins, bins: Mask) -> float:
    """Readable samples among all of the task; a face was seen, or the task would not be shown."""
    return float(cells.groups[:, bins].sum() / cells.seen[:, bins].sum())
