"""Figures: same data, same bytes; alternative text; no name, no small print, nothing outside of its frame."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from functools import cache

import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from report import samples

from classroom_fer.report import charts
from classroom_fer.report.renderer import chart_texts
from classroom_fer.report.view import report_view

DEJAVU = FontProperties(family="DejaVu Sans")
SVG = "{http://www.w3.org/2000/svg}"


@cache
def figures(name: str) -> dict[str, str]:
    texts = chart_texts(report_view(*samples.SAMPLES[name]()))
    found = {key: str(texts[key]) for key in ("camera", "sizes", "timeline", "expressions", "scale") if texts[key]}
    return found | {f"mark{number}": str(mark) for number, mark in texts["marks"].items()}


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_figures_of_a_sample(name: str, golden: Callable[[str, str], None]) -> None:
    for kind, text in figures(name).items():
        if kind in ("camera", "timeline", "expressions", "mark1"):
            golden(f"report/{name}.{kind}.svg", text + "\n")


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_every_figure_is_whole_xml_with_an_alternative_text(name: str) -> None:
    for text in figures(name).values():
        title = ET.fromstring(text).find(f"{SVG}title")
        assert title is not None and title.text


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_no_text_in_a_figure_is_smaller_than_eight_points(name: str) -> None:
    for kind, text in figures(name).items():
        sizes = [float(size) for size in re.findall(r"font(?:-size)?: (?:bold |700 )*([\d.]+)px", text)]
        assert all(size >= 8 for size in sizes), kind
        assert len(sizes) == text.count("<text "), kind


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_text_stays_inside_of_its_figure(name: str) -> None:
    for kind, text in figures(name).items():
        root = ET.fromstring(text)
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        for element in root.iter(f"{SVG}text"):
            x, y = (float(v) for v in re.findall(r"-?[\d.]+", element.get("transform", ""))[-2:]) if element.get(
                "transform"
            ) else (float(element.get("x", 0)), float(element.get("y", 0)))  # fmt: skip
            words = "".join(element.itertext())
            wide = TextPath((0, 0), words, size=8, prop=DEJAVU).get_extents().width
            anchor = re.search(r"text-anchor: (\w+)", element.get("style", ""))
            left = x - {"middle": wide / 2, "end": wide}.get(anchor.group(1) if anchor else "start", 0)
            assert left >= -3 and left + wide <= width + 3 and 5 <= y <= height, (kind, words)


def test_names_of_tasks_stay_out_of_figures() -> None:
    text = " ".join(figures("hostile_names").values())
    assert not any(part in text for part in ("alert", "مهمة", "分数", "emoji", "very long", "raw"))


def test_neighbouring_labels_do_not_overlap() -> None:
    assert charts._apart([50, 51, 49], 15, 4, 96) == [64, 79, 49]
    assert charts._apart([95, 96, 97], 15, 4, 96) == [66, 81, 96]


def test_time_axes_have_round_ticks_and_not_too_many() -> None:
    for seconds in (20, 120, 2700, 5400, 30000):
        ticks = charts._ticks(charts.Span(0, seconds))
        assert 2 <= len(ticks) <= 11
