"""How rows are written: a chunk in one transaction and a handful of statements, however many faces it has."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts.store import filled
from contracts.store_records import CHUNK_S, TASKS, chunk, face, session_result, session_start, tracks_of
from sqlalchemy import event

from classroom_fer.lesson.records import ChunkResult, FaceQuality, FrameSample, HeadPose
from classroom_fer.store.store import SqlStore


@contextmanager
def statements(store: SqlStore) -> Iterator[list[str]]:
    """First word of what is sent to the database; rows that go together are one statement."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, text: str, *_: Any) -> None:
        sent.append(text.split()[0])

    event.listen(store.engine, "before_cursor_execute", note)
    event.listen(store.engine, "commit", lambda _: sent.append("COMMIT"))
    yield sent
    event.remove(store.engine, "before_cursor_execute", note)


def crowd(index: int, faces: int) -> ChunkResult:
    """A chunk of 120 frames with so many faces each."""
    seats = [replace(face(0, 0, 0.0), face_index=n) for n in range(faces)]
    frames = [
        FrameSample(t, float(t), tuple(replace(seat, frame_index=t, time_s=float(t)) for seat in seats))
        for t in range(index * 120, (index + 1) * 120)
    ]
    return ChunkResult(index, index * 120.0, (index + 1) * 120.0, tuple(frames), 0)


def test_a_chunk_is_one_transaction_and_as_many_statements_however_many_faces(store: SqlStore) -> None:
    session_id = store.begin_session(session_start(), TASKS).session_id
    counts = []
    for index, faces in enumerate((1, 20)):
        with statements(store) as sent:
            store.write_chunk(session_id, crowd(index, faces))
        assert sent.count("COMMIT") == sent.count("BEGIN") == 1
        assert sent.count("INSERT") == 3, "chunk, frames, faces"
        counts.append(len(sent))
    assert counts[0] == counts[1]
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT faces FROM v_session").scalar() == 120 * 21


def test_results_are_one_transaction_and_as_many_statements_however_many_faces(store: SqlStore) -> None:
    counts = []
    for seconds in (30, 120):
        session_id = store.begin_session(session_start(), TASKS).session_id
        store.write_chunk(session_id, chunk(0, seconds=seconds))
        tracks = tracks_of(store.frames(session_id))
        with statements(store) as sent:
            store.write_result(session_id, session_result(tracks), tracks)
        assert sent.count("COMMIT") == sent.count("BEGIN") == 1
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_numpy_numbers_are_stored_as_numbers(store: SqlStore, tmp_path: Path) -> None:
    odd = replace(
        face(0, 0, 0.0),
        frame_index=int(np.int64(1)),
        face_index=np.int64(0),  # type: ignore[arg-type]
        box=tuple(np.float32([1, 2, 3, 4])),
        confidence=np.float32(0.5),  # type: ignore[arg-type]
        quality=FaceQuality(np.float32(2), np.float64(3)),  # type: ignore[arg-type]
        pose=HeadPose(np.float32(1), np.float32(2), np.float32(3)),  # type: ignore[arg-type]
        emotion=tuple(np.full(8, 0.125, np.float32)),
        frontal=np.float32(0.75),  # type: ignore[arg-type]
    )
    session_id = store.begin_session(session_start(), TASKS).session_id
    store.write_chunk(session_id, ChunkResult(0, 0.0, CHUNK_S, (FrameSample(1, 0.0, (odd,)),), 0))
    connection = sqlite3.connect(tmp_path / "lessons.sqlite")
    numbers = (1, 2, 3, 4, 0.5, 1, 2, 3, *(0.125,) * 8)
    said = ("sadness", 0.125, None, 0, 0.75, *(None,) * 8)
    assert connection.execute("SELECT * FROM v_face").fetchall() == [(session_id, 1, 0.0, None, *numbers, *said)]
    connection.close()


def test_a_face_that_no_chunk_holds_is_a_bug(store: SqlStore) -> None:
    session = filled(store)
    tracks = tracks_of([*store.frames(session.session_id), *chunk(3).frames])
    with pytest.raises(ValueError, match="not stored"):
        store.write_result(session.session_id, session_result(tracks), tracks)
    assert store.session(session.session_id) == session
