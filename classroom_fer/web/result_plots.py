"""Kept figures of a classifier -> figures for plotly.js, as plain JSON. Pure. See ``plots``."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from classroom_fer.web.plots import Plot, panel_name, sides, ticks
from classroom_fer.web.results import SPLITS, Results, Table
from classroom_fer.web.texts import AppWording

LOOKS = (("--index", "solid"), ("--direction", "dash"), ("--layer-surprised", "dot"))
"""Colour and dash of the first, second and third line of a chart."""
LARGEST_PX, SMALLEST_PX = 26, 5
"""Circles of the bins with the most and with the fewest faces (choice)."""
FIFTHS = tuple(k / 5 for k in range(6))


def result_plots(table: Table, say: AppWording) -> dict[str, Plot]:
    """``reliability`` and ``curve`` of a result, with the splits of which they were kept."""
    splits = {say(SPLITS[key]): table["splits"][key] for key in SPLITS if key in table["splits"]}
    bins = {name: split["reliability"] for name, split in splits.items() if split.get("reliability")}
    curves = {name: split["risk_coverage"] for name, split in splits.items() if split.get("risk_coverage")}
    found = {"reliability": reliability_plot(bins, say)} if bins else {}
    return found | ({"curve": curves_plot(curves, say)} if curves else {})


def conditions_plot(table: Table, say: AppWording) -> Plot:
    """Risk and coverage by what is taken as right; surest by the group's probability."""
    curves = {say(f"app_truth_{truth}"): kept["probability"] for truth, kept in table["risk_coverage"].items()}
    return curves_plot(curves, say)


def shipped_conditions(results: Results) -> Table | None:
    """What was measured under conditions of elsewhere: of the shipped classifier where it was."""
    kept = sorted(results.conditions.values(), key=results.is_shipped)
    return kept[-1] if kept else None


def reliability_plot(bins: Mapping[str, Table], say: AppWording) -> Plot:
    """Share of right answers by the probability that was given; as many circles as bins with faces."""
    layout = _layout(say, 1.0, "app_reliability_up")
    layout["shapes"] = [{"type": "line", "layer": "below", "x0": 0, "y0": 0, "x1": 1, "y1": 1,
                         "line": {"color": "--rule", "width": 1.5, "dash": "dash"}}]  # fmt: skip
    data = []
    for (name, kept), look in zip(bins.items(), LOOKS, strict=False):
        rows = [row for row in zip(kept["faces"], kept["right"], kept["confidence"], strict=True) if row[0]]
        most = max(faces for faces, _, _ in rows)
        line = _line(name, [mean for _, _, mean in rows], [right / faces for faces, right, _ in rows], look)
        line["mode"] = "lines+markers"
        line["marker"] = {"color": look[0], "opacity": 0.75, "line": {"width": 0},
                          "size": [_px(faces / most) for faces, _, _ in rows]}  # fmt: skip
        line["text"] = [f"{say.percent(right / faces)} · {say.count('faces', faces)}" for faces, right, _ in rows]
        data.append(line)
    return {"data": data, "layout": layout}


def curves_plot(curves: Mapping[str, Table], say: AppWording) -> Plot:
    """Share of wrong answers by the share that is answered, surest first."""
    risks = {name: [1 - right for right in kept["accuracy"]] for name, kept in curves.items()}
    worst = max(risk for line in risks.values() for risk in line)
    layout = _layout(say, max(0.1, math.ceil(10 * worst) / 10), "app_curve_up")
    data = []
    for (name, kept), look in zip(curves.items(), LOOKS, strict=False):
        line = _line(name, kept["shares"], risks[name], look)
        line["text"] = [say.percent(risk) for risk in risks[name]]
        data.append(line)
    return {"data": data, "layout": layout}


def _line(name: str, x: Sequence[float], y: Sequence[float], look: tuple[str, str]) -> Plot:
    return {
        "type": "scatter", "mode": "lines", "name": name, "x": [round(at, 4) for at in x],
        "y": [round(value, 4) for value in y], "hovertemplate": "%{text}",
        "line": {"color": look[0], "width": 2.2, "dash": look[1]},
    }  # fmt: skip


def _layout(say: AppWording, top: float, upwards: str) -> dict[str, Any]:
    """Shares from 0 to 1 across, from 0 to ``top`` up, in the direction of reading."""
    near, start = sides(say)
    steps = ticks([(at, say.percent(at)) for at in FIFTHS])
    upright = ticks([(top * at, say.percent(top * at)) for at in FIFTHS])
    return {
        "xaxis": {"range": [1.02, 0] if near == "right" else [0, 1.02], **steps, "showgrid": False, "zeroline": False,
                  "showline": True, "linecolor": "--rule", "ticks": "outside", "tickcolor": "--rule"},
        "yaxis": {"range": [0, 1.04 * top], **upright, "side": near, "zeroline": False, "gridcolor": "--hairline"},
        "annotations": [panel_name(say(upwards), 1.0, say)], "hovermode": "x unified", "dragmode": False,
        "showlegend": True,
        "hoverlabel": {"bgcolor": "--paper", "bordercolor": "--rule", "font": {"color": "--ink"}},
        "legend": {"orientation": "h", "x": start, "xanchor": near, "y": -0.12, "yanchor": "top",
                   "itemclick": False, "itemdoubleclick": False},
    }  # fmt: skip


def _px(share: float) -> float:
    """Of a circle whose area grows with its faces."""
    return round(max(SMALLEST_PX, LARGEST_PX * math.sqrt(share)), 1)
