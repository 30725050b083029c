"""Bins and counts -> data of the figures, with a title that says what they show. Pure; nothing is drawn here."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import groupby

from classroom_fer.lesson.records import Moment, SessionResult, Task, TimelineBin, Visibility
from classroom_fer.measurement.engagement import ORIENTED_MODES
from classroom_fer.report.formatting import clock, plain
from classroom_fer.report.view_records import (
    BarFigure,
    CameraFigure,
    Gap,
    Series,
    Stretch,
    TaskSpan,
    TimelineFigure,
)
from classroom_fer.report.wording import Wording, change_name
from classroom_fer.settings.rules import Rules

SMOOTHED_BINS = 5
"""Bins that reach into one drawn point: a median of 3, then a mean of 3 (docs/measurement.md, section 4)."""


def camera_figure(result: SessionResult, axis: Stretch, rules: Rules, say: Wording) -> CameraFigure | None:
    """Faces visible and coverage over time; None if nobody or too small a group was seen."""
    seen = _faces(result)
    coverage = result.visibility.coverage
    if not seen or coverage is None:
        return None
    top = max(1.0, float(result.visibility.simultaneous_p95), *seen)
    alt = say(
        "camera_alt",
        all=say.whole(result.visibility.simultaneous_p95),
        half=say.whole(math.floor(statistics.median(seen))),
        seen=say.share(coverage),
    )
    return CameraFigure(
        title=camera_title(result, rules, say),
        alt=alt,
        axis=axis,
        bins=tuple(Stretch(b.start_s, b.end_s) for b in result.bins),
        faces=tuple(b.faces for b in result.bins),
        coverage=tuple(None if b.coverage is None else 100 * b.coverage for b in result.bins),
        faces_top=top,
        faces_label=say("faces_label"),
        faces_ceiling=say.whole(top),
        coverage_label=say("coverage_label"),
        coverage_ceiling=say.percent(1.0),
    )


def _faces(result: SessionResult) -> list[float]:
    """Faces at once in every bin that was seen; where they are too few to be shown, 0."""
    return [bin_.faces or 0.0 for bin_ in result.bins if bin_.frames]


def camera_title(result: SessionResult, rules: Rules, say: Wording) -> str:
    """What the film showed, in one line."""
    visibility = result.visibility
    if not visibility.frames_sampled:
        return say("camera_unread")
    seen = sorted(_faces(result))
    if not visibility.faces or not seen:
        return say("camera_none")
    if not visibility.enough_seen:
        return say("camera_small", min_group=say.whole(rules.evidence.min_group))
    few = math.floor(seen[len(seen) // 4] + 1e-9)
    most = max(visibility.simultaneous_p95, few)
    return (
        say("camera_most", few=say.whole(few), all=say.whole(most))
        if few
        else say("camera_sparse", all=say.whole(most))
    )


def size_figure(visibility: Visibility, say: Wording) -> BarFigure | None:
    """Shares of face samples by size; None if there were none or too small a group was seen."""
    total = sum(size.faces for size in visibility.sizes)
    if not total:
        return None
    shares = [size.faces / total for size in visibility.sizes]
    labels = [say.size(size) for size in visibility.sizes]
    bars = tuple((label, 100 * share, say.share(share)) for label, share in zip(labels, shares, strict=True))
    label, largest, _ = max(bars, key=lambda bar: bar[1])
    title = say("sizes_one", label=label) if largest > 50 else say("sizes_mixed")
    listed = ", ".join(f"{name} {printed}" for name, _, printed in bars)
    return BarFigure(title, say("sizes_alt", bars=listed), bars)


def timeline_figure(
    result: SessionResult, moments: Sequence[Moment], axis: Stretch, rules: Rules, say: Wording
) -> TimelineFigure | None:
    """The index over time, smoothed for display; None if no bin has a value."""
    estimates = [b.engagement for b in result.bins]
    if not any(estimates):
        return None
    oriented = [100 * b.orientation if b.engagement and b.orientation is not None else None for b in result.bins]
    engagement = smooth([e.value if e else None for e in estimates])
    tasks = [summary.task for summary in result.tasks]
    gaps = _gaps(result.bins, tasks, axis, say)
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
        bins=tuple(Stretch(b.start_s, b.end_s) for b in result.bins),
        engagement=engagement,
        low=smooth([e.low if e else None for e in estimates]),
        high=smooth([e.high if e else None for e in estimates]),
        orientation=smooth(oriented),
        gaps=gaps,
        moments=numbered,
        engagement_label=say("index_label"),
        orientation_label=say("orientation_label"),
        ticks=tuple((float(at), say.whole(at)) for at in (0, 25, 50, 75, 100)),
    )


def timeline_title(result: SessionResult, moments: Sequence[Moment], axis: Stretch, rules: Rules, say: Wording) -> str:
    """What happened to the index over the lesson, in one line."""
    if not any(bin_.engagement for bin_ in result.bins):
        modes = {summary.task.mode for summary in result.tasks}
        no_index = result.visibility.enough_seen and modes and not modes & set(ORIENTED_MODES)
        return say("timeline_mode" if no_index else "timeline_none")
    if not moments:
        return say("timeline_short" if is_short(axis, rules) else "timeline_quiet")
    clearest = max(moments, key=lambda moment: abs(moment.t))
    name = change_name(clearest, [summary.task for summary in result.tasks])
    message = say(f"timeline_{name}", time=clock(clearest.time_s))
    others = len(moments) - 1
    return say.plural("timeline_more", others, message=message) if others else message


def is_short(axis: Stretch, rules: Rules) -> bool:
    """Whether no moment has enough lesson before and after it to be found."""
    return axis.end_s - axis.start_s < 2 * rules.moments.window_s


def task_spans(tasks: Sequence[Task], axis: Stretch) -> tuple[TaskSpan, ...]:
    """Where each task lies on the axis, cut to it; every second one shaded."""
    length = axis.end_s - axis.start_s
    spans = []
    for number, task in enumerate(tasks, start=1):
        start, end = max(task.start_s, axis.start_s), min(task.end_s, axis.end_s)
        if end > start:
            left, width = 100 * (start - axis.start_s) / length, 100 * (end - start) / length
            spans.append(
                TaskSpan(
                    number, plain(task.name), Stretch(start, end), number % 2 == 0, round(left, 3), round(width, 3)
                )
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


def _gaps(bins: Sequence[TimelineBin], tasks: Sequence[Task], axis: Stretch, say: Wording) -> tuple[Gap, ...]:
    """Neighbouring bins without a value and with the same reason, as one stretch."""
    pieces: list[tuple[float, float, str]] = []
    at = axis.start_s
    for bin_ in bins:
        if bin_.start_s > at:
            pieces.append((at, bin_.start_s, "gap_between"))
        if not bin_.engagement:
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
    return tuple(Gap(Stretch(start, end), say(reason)) for start, end, reason in merged)


def _reason(bin_: TimelineBin, tasks: Sequence[Task]) -> str:
    if not bin_.frames:
        return "gap_unseen"
    middle = (bin_.start_s + bin_.end_s) / 2
    task = next((task for task in tasks if task.start_s <= middle < task.end_s), None)
    if task is None:
        return "gap_between"
    return "gap_few" if task.mode in ORIENTED_MODES else "gap_mode"
