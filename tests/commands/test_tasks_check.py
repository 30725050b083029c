"""``tasks check``: what is in a table, what is wrong with it, and what should be known about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fakes import FakeClassifier, FakeDetector, FakeRenderer, FakeVideo
from in_process import invoke

from classroom_fer.analysis import Analyzer, Builders, Request
from classroom_fer.commands.summary import as_json, lines
from classroom_fer.commands.task_notices import SENTENCES, notice_lines
from classroom_fer.lesson.tasks import NoticeCode, TaskNotice
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import default_config
from classroom_fer.store.store import open_store

EVENTS = "onset\tduration\ttrial_type\n0.0\t1.5\tlistening\n1.0\t0\tbell\n2.0\tn/a\tquestion\n2.5\t1.0\tgroup work\n"


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "lesson_events.tsv"
    path.write_text(EVENTS)
    return path


def test_what_is_left_out_is_said_with_its_number(events: Path) -> None:
    done = invoke(events.parent, "tasks", "check", events)
    assert done.exit_code == 0
    notes = [line for line in done.stdout.splitlines() if line.startswith("note: ")]
    assert [line.split()[1:3] for line in notes] == [["1", "row"], ["1", "row"]]


def test_json_carries_tasks_gaps_and_notices(events: Path) -> None:
    document = json.loads(invoke(events.parent, "tasks", "check", events, "--json").stdout)
    assert [task["name"] for task in document["tasks"]] == ["listening", "group work"]
    assert document["notices"] == [
        {"code": "instants", "count": 1, "names": []},
        {"code": "unknown_length", "count": 1, "names": []},
    ]


def test_every_notice_has_a_sentence_in_which_its_values_stand() -> None:
    codes: list[NoticeCode] = list(SENTENCES)
    said = notice_lines(TaskNotice(code, 7, ("x", *"abcdef")) for code in codes)
    assert all("{" not in line for line in said)
    assert all(
        "x, a, b, c, d and 2 more" in line
        for code, line in zip(codes, said, strict=True)
        if "{names}" in SENTENCES[code]
    )


def test_analyses_say_it_too_and_carries_it_in_json(tmp_path: Path, events: Path) -> None:
    builders = Builders(
        open_video=lambda *_: FakeVideo(duration_s=10),
        parts=lambda _: Parts(FakeDetector(seats=5), FakeClassifier()),
        renderer=lambda _: FakeRenderer(),
    )
    with open_store(tmp_path / "classroom-fer.sqlite") as store:
        request = Request(Path("fake.mp4"), events, None)
        analyzer = Analyzer(default_config(), store, builders)
        assert [notice.code for notice in analyzer.plan(request).notices] == ["instants", "unknown_length"]
        outcome = analyzer.analyze(request, lambda _: None)
    assert [notice.code for notice in outcome.notices] == ["instants", "unknown_length"]
    assert sum("tasks file: 1 row left out" in line for line in lines(Path("fake.mp4"), outcome, "x.sqlite")) == 2
    assert as_json(Path("fake.mp4"), outcome, "x.sqlite")["tasks_file_notices"][0]["code"] == "instants"
    done = invoke(tmp_path, "aggregate", "latest", "--tasks", events, "--json")
    assert [said["code"] for said in json.loads(done.stdout)["tasks_file_notices"]] == ["instants", "unknown_length"]
