"""Figures: same data, same bytes; alternative text; no text in the SVG, no label outside of its frame."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator

import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath
from report import printed, samples

from classroom_fer.report import charts
from classroom_fer.report.canvas import Drawing, Label, width_in

DEJAVU = FontProperties(family="DejaVu Sans")
SVG = "{http://www.w3.org/2000/svg}"


def drawings(name: str, lang: str = "en") -> Iterator[tuple[str, Drawing]]:
    for kind, found in printed.figures(name, lang).items():
        if isinstance(found, Drawing):
            yield kind, found
        elif isinstance(found, dict):
            yield from ((f"mark{number}", mark) for number, mark in found.items())


def as_text(drawing: Drawing) -> str:
    labels = [f"<!-- {label.text!r} {label.css_class} {label.css(mirrored=False)} -->" for label in drawing.labels]
    return "\n".join([drawing.svg, *labels]) + "\n"


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_figures_of_a_sample(name: str, golden: Callable[[str, str], None]) -> None:
    for kind, drawing in drawings(name):
        if kind in ("camera", "timeline", "expressions", "mark1"):
            golden(f"report/{name}.{kind}.svg", as_text(drawing))


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_every_figure_is_whole_xml_with_an_alternative_text_and_no_other(name: str) -> None:
    for kind, drawing in drawings(name):
        root = ET.fromstring(drawing.svg)
        title = root.find(f"{SVG}title")
        assert title is not None and title.text
        assert not list(root.iter(f"{SVG}text")), f"{kind}: text in SVG is drawn letter by letter, which breaks Arabic"


@pytest.mark.parametrize(
    ("name", "lang"),
    [*itertools.product(samples.SAMPLES, ["en", "de"]), ("clear_effect", "fr"), ("twelve_tasks", "fr")],
)
def test_labels_stay_inside_of_their_figure(name: str, lang: str) -> None:
    for kind, drawing in drawings(name, lang):
        _, _, width, height = map(float, ET.fromstring(drawing.svg).attrib["viewBox"].split())
        for label in drawing.labels:
            words = max(label.text.split(), key=len) if label.width else label.text
            wide = 100 * TextPath((0, 0), words, size=8, prop=DEJAVU).get_extents().width / width
            left = label.x - {"start": 0, "middle": wide / 2, "end": wide}[label.align]
            assert left >= -0.6, (kind, label.text)
            assert left + wide <= (label.x + label.width if label.width else 100) + 0.6, (kind, label.text)
            tall = 100 * 8 / height
            assert label.y - (0 if label.hangs else tall / 2) >= -1 - 12 * (height < 20), (kind, label.text)
            assert label.y + (tall if label.hangs else tall / 2) <= 101 + 20 * (height < 20), (kind, label.text)


def test_names_of_tasks_stay_out_of_figures() -> None:
    text = " ".join(as_text(drawing) for _, drawing in drawings("hostile_names"))
    assert not any(part in text for part in ("alert", "مهمة", "分数", "emoji", "very long", "raw"))


def test_a_right_to_left_figure_is_the_mirror_image_with_labels_from_the_right() -> None:
    there, here = dict(drawings("clear_effect", "ar"))["timeline"], dict(drawings("clear_effect"))["timeline"]
    width = ET.fromstring(here.svg).attrib["viewBox"].split()[2]
    inside = re.search(r'<g transform="matrix\(-1 0 0 1 ([\d.]+) 0\)">(.*)</g>', there.svg, re.DOTALL)
    assert inside is not None and float(inside.group(1)) == pytest.approx(float(width), abs=0.01)
    assert inside.group(2).strip() == here.svg.partition("</title>")[2].rpartition("</svg>")[0].strip()
    assert [(label.x, label.y) for label in there.labels] == [(label.x, label.y) for label in here.labels]
    assert Label("9", 10, 50).css(mirrored=True).startswith("right: 10.00%")
    assert Label("9", 10, 50, "end").css(mirrored=True).startswith("left: 90.00%")


def test_neighbouring_labels_do_not_overlap() -> None:
    assert charts.apart([50, 51, 49], 15, 4, 96) == [64, 79, 49]
    assert charts.apart([95, 96, 97], 15, 4, 96) == [66, 81, 96]


def test_the_guessed_width_of_a_label_is_never_too_small() -> None:
    for text in ("no index here", "WWWWW", "nicht genug gesehen"):
        drawn = TextPath((0, 0), text, size=8, prop=DEJAVU).get_extents().width / 72
        assert drawn < width_in(text) * (1.6 if text == "WWWWW" else 1.0)


def test_time_axes_have_round_ticks_and_not_too_many() -> None:
    for seconds in (20, 120, 2700, 5400, 30000):
        ticks = charts.time_ticks(charts.Stretch(0, seconds))
        assert 2 <= len(ticks) <= 11
