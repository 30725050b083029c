"""One page that shows a data set before anybody trains on it: self-contained, interactive, without network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from plotly.offline import get_plotlyjs

from training.data.protocols import PROTOCOLS
from training.data.readers.faces import USAGES, DataError
from training.data.readers.source import Source, open_source
from training.data.splits import counts_of
from training.dataset_report import explore_figures as figures
from training.dataset_report.duplicates import NEAR, OnProgress, no_progress
from training.dataset_report.explore_figures import Figure
from training.dataset_report.findings import Findings, find
from training.dataset_report.labelings import Labeling, labelings
from training.dataset_report.pictures import contact_sheet, data_uri, stretched
from training.dataset_report.pool import Pool, read_pool
from training.files.pages import render, write_page

HANDFULS = 2
"""Sheets of samples for each class."""
SAMPLES = 36
COLUMNS = 12
COMPONENTS = 24
SHOWN_GROUPS = 24
OUTLIERS = 36
SEED = 0
NO_CLASSES = "FER+ taggers could also say unknown or NF, not a face: no protocol keeps faces that these win."
SUMMED = 10
"""Components whose share of the variance stands below their chart; choice."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart and what to see in it."""

    title: str
    note: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Card:
    """A picture under which something stands."""

    picture: str
    """Data URI."""
    text: str


def explore(data: Path, out: Path, *, near: float = NEAR, on_progress: OnProgress = no_progress) -> str:
    """Writes the page; gives what was found in ``data``.

    Raises:
        DataError: a split is missing or malformed in a way that is not the fault of one picture, or has no labels.
        ReportError: the page cannot be written.
    """
    on_progress("reading", 0, 1)
    source = open_source(data)
    pool = read_pool(source)
    page = page_of(source, find(pool, near=near, on_progress=on_progress))
    write_page(out, page)
    return pool.found


def page_of(source: Source, findings: Findings) -> str:
    """The whole page."""
    pool = findings.pool
    ways = labelings(pool)
    if not ways:
        raise DataError(f"{source.path}: pictures without labels", hint="add class folders or FER+ label files")
    charts = _label_charts(pool, ways) | _copy_charts(findings) | _component_charts(findings, ways)
    values = {
        "pool": pool,
        "usages": USAGES,
        "faces": np.bincount(pool.usages, minlength=len(USAGES)).tolist(),
        "protocols": _protocol_rows(source, pool),
        "charts": charts,
        "figures": _script({key: chart.figure for key, chart in charts.items()}),
        "samples": _script({way.name: _samples(pool, way) for way in ways}),
        "means": [(way.name, _means(pool, way)) for way in ways],
        "groups": [[_card(pool, k) for k in members] for members in _striking(findings)],
        "findings": findings,
        "across": findings.across_splits(findings.identical),
        "two_labels": findings.with_two_labels(findings.identical),
        "components": _components(findings),
        "outliers": [_card(pool, k) for k in _outliers(findings)[:OUTLIERS]],
        "outlier_count": len(_outliers(findings)),
        "sample_count": SAMPLES,
        "plotly": get_plotlyjs(),
    }
    return render("explore.html.j2", values)


def _label_charts(pool: Pool, ways: Sequence[Labeling]) -> dict[str, Chart]:
    menu = "Choose labels, and numbers or shares, in the menu; a click on a split hides it."
    charts = {
        "counts": Chart(
            "Faces of each class", menu if pool.votes is None else f"{menu} {NO_CLASSES}",
            figures.class_counts(ways, pool.usages),
        ),
        "pie": Chart("Shares of the classes", "Choose the split in the menu.", figures.pie(ways, pool.usages)),
    }  # fmt: skip
    if pool.votes is not None:
        charts["winner"] = Chart(
            "How many taggers agree", "Ten people tagged each face. At 5 or less even people do not agree on a class, "
            "so no classifier can be right for all of them.", figures.winner_votes(pool.votes, pool.usages),
        )  # fmt: skip
        charts["votes"] = Chart(
            "Where the other votes go", "Each row: faces that this class won. Off the diagonal: what others saw.",
            figures.vote_table(pool.votes),
        )  # fmt: skip
    if len(ways) == 2:
        charts["labels"] = Chart(
            f"{ways[1].name} against {ways[0].name}", "Each row sums to 100 %. The two sets of labels answer different "
            "questions: figures of one cannot be compared with figures of the other.",
            figures.label_table(ways[1], ways[0]),
        )  # fmt: skip
    return charts


