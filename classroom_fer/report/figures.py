"""Bins and counts -> data of the figures, with a title that says what they show. Pure; nothing is drawn here."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import groupby

from classroom_fer.lesson.records import Moment, SessionResult, Task, TimelineBin, Visibility
from classroom_fer.measurement.small_groups import may_count, may_show
from classroom_fer.report.formatting import clock, plain
from classroom_fer.report.reasons import change_name, size_label
from classroom_fer.report.view_records import (
    BarFigure,
    CameraFigure,
    Gap,
    Series,
    Span,
    TaskSpan,
    TimelineFigure,
)
from classroom_fer.report.wording import Wording
from classroom_fer.settings.rules import Rules

SMOOTHED_BINS = 5
"""Bins that reach into one drawn point: a median of 3, then a mean of 3 (measurement.md, section 4)."""
WITHOUT_INDEX = ("group", "move")


def is_small(visibility: Visibility, rules: Rules) -> bool:
    """Whether so few were there that even how many were visible when would follow single children (safeguard S3)."""
    return not may_show(visibility.simultaneous_p95, rules.evidence)


def faces_told(bin_: TimelineBin, visibility: Visibility, rules: Rules) -> float | None:
    """Faces at once in a bin; None if unknown or too few to be told, as sessions of earlier versions may hold (S3)."""
    told = bin_.frames and bin_.faces is not None
    return bin_.faces if told and may_count(bin_.faces or 0.0, visibility.simultaneous_p95, rules.evidence) else None


def coverage_told(bin_: TimelineBin, visibility: Visibility, rules: Rules) -> float | None:
    """Part of the class that was seen in a bin; None as in ``faces_told``."""
    if not bin_.frames or bin_.coverage is None:
        return None
    everybody = visibility.simultaneous_p95
    return bin_.coverage if may_count(round(bin_.coverage * everybody), everybody, rules.evidence) else None


def camera_figure(result: SessionResult, axis: Span, rules: Rules, say: Wording) -> CameraFigure | None:
    """Faces visible and coverage over time; None if nobody or too small a group was seen."""
    seen = _faces_told(result, rules)
    coverages = [coverage_told(b, result.visibility, rules) for b in result.bins]
    if not seen or not result.visibility.faces or is_small(result.visibility, rules):
        return None
    top = max(1.0, float(result.visibility.simultaneous_p95), *seen)
    coverage = result.visibility.coverage
    alt = say(
        "camera_alt",
        all=say.whole(result.visibility.simultaneous_p95),
        half=say.whole(math.floor(statistics.median(seen))),
        seen=say.share(coverage) if coverage is not None else "–",
    )
    return CameraFigure(
        title=camera_title(result, rules, say),
        alt=alt,
        axis=axis,
        bins=tuple(Span(b.start_s, b.end_s) for b in result.bins),
        faces=tuple(faces_told(b, result.visibility, rules) for b in result.bins),
        coverage=tuple(None if share is None else 100 * share for share in coverages),
        faces_top=top,
        faces_label=say("faces_label"),
        faces_ceiling=say.whole(top),
        coverage_label=say("coverage_label"),
        coverage_ceiling=say.percent(1.0),
    )


def _faces_told(result: SessionResult, rules: Rules) -> list[float]:
    """Faces at once in every bin that was seen; where they are too few to be told, 0."""
    return [faces_told(bin_, result.visibility, rules) or 0.0 for bin_ in result.bins if bin_.frames]


def camera_title(result: SessionResult, rules: Rules, say: Wording) -> str:
    """What the film showed, in one line."""
    visibility = result.visibility
    if not visibility.frames_sampled:
        return say("camera_unread")
    seen = sorted(_faces_told(result, rules))
    if not visibility.faces or not seen:
        return say("camera_none")
    if is_small(visibility, rules):
        return say("camera_small", min_group=say.whole(rules.evidence.min_group))
    few = math.floor(seen[len(seen) // 4] + 1e-9)
    most = max(visibility.simultaneous_p95, few)
    return (
        say("camera_most", few=say.whole(few), all=say.whole(most))
        if few
        else say("camera_sparse", all=say.whole(most))
    )


def size_figure(visibility: Visibility, rules: Rules, say: Wording) -> BarFigure | None:
    """Shares of face samples by size; None if there were none or too small a group was seen."""
    total = sum(count for _, count in visibility.sizes)
    if not total or is_small(visibility, rules):
        return None
    bars = tuple(
        (size_label(label, say), 100 * count / total, say.share(count / total)) for label, count in visibility.sizes
    )
    label, largest, _ = max(bars, key=lambda bar: bar[1])
    title = say("sizes_one", label=label) if largest > 50 else say("sizes_mixed")
    listed = ", ".join(f"{name} {printed}" for name, _, printed in bars)
    return BarFigure(title, say("sizes_alt", bars=listed), bars)


def timeline_figure(
    result: SessionResult, moments: Sequence[Moment], axis: Span, rules: Rules, say: Wording
) -> TimelineFigure | None:
    """The index over time, smoothed for display; None if no bin has a value."""
    enough = shown_bins(result, rules)
    if not any(enough):
        return None
    estimates = [b.engagement if ok else None for b, ok in zip(result.bins, enough, strict=True)]
    turned = [
        100 * b.orientation if ok and b.orientation is not None else None
        for b, ok in zip(result.bins, enough, strict=True)
    ]
    engagement = smooth([e.value if e else None for e in estimates])
    tasks = [summary.task for summary in result.tasks]
    gaps = _gaps(result.bins, enough, tasks, axis, say)
    drawn = [value for value in engagement if value is not None]
    numbered = tuple((number, moment.time_s) for number, moment in enumerate(moments, start=1))
    alt = say(
        "timeline_alt",
        low=say.whole(min(drawn)),
        high=say.whole(max(drawn)),
        gaps=say("timeline_alt_gaps") if gaps else "",
        moments=say("timeline_alt_moments", times=", ".join(clock(t) for _, t in numbered)) if numbered else "",
    )
    return TimelineFigure(
        title=timeline_title(result, moments, axis, rules, say),
        alt=" ".join(alt.split()),
        axis=axis,
        tasks=task_spans(tasks, axis),
        bins=tuple(Span(b.start_s, b.end_s) for b in result.bins),
        engagement=engagement,
        low=smooth([e.low if e else None for e in estimates]),
        high=smooth([e.high if e else None for e in estimates]),
        orientation=smooth(turned),
        gaps=gaps,
        moments=numbered,
        engagement_label=say("index_label"),
        orientation_label=say("orientation_label"),
        ticks=tuple((float(at), say.whole(at)) for at in (0, 25, 50, 75, 100)),
    )


def timeline_title(result: SessionResult, moments: Sequence[Moment], axis: Span, rules: Rules, say: Wording) -> str:
    """What happened to the index over the lesson, in one line."""
    if not any(shown_bins(result, rules)):
        modes = {summary.task.mode for summary in result.tasks}
        seen = result.visibility.simultaneous_p95 >= rules.evidence.min_group
        return say("timeline_mode" if seen and modes and modes <= set(WITHOUT_INDEX) else "timeline_none")
    if not moments:
        return say("timeline_short" if is_short(axis, rules) else "timeline_quiet")
    clearest = max(moments, key=lambda moment: abs(moment.t))
    name = change_name(clearest, [summary.task for summary in result.tasks])
    message = say(f"timeline_{name}", time=clock(clearest.time_s))
    others = len(moments) - 1
    return say.plural("timeline_more", others, message=message) if others else message


def is_short(axis: Span, rules: Rules) -> bool:
    """Whether no moment has enough lesson before and after it to be found."""
    return axis.end_s - axis.start_s < 2 * rules.moments.window_s


def task_spans(tasks: Sequence[Task], axis: Span) -> tuple[TaskSpan, ...]:
    """Where each task lies on the axis, cut to it; every second one shaded."""
    length = axis.end_s - axis.start_s
    spans = []
    for number, task in enumerate(tasks, start=1):
        start, end = max(task.start_s, axis.start_s), min(task.end_s, axis.end_s)
        if end > start:
            left, width = 100 * (start - axis.start_s) / length, 100 * (end - start) / length
            spans.append(
                TaskSpan(number, plain(task.name), Span(start, end), number % 2 == 0, round(left, 3), round(width, 3))
            )
    return tuple(spans)


def smooth(values: Sequence[float | None]) -> Series:
    """Median of 3, then mean of 3, inside each unbroken run; gaps stay gaps.

    >>> smooth([1, None, 4, 40, 4])
    (1.0, None, 13.0, 16.0, 13.0)
    """
    drawn: list[float | None] = []
    for missing, run in groupby(values, key=lambda value: value is None):
        members = list(run)
        drawn += members if missing else _rolled([value for value in members if value is not None])
    return tuple(drawn)


def _rolled(run: Sequence[float]) -> list[float]:
    middle = [statistics.median(run[max(0, i - 1) : i + 2]) for i in range(len(run))]
    return [statistics.fmean(middle[max(0, i - 1) : i + 2]) for i in range(len(middle))]


def shown_bins(result: SessionResult, rules: Rules) -> list[bool]:
    """Per bin, whether its value may be drawn; the last door before paper (safeguard S3).

    The class must be large enough in the bin and in every task that the bin touches.
    """
    small = [s.task for s in result.tasks if not may_show(s.n, rules.evidence)]

    def open_(bin_: TimelineBin) -> bool:
        touched = any(task.start_s < bin_.end_s and bin_.start_s < task.end_s for task in small)
        return bin_.engagement is not None and bin_.n is not None and may_show(bin_.n, rules.evidence) and not touched

    return [open_(bin_) for bin_ in result.bins]


def _gaps(
    bins: Sequence[TimelineBin], enough: Sequence[bool], tasks: Sequence[Task], axis: Span, say: Wording
) -> tuple[Gap, ...]:
    """Neighbouring bins without a value and with the same reason, as one stretch."""
    pieces: list[tuple[float, float, str]] = []
    at = axis.start_s
    for bin_, ok in zip(bins, enough, strict=True):
        if bin_.start_s > at:
            pieces.append((at, bin_.start_s, "gap_between"))
        if not ok:
            pieces.append((bin_.start_s, bin_.end_s, _reason(bin_, tasks)))
        at = max(at, bin_.end_s)
    if at < axis.end_s:
        pieces.append((at, axis.end_s, "gap_between"))
    merged: list[tuple[float, float, str]] = []
    for start, end, reason in pieces:
        if merged and merged[-1][2] == reason and math.isclose(merged[-1][1], start):
            merged[-1] = (merged[-1][0], end, reason)
        else:
            merged.append((start, end, reason))
    return tuple(Gap(Span(start, end), say(reason)) for start, end, reason in merged)


def _reason(bin_: TimelineBin, tasks: Sequence[Task]) -> str:
    if not bin_.frames:
        return "gap_unseen"
    middle = (bin_.start_s + bin_.end_s) / 2
    task = next((task for task in tasks if task.start_s <= middle < task.end_s), None)
    if task is None:
        return "gap_between"
    return "gap_mode" if task.mode in WITHOUT_INDEX else "gap_few"
