"""The figures, drawn by matplotlib; the same data give the same bytes.

One style: thin lines, two hues that differ in dash as well (they read in grey and with any colour vision),
hatching for what was not seen, labels at the lines instead of legends. Names of tasks stand in HTML above the chart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from matplotlib.axes import Axes

from classroom_fer.report.canvas import INK, PAGE_WIDTH_IN, RULE, Canvas, Drawing, styled, width_in
from classroom_fer.report.formatting import clock
from classroom_fer.report.view_records import (
    BarFigure,
    CameraFigure,
    ExpressionFigure,
    Gap,
    IntervalMark,
    Series,
    Stretch,
    TimelineFigure,
)

INDEX, BAND = "#1f4e79", "#c6d5e5"
DIRECTION = "#a65300"
SHADE, GAP, GAP_LINE = "#f1f1f1", "#e3e3e3", "#a8a8a8"
LAYERS = ("#dde6ef", "#7fa3c7", "#1f4e79", "#ffffff")
"""Neutral, smiling, surprised, other: light to dark, then white with hatching."""
AXIS_LEFT, AXIS_RIGHT = 0.056, 0.832
"""Shares of the page's width between which every time axis lies; the strip of task names uses them too."""
MARGIN = 100 * (1 - AXIS_RIGHT) - 1.0
"""Per cent of the page's width for the labels beside a time axis."""


def camera_drawing(data: CameraFigure, *, mirrored: bool = False) -> Drawing:
    """Two panels above each other: faces visible at once, share seen."""
    with styled():
        canvas = Canvas(PAGE_WIDTH_IN, 1.02)
        panels = (
            (0.63, data.faces, data.faces_label, data.faces_top, data.faces_ceiling),
            (0.21, data.coverage, data.coverage_label, 100.0, data.coverage_ceiling),
        )
        for bottom, values, label, top, ceiling in panels:
            axes = _time_axes(canvas, (bottom, 0.34), data.axis, named=bottom < 0.5)
            _draw_gaps(canvas, axes, _unread(data.bins, values, data.axis), data.axis)
            _draw_steps(axes, data.bins, values)
            axes.set_ylim(0, top * 1.06)
            axes.set_yticks([0, round(top)])
            canvas.write(axes, ceiling, (-0.008, 1 / 1.06), align="end")
            _beside(canvas, axes, label, 0.5, "soft")
        return canvas.finish(data.alt, mirrored=mirrored)


def bars_drawing(data: BarFigure, *, mirrored: bool = False) -> Drawing:
    """Thin horizontal bars, small to large from the top, each with its share."""
    with styled():
        rows = len(data.bars)
        canvas = Canvas(PAGE_WIDTH_IN * 0.5, 0.19 * rows + 0.04)
        axes = canvas.axes(0.4, 0.0, 0.3, 1.0)
        axes.set_xlim(0, 100)
        axes.set_ylim(rows - 0.5, -0.5)
        axes.axis("off")
        axes.axvline(0, color=RULE, linewidth=0.6)
        for row, (label, value, printed) in enumerate(data.bars):
            axes.barh(row, value, height=0.52, color=INDEX)
            height = 1 - (row + 0.5) / rows
            canvas.write(axes, label, (-0.04, height), align="end", css_class="ink")
            canvas.write(axes, printed, (value / 100 + 0.04, height), css_class="ink")
        return canvas.finish(data.alt, mirrored=mirrored)


def timeline_drawing(data: TimelineFigure, *, mirrored: bool = False) -> Drawing:
    """Index with its band, direction dashed, tasks shaded, gaps hatched, moments as numbered circles on top."""
    with styled():
        height_in, above_in = 1.68, 0.26 if data.moments else 0.08
        whole_in = height_in + above_in
        canvas = Canvas(PAGE_WIDTH_IN, whole_in)
        axes = _time_axes(canvas, (0.2 / whole_in, 1 - (0.2 + above_in) / whole_in), data.axis)
        _scale(canvas, axes, data.ticks, (25, 50, 75))
        for task in data.tasks:
            if task.shaded:
                axes.axvspan(task.span.start_s, task.span.end_s, color=SHADE, linewidth=0, zorder=0)
            axes.axvline(task.span.start_s, color=RULE, linewidth=0.5, zorder=0.5)
        _draw_gaps(canvas, axes, data.gaps, data.axis)
        middles = [(b.start_s + b.end_s) / 2 for b in data.bins]
        _draw_band(axes, middles, data.low, data.high)
        _draw_line(axes, middles, data.engagement, INDEX)
        _draw_line(axes, middles, data.orientation, DIRECTION, dashed=True)
        _draw_moments(canvas, axes, data)
        lines = ((data.engagement, data.engagement_label, "index"),
                 (data.orientation, data.orientation_label, "direction"))  # fmt: skip
        _label_ends(canvas, axes, lines)
        return canvas.finish(data.alt, mirrored=mirrored)


