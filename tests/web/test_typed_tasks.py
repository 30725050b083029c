"""Tasks typed into the page are checked as a tasks file is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from classroom_fer.errors import TaskFileError
from classroom_fer.exchange.tasks_file import read_tasks
from classroom_fer.lesson.records import Task
from classroom_fer.web.typed_tasks import MOST_ROWS, Row, TypedMistake, mistakes_of, read_typed, tasks_table


def sent(*rows: Row, duration: object = 600) -> str:
    return json.dumps({"rows": rows, "duration": duration})


def test_what_is_typed_is_the_tasks_file_that_runs(tmp_path: Path) -> None:
    file = tmp_path / "tasks.csv"
    file.write_bytes(tasks_table(sent(
        ("Talk; about,\t\"fractions\"", "0:05", "1:05.3", "board"), ("", "", "", "board"),
        ("Übung", "65.3", "2:00", "desk"),
    )))  # fmt: skip
    assert read_tasks(file, duration_s=600).tasks == (
        Task('Talk; about, "fractions"', 5.0, 65.3, "board"), Task("Übung", 65.3, 120.0, "desk"),
    )  # fmt: skip


def test_every_mistake_names_its_row_also_below_empty_ones() -> None:
    rows = [
        ("Talk", "", "1:00", "board"),
        ("", " ", "", "desk"),
        ("Talk", "9:00", "99:00", "board"),
        ("", "x", "2", "board"),
    ]
    told = [(one.row, one.part, one.text.partition(";")[0]) for one in mistakes_of(rows, 600.0)]
    assert told == [
        (0, "start", "the time is missing"),
        (2, "end", "1:39:00 is past the end of the film (10:00)"),
        (3, "task", "the task has no name"),
        (3, "start", "'x' is not a time"),
    ]


def test_tasks_that_overlap_or_have_one_name_are_mistakes_and_nothing_is_none() -> None:
    rows = [("Talk", "0", "60", "board"), ("Talk", "30", "90", "board")]
    assert {(one.row, one.part) for one in mistakes_of(rows, None)} == {(1, "task"), (1, "start")}
    assert mistakes_of([("", "", "", "board")], 600.0) == []


def test_a_table_that_is_wrong_as_a_whole_says_so() -> None:
    days = [("Talk", "0.00069444", "0.00138889", "board")]
    (whole,) = mistakes_of(days, 600.0)
    assert whole == TypedMistake(None, "", whole.text) and "parts of a day" in whole.text


def test_what_is_wrong_starts_nothing() -> None:
    with pytest.raises(TaskFileError, match="task 2, start: the time is missing"):
        tasks_table(sent(("Talk", "0", "60", "board"), ("Desk", "", "90", "desk")))
    with pytest.raises(TaskFileError, match="is empty"):
        tasks_table(sent(("", "", "", "board")))


@pytest.mark.parametrize("body", [
    b"", b"[1]", b"{}", b'{"rows": 3}', b'{"rows": [["a", "b"]]}', b'{"rows": [["a", 1, "b", "c"]]}', b"[" * 100_000,
    json.dumps({"rows": [["", "", "", ""]] * (MOST_ROWS + 1)}).encode(),
    json.dumps({"rows": [["x" * 2000, "", "", ""]]}).encode(),
])  # fmt: skip
def test_what_no_page_of_ours_sends_is_refused(body: bytes) -> None:
    with pytest.raises(TaskFileError, match="no table of tasks"):
        read_typed(body)


@pytest.mark.parametrize("duration", [None, "9", -1, True, float("inf")])
def test_a_length_that_is_none_is_not_known(duration: object) -> None:
    assert read_typed(sent(duration=duration).encode())[1] is None
