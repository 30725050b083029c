"""One run at a time; what a killed run held is free at once; readers are never kept out."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from contracts.store import filled
from contracts.store_records import TASKS

from classroom_fer.errors import StoreError
from classroom_fer.store.store import SqlStore, open_store

HOLD = """
import sys, time
from classroom_fer.store.store import open_store
with open_store(sys.argv[1]) as store, store.exclusive():
    print("held", flush=True)
    time.sleep(300)
"""


@contextmanager
def another_run(url: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, url], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_second_run_is_refused_by_name_and_may_start_once_the_first_was_killed(any_url: str) -> None:
    with another_run(any_url) as process, open_store(any_url) as store:
        with pytest.raises(StoreError, match=f"process {process.pid}") as caught, store.exclusive():
            raise AssertionError("held twice")
        assert "stop it" in caught.value.hint
        process.send_signal(signal.SIGKILL)
        process.wait()
        patience = time.monotonic() + 300  # PostgreSQL's server notices the closed socket in its own time
        while time.monotonic() < patience:
            try:
                with store.exclusive():
                    break
            except StoreError:
                time.sleep(0.05)
        else:
            raise AssertionError("still held by a dead process")


def test_readers_and_the_audit_go_on_while_a_run_holds_the_database(any_url: str) -> None:
    with open_store(any_url) as store:
        session = filled(store)
    with another_run(any_url), open_store(any_url) as reader:
        assert reader.sessions() == [session]
        assert len(reader.frames(session.session_id)) == 30
        reader.record("sessions", None, {})


def test_researchers_read_the_file_while_a_run_writes_it(tmp_path: Path, store: SqlStore) -> None:
    session_id = filled(store).session_id
    with store.exclusive(), store.engine.connect() as writing:
        writing = writing.execution_options(classroom_fer_begin="BEGIN IMMEDIATE")
        writing.exec_driver_sql("UPDATE session SET video = 'half written'")
        reader = sqlite3.connect(f"file:{tmp_path}/lessons.sqlite?mode=ro", uri=True, timeout=0)
        assert reader.execute("SELECT session_id, video FROM v_session").fetchall() == [(session_id, "Größe 6b.mp4")]
        reader.close()


def test_another_thread_is_another_run(store: SqlStore) -> None:
    found: list[str] = []

    def enter() -> None:
        try:
            with store.exclusive():
                found.append("entered")
        except StoreError as error:
            found.append(str(error))

    with store.exclusive():
        thread = threading.Thread(target=enter)
        thread.start()
        thread.join()
    assert "in use by another run" in found[0]
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert found[1:] == ["entered"]


HOLD_WITH_CHILDREN = """
import os, subprocess, sys, time
from classroom_fer.store.store import open_store
with open_store(sys.argv[1]) as store, store.exclusive():
    forked = os.fork()
    if forked == 0:  # here it has let go of what it inherited
        os.write(1, b"%d\\n" % os.getpid())
        time.sleep(300)
        os._exit(0)
    started = subprocess.Popen(["sleep", "300"], close_fds=False)
    os.write(1, b"%d\\n" % started.pid)  # in one piece: both write
    time.sleep(300)
"""


def test_children_do_not_keep_what_their_killed_parent_held(tmp_path: Path, store: SqlStore) -> None:
    parent = [sys.executable, "-c", HOLD_WITH_CHILDREN, str(tmp_path / "lessons.sqlite")]
    with subprocess.Popen(parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        children = [int(process.stdout.readline()) for _ in range(2)]
        process.kill()
        process.wait()
        try:
            for child in children:
                os.kill(child, 0)  # they live
            with store.exclusive():
                pass
        finally:
            for child in children:
                os.kill(child, signal.SIGKILL)


def test_a_link_to_a_database_is_that_database(tmp_path: Path, store: SqlStore) -> None:
    (tmp_path / "link.sqlite").symlink_to(tmp_path / "lessons.sqlite")
    refused = pytest.raises(StoreError, match="in use")
    with open_store(tmp_path / "link.sqlite") as linked, store.exclusive(), refused, linked.exclusive():
        raise AssertionError("held twice")


def test_a_run_that_is_killed_in_a_transaction_leaves_the_last_whole_chunk(tmp_path: Path) -> None:
    code = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from contracts.store import filled
from contracts.store_records import chunk
from classroom_fer.store import queries, schema, store as module
store = module.open_store(sys.argv[1])
session = filled(store)
def insert(connection, table, rows):
    queries.insert(connection, table, rows)
    if table is schema.face:
        os.kill(os.getpid(), signal.SIGKILL)
module.insert = insert
store.write_chunk(session.session_id, chunk(3))
"""
    path, tests = tmp_path / "lessons.sqlite", Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code, path, tests], check=False)
    assert done.returncode == -signal.SIGKILL
    with open_store(path) as store:
        [session] = store.sessions()
        assert (session.tasks, store.finished_chunks(session.session_id)) == (TASKS, {0, 1, 2})
        assert len(store.frames(session.session_id)) == 30
