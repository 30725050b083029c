"""``tasks check``: what is in a table, what is wrong with it, and what should be known about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from in_process import invoke

from classroom_fer.commands.task_notices import SENTENCES, notice_lines
from classroom_fer.lesson.tasks import NoticeCode, TaskNotice

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
    lines = notice_lines(TaskNotice(code, 7, ("x", *"abcdef")) for code in codes)
    assert all("{" not in line for line in lines)
    assert all(
        "x, a, b, c, d and 2 more" in line
        for code, line in zip(codes, lines, strict=True)
        if "{names}" in SENTENCES[code]
    )
