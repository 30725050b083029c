"""What was finished survives, and the rest of the run makes the same database."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from command import LESSON, TASKS, command, heed_sigint, rows
from in_process import invoke

CHUNKS = 3
SPAN = ("--start", "0", "--end", "30", "--fps", "0.3", "--config", "c.toml", "--db", "l.sqlite", "--quiet")
"""Chunks of ten seconds, three pictures each."""
WITHOUT_IDS = {"session_id", "track_id", "analyzed_at"}
SHORT = ("analyze", LESSON, "--end", "2", "--no-report", "--profile", "presence")
"""In this process, and without the larger net: what is done again does not depend on what is inferred."""


def arguments(folder: Path, *more: str) -> list[str]:
    folder.mkdir(exist_ok=True)
    (folder / "c.toml").write_text("chunk_s = 10\n")
    return ["analyze", str(LESSON), *SPAN, *more]


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


def stopped_in_mid_run(folder: Path, signal_number: int, *more: str) -> tuple[int, str]:
    """Exit code and stderr of an analysis that gets the signal as soon as its first chunk is stored."""
    process = subprocess.Popen(
        command(*arguments(folder, *more)), cwd=folder, stderr=subprocess.PIPE, text=True, preexec_fn=heed_sigint
    )
    while chunks(folder / "l.sqlite") < 1 and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal_number)
    _, errors = process.communicate(timeout=300)
    return process.returncode, errors


@pytest.mark.slow
def test_kill_9_and_again_gives_row_for_row_the_database_of_an_uninterrupted_run(tmp_path: Path) -> None:
    """And so do several processes: one begins, two go on."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert invoke(whole, *arguments(whole), "--no-report").exit_code == 0

    assert stopped_in_mid_run(cut, signal.SIGKILL)[0] == -signal.SIGKILL
    assert 1 <= chunks(cut / "l.sqlite") < CHUNKS
    assert rows(cut / "l.sqlite", "SELECT status FROM v_session") == [("running",)]
    assert invoke(cut, *arguments(cut), "--jobs", "2").exit_code == 0

    assert content(cut / "l.sqlite") == content(whole / "l.sqlite")
    assert chunks(cut / "l.sqlite") == CHUNKS
    assert (cut / "reports" / "lesson.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_keeps_what_was_finished_and_exits_130(tmp_path: Path, jobs: str) -> None:
    code, errors = stopped_in_mid_run(tmp_path / "cut", signal.SIGINT, "--profile", "presence", "--jobs", jobs)
    assert code == 130
    assert "interrupted" in errors
    assert "Traceback" not in errors
    assert 1 <= chunks(tmp_path / "cut" / "l.sqlite") < CHUNKS


def test_a_finished_film_is_not_analysed_again_unless_fresh(tmp_path: Path) -> None:
    def said(*more: str) -> dict[str, Any]:
        (film,) = json.loads(invoke(tmp_path, *SHORT, "--json", *more).stdout)["films"]
        return dict(film)

    first, again, fresh = said(), said(), said("--fresh")
    assert [film["reused"] for film in (first, again, fresh)] == [False, True, False]
    assert first["session_id"] == again["session_id"] != fresh["session_id"]
    assert rows(tmp_path / "classroom-fer.sqlite", "SELECT session_id FROM v_session") == [(fresh["session_id"],)]


def test_other_tasks_reuse_the_stored_faces(tmp_path: Path) -> None:
    assert invoke(tmp_path, *SHORT).exit_code == 0
    other = invoke(tmp_path, *SHORT, "--tasks", TASKS)
    assert other.exit_code == 0, other.stderr
    assert "in the database already" in other.stdout
    assert len(rows(tmp_path / "classroom-fer.sqlite", "SELECT task FROM v_task")) == 5
