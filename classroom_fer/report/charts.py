"""Figures as SVG text, drawn by matplotlib; the same data give the same bytes.

One style: thin lines, two hues that differ in dash as well (they read in grey and with any colour vision),
hatching for what was not seen, labels at the lines instead of legends. Names of tasks are never drawn here: SVG text is
not shaped for right-to-left scripts by the PDF library, so names stand in HTML beside the charts.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from classroom_fer.report.formatting import clock
from classroom_fer.report.printable import (
    BarFigure,
    CameraFigure,
    ExpressionFigure,
    Gap,
    IntervalMark,
    Series,
    Span,
    TimelineFigure,
)

INK, SOFT, RULE = "#222222", "#595959", "#bdbdbd"
INDEX, BAND = "#1f4e79", "#c6d5e5"
DIRECTION = "#a65300"
SHADE, GAP, GAP_LINE = "#f1f1f1", "#e3e3e3", "#a8a8a8"
LAYERS = ("#dde6ef", "#7fa3c7", "#1f4e79", "#ffffff")
"""Neutral, smiling, surprised, other: light to dark, then white with hatching."""
TEXT_PT = 8.0
"""No text in a chart is smaller (choice: the smallest size that prints well)."""
PAGE_WIDTH_IN = 7.008
"""178 mm, the width between the margins of A4 in report.css."""
AXIS_LEFT, AXIS_RIGHT = 0.052, 0.832
"""Shares of the page's width between which every time axis lies; the strip of task names uses them too."""
CHARACTER_IN = 0.068
"""About the width of a character at TEXT_PT in DejaVu Sans, generously."""
FONTS = "'DejaVu Sans', 'Noto Sans', sans-serif"

_STYLE: Any = {
    "text.parse_math": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "classroom-fer",
    "font.family": "DejaVu Sans",
    "font.size": TEXT_PT,
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.6,
    "axes.labelcolor": SOFT,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": SOFT,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.0,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "hatch.linewidth": 0.5,
    "text.color": INK,
    "path.simplify": False,
}


