"""What was finished survives, and the rest of the run makes the same database."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from command import LESSON, TASKS, command, heed_sigint, rows, run

SETTINGS = "chunk_s = 10\n"
SPAN = ("--start", "0", "--end", "30")
WITHOUT_IDS = {"session_id", "track_id", "analyzed_at"}


def arguments(folder: Path, *more: str) -> list[str]:
    (folder / "c.toml").write_text(SETTINGS)
    return ["analyze", str(LESSON), *SPAN, "--config", "c.toml", "--db", "l.sqlite", "--quiet", *more]


def content(db: Path) -> dict[str, list[Any]]:
    """Everything that researchers see, without ids and times of running."""
    found: dict[str, list[Any]] = {}
    for view in ("v_session", "v_task", "v_timeline", "v_face"):
        columns = [row[1] for row in rows(db, f"PRAGMA table_info({view})") if row[1] not in WITHOUT_IDS]
        found[view] = rows(db, f"SELECT {', '.join(columns)} FROM {view} ORDER BY {', '.join(columns)}")
    query = "SELECT group_concat(frame_index || '/' || x1) FROM v_face WHERE track_id IS NOT NULL GROUP BY track_id"
    found["tracks"] = sorted(sorted(faces.split(",")) for (faces,) in rows(db, query))
    return found


def chunks(db: Path) -> int:
    try:
        return int(rows(db, "SELECT count(*) FROM chunk")[0][0])
    except sqlite3.Error:
        return 0


@pytest.mark.slow
def test_kill_9_and_again_gives_row_for_row_the_database_of_an_uninterrupted_run(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    cut.mkdir()
    assert run(*arguments(whole), cwd=whole).returncode == 0

    finished = 0
    while finished < 2:
        process = subprocess.Popen(command(*arguments(cut)), cwd=cut, stderr=subprocess.DEVNULL)
        while chunks(cut / "l.sqlite") < finished + 1 and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        finished = chunks(cut / "l.sqlite")
        assert rows(cut / "l.sqlite", "SELECT status FROM v_session") == [("running",)] or finished >= 3
    assert run(*arguments(cut), cwd=cut).returncode == 0

    assert content(cut / "l.sqlite") == content(whole / "l.sqlite")
    assert (cut / "reports" / "lesson.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.slow
def test_a_finished_film_is_not_analysed_again_unless_fresh(tmp_path: Path) -> None:
    first = run("analyze", LESSON, "--end", "5", "--no-report", cwd=tmp_path)
    again = run("analyze", LESSON, "--end", "5", "--no-report", cwd=tmp_path)
    db = tmp_path / "classroom-fer.sqlite"
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert "in the database already" in again.stdout
    assert "in the database already" not in first.stdout
    before = rows(db, "SELECT session_id FROM v_session")
    fresh = run("analyze", LESSON, "--end", "5", "--no-report", "--fresh", cwd=tmp_path)
    assert "in the database already" not in fresh.stdout
    after = rows(db, "SELECT session_id FROM v_session")
    assert len(before) == len(after) == 1
    assert before != after


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_finished_and_exits_130(tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(*arguments(tmp_path)), cwd=tmp_path, stderr=subprocess.PIPE, text=True,
        preexec_fn=heed_sigint,
    )  # fmt: skip
    while chunks(tmp_path / "l.sqlite") < 1 and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert chunks(tmp_path / "l.sqlite") >= 1


def test_other_tasks_reuse_the_stored_faces(tmp_path: Path) -> None:
    assert run("analyze", LESSON, "--end", "5", "--no-report", cwd=tmp_path).returncode == 0
    other = run("analyze", LESSON, "--end", "5", "--no-report", "--tasks", TASKS, cwd=tmp_path)
    assert other.returncode == 0, other.stderr
    assert "in the database already" in other.stdout
    names = rows(tmp_path / "classroom-fer.sqlite", "SELECT task FROM v_task")
    assert len(names) == 4
