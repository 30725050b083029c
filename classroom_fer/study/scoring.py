"""From coded clips to the figures of a validation. docs/validation.md defines each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from sklearn import config_context

from classroom_fer.lesson.validation import ALL, Agreement, Part, Statistic
from classroom_fer.measurement.engagement import Floats
from classroom_fer.measurement.sample_table import Ints, Mask
from classroom_fer.study.agreement import auc, intraclass, kappa, mean_recall, rank_correlation
from classroom_fer.study.clusters import Measure, Resampling, errors, interval
from classroom_fer.study.coded import CODED, CodedClips
from classroom_fer.study.program_values import UNKNOWN

VALUES = ("orientation", "expression", "index")
TASK_CLIPS = 5
"""Coded clips that a task needs to have an observed share (choice)."""
TASKS_NEEDED = 5
"""Tasks that a correlation between tasks needs (choice)."""
UNIT, SIGNED = (0.0, 1.0), (-1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Figure:
    """A statistic that can be computed of any clips."""

    statistic: Statistic
    about: str
    measure: Measure
    behind: Callable[[CodedClips], Mask]
    """[N] clips that it is made from."""
    limits: tuple[float, float] = SIGNED


def figures() -> list[Figure]:
    """Every statistic of a validation, in the order in which they are told."""
    return [
        *(_between_observers(question.key, ordered=question.ordered) for question in CODED),
        Figure("icc", "pupils", lambda c: intraclass(c.pupils[_both_counted(c)]), _both_counted),
        Figure("icc", "on_task_share", _icc_of_shares, _both_judged),
        *(_value_figure("auc", name, auc, UNIT) for name in VALUES),
        *(_value_figure("rank", name, rank_correlation, SIGNED) for name in VALUES),
        *(_task_figure(name) for name in VALUES),
        _recall("facing", "program_facing"),
        _recall("head_down", "program_head_down"),
        _recall("expression", "program_group"),
        Figure("share", "missed", _missed, lambda c: ~np.isnan(c.counted_pupils() * c.faces)),
        Figure("share", "unseen", lambda c: _share_of_the_present(c, ~c.has_face), CodedClips.is_present, UNIT),
        Figure("share", "without_value", lambda c: _share_of_the_present(c, ~c.has_value), CodedClips.is_present, UNIT),
        Figure("share", "on_task", lambda c: _mean(c.share_on_task(), c.weight), _judged, UNIT),
        Figure("difference", "on_task_where_valued", _selection, _judged),
    ]


BY_PART = {("kappa", "on_task"), ("auc", "orientation"), ("auc", "index"), ("share", "unseen")}
"""Figures that are told by face size and by row too."""


def score(
    clips: CodedClips, drawn: Resampling, parts: Sequence[tuple[Part, Mask]], group: int
) -> tuple[Agreement, ...]:
    """All figures that are defined and about ``group`` seats of a lesson at least.

    Args: ``parts`` as of ``size_parts`` and ``row_parts``.
    """
    by_part = [figure for figure in figures() if (figure.statistic, figure.about) in BY_PART]
    with config_context(assume_finite=True, skip_parameter_validation=True):  # thousands of small calls
        found = _agreements(_told(figures(), clips, group), clips, drawn, ALL)
        for part, mask in parts:
            rows = np.flatnonzero(mask)
            inside = clips.take(rows)
            found += _agreements(_told(by_part, inside, group), inside, drawn.within(rows, len(clips)), part)
    return tuple(found)


def _told(wanted: Sequence[Figure], clips: CodedClips, group: int) -> list[Figure]:
    """Those with enough seats behind them (safeguard S3)."""
    return [figure for figure in wanted if seats_of_a_lesson(clips.take(figure.behind(clips))) >= group]


def _agreements(wanted: Sequence[Figure], clips: CodedClips, drawn: Resampling, part: Part) -> list[Agreement]:
    """Those of ``wanted`` that are defined for ``clips``."""
    values = [figure.measure(clips) for figure in wanted]
    defined = [(figure, value) for figure, value in zip(wanted, values, strict=True) if not math.isnan(value)]
    spreads = errors([figure.measure for figure, _ in defined], clips, drawn)
    found = []
    for (figure, value), error in zip(defined, spreads, strict=True):
        low, high = interval(value, error, drawn.count, figure.limits) or (None, None)
        behind = int(figure.behind(clips).sum())
        found.append(Agreement(figure.statistic, figure.about, value, low, high, behind, part))
    return found


def size_parts(clips: CodedClips, cuts_px: list[float], group: int) -> list[tuple[Part, Mask]]:
    """Classes of face sizes, neighbours joined until each has ``group`` seats of a lesson; empty if that leaves one."""
    edges = [0.0, *cuts_px, math.inf]
    masks = [(clips.size_px >= low) & (clips.size_px < high) for low, high in itertools.pairwise(edges)]
    joined = _joined(clips, masks, group)
    return [
        (Part("size_px", edges[a], None if math.isinf(edges[b + 1]) else edges[b + 1]), mask) for a, b, mask in joined
    ]


def row_parts(clips: CodedClips, group: int) -> list[tuple[Part, Mask]]:
    """Rows from the camera, joined in the same way."""
    rows = np.unique(clips.row)
    return [
        (Part("row", float(rows[a]), float(rows[b])), mask)
        for a, b, mask in _joined(clips, [clips.row == row for row in rows], group)
    ]


def _joined(clips: CodedClips, masks: list[Mask], group: int) -> list[tuple[int, int, Mask]]:
    """(first, last, mask) of runs of ``masks`` that hold enough seats each (safeguard S3)."""
    runs: list[tuple[int, int, Mask]] = []
    first, gathered = 0, np.zeros(len(clips), dtype=bool)
    for number, mask in enumerate(masks):
        gathered = gathered | mask
        if seats_of_a_lesson(clips.take(gathered)) >= group:
            runs.append((first, number, gathered))
            first, gathered = number + 1, np.zeros(len(clips), dtype=bool)
    if runs and first < len(masks):
        start, _, mask = runs.pop()
        runs.append((start, len(masks) - 1, mask | gathered))
    return runs if len(runs) > 1 else []


def seats_of_a_lesson(clips: CodedClips) -> int:
    """The most seats that one lesson has in ``clips``: as many pupils at least, also where lessons share a class."""
    pairs = np.unique(np.stack([clips.lesson, clips.seat]), axis=1)
    return int(np.unique(pairs[0], return_counts=True)[1].max()) if pairs.size else 0


def was_coded(clips: CodedClips) -> Mask:
    """[N] clips of which at least one observer said something."""
    codes = np.stack([getattr(clips, question.key) for question in CODED])
    return np.asarray((codes != UNKNOWN).any(axis=(0, 2)) | ~np.isnan(clips.pupils).all(axis=1))


def _between_observers(key: str, *, ordered: bool) -> Figure:
    def both(clips: CodedClips) -> Mask:
        return np.asarray((getattr(clips, key) != UNKNOWN).all(axis=1))

    def measure(clips: CodedClips) -> float:
        kept = both(clips)
        codes: Ints = getattr(clips, key)[kept]
        return kappa(codes[:, 0], codes[:, 1], clips.weight[kept], ordered=ordered)

    return Figure("weighted_kappa" if ordered else "kappa", key, measure, both)


def _value_figure(
    statistic: Statistic, name: str, measure: Callable[[Floats, Floats, Floats], float], limits: tuple[float, float]
) -> Figure:
    def behind(clips: CodedClips) -> Mask:
        return _judged(clips) & ~np.isnan(_value(clips, name))

    def of_value(clips: CodedClips) -> float:
        kept = behind(clips)
        return measure(_value(clips, name)[kept], clips.share_on_task()[kept], clips.weight[kept])

    return Figure(statistic, name, of_value, behind, limits)


def _task_figure(name: str) -> Figure:
    """Between tasks: the mean of a value and the observed share, each over the clips that have both."""

    def behind(clips: CodedClips) -> Mask:
        return _judged(clips) & ~np.isnan(_value(clips, name))

    def of_tasks(clips: CodedClips) -> float:
        kept = clips.take(behind(clips))
        values = _means_by_task(kept, _value(kept, name))
        if len(values) < TASKS_NEEDED:
            return float("nan")
        return rank_correlation(values, _means_by_task(kept, kept.share_on_task()), np.ones(len(values)))

    return Figure("task_rank", name, of_tasks, behind)


def _means_by_task(clips: CodedClips, values: Floats) -> Floats:
    """Weighted means of the tasks with enough clips, in order of the tasks' numbers."""
    count = np.bincount(clips.task)
    weight = np.bincount(clips.task, clips.weight)
    total = np.bincount(clips.task, clips.weight * values)
    return np.asarray(total[count >= TASK_CLIPS] / weight[count >= TASK_CLIPS])


