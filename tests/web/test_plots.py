"""Charts hold what is printed, and nothing finer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import pytest
from report.samples import SAMPLES

from classroom_fer.report.view import report_view
from classroom_fer.report.view_records import ReportView
from classroom_fer.web.plots import DAY_MS, camera_plot, described, expressions_plot, timeline_plot
from classroom_fer.web.texts import AppWording


def view(name: str, lang: str = "en") -> tuple[ReportView, AppWording]:
    say = AppWording(lang)
    return report_view(*SAMPLES[name](), say), say


def timeline(name: str, lang: str = "en") -> dict[str, Any]:
    seen, say = view(name, lang)
    assert seen.timeline is not None
    return timeline_plot(seen.timeline, say)


def traces(plot: dict[str, Any], name: str) -> dict[str, Any]:
    return next(trace for trace in plot["data"] if trace.get("name") == name)


def numbers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner)
    elif isinstance(value, float):
        yield value


def test_the_line_is_that_of_the_report_in_whole_numbers() -> None:
    seen, _ = view("clear_effect")
    assert seen.timeline is not None
    line = traces(timeline("clear_effect"), "index")
    assert line["y"] == [None if v is None else int(v + 0.5) for v in seen.timeline.engagement]
    assert line["text"][:3] == ["76 (70–82)", "77 (71–83)", "78 (72–84)"]
    assert "" in line["text"], "a gap says nothing"
    assert line["x"][0] == DAY_MS + 5000


def test_gaps_break_line_and_band_and_say_why() -> None:
    plot = timeline("partly_lost")
    line = traces(plot, "index")
    assert line["connectgaps"] is False
    bands = [trace for trace in plot["data"] if trace.get("fill") == "toself"]
    assert len(bands) == len(list(filter(itemgetter(0), groupby(line["y"], key=lambda y: y is not None)))) > 1
    assert all(None not in band["y"] and len(band["x"]) == len(band["y"]) for band in bands)
    assert {shape["label"]["text"] for shape in plot["layout"]["shapes"] if "label" in shape} >= {"not enough seen"}


def test_moments_are_numbered_and_lie_where_the_sentences_say() -> None:
    plot = timeline("clear_effect")
    marks = next(trace for trace in plot["data"] if trace["mode"] == "markers+text")
    assert marks["text"] == ["1", "2"]
    assert marks["x"] == [DAY_MS + 860_000, DAY_MS + 2_250_000]


def test_shares_of_faces_are_never_named_more_exactly_than_in_print() -> None:
    seen, say = view("clear_effect")
    assert seen.camera.figure is not None
    plot = camera_plot(seen.camera.figure, say)
    told = [text for trace in plot["data"] if trace["yaxis"] == "y2" for text in trace["hovertext"]]
    assert all(text == "" or text.endswith("%") or "or" in text for text in told)
    assert {"5 % or less", "95 % or more"} >= {text for text in told if "or" in text}


@pytest.mark.parametrize("name", ["clear_effect", "partly_lost", "twelve_tasks", "hostile_names", "presence"])
def test_no_number_of_people_has_decimals(name: str) -> None:
    seen, say = view(name)
    plots = [camera_plot(seen.camera.figure, say)] if seen.camera.figure else []
    plots += [timeline_plot(seen.timeline, say)] if seen.timeline else []
    plots += [expressions_plot(seen.expressions.figure, say)] if seen.expressions.figure and seen.with_index else []
    assert plots
    assert [n for plot in plots for trace in plot["data"] for n in numbers([trace["x"], trace["y"]])] == []


def test_groups_are_layers_that_fill_the_scale_task_by_task() -> None:
    seen, say = view("clear_effect")
    assert seen.expressions.figure is not None
    plot = expressions_plot(seen.expressions.figure, say)
    assert [trace["name"] for trace in plot["data"]] == list(seen.expressions.figure.labels)
    assert all(98 <= sum(column) <= 102 for column in zip(*(trace["y"] for trace in plot["data"]), strict=True))


def test_names_of_others_are_no_markup() -> None:
    text = json.dumps(timeline("hostile_names"))
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_time_runs_in_the_direction_of_reading() -> None:
    across = [timeline("clear_effect", lang)["layout"]["xaxis"]["range"] for lang in ("en", "ar")]
    assert across[0] == across[1][::-1] == [DAY_MS, DAY_MS + 2_700_000]


def test_an_hour_or_more_is_written_with_hours() -> None:
    formats = [timeline(name)["layout"]["xaxis"]["tickformat"] for name in ("clear_effect", "twelve_tasks")]
    assert formats == ["%-M:%S", "%-H:%M:%S"]


def test_colours_are_names_that_light_and_dark_both_have() -> None:
    line = traces(timeline("clear_effect"), "index")
    assert line["line"]["color"] == "--index"


def test_a_chart_is_described_for_who_does_not_see_it() -> None:
    seen, _ = view("clear_effect")
    assert seen.timeline is not None
    assert described(seen.timeline).startswith(seen.timeline.title)
    assert seen.timeline.alt in described(seen.timeline)
    assert described(seen.timeline).endswith("0:00–45:00.")
