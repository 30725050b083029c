"""``classroom-fer purge``: nobody is kept waiting while it waits for a yes, and a yes is for what was shown."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command import command
from contracts.store import filled
from contracts.store_records import TASKS, session_start
from in_process import invoke

from classroom_fer.store.store import open_store

PAST = datetime(2020, 1, 1, tzinfo=UTC)


@contextmanager
def asking(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A purge at a terminal that has asked its question; write the answer to the descriptor."""
    keyboard, stdin = pty.openpty()
    whole = command("purge", *arguments)
    with subprocess.Popen(whole, cwd=folder, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            assert process.stdout is not None
            said = b""
            while not said.endswith(b"[y/N]: "):
                byte = process.stdout.read(1)
                assert byte, said
                said += byte
            yield process, keyboard
        finally:
            process.kill()
            os.close(stdin)
            os.close(keyboard)


def answered(process: subprocess.Popen[bytes], keyboard: int, answer: str) -> tuple[int, str]:
    os.write(keyboard, f"{answer}\n".encode())
    said, _ = process.communicate(timeout=300)
    return process.returncode, said.decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three sessions, two of them expired."""
    with open_store(tmp_path / "classroom-fer.sqlite") as store:
        for expires_on in (PAST, PAST, datetime.now(UTC) + timedelta(days=1)):
            store.begin_session(session_start(expires_on=expires_on), TASKS)
    return tmp_path


def numbers(folder: Path) -> list[int]:
    with open_store(folder / "classroom-fer.sqlite") as store:
        return [session.session_id for session in store.sessions()]


def test_an_analysis_goes_on_while_purge_waits_for_its_answer(folder: Path) -> None:
    with asking(folder, "--all") as (process, keyboard):
        with open_store(folder / "classroom-fer.sqlite") as store, store.exclusive():
            begun = filled(store).session_id
        assert answered(process, keyboard, "y")[0] == 0
    assert numbers(folder) == [begun], "what came after the question was not in it"


def test_what_is_gone_or_was_kept_longer_meanwhile_is_left_out_aloud(folder: Path) -> None:
    with asking(folder, "--expired") as (process, keyboard):
        with open_store(folder / "classroom-fer.sqlite") as store:
            store.delete(1)
            later = session_start(expires_on=datetime.now(UTC) + timedelta(days=9))
            store.set_tasks(2, TASKS, later)
        code, said = answered(process, keyboard, "y")
    assert code == 0
    assert "session 1: no longer there" in said and "session 2: no longer there, or no longer expired" in said
    assert "deleted 0" in said
    assert numbers(folder) == [2, 3]


def test_no_is_no_and_a_run_that_began_meanwhile_is_not_disturbed(folder: Path) -> None:
    with asking(folder, "--expired") as (process, keyboard):
        assert answered(process, keyboard, "n")[0] == 1
    with asking(folder, "--expired") as (process, keyboard):
        with open_store(folder / "classroom-fer.sqlite") as store, store.exclusive():
            code, said = answered(process, keyboard, "y")
        assert code == 1 and "in use by another run" in said
    assert numbers(folder) == [1, 2, 3]


def test_a_dry_run_takes_no_lock_and_changes_no_byte(folder: Path) -> None:
    database = folder / "classroom-fer.sqlite"
    with open_store(database) as store, store.exclusive():
        before = database.read_bytes()
        done = invoke(folder, "purge", "--all", "--dry-run")
        assert (done.exit_code, done.stdout.count("would delete")) == (0, 3)
        assert database.read_bytes() == before
    assert numbers(folder) == [1, 2, 3]
