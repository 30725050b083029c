"""BORIS's projects: what is written is read again; the tool's own functions are asked in test_boris_itself."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from classroom_fer.errors import ExchangeError
from classroom_fer.exchange.boris_project import (
    Behavior,
    BorisProject,
    Event,
    ExternalData,
    MediaFile,
    Observation,
    Player,
    project_bytes,
)
from classroom_fer.exchange.boris_project_reader import parse_project, read_project

DATE = datetime.datetime(2026, 3, 5, 9, 30, tzinfo=datetime.UTC)
PROJECT = BorisProject(
    "Lessons",
    (Behavior("Zuhören", category="board", key="z"), Behavior("bell", is_state=False, description="rings")),
    (
        Observation(
            "lesson",
            (Player((MediaFile("lesson.mp4", 600.0, 25.0),)), Player((MediaFile("back.mp4", 500.0),), 1.5)),
            (Event(0.0, "Zuhören"), Event(1.234, "bell", "T", "loud", "twice"), Event(85.0, "Zuhören")),
            offset_s=3.0,
            description="first",
        ),
        Observation("live"),
    ),
    "two observers",
    ("T",),
)


@pytest.mark.parametrize("compressed", [False, True])
def test_what_is_written_is_read_again_and_is_the_same_every_time(tmp_path: Path, compressed: bool) -> None:
    path = tmp_path / "lessons.boris"
    path.write_bytes(project_bytes(PROJECT, DATE, compressed=compressed))
    assert read_project(path) == PROJECT
    assert path.read_bytes() == project_bytes(PROJECT, DATE, compressed=compressed)


def document(project: BorisProject = PROJECT) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(project_bytes(project, DATE))
    return made


def parsed(made: object) -> BorisProject:
    return parse_project(json.dumps(made).encode(), Path("lessons.boris"))


def test_choices_become_modifiers_that_boris_asks_for() -> None:
    made = document(BorisProject("p", (Behavior("facing", choices=("yes", "no")),), ()))
    assert made["behaviors_conf"]["0"]["modifiers"]["0"]["values"] == ["yes", "no"]
    with pytest.raises(ValueError, match=r"no \| yes"):
        document(BorisProject("p", (Behavior("facing", choices=("no | yes",)),), ()))


def test_external_data_stands_as_boris_reads_it() -> None:
    observation = Observation("o", external=(ExternalData("t.csv", 3, "Coverage", "0-1"),))
    plot = document(BorisProject("p", (), (observation,)))["observations"]["o"]["plot_data"]["0"]
    assert (plot["file_path"], plot["columns"], plot["time_interval"]) == ("t.csv", "1,3", "120")


def test_events_are_put_in_order_and_pictures_are_left_out() -> None:
    made = document()
    made["observations"]["lesson"]["events"].reverse()
    made["observations"]["pictures"] = {"type": "IMAGES", "events": [["NA", "", "bell", "", "", 1, "a.png"]]}
    made["observations"]["old"] = {"type": "LIVE", "file": [], "events": [[1, "", "bell", "", ""]], "time offset": None}
    project = parsed(made)
    assert project.observations == (*PROJECT.observations, Observation("old", events=(Event(1.0, "bell"),)))


def test_creation_times_are_part_of_the_offset_and_unknown_for_several_films() -> None:
    made = document()
    lesson = made["observations"]["lesson"]
    lesson["media_creation_date_as_offset"] = True
    lesson["media_info"]["media_creation_time"] = {"D:/lesson.mp4": 1000.0}
    assert parsed(made).observations[0].offset_s is None
    lesson["file"]["2"] = []
    assert parsed(made).observations[0].offset_s == 1003.0


def changed(*path: str, to: object) -> bytes:
    made = document()
    inner = made
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = to
    return json.dumps(made).encode()


WHOLE = project_bytes(PROJECT, DATE)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (WHOLE[:700], "line 38, column 19"),
        (b'{"a": 1}', "no behaviors_conf"),
        (b"[1, 2]", "no behaviors_conf"),
        (b'{"a": "\xff"}', "UnicodeDecodeError"),
        (b"[" * 100_000, "the project is"),
        (changed("project_format_version", to="8.0"), "format 8.0, which is newer than 7.0"),
        (changed("project_format_version", to="3.5"), "old format 3.5"),
        (changed("project_format_version", to=None), "old format None"),
        (changed("behaviors_conf", to=[]), "behaviors_conf: not as BORIS writes it"),
        (changed("observations", "lesson", "events", to=[["a", "", "b"]]), "event 1: not as BORIS writes it (only 3"),
        (changed("observations", "lesson", "events", to=[["soon", "", "b", "", ""]]), "event 1: 'soon' is no time"),
        (changed("observations", "lesson", "events", to=[[1e400, "", "b", "", ""]]), "event 1: 'inf' is no time"),
        (changed("observations", "lesson", "time offset", to="x"), "observations > lesson > time offset"),
    ],
)
def test_a_project_that_cannot_be_read_is_one_error_with_file_and_remedy(data: bytes, said: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        parse_project(data, Path("lessons.boris"))
    assert "lessons.boris" in str(caught.value) and said in str(caught.value)
    assert "BORIS" in caught.value.hint