def camera_svg(data: CameraFigure) -> str:
    """Two panels above each other: faces visible at once, share seen."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(PAGE_WIDTH_IN, 1.1))
        panels = (
            (0.62, data.faces, data.faces_label, data.faces_top),
            (0.18, data.coverage, data.coverage_label, 100.0),
        )
        for bottom, values, label, top in panels:
            axes = _time_axes(figure, (bottom, 0.34), data.axis)
            _draw_unread(axes, data.bins, values, data.axis)
            _draw_steps(axes, data.bins, values)
            axes.set_ylim(0, top * 1.06)
            ceiling = max(1, round(top))
            axes.set_yticks([0, ceiling], ["", f"{ceiling} %" if values is data.coverage else str(ceiling)])
            axes.text(1.008, 0.5, label, transform=axes.transAxes, va="center", color=SOFT, linespacing=1.05)
            if bottom > 0.5:
                axes.tick_params(labelbottom=False)
        return _svg(figure, data.alt)


def bars_svg(data: BarFigure) -> str:
    """Thin horizontal bars, small to large from the top, each with its share."""
    with matplotlib.rc_context(_STYLE):
        height = 0.17 * len(data.bars) + 0.06
        figure = Figure(figsize=(PAGE_WIDTH_IN * 0.5, height))
        axes = figure.add_axes((0.34, 0.0, 0.36, 1.0))
        for row, (label, value, printed) in enumerate(data.bars):
            axes.barh(row, value, height=0.52, color=INDEX)
            axes.text(-4, row, label, ha="right", va="center")
            axes.text(value + 3, row, printed, ha="left", va="center")
        axes.set_xlim(0, 100)
        axes.set_ylim(len(data.bars) - 0.4, -0.6)
        axes.axis("off")
        axes.axvline(0, color=RULE, linewidth=0.6)
        return _svg(figure, data.alt)


def timeline_svg(data: TimelineFigure) -> str:
    """Index with its band, direction dashed, tasks shaded, gaps hatched, moments as numbered circles on top."""
    with matplotlib.rc_context(_STYLE):
        height_in, above_in = 1.85, 0.26 if data.moments else 0.08
        figure = Figure(figsize=(PAGE_WIDTH_IN, height_in + above_in))
        below = 0.2 / (height_in + above_in)
        axes = _time_axes(figure, (below, 1 - below - above_in / (height_in + above_in)), data.axis)
        axes.set_ylim(0, 100)
        axes.set_yticks([0, 25, 50, 75, 100])
        for task in data.tasks:
            if task.shaded:
                axes.axvspan(task.span.start_s, task.span.end_s, color=SHADE, linewidth=0, zorder=0)
            axes.axvline(task.span.start_s, color=RULE, linewidth=0.5, zorder=0.5)
        axes.hlines([25, 50, 75], data.axis.start_s, data.axis.end_s, color=RULE, linewidth=0.3, zorder=0.6)
        _draw_gaps(axes, data.gaps, data.axis, at=50)
        middles = [(b.start_s + b.end_s) / 2 for b in data.bins]
        _draw_line(axes, middles, data.engagement, INDEX, low=data.low, high=data.high)
        _draw_line(axes, middles, data.orientation, DIRECTION, dashed=True)
        _draw_moments(axes, data)
        _label_ends(axes, [(data.engagement, data.engagement_label, INDEX, "bold"),
                           (data.orientation, data.orientation_label, DIRECTION, "normal")])  # fmt: skip
        return _svg(figure, data.alt)


def expressions_svg(data: ExpressionFigure) -> str:
    """Four layers that fill 0-100, one step per task; hatched where a task has no value."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(PAGE_WIDTH_IN, 1.5))
        axes = _time_axes(figure, (0.17, 0.79), data.axis)
        axes.set_ylim(0, 100)
        axes.set_yticks([0, 50, 100], ["0", "50", "100 %"])
        _draw_gaps(axes, data.gaps, data.axis, at=50)
        for span, groups in data.steps:
            base = 0.0
            for value, colour in zip(groups, LAYERS, strict=True):
                hatch = "/////" if colour == LAYERS[-1] else None
                axes.fill_between(
                    [span.start_s, span.end_s], base, base + value, facecolor=colour, hatch=hatch,
                    edgecolor=GAP_LINE, linewidth=0.4,
                )  # fmt: skip
                base += value
        last = data.steps[-1][1]
        tops = [sum(last[: i + 1]) - last[i] / 2 for i in range(4)]
        colours = (SOFT, "#4f7aa5", INDEX, SOFT)
        for y, label, colour in zip(_apart(tops, 15.0, 4.0, 96.0), data.labels, colours, strict=True):
            axes.text(1.008, y, label, transform=axes.get_yaxis_transform(), va="center", color=colour)
        return _svg(figure, data.alt)


