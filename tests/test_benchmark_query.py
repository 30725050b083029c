"""The benchmark of queries asks everything of a study in which every lesson has all its rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import rows

from benchmarks import query as benchmark
from benchmarks.made_lessons import Class
from classroom_fer.store.worked_queries import worked_queries

LESSONS = 3
"""Two that are made and one that is copied."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lessons") / "lessons.sqlite"
    benchmark.build(path, LESSONS, Class(pupils=6, seconds=300))
    return path


def test_a_copy_has_as_many_rows_as_the_lesson_that_it_was_made_from(path: Path) -> None:
    for view in ("v_session", "v_task", "v_timeline", "v_track", "v_face", "v_frame", "v_size", "v_abstention"):
        counts = dict(rows(path, f"SELECT session_id, COUNT(*) FROM {view} GROUP BY session_id"))
        assert counts[3] == counts[1] > 0, view


def test_what_is_there_is_not_made_again(path: Path) -> None:
    benchmark.build(path, LESSONS, Class(pupils=6, seconds=300))
    names = [f"lesson-{number}.mp4" for number in range(1, LESSONS + 1)]
    assert rows(path, "SELECT video FROM v_session ORDER BY session_id") == [(name,) for name in names]


def test_every_question_is_asked_and_timed(path: Path) -> None:
    timings = list(benchmark.ask_everything(path, 1))
    assert [timing.what.split(".")[0] for timing in timings] == [str(query.number) for query in worked_queries()]
    assert benchmark.open_once(path).rows == LESSONS