def expressions_drawing(data: ExpressionFigure, *, mirrored: bool = False) -> Drawing:
    """Four layers that fill 0-100, one step per task; hatched where a task has no value."""
    with styled():
        canvas = Canvas(PAGE_WIDTH_IN, 1.5)
        axes = _time_axes(canvas, (0.17, 0.79), data.axis)
        _scale(canvas, axes, data.ticks, ())
        _draw_gaps(canvas, axes, data.gaps, data.axis)
        for span, groups in data.steps:
            base = 0.0
            for value, colour in zip(groups, LAYERS, strict=True):
                axes.fill_between(
                    [span.start_s, span.end_s], base, base + value, facecolor=colour, edgecolor=GAP_LINE, linewidth=0.4,
                    hatch="/////" if colour == LAYERS[-1] else None,
                )  # fmt: skip
                base += value
        last = data.steps[-1][1]
        tops = [sum(last[: i + 1]) - last[i] / 2 for i in range(4)]
        classes = ("soft", "smiling", "index-light", "soft")
        for y, label, css_class in zip(apart(tops, 15.0, 4.0, 96.0), data.labels, classes, strict=True):
            _beside(canvas, axes, label, y / 100, css_class)
        return canvas.finish(data.alt, mirrored=mirrored)


def interval_drawing(mark: IntervalMark, *, mirrored: bool = False) -> Drawing:
    """One dot with its interval on a 0-100 scale; a hollow dot where the evidence is weak."""
    with styled():
        canvas = Canvas(1.4, 0.16)
        axes = _mark_axes(canvas)
        axes.hlines(0, 0, 100, color=RULE, linewidth=0.5)
        axes.vlines([0, 50, 100], -0.35, 0.35, color=RULE, linewidth=0.5)
        axes.hlines(0, max(0, mark.low), min(100, mark.high), color=INDEX, linewidth=2.2)
        face = "white" if mark.weak else INDEX
        axes.plot([mark.value], [0], "o", markersize=5, color=INDEX, markerfacecolor=face, markeredgewidth=1.1)
        return canvas.finish(mark.alt, mirrored=mirrored)


def scale_drawing(ticks: tuple[str, str, str], alt: str, *, mirrored: bool = False) -> Drawing:
    """The scale of the marks, for the head of their column."""
    with styled():
        canvas = Canvas(1.4, 0.16)
        axes = _mark_axes(canvas)
        for at, text in zip((0, 50, 100), ticks, strict=True):
            canvas.write(axes, text, (at / 100, 0.5), align="middle")
        return canvas.finish(alt, mirrored=mirrored)


def _mark_axes(canvas: Canvas) -> Axes:
    axes = canvas.axes(0.08, 0.0, 0.84, 1.0)
    axes.set_xlim(0, 100)
    axes.set_ylim(-1, 1)
    axes.axis("off")
    return axes


def _time_axes(canvas: Canvas, vertical: tuple[float, float], axis: Stretch, *, named: bool = True) -> Axes:
    """Axes at the common horizontal place; ``vertical`` is (bottom, height) in shares of the figure."""
    axes = canvas.axes(AXIS_LEFT, vertical[0], AXIS_RIGHT - AXIS_LEFT, vertical[1])
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlim(axis.start_s, axis.end_s)
    ticks = time_ticks(axis)
    axes.set_xticks(ticks)
    below = -0.05 / (canvas.height_in * vertical[1])
    for tick in ticks if named else ():
        x = (tick - axis.start_s) / (axis.end_s - axis.start_s)
        canvas.write(axes, clock(tick), (x, below), align="middle", hangs=True, css_class="soft")
    return axes


def _scale(canvas: Canvas, axes: Axes, ticks: Sequence[tuple[float, str]], lines: Sequence[float]) -> None:
    """A scale from 0 to 100 with its printed ticks and thin lines across."""
    axes.set_ylim(0, 100)
    axes.set_yticks([at for at, _ in ticks])
    for at, text in ticks:
        canvas.write(axes, text, (-0.008, at / 100), align="end")
    low, high = axes.get_xlim()
    axes.hlines(lines, low, high, color=RULE, linewidth=0.3, zorder=0.6)


def _beside(canvas: Canvas, axes: Axes, text: str, height: float, css_class: str) -> None:
    """A label in the margin after the end of the time axis."""
    canvas.write(axes, text, (1.012, height), css_class=css_class, width=MARGIN)


