"""Lessons as the app lists and opens them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from report.samples import SAMPLES
from web.lessons import UNFINISHED

from classroom_fer.errors import PolicyError, StoreError
from classroom_fer.lesson.records import Declaration
from classroom_fer.store.store import open_reader
from classroom_fer.web.lessons import finished_lesson, fits, lesson_rows, session_number
from classroom_fer.web.texts import AppWording

Sample = tuple[Path, dict[str, int]]
BANNED = Declaration(jurisdiction="DE", setting="education")


def test_the_newest_lesson_is_first_and_an_unfinished_one_says_so(sample_database: Sample) -> None:
    with open_reader(sample_database[0]) as store:
        rows = lesson_rows(store.sessions(), "", AppWording())
    assert [row.name for row in rows[:2]] == [UNFINISHED, "<img src=x onerror=1>_مرحبا.mp4"]
    assert [row.finished for row in rows[:2]] == [False, True]
    first = rows[-1]
    assert (first.name, first.recorded, first.length, first.tasks) == (
        "fractions-5b.mp4", "18 November 2026", "45 min", "4 tasks",
    )  # fmt: skip


@pytest.mark.parametrize(("wanted", "found"), [
    ("", True), ("FRACTIONS 5b", True), ("folding paper", True), ("room is used", True), ("folding chair", False),
    ("%", False),
])  # fmt: skip
def test_the_search_looks_for_every_word_in_film_tasks_and_purpose(wanted: str, found: bool) -> None:
    session, _ = SAMPLES["clear_effect"]()
    declared = replace(session, start=replace(session.start, declaration=Declaration(purpose="how the room is used")))
    assert fits(declared, wanted) is found


def test_an_unfinished_session_says_how_it_goes_on(sample_database: Sample) -> None:
    path, numbers = sample_database
    with open_reader(path) as store, pytest.raises(StoreError, match="is not finished") as told:
        finished_lesson(store, numbers[UNFINISHED], Declaration())
    assert "same analyze command" in told.value.hint


def test_what_is_declared_now_holds_for_what_was_stored_before(sample_database: Sample) -> None:
    path, numbers = sample_database
    with open_reader(path) as store:
        with pytest.raises(PolicyError):
            finished_lesson(store, numbers["clear_effect"], BANNED)
        assert finished_lesson(store, numbers["presence"], BANNED).session.start.profile == "presence"


def test_a_session_that_is_not_there_is_an_error_that_lists_the_others(sample_database: Sample) -> None:
    with open_reader(sample_database[0]) as store, pytest.raises(StoreError, match="999"):
        finished_lesson(store, 999, Declaration())


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "١", "9" * 30, "1;DROP"])
def test_an_address_without_a_number_is_an_error(text: str) -> None:
    with pytest.raises(StoreError, match="there is no session"):
        session_number(text)
