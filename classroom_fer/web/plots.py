"""Figures of the report -> figures for plotly.js, as plain JSON. Pure.

They hold what is printed and nothing finer: numbers are rounded to whole ones, shares are named as the report names
them (safeguard S3). A colour is the name of a variable of app.css, so that one figure serves light and dark. Film time
is on plotly's time axis, as milliseconds of a day in UTC: it finds its own round times when a part is enlarged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, TypeAlias

from classroom_fer.lesson.records import Estimate
from classroom_fer.report.formatting import clock
from classroom_fer.report.view_records import (
    CameraFigure,
    ExpressionFigure,
    Gap,
    Series,
    Stretch,
    TaskSpan,
    TimelineFigure,
)
from classroom_fer.report.wording import Wording

Plot: TypeAlias = dict[str, Any]

HOUR_S, DAY_MS = 3600.0, 86_400_000
NAMED_SHARE = 0.14
"""A stretch of less than this share of the axis has no room for words (choice)."""
NAME_SHOWN = 24
"""Characters of a task's name above a chart (choice)."""
LAYERS = ("--layer-neutral", "--layer-smiling", "--layer-surprised", "--layer-other")
PATTERNS = ("", "", "", "/")
ABOVE = 108
"""Where the numbers of moments stand: above the scale of 0 to 100."""


def timeline_plot(figure: TimelineFigure, say: Wording) -> Plot:
    """Index with its band, direction dashed, tasks shaded, gaps grey, moments numbered."""
    middles = [_at((b.start_s + b.end_s) / 2) for b in figure.bins]
    band = [_band(middles[a:b], figure.low[a:b], figure.high[a:b]) for a, b in _runs(figure.low)]
    layout = _layout(figure.axis, say)
    layout["yaxis"] |= {"range": [0, 104 + 6 * bool(figure.moments)], **ticks(figure.ticks)}
    layout["shapes"] = [*_shading(figure.tasks), *_gaps(figure.gaps, figure.axis)]
    layout["annotations"] = _task_names(figure.tasks, figure.axis, say)
    numbers = [f"<b>{say.whole(task.number)}</b>" for task in figure.tasks]
    data = [*band, _line(figure, middles, "index", say), _line(figure, middles, "direction", say)]
    if figure.moments:
        layout["shapes"] += [_upright(time_s) for _, time_s in figure.moments]
        data.append(_moments(figure.moments, say))
    return {"data": data, "layout": layout, "narrow": numbers}


def _line(figure: TimelineFigure, middles: Sequence[float], which: str, say: Wording) -> Plot:
    index = which == "index"
    values = figure.engagement if index else figure.orientation
    label = figure.engagement_label if index else figure.orientation_label
    texts = []
    for at, value in enumerate(values):
        low, high = figure.low[at], figure.high[at]
        if value is None or low is None or high is None:
            texts.append("")
        else:
            texts.append(say.interval(Estimate(value, low, high)) if index else say.whole(value))
    return {
        "type": "scatter", "mode": "lines", "name": _safe(label), "x": list(middles), "y": [_whole(v) for v in values],
        "text": texts, "hovertemplate": "%{text}", "connectgaps": False,
        "line": {"color": f"--{which}", "width": 2.5 if index else 1.8, "dash": "solid" if index else "dash"},
    }  # fmt: skip