def time_ticks(axis: Stretch) -> list[float]:
    """Round times, at most eleven of them."""
    length = axis.end_s - axis.start_s
    steps = (10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
    step = next((step for step in steps if length / step <= 10), 28800)
    first = -int(-axis.start_s // step)
    return [float(k * step) for k in range(first, int(axis.end_s // step) + 1)]


def _runs(values: Series) -> Iterator[tuple[bool, int, int]]:
    """(has values, first, one past last) of each unbroken stretch."""
    at = 0
    for present, run in groupby(values, key=lambda value: value is not None):
        length = len(list(run))
        yield present, at, at + length
        at += length


def _draw_steps(axes: Axes, bins: Sequence[Stretch], values: Series) -> None:
    for present, first, end in _runs(values):
        if present:
            edges = [b.start_s for b in bins[first:end]] + [bins[end - 1].end_s]
            heights = [v for v in values[first:end] if v is not None]
            axes.stairs(heights, edges, fill=True, facecolor=BAND, edgecolor=INDEX, linewidth=0)
            axes.stairs(heights, edges, baseline=None, edgecolor=INDEX, linewidth=0.8)


def _unread(bins: Sequence[Stretch], values: Series, axis: Stretch) -> list[Gap]:
    gaps = [Stretch(bins[a].start_s, bins[b - 1].end_s) for present, a, b in _runs(values) if not present]
    if bins and bins[-1].end_s < axis.end_s:
        gaps.append(Stretch(bins[-1].end_s, axis.end_s))
    return [Gap(span, "") for span in gaps]


def _draw_gaps(canvas: Canvas, axes: Axes, gaps: Sequence[Gap], axis: Stretch) -> None:
    length = axis.end_s - axis.start_s
    room_in = PAGE_WIDTH_IN * (AXIS_RIGHT - AXIS_LEFT)
    for gap in gaps:
        axes.axvspan(
            gap.span.start_s, gap.span.end_s, facecolor=GAP, edgecolor=GAP_LINE, hatch="////", linewidth=0, zorder=1
        )
        if room_in * (gap.span.end_s - gap.span.start_s) / length > width_in(f"{gap.label}  "):
            middle = (gap.span.start_s + gap.span.end_s) / 2
            canvas.write(axes, gap.label, ((middle - axis.start_s) / length, 0.5), align="middle", css_class="boxed")


def _draw_band(axes: Axes, middles: Sequence[float], low: Series, high: Series) -> None:
    for present, first, end in _runs(low):
        if present:
            ends = _numbers(low[first:end]), _numbers(high[first:end])
            axes.fill_between(list(middles[first:end]), *ends, color=BAND, linewidth=0, zorder=2)


def _draw_line(axes: Axes, middles: Sequence[float], values: Series, colour: str, *, dashed: bool = False) -> None:
    style: Any = (0, (4, 2)) if dashed else "-"
    for present, first, end in _runs(values):
        if not present:
            continue
        at, drawn = list(middles[first:end]), _numbers(values[first:end])
        if len(at) == 1:
            axes.plot(at, drawn, ".", color=colour, markersize=4, zorder=3)
        axes.plot(at, drawn, color=colour, linewidth=1.0 if dashed else 1.5, linestyle=style, zorder=3)


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _draw_moments(canvas: Canvas, axes: Axes, data: TimelineFigure) -> None:
    above = 1 + 0.13 / (canvas.height_in * axes.get_position().height)
    for number, time_s in data.moments:
        axes.axvline(time_s, color=INK, linewidth=0.8, linestyle=(0, (1, 1.5)), zorder=3.5)
        axes.plot(
            [time_s], [above], "o", transform=axes.get_xaxis_transform(), markersize=11.5, markerfacecolor="white",
            markeredgecolor=INK, markeredgewidth=0.8, zorder=5, clip_on=False,
        )  # fmt: skip
        x = (time_s - data.axis.start_s) / (data.axis.end_s - data.axis.start_s)
        canvas.write(axes, str(number), (x, above), align="middle", css_class="moment")


def _label_ends(canvas: Canvas, axes: Axes, lines: Sequence[tuple[Series, str, str]]) -> None:
    """Each line's name in the margin, at the height where the line ends."""
    known = [line for line in lines if _numbers(line[0])]
    heights = [_numbers(line[0])[-1] for line in known]
    for y, (_, label, css_class) in zip(apart(heights, 20.0, 7.0, 93.0), known, strict=True):
        _beside(canvas, axes, label, y / 100, css_class)


def apart(heights: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The heights moved as little as a single sweep allows so that neighbours are ``gap`` apart inside low..high.

    >>> apart([50, 51, 49], 15, 4, 96)
    [64, 79, 49]
    """
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    placed = [0.0] * len(heights)
    floor = low
    for i in order:
        placed[i] = max(heights[i], floor)
        floor = placed[i] + gap
    ceiling = high
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling)
        ceiling = placed[i] - gap
    return placed
