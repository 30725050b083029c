"""The charts of `explore` as plain Plotly figures (data and layout, JSON-able). Pure: arrays in, dicts out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from training.data.readers.faces import UNKNOWN, USAGES, VOTE_COLUMNS, Ints
from training.dataset_report.labelings import Labeling
from training.dataset_report.outliers import Spectrum

Figure: TypeAlias = dict[str, Any]
COLOURS: tuple[str, ...] = (
    "#0b6e99", "#e08e0b", "#4f9d69", "#8c5a9e", "#c8423b", "#7a8b22", "#46627f", "#d1709a", "#8d8d8d", "#2b2b2b",
)  # fmt: skip
"""A colour for each class; neighbours differ in lightness too."""
SPLIT_COLOURS = ("#0b6e99", "#e08e0b", "#8c5a9e")
PLOTTED_FACES = 2_000
"""Dots in the plane of the first two components."""
BINS = 60


def class_counts(labelings: Sequence[Labeling], usages: Ints) -> Figure:
    """Bars: faces of each class by split; a menu chooses the labels, and numbers or shares."""
    traces: list[Figure] = []
    choices: list[tuple[str, str]] = []
    for labeling in labelings:
        counts = labeling.counts(usages)
        shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        for unit, table in (("faces", counts), ("% of the split", np.round(shares, 2))):
            choices.append((f"{labeling.name}: {unit}", unit))
            for split, usage in enumerate(USAGES):
                traces.append(
                    {
                        "type": "bar", "name": usage, "x": list(labeling.classes), "y": table[split].tolist(),
                        "marker": {"color": SPLIT_COLOURS[split]}, "visible": len(choices) == 1,
                        "hovertemplate": f"%{{x}}, {usage}: %{{y:,}} {unit}<extra></extra>",
                    }
                )  # fmt: skip
    layout = _layout(yaxis={"title": {"text": choices[0][1]}}, barmode="group")
    layout["updatemenus"] = [_menu(choices, len(USAGES), axis=True)]
    return {"data": traces, "layout": layout}


def pie(labelings: Sequence[Labeling], usages: Ints) -> Figure:
    """Shares of the classes; a menu chooses split and labels."""
    traces: list[Figure] = []
    choices: list[tuple[str, str]] = []
    for labeling in labelings:
        counts = labeling.counts(usages)
        for name, row in [("all splits", counts.sum(axis=0)), *zip(USAGES, counts, strict=True)]:
            choices.append((f"{labeling.name}: {name}", ""))
            traces.append(
                {
                    "type": "pie", "labels": list(labeling.classes), "values": row.tolist(), "sort": False,
                    "hole": 0.35, "marker": {"colors": list(COLOURS)}, "textinfo": "percent",
                    "textposition": "inside", "visible": len(choices) == 1,
                    "hovertemplate": "%{label}: %{value:,} faces (%{percent})<extra></extra>",
                }
            )  # fmt: skip
    return {"data": traces, "layout": _layout(updatemenus=[_menu(choices, 1)])}


def winner_votes(votes: Ints, usages: Ints) -> Figure:
    """Bars: how many of the taggers chose the winning class, as shares of each split."""
    total = np.maximum(votes.sum(axis=1), 1)
    tenths = np.round(10 * votes.max(axis=1) / total).astype(int)
    traces = []
    for split, usage in enumerate(USAGES):
        counts = np.bincount(tenths[usages == split], minlength=11)[1:11]
        share = np.round(100 * counts / max(counts.sum(), 1), 2)
        traces.append(
            {
                "type": "bar", "name": usage, "x": list(range(1, 11)), "y": share.tolist(),
                "marker": {"color": SPLIT_COLOURS[split]},
                "hovertemplate": f"{usage}: %{{y}} % of faces have %{{x}} of 10 votes for the winner<extra></extra>",
            }
        )  # fmt: skip
    axes = _titled("votes of ten for the winning class", "% of the split")
    axes["xaxis"]["dtick"] = 1
    return {"data": traces, "layout": _layout(**axes)}


def vote_table(votes: Ints) -> Figure:
    """Heat map: of faces that a class wins, the mean share of votes for every class."""
    share = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    winner = votes.argmax(axis=1)
    rows = [k for k in range(len(VOTE_COLUMNS)) if (winner == k).any()]
    table = np.array([share[winner == k].mean(axis=0) for k in rows]) * 100
    titles = ("winning class", "votes went to, %")
    return _heat(_Table([VOTE_COLUMNS[k] for k in rows], VOTE_COLUMNS, table, titles, "%{z:.1f} %"))


def label_table(first: Labeling, second: Labeling) -> Figure:
    """Heat map: of faces with a label of ``first``, the share that each label of ``second`` has."""
    known = (first.labels >= 0) & (second.labels >= 0)
    size = (len(first.classes), len(second.classes))
    cells = np.bincount(first.labels[known] * size[1] + second.labels[known], minlength=size[0] * size[1])
    table = cells.reshape(size)
    share = 100 * table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    return _heat(_Table(first.classes, second.classes, share, (first.name, f"{second.name}, %"), "%{z:.1f} %"))


def copies_by_split(groups: Sequence[Sequence[int]], usages: Ints) -> Figure:
    """Heat map: groups of copies that two splits share; on the diagonal those with two or more in one split."""
    table = np.zeros((len(USAGES), len(USAGES)), int)
    for group in groups:
        inside = np.bincount(usages[list(group)], minlength=len(USAGES))
        for a in range(len(USAGES)):
            for b in range(len(USAGES)):
                table[a, b] += inside[a] > 1 if a == b else bool(inside[a] and inside[b])
    return _heat(_Table(USAGES, USAGES, table, ("", "groups of copies"), "%{z:,} groups", "%{z:,}"))


def group_sizes(groups: Sequence[Sequence[int]]) -> Figure:
    """Bars: how often a picture occurs that occurs more than once."""
    sizes, counts = np.unique([len(group) for group in groups], return_counts=True)
    trace = {"type": "bar", "x": sizes.tolist(), "y": counts.tolist(), "marker": {"color": COLOURS[0]},
             "hovertemplate": "%{y:,} pictures occur %{x} times<extra></extra>"}  # fmt: skip
    axes = _titled("times that a picture occurs", "pictures (logarithmic)")
    axes["xaxis"]["dtick"] = 1
    axes["yaxis"] |= {"type": "log", "dtick": 1}
    return {"data": [trace], "layout": _layout(**axes)}


def variance(spectrum: Spectrum) -> Figure:
    """Lines: what each principal component holds of the variance, and all up to it."""
    numbers = list(range(1, len(spectrum.variance) + 1))
    total = np.round(100 * np.cumsum(spectrum.variance), 2)
    traces = [
        {"type": "bar", "name": "this component", "x": numbers, "y": np.round(100 * spectrum.variance, 2).tolist(),
         "marker": {"color": COLOURS[1]}, "hovertemplate": "component %{x}: %{y} %<extra></extra>"},
        {"type": "scatter", "mode": "lines+markers", "name": "all up to it", "x": numbers, "y": total.tolist(),
         "line": {"color": COLOURS[0]}, "hovertemplate": "first %{x}: %{y} %<extra></extra>"},
    ]  # fmt: skip
    axes = _titled("component", "% of the variance")
    return {"data": traces, "layout": _layout(**axes)}


def plane(spectrum: Spectrum, labeling: Labeling, places: Sequence[str]) -> Figure:
    """Dots: faces by the first two components, coloured by class; a click on the legend hides a class."""
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.permutation(len(places))[:PLOTTED_FACES])
    traces = []
    for label, name in enumerate(labeling.classes):
        rows = chosen[labeling.labels[chosen] == label]
        if len(rows):
            traces.append(
                {
                    "type": "scatter", "mode": "markers", "name": name, "text": [places[k] for k in rows],
                    "x": np.round(spectrum.plane[rows, 0]).astype(int).tolist(),
                    "y": np.round(spectrum.plane[rows, 1]).astype(int).tolist(),
                    "marker": {"color": COLOURS[label % len(COLOURS)], "size": 6, "opacity": 0.6},
                    "hovertemplate": f"{name}<br>%{{text}}<extra></extra>",
                }
            )  # fmt: skip
    axes = _titled("first component, grey levels", "second component, grey levels")
    return {"data": traces, "layout": _layout(height=520, **axes)}


def explained(plane: npt.NDArray[np.float32], labels: Ints) -> float:
    """The share of the variance of ``plane`` [N, 2] that lies between the classes; faces without label do not count.

    >>> explained(np.array([[0, 0], [0, 0], [9, 9], [9, 9]], np.float32), np.array([0, 0, 1, 1]))
    1.0
    """
    known = plane[labels != UNKNOWN].astype(np.float64)
    labels = labels[labels != UNKNOWN]
    if not len(known):
        return 0.0
    middle = known.mean(axis=0)
    whole = ((known - middle) ** 2).sum()
    rows = [known[labels == label] for label in np.unique(labels)]
    between = sum(len(of_one) * ((of_one.mean(axis=0) - middle) ** 2).sum() for of_one in rows)
    return float(between / whole) if whole else 0.0


def errors(spectrum: Spectrum) -> Figure:
    """Bars: the faces' reconstruction errors, and the fence above which they are outliers."""
    counts, edges = np.histogram(spectrum.errors, bins=BINS)
    middle = np.round((edges[:-1] + edges[1:]) / 2, 2)
    trace = {"type": "bar", "x": middle.tolist(), "y": counts.tolist(), "marker": {"color": COLOURS[0]},
             "hovertemplate": "%{y:,} faces with an error of about %{x}<extra></extra>"}  # fmt: skip
    fence = {"type": "line", "x0": spectrum.fence, "x1": spectrum.fence, "y0": 0, "y1": 1, "yref": "paper",
             "line": {"color": COLOURS[4], "width": 2, "dash": "dash"}}  # fmt: skip
    note = {"x": spectrum.fence, "y": 1, "yref": "paper", "text": f"fence {spectrum.fence:.1f}", "showarrow": False,
            "xanchor": "left", "xshift": 5, "font": {"color": COLOURS[4]}}  # fmt: skip
    axes = _titled("error, grey levels (root mean square)", "faces") | {"bargap": 0.05}
    return {"data": [trace], "layout": _layout(shapes=[fence], annotations=[note], showlegend=False, **axes)}


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Numbers to be shown as coloured cells."""

    rows: Sequence[str]
    columns: Sequence[str]
    cells: Any
    """[rows, columns]."""
    titles: tuple[str, str]
    """Of the rows and of the columns."""
    hover: str
    digits: str = "%{z:.0f}"


def _heat(table: _Table) -> Figure:
    trace = {
        "type": "heatmap", "x": list(table.columns), "y": list(table.rows), "z": np.round(table.cells, 2).tolist(),
        "texttemplate": table.digits, "colorscale": [[0, "#ffffff"], [1, "#0b6e99"]], "showscale": False, "xgap": 1,
        "ygap": 1,
        "hovertemplate": f"%{{y}} / %{{x}}: {table.hover}<extra></extra>",
    }  # fmt: skip
    row_title, title = table.titles
    layout = _layout(
        xaxis={"title": {"text": title}, "side": "top"},
        yaxis={"title": {"text": row_title, "standoff": 20}, "autorange": "reversed"},
        height=130 + 34 * max(len(table.rows), 4),
    )
    return {"data": [trace], "layout": layout}


def _titled(x: str, y: str) -> dict[str, Any]:
    return {"xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}}}


def _layout(*, height: int = 400, **more: Any) -> dict[str, Any]:
    axes = {key: {"automargin": True, "gridcolor": "#e7ebee", "zerolinecolor": "#c3cad0"} | more.pop(key, {})
            for key in ("xaxis", "yaxis")}  # fmt: skip
    font = {"family": 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif', "size": 14, "color": "#1d2327"}
    common = {
        "height": height, "margin": {"l": 70, "r": 20, "t": 60, "b": 65}, "font": font, "plot_bgcolor": "#ffffff",
        "paper_bgcolor": "#ffffff", "colorway": list(COLOURS), "legend": {"orientation": "v"},
    }  # fmt: skip
    return common | axes | more


def _menu(choices: Sequence[tuple[str, str]], traces_each: int, *, axis: bool = False) -> dict[str, Any]:
    """A menu that shows one choice's traces; ``choices`` are labels and titles of the vertical axis."""
    buttons = []
    for shown, (label, title) in enumerate(choices):
        visible = [k // traces_each == shown for k in range(len(choices) * traces_each)]
        change = [{"visible": visible}, {"yaxis.title.text": title}] if axis else [{"visible": visible}]
        buttons.append({"label": label, "method": "update", "args": change})
    return {"buttons": buttons, "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "direction": "down"}