def _band(middles: Sequence[float], low: Series, high: Series) -> Plot:
    """The interval of one unbroken stretch, as a closed outline."""
    outline = [_whole(v) for v in high] + [_whole(v) for v in reversed(low)]
    return {
        "type": "scatter", "mode": "lines", "x": [*middles, *reversed(middles)], "y": outline, "fill": "toself",
        "fillcolor": "--band", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip


def _moments(moments: Sequence[tuple[int, float]], say: Wording) -> Plot:
    return {
        "type": "scatter", "mode": "markers+text", "x": [_at(time_s) for _, time_s in moments],
        "y": [ABOVE - 2] * len(moments), "text": [say.whole(number) for number, _ in moments], "showlegend": False,
        "cliponaxis": False, "hovertemplate": "%{x}<extra></extra>", "textfont": {"color": "--ink", "size": 12},
        "marker": {"size": 20, "color": "--paper", "line": {"color": "--ink", "width": 1.2}},
    }  # fmt: skip


def camera_plot(figure: CameraFigure, say: Wording) -> Plot:
    """Faces visible at once above the share of faces seen."""
    layout = _layout(figure.axis, say)
    layout["showlegend"] = False
    layout["bargap"] = 0
    layout["yaxis"] |= {"range": [0, figure.faces_top * 1.06], "domain": [0.58, 1], "anchor": "x",
                        **ticks(((0, say.whole(0)), (figure.faces_top, figure.faces_ceiling)))}  # fmt: skip
    layout["yaxis2"] = layout["yaxis"] | {
        "range": [0, 106],
        "domain": [0, 0.42],
        **ticks(((0, say.whole(0)), (100, figure.coverage_ceiling))),
    }
    layout["annotations"] = [panel_name(figure.faces_label, 1.0, say), panel_name(figure.coverage_label, 0.42, say)]
    faces = [_whole(value) for value in figure.faces]
    told = ["" if value is None else f"{say.whole(value)}" for value in figure.faces]
    seen = ["" if value is None else say.share(value / 100) for value in figure.coverage]
    return {
        "data": [
            _bars(figure.bins, faces, told, "y"),
            _bars(figure.bins, [_whole(value) for value in figure.coverage], seen, "y2"),
        ],
        "layout": layout,
    }


def _bars(bins: Sequence[Stretch], values: Sequence[float | None], texts: Sequence[str], axis: str) -> Plot:
    return {
        "type": "bar", "x": [_at(b.start_s) for b in bins], "width": [_ms(b.end_s - b.start_s) for b in bins],
        "offset": 0, "y": list(values), "hovertext": list(texts), "hovertemplate": "%{hovertext}<extra></extra>",
        "textposition": "none", "yaxis": axis, "marker": {"color": "--bars", "line": {"width": 0}},
    }  # fmt: skip


def expressions_plot(figure: ExpressionFigure, say: Wording) -> Plot:
    """Four layers that fill 0 to 100, one step per task."""
    layout = _layout(figure.axis, say)
    layout |= {"barmode": "stack", "bargap": 0, "shapes": _gaps(figure.gaps, figure.axis)}
    layout["yaxis"] |= {"range": [0, 100], **ticks(figure.ticks)}
    spans = [span for span, _ in figure.steps]
    data = []
    for at, (label, colour, pattern) in enumerate(zip(figure.labels, LAYERS, PATTERNS, strict=True)):
        shares = [groups[at] for _, groups in figure.steps]
        texts = [say.share(share / 100) for share in shares]
        layer = _bars(spans, [_whole(share) for share in shares], texts, "y")
        layer |= {"name": _safe(label), "hovertemplate": "%{hovertext}"}
        layer["marker"] = {"color": colour, "line": {"width": 0.5, "color": "--rule"},
                           "pattern": {"shape": pattern, "fgcolor": "--soft", "size": 6}}  # fmt: skip
        data.append(layer)
    return {"data": data, "layout": layout}


def _layout(axis: Stretch, say: Wording) -> Plot:
    """What every chart has: the lesson's time across, in the direction of reading."""
    near, start = sides(say)
    ends = [_at(axis.start_s), _at(axis.end_s)]
    return {
        "xaxis": {
            "type": "date", "range": ends[::-1] if near == "right" else ends, "hoverformat": _clock_format(axis),
            "tickformat": _clock_format(axis), "showgrid": False, "zeroline": False, "linecolor": "--rule",
            "showline": True, "ticks": "outside", "tickcolor": "--rule", "anchor": "free", "position": 0,
        },
        "yaxis": {
            "fixedrange": True, "side": near, "zeroline": False, "gridcolor": "--hairline",
        },
        "hovermode": "x unified", "dragmode": "zoom", "separators": ".,",
        "hoverlabel": {"bgcolor": "--paper", "bordercolor": "--rule", "font": {"color": "--ink"}},
        "legend": {"orientation": "h", "x": start, "xanchor": near, "y": -0.16, "yanchor": "top",
                   "itemclick": False, "itemdoubleclick": False},
    }  # fmt: skip


def _shading(tasks: Sequence[TaskSpan]) -> list[Plot]:
    shaded = [_rectangle(task.span, "--shade") for task in tasks if task.shaded]
    return [*shaded, *(_upright(task.span.start_s, "--rule", "solid") for task in tasks)]


def _gaps(gaps: Sequence[Gap], axis: Stretch) -> list[Plot]:
    return [
        _rectangle(gap.span, "--gap")
        | ({"label": {"text": _safe(gap.label), "font": {"color": "--soft"}}} if _has_room(gap.span, axis) else {})
        for gap in gaps
    ]


def _rectangle(span: Stretch, colour: str) -> Plot:
    return {"type": "rect", "layer": "below", "yref": "paper", "y0": 0, "y1": 1, "x0": _at(span.start_s),
            "x1": _at(span.end_s), "fillcolor": colour, "line": {"width": 0}}  # fmt: skip


def _upright(time_s: float, colour: str = "--ink", dash: str = "dot") -> Plot:
    return {"type": "line", "layer": "below", "yref": "paper", "y0": 0, "y1": 1, "x0": _at(time_s), "x1": _at(time_s),
            "line": {"color": colour, "width": 1, "dash": dash}}  # fmt: skip


def _task_names(tasks: Sequence[TaskSpan], axis: Stretch, say: Wording) -> list[Plot]:
    """Above the chart: the number of each task, and its name where there is room."""
    near, _ = sides(say)
    names = []
    for task in tasks:
        name = task.name if len(task.name) <= NAME_SHOWN else f"{task.name[: NAME_SHOWN - 1]}…"
        words = f" {_safe(name)}" if _has_room(task.span, axis, len(name)) else ""
        names.append({
            "text": f"<b>{say.whole(task.number)}</b>{words}", "x": _at(task.span.start_s), "y": 1, "yref": "paper",
            "yanchor": "bottom", "xanchor": near, "showarrow": False,
            "font": {"color": "--soft"}, "hovertext": _safe(task.name),
        })  # fmt: skip
    return names


def panel_name(label: str, top: float, say: Wording) -> Plot:
    """What is drawn upwards, above the axis that ends at ``top`` of the paper's height."""
    near, start = sides(say)
    return {"text": _safe(label), "xref": "paper", "x": start, "xanchor": near, "yref": "paper", "y": top,
            "yanchor": "bottom", "showarrow": False, "font": {"color": "--soft"}}  # fmt: skip


def sides(say: Wording) -> tuple[str, int]:
    """The side at which reading begins, and its place on the paper."""
    return ("right", 1) if say.language.direction == "rtl" else ("left", 0)


def _has_room(span: Stretch, axis: Stretch, letters: int = 14) -> bool:
    """A hundred letters of a label fit into a chart of the usual width (choice)."""
    share = (span.end_s - span.start_s) / (axis.end_s - axis.start_s)
    return share > max(NAMED_SHARE, (letters + 3) / 110)


def ticks(marks: Sequence[tuple[float, str]]) -> Plot:
    """Part of an axis: where it is marked, and with which words."""
    return {"tickmode": "array", "tickvals": [at for at, _ in marks], "ticktext": [text for _, text in marks]}


def _runs(values: Series) -> Iterator[tuple[int, int]]:
    """First and one past last of each unbroken stretch."""
    at = 0
    for present, run in groupby(values, key=lambda value: value is not None):
        length = len(list(run))
        if present:
            yield at, at + length
        at += length


def _clock_format(axis: Stretch) -> str:
    """As ``formatting.clock`` writes a time."""
    return "%-H:%M:%S" if axis.end_s >= HOUR_S else "%-M:%S"


def _at(seconds: float) -> int:
    """A time on plotly's axis. It takes a number of four digits for a year, so the lesson is on the second day."""
    return DAY_MS + _ms(seconds)


def _ms(seconds: float) -> int:
    return round(1000 * seconds)


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value + 0.5)


def _safe(text: str) -> str:
    """Plotly reads a few HTML tags in its labels; text of others has none."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def described(figure: CameraFigure | TimelineFigure | ExpressionFigure) -> str:
    """What a chart shows, for whoever does not see it.

    The times between which it lies are part of it.
    """
    return f"{figure.title}. {figure.alt} {clock(figure.axis.start_s)}–{clock(figure.axis.end_s)}."
