"""Safeguard S3 from faces to every output: a class of two, and a class of which two took part in one task."""

import json
import re
import sqlite3
from pathlib import Path

import pytest
from contracts.store_records import session_start
from report.test_view import words
from synthetic_class import Look, Script, film, only

from classroom_fer.analysis import Outcome
from classroom_fer.commands.summary import as_json, lines
from classroom_fer.lesson.records import ChunkResult, NotShown, StoredSession, Task
from classroom_fer.report.view import report_view
from classroom_fer.report.wording import Wording
from classroom_fer.settings.config import default_config
from classroom_fer.store.store import open_store

TASKS = (Task("talk", 0, 240), Task("aside", 240, 360), Task("work", 360, 600, "desk"))
SECONDS = 600
COUNTS = {"session_id", "start_s", "end_s"}


def without(aside: int) -> Script:
    """A lesson in which ``aside`` of the pupils are seen in the second task."""

    def look(k, t):
        missing = 240 <= t < 360 and k >= aside
        return None if missing else Look(12.0 * (k % 3), 0, only("happiness" if (k + t) % 7 < 2 else "neutral", 0.8))

    return look


def stored(folder: Path, pupils: int, look: Script) -> tuple[StoredSession, Outcome]:
    """A lesson in a database."""
    made = film(pupils, SECONDS, look)
    result = made.understood(TASKS)
    start = session_start(end_s=600.0, duration_s=600.0, chunk_s=600.0, settings=default_config().as_dict())
    with open_store(folder / "lesson.sqlite") as store:
        number = store.begin_session(start, TASKS).session_id
        store.write_chunk(number, ChunkResult(0, 0.0, 600.0, tuple(made.frames), 0))
        store.write_result(number, result, made.tracks)
        session, kept = store.session(number), store.result(number)
    return session, Outcome(session, kept, None, False, False)


def rows(folder: Path, query: str) -> list[dict]:
    database = sqlite3.connect(folder / "lesson.sqlite")
    database.row_factory = sqlite3.Row
    found = [dict(row) for row in database.execute(query)]
    database.close()
    return found


def numbers(row: dict) -> set[str]:
    return {name for name, value in row.items() if isinstance(value, (int, float)) and name not in COUNTS}


def test_of_a_class_of_two_no_view_holds_a_class_number(tmp_path):
    stored(tmp_path, 2, without(2))
    assert [numbers(row) for row in rows(tmp_path, "SELECT * FROM v_task")] == [set()] * 3
    assert [numbers(row) for row in rows(tmp_path, "SELECT * FROM v_timeline")] == [set()] * 60
    (session,) = rows(tmp_path, "SELECT * FROM v_session")
    assert (session["coverage"], session["tracks"]) == (None, 2)
    (seen,) = rows(tmp_path, "SELECT sizes, abstentions FROM visibility")
    assert seen == {"sizes": "[]", "abstentions": "[]"}
    assert rows(tmp_path, "SELECT * FROM comparison") == rows(tmp_path, "SELECT * FROM moment") == []


def test_of_a_class_of_two_json_terminal_and_report_tell_no_class_number(tmp_path):
    session, outcome = stored(tmp_path, 2, without(2))
    told = as_json(Path("lesson.mp4"), outcome, "db")
    assert all(task["n"] is task["coverage"] is task["engagement"] is task["shares"] is None for task in told["tasks"])
    assert (told["visibility"]["coverage"], told["visibility"]["sizes"], told["visibility"]["abstentions"]) == (
        None,
        (),
        {},
    )
    assert json.dumps(told)
    few = Wording().reason(NotShown("few", needed=5))
    assert sum(few in line for line in lines(Path("lesson.mp4"), outcome, "db")) == 3
    assert [task["not_shown_because"] for task in told["tasks"]] == [{"code": "few", "seen": None, "needed": 5}] * 3
    view = report_view(session, outcome.result)
    assert view.camera.figure is view.camera.sizes is view.timeline is view.expressions.figure is None
    said = [re.sub("[\u2068\u2069]", "", line) for line in words(view)]
    assert [line for line in said if line.startswith("Fewer than 5 faces were visible at once")]
    assert not [line for line in said if re.search(r"\b2 faces\b|\bof 2\b", line)]


def test_a_task_of_two_of_twelve_is_hidden_and_the_others_are_not(tmp_path):
    _, outcome = stored(tmp_path, 12, without(2))
    talk, aside, work = rows(tmp_path, "SELECT * FROM v_task ORDER BY start_s")
    assert numbers(aside) == set()
    assert (talk["n"], work["n"]) == (12, 12)
    for row in rows(tmp_path, "SELECT * FROM v_timeline WHERE task = 'aside'"):
        assert numbers(row) == set()
    assert all(numbers(row) for row in rows(tmp_path, "SELECT * FROM v_timeline WHERE task = 'talk'"))
    told = {
        (pair["first"], pair["second"]): pair["why"] for pair in as_json(Path("a.mp4"), outcome, "db")["not_compared"]
    }
    assert told == {
        ("talk", "aside"): "not_enough_seen",
        ("talk", "work"): "other_mode",
        ("aside", "work"): "other_mode",
    }


@pytest.mark.parametrize("aside", [0, 4])
def test_what_the_hidden_ones_did_changes_no_view(tmp_path, aside):
    """Same faces, other looks in the hidden task: the class-level tables hold the same."""
    queries = ("SELECT * FROM v_task", "SELECT * FROM v_timeline", "SELECT * FROM comparison", "SELECT * FROM moment")

    def tables(name, yaw):
        def look(k, t):
            return (None if k >= aside else Look(yaw)) if 240 <= t < 360 else Look(5.0)

        (tmp_path / name).mkdir()
        stored(tmp_path / name, 9, look)
        return [rows(tmp_path / name, query) for query in queries]

    assert tables("ahead", 0.0) == tables("turned", 35.0)