def _copy_charts(findings: Findings) -> dict[str, Chart]:
    if not findings.groups:
        return {}
    groups = [group.members for group in findings.groups]
    return {
        "splits": Chart(
            "Copies within and across splits", "Groups of (nearly) identical pictures that two splits share; on the "
            "diagonal, groups with two or more in one split.",
            figures.copies_by_split(groups, findings.pool.usages),
        ),
        "sizes": Chart("How often one picture occurs", "Identical and near copies.", figures.group_sizes(groups)),
    }  # fmt: skip


def _component_charts(findings: Findings, ways: Sequence[Labeling]) -> dict[str, Chart]:
    spectrum, pool = findings.spectrum, findings.pool
    if spectrum is None:
        return {}
    places = [pool.place(k) for k in range(len(pool.names))]
    some = min(len(places), figures.PLOTTED_FACES)
    return {
        "variance": Chart(
            "Spectrum of the principal components", f"The first {min(SUMMED, len(spectrum.variance))} hold "
            f"{100 * spectrum.variance[:SUMMED].sum():.0f} % of what differs between the pictures (the variance).",
            figures.variance(spectrum),
        ),
        "plane": Chart(
            "Faces by the first two components", f"{some:,} of {len(places):,} faces, by chance. The classes explain "
            f"{100 * figures.explained(spectrum.plane, ways[0].labels):.1f} % of the variance here: at 0 % all have "
            "the same middle, at 100 % each is one point.",
            figures.plane(spectrum, ways[0], places),
        ),
        "errors": Chart(
            "What the components cannot rebuild", "Right of the fence (third quartile and three interquartile ranges) "
            "lie the outliers below.", figures.errors(spectrum),
        ),
    }  # fmt: skip


def _protocol_rows(source: Source, pool: Pool) -> list[dict[str, Any]]:
    """Which protocols the source can answer, with counts, or why it cannot."""
    rows = []
    for protocol in PROTOCOLS.values():
        row: dict[str, Any] = {"name": protocol.name, "meaning": protocol.meaning, "counts": [], "why": ""}
        try:
            row["counts"] = counts_of(source, pool.splits, protocol.name)
        except DataError as error:
            row["why"] = str(error).rpartition(": ")[2]
        rows.append(row)
    return rows


def _samples(pool: Pool, way: Labeling) -> dict[str, list[str]]:
    """Sheets of faces by chance for each class that has any, as data URIs."""
    rng = np.random.default_rng(SEED)
    sheets: dict[str, list[str]] = {}
    for label, name in enumerate(way.classes):
        rows = rng.permutation(np.flatnonzero(way.labels == label))[: HANDFULS * SAMPLES]
        handfuls = [rows[k : k + SAMPLES] for k in range(0, len(rows), SAMPLES)]
        if handfuls:
            sheets[name] = [data_uri(contact_sheet(pool.images[rows], columns=COLUMNS)) for rows in handfuls]
    return sheets


def _means(pool: Pool, way: Labeling) -> list[Card]:
    """The mean face of all, and of each class."""
    cards = [_mean(pool, np.arange(len(pool.names)), "all")]
    for label, name in enumerate(way.classes):
        rows = np.flatnonzero(way.labels == label)
        if len(rows):
            cards.append(_mean(pool, rows, name))
    return cards


def _mean(pool: Pool, rows: Any, name: str) -> Card:
    mean = pool.images[rows].mean(axis=0, dtype=np.float64)
    return Card(data_uri(np.round(mean).astype(np.uint8)), f"{name}, {len(rows):,}")


def _components(findings: Findings) -> list[Card]:
    if findings.spectrum is None:
        return []
    shares = findings.spectrum.variance
    patterns = findings.spectrum.components[:COMPONENTS]
    return [Card(data_uri(stretched(p)), f"{k + 1}: {100 * shares[k]:.1f} %") for k, p in enumerate(patterns)]


def _outliers(findings: Findings) -> tuple[int, ...]:
    return () if findings.spectrum is None else findings.spectrum.outliers


def _striking(findings: Findings) -> Iterator[tuple[int, ...]]:
    """Some groups of copies to look at: those with several labels or splits first."""
    pool, labels = findings.pool, findings.pool.labels

    def oddness(members: tuple[int, ...]) -> int:
        return -len({labels[k] for k in members} if labels else ()) - len({int(pool.usages[k]) for k in members})

    yield from (members[:6] for members in sorted((g.members for g in findings.groups), key=oddness)[:SHOWN_GROUPS])


def _card(pool: Pool, face: int) -> Card:
    label = f"{pool.labels[face]}, " if pool.labels else ""
    return Card(data_uri(pool.images[face]), f"{label}{pool.place(face)}")


def _script(values: dict[str, Any]) -> str:
    """JSON that may stand inside a script element."""
    return json.dumps(values, separators=(",", ":")).replace("<", "\\u003c")