def interval_svg(mark: IntervalMark | None, alt: str = "") -> str:
    """One dot with its interval on a 0-100 scale; without a mark the scale itself, for the head of the column."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(1.4, 0.16))
        axes = figure.add_axes((0.08, 0.0, 0.84, 1.0))
        axes.set_xlim(0, 100)
        axes.set_ylim(-1, 1)
        axes.axis("off")
        if mark is None:
            for at in (0, 50, 100):
                axes.text(at, 0, str(at), ha="center", va="center", color=SOFT)
            return _svg(figure, alt)
        axes.hlines(0, 0, 100, color=RULE, linewidth=0.5)
        axes.vlines([0, 50, 100], -0.35, 0.35, color=RULE, linewidth=0.5)
        axes.hlines(0, max(0, mark.low), min(100, mark.high), color=INDEX, linewidth=2.2)
        face = "white" if mark.weak else INDEX
        axes.plot([mark.value], [0], "o", markersize=5, color=INDEX, markerfacecolor=face, markeredgewidth=1.1)
        return _svg(figure, mark.alt)


def _time_axes(figure: Figure, vertical: tuple[float, float], axis: Span) -> Axes:
    """Axes at the common horizontal place; ``vertical`` is (bottom, height) in shares of the figure."""
    axes = figure.add_axes((AXIS_LEFT, vertical[0], AXIS_RIGHT - AXIS_LEFT, vertical[1]))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xlim(axis.start_s, axis.end_s)
    axes.set_xticks(_ticks(axis))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _: clock(seconds)))
    axes.tick_params(pad=2)
    return axes


def _ticks(axis: Span) -> list[float]:
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


def _draw_steps(axes: Axes, bins: Sequence[Span], values: Series) -> None:
    for present, first, end in _runs(values):
        if present:
            edges = [b.start_s for b in bins[first:end]] + [bins[end - 1].end_s]
            heights = [v for v in values[first:end] if v is not None]
            axes.stairs(heights, edges, fill=True, facecolor=BAND, edgecolor=INDEX, linewidth=0)
            axes.stairs(heights, edges, baseline=None, edgecolor=INDEX, linewidth=0.8)


def _draw_unread(axes: Axes, bins: Sequence[Span], values: Series, axis: Span) -> None:
    gaps = [Span(bins[a].start_s, bins[b - 1].end_s) for present, a, b in _runs(values) if not present]
    if bins and bins[-1].end_s < axis.end_s:
        gaps.append(Span(bins[-1].end_s, axis.end_s))
    _draw_gaps(axes, [Gap(span, "") for span in gaps], axis, at=0)


def _draw_gaps(axes: Axes, gaps: Sequence[Gap], axis: Span, *, at: float) -> None:
    width_in = PAGE_WIDTH_IN * (AXIS_RIGHT - AXIS_LEFT)
    for gap in gaps:
        axes.axvspan(
            gap.span.start_s, gap.span.end_s, facecolor=GAP, edgecolor=GAP_LINE, hatch="////", linewidth=0, zorder=1
        )
        room = width_in * (gap.span.end_s - gap.span.start_s) / (axis.end_s - axis.start_s)
        if gap.label and room > CHARACTER_IN * (len(gap.label) + 2):
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
            middle = (gap.span.start_s + gap.span.end_s) / 2
            axes.text(middle, at, gap.label, ha="center", va="center", color=SOFT, bbox=box, zorder=4)


def _draw_line(
    axes: Axes, middles: Sequence[float], values: Series, colour: str, *, dashed: bool = False,
    low: Series = (), high: Series = (),
) -> None:  # fmt: skip
    for present, first, end in _runs(values):
        if not present:
            continue
        at = list(middles[first:end])
        if low and high:
            axes.fill_between(
                at, _numbers(low[first:end]), _numbers(high[first:end]), color=BAND, linewidth=0, zorder=2
            )
        style: Any = (0, (4, 2)) if dashed else "-"
        drawn = _numbers(values[first:end])
        if len(at) == 1:
            axes.plot(at, drawn, ".", color=colour, markersize=4, zorder=3)
        axes.plot(at, drawn, color=colour, linewidth=1.0 if dashed else 1.5, linestyle=style, zorder=3)


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _draw_moments(axes: Axes, data: TimelineFigure) -> None:
    for number, time_s in data.moments:
        axes.axvline(time_s, color=INK, linewidth=0.8, linestyle=(0, (1, 1.5)), zorder=3.5)
        circle = {"boxstyle": "circle,pad=0.22", "facecolor": "white", "edgecolor": INK, "linewidth": 0.8}
        axes.text(
            time_s, 1.07, str(number), transform=axes.get_xaxis_transform(), ha="center", va="center",
            weight="bold", bbox=circle, zorder=5, clip_on=False,
        )  # fmt: skip


def _label_ends(axes: Axes, lines: Sequence[tuple[Series, str, str, str]]) -> None:
    """Each line's name in the right margin, at the height where the line ends."""
    known = [line for line in lines if _numbers(line[0])]
    heights = [_numbers(line[0])[-1] for line in known]
    for y, (_, label, colour, weight) in zip(_apart(heights, 17.0, 6.0, 94.0), known, strict=True):
        axes.text(
            1.008, y, label, transform=axes.get_yaxis_transform(), va="center", color=colour, weight=weight,
            linespacing=1.05,
        )  # fmt: skip


def _apart(heights: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """The heights moved as little as a single sweep allows so that neighbours are ``gap`` apart inside low..high."""
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


def _svg(figure: Figure, alt: str) -> str:
    """The figure as one ``<svg>`` element to stand in HTML, with ``alt`` as its title (what PDF/UA takes as /Alt)."""
    out = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(out, format="svg", transparent=True, metadata=nothing)  # None = leave out
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*">', "<g>", text)
    text = re.sub(r"font-family: [^;\"]+|(?<=px )'DejaVu Sans'", lambda m: _font(m.group()), text)
    opening, rest = text.split(">", 1)
    return f'{opening} role="img">\n <title>{escape(alt)}</title>{rest}'.strip()


def _font(found: str) -> str:
    return f"font-family: {FONTS}" if found.startswith("font-family") else FONTS
