"""``label``, ``analyze --label``, and ``sessions`` that are found and sorted by labels."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command import rows
from contracts.store_records import session_start
from fakes import FakeClassifier, FakeDetector, FakeVideo
from in_process import invoke

from classroom_fer import analysis
from classroom_fer.lesson.records import Task
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import default_config
from classroom_fer.store.store import open_store

DB = "classroom-fer.sqlite"
FILMS = (
    ("lesson 10.mp4", datetime(2026, 3, 2, tzinfo=UTC), "Fractions"),
    ("lesson 9.mp4", datetime(2026, 3, 3, tzinfo=UTC), "Angles"),
    ("Übung.mp4", None, "fractions again"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three sessions; two are of class 7b, one has no label."""
    with open_store(tmp_path / DB) as store:
        for number, (video, recorded_on, task) in enumerate(FILMS):
            start = session_start(video_name=video, video_sha256=f"{number:064x}", recorded_on=recorded_on)
            store.begin_session(start, [Task(task, 0.0, 30.0)])
    assert invoke(tmp_path, "label", "1", "class=7b", "lesson=10").exit_code == 0
    assert invoke(tmp_path, "label", "lesson 9.mp4", "class=7b", "lesson=9").exit_code == 0
    return tmp_path


def listed(folder: Path, *arguments: str) -> list[int]:
    done = invoke(folder, "sessions", "--json", *arguments)
    assert done.exit_code == 0, done.stderr
    return [session["session_id"] for session in json.loads(done.stdout)]


def test_labels_are_set_shown_changed_and_removed(folder: Path) -> None:
    assert invoke(folder, "label", "1").stdout == "session 1 (lesson 10.mp4): class=7b  lesson=10\n"
    invoke(folder, "label", "1", "class=8a", "--remove", "lesson")
    assert rows(folder / DB, "SELECT label, value FROM v_label WHERE session_id = 1") == [("class", "8a")]
    assert invoke(folder, "label", "3").stdout.endswith("no labels\n")
    assert "class=8a" in invoke(folder, "sessions").stdout


def test_a_wrong_label_changes_nothing(folder: Path) -> None:
    wrong = invoke(folder, "label", "1", "room=3", "no label")
    assert (wrong.exit_code, "write label=value" in wrong.stderr) == (2, True)
    absent = invoke(folder, "label", "1", "room=3", "--remove", "teacher")
    assert "labels: class, lesson" in absent.stderr
    assert rows(folder / DB, "SELECT COUNT(*) FROM label WHERE label = 'room'") == [(0,)]
    assert invoke(folder, "label", "9", "room=3").exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ([], [1, 2, 3]),
        (["--where", "class=7b"], [1, 2]),
        (["--where", "class=7b", "--where", "lesson=9"], [2]),
        (["--where", "class=7"], []),
        (["--search", "FRACTIONS"], [1, 3]),
        (["--search", "übung"], [3]),
        (["--search", "7B", "--sort", "-number"], [2, 1]),
        (["--sort", "film"], [2, 1, 3]),
        (["--sort", "lesson"], [2, 1, 3]),
        (["--sort", "-lesson"], [1, 2, 3]),
        (["--sort", "recorded"], [1, 2, 3]),
        (["--sort", "-recorded"], [2, 1, 3]),
    ],
)
def test_sessions_are_found_and_sorted(folder: Path, arguments: list[str], found: list[int]) -> None:
    assert listed(folder, *arguments) == found


def test_nothing_found_and_an_unknown_order_are_said(folder: Path) -> None:
    assert "none of 3 sessions fits" in invoke(folder, "sessions", "--search", "x y z").stderr
    unknown = invoke(folder, "sessions", "--sort", "room")
    assert (unknown.exit_code, "no session has this label" in unknown.stderr) == (2, True)


def test_labels_go_with_their_session(folder: Path) -> None:
    assert invoke(folder, "purge", "--session", "1", "--yes").exit_code == 0
    assert rows(folder / DB, "SELECT DISTINCT session_id FROM label") == [(2,)]


def test_a_film_that_is_given_again_keeps_its_labels_and_gets_those_that_are_given(tmp_path: Path) -> None:
    parts = Parts(FakeDetector(), FakeClassifier())
    fakes = analysis.Builders(lambda *_: FakeVideo(duration_s=20), parts=lambda _: parts)
    with open_store(tmp_path / DB) as store:
        for labels in ({"class": "7b"}, {"lesson": "4", "room": "2"}, {"lesson": "5"}, {}):
            request = analysis.Request(Path("fake.mp4"), None, None)
            analyzer = analysis.Analyzer(default_config(), store, fakes, labels=labels)
            analyzer.analyze(request, lambda _: None)
        assert [session.labels for session in store.sessions()] == [(("class", "7b"), ("lesson", "5"), ("room", "2"))]
