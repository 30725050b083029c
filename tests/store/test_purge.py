"""What is purged is gone from the files, not only from the tables."""

from __future__ import annotations

import sqlite3
import struct
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from contracts.store import filled, finished
from contracts.store_records import TASKS, chunk, session_result, session_start, tracks_of

from classroom_fer.errors import StoreError
from classroom_fer.lesson.records import FrameSample, StoredSession, Task
from classroom_fer.store.store import SqlStore, open_store

SECRET_NAME = "Klasse-7c-Geheim.mp4"
SECRET_TASK = "Vertraulich-Bruchrechnen"
SECRET_YAW = -31.415926535897
NEEDLES = (SECRET_NAME.encode(), SECRET_TASK.encode(), struct.pack(">d", SECRET_YAW))  # SQLite: big-endian doubles


def marked(frame: FrameSample) -> FrameSample:
    faces = [replace(f, pose=replace(f.pose, yaw_deg=SECRET_YAW) if f.pose else None) for f in frame.faces]
    return replace(frame, faces=tuple(faces))


def planted(store: SqlStore) -> StoredSession:
    """A finished session whose name, task and poses can be searched for."""
    tasks = (Task(SECRET_TASK, 0.0, 10.0, "desk"), *TASKS[1:])
    session_id = store.begin_session(session_start(video_name=SECRET_NAME, video_sha256="9" * 64), tasks).session_id
    for index in range(3):
        plain = chunk(index)
        store.write_chunk(session_id, replace(plain, frames=tuple(marked(frame) for frame in plain.frames)))
    tracks = tracks_of(store.frames(session_id))
    store.write_result(session_id, session_result(tracks, tasks), tracks)
    return store.session(session_id)


def found_in(folder: Path) -> list[bytes]:
    content = b"".join(file.read_bytes() for file in folder.iterdir())
    return [needle for needle in NEEDLES if needle in content]


def test_purged_values_are_gone_from_every_file(tmp_path: Path, store: SqlStore) -> None:
    kept, gone = finished(store), planted(store)
    assert found_in(tmp_path) == list(NEEDLES)
    store.purge([gone.session_id])
    assert found_in(tmp_path) == []
    assert (tmp_path / "lessons.sqlite-wal").stat().st_size == 0
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA freelist_count").scalar() == 0, "the file was built anew"
    assert store.sessions() == [kept]
    store.close()
    assert found_in(tmp_path) == []


def test_deleted_values_are_gone_once_the_database_is_closed(tmp_path: Path, store: SqlStore) -> None:
    gone = planted(store)
    store.delete(gone.session_id)
    store.close()
    assert found_in(tmp_path) == []


def test_replaced_rows_are_gone_too(tmp_path: Path, store: SqlStore) -> None:
    session = planted(store)
    for index in range(3):
        store.write_chunk(session.session_id, chunk(index))
    store.set_tasks(session.session_id, TASKS, session_start(video_sha256="9" * 64))
    store.close()
    assert found_in(tmp_path) == []


def test_forgotten_faces_leave_no_byte_and_the_class_values_stay(tmp_path: Path, store: SqlStore) -> None:
    session = planted(store)
    result = store.result(session.session_id)
    store.forget_faces(session.session_id)
    assert found_in(tmp_path) == [SECRET_NAME.encode(), SECRET_TASK.encode()], "the pose is gone"
    with store.engine.connect() as connection:
        for table in ("face", "track", "v_face"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0
        query = "SELECT tracks, faces, simultaneous_p95 FROM v_session"
        assert connection.exec_driver_sql(query).one() == (4, 108, 4), "counts are of the class"
    assert store.result(session.session_id).tasks == result.tasks


def test_a_reader_delays_the_last_step_and_is_named_as_the_reason(tmp_path: Path) -> None:
    with open_store(tmp_path / "lessons.sqlite", busy_timeout_s=0.05) as store:
        gone = planted(store)
        reader = sqlite3.connect(tmp_path / "lessons.sqlite", isolation_level=None)
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM v_face").fetchone() == (108,)
        with pytest.raises(StoreError, match="another program is reading") as caught:
            store.purge([gone.session_id])
        assert "run purge again" in caught.value.hint
        assert store.sessions() == []
        reader.close()
        store.purge([])
        assert found_in(tmp_path) == []


def test_no_purge_while_a_run_holds_the_database(any_url: str) -> None:
    with open_store(any_url) as store, open_store(any_url) as running:
        session = filled(store)
        with running.exclusive(), pytest.raises(StoreError, match="in use by another run"):
            store.purge([session.session_id])
        assert store.sessions() == [session]


def test_an_unknown_session_stops_the_whole_purge(any_store: SqlStore) -> None:
    session = filled(any_store)
    with pytest.raises(StoreError, match="no session 77"):
        any_store.purge([session.session_id, 77])
    assert any_store.sessions() == [session]


def test_nothing_of_a_purged_session_is_left_in_any_table_but_the_audit(any_store: SqlStore) -> None:
    session = finished(any_store)
    any_store.record("analyze", session.session_id, {"fps": 1.0})
    any_store.purge([session.session_id, session.session_id])
    counts = {}
    with any_store.engine.connect() as connection:
        for name in sa.inspect(any_store.engine).get_table_names():
            counts[name] = connection.execute(sa.text(f'SELECT count(*) FROM "{name}"')).scalar()
        actions = connection.execute(sa.text("SELECT action, session_id FROM audit ORDER BY audit_id")).all()
    full = {"alembic_version", "data_dictionary", "database", "audit", "audit_head"}
    assert {name for name, count in counts.items() if count} == full
    assert [tuple(row) for row in actions] == [("analyze", session.session_id), ("purge", session.session_id)]