def _icc_of_shares(clips: CodedClips) -> float:
    """Agreement of the observers on how many are on task in each task of a lesson."""
    kept = clips.take(_both_judged(clips))
    shares = [_means_by_task(kept, (kept.on_task[:, k] == 0).astype(np.float64)) for k in (0, 1)]
    return intraclass(np.stack(shares, axis=1)) if len(shares[0]) >= TASKS_NEEDED else float("nan")


def _recall(key: str, program: str) -> Figure:
    def behind(clips: CodedClips) -> Mask:
        seen, said = clips.seen(getattr(clips, key)), getattr(clips, program)
        return np.asarray((seen != UNKNOWN) & (said != UNKNOWN))

    def measure(clips: CodedClips) -> float:
        kept = clips.take(behind(clips))
        return mean_recall(kept.seen(getattr(kept, key)), getattr(kept, program), kept.weight)

    return Figure("recall", key, measure, behind, UNIT)


def _value(clips: CodedClips, name: str) -> Floats:
    return cast(Floats, getattr(clips, f"program_{name}"))


def _judged(clips: CodedClips) -> Mask:
    return ~np.isnan(clips.share_on_task())


def _both_judged(clips: CodedClips) -> Mask:
    return np.asarray((clips.on_task != UNKNOWN).all(axis=1))


def _both_counted(clips: CodedClips) -> Mask:
    return np.asarray(~np.isnan(clips.pupils).any(axis=1))


def _missed(clips: CodedClips) -> float:
    """1 - faces that the program followed / pupils that the observers counted."""
    counted = clips.counted_pupils()
    known = ~np.isnan(counted * clips.faces)
    pupils = float((clips.weight * counted)[known].sum())
    return 1 - float((clips.weight * clips.faces)[known].sum()) / pupils if pupils else float("nan")


def _share_of_the_present(clips: CodedClips, what: Mask) -> float:
    return _mean(np.where(clips.is_present(), what.astype(np.float64), np.nan), clips.weight)


def _mean(values: Floats, weights: Floats) -> float:
    known = ~np.isnan(values)
    return float(np.average(values[known], weights=weights[known])) if known.any() else float("nan")


def _selection(clips: CodedClips) -> float:
    """Observed share on task where the program has a value minus where it has none: what is missing is not random."""
    share = clips.share_on_task()
    return _mean(np.where(clips.has_value, share, np.nan), clips.weight) - _mean(
        np.where(clips.has_value, np.nan, share), clips.weight
    )
