"""A 50-minute lesson with 20 pupils at one sample a second is 60,000 face rows."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from contracts.store import filled
from contracts.store_records import CHUNK_S, TASKS, chunk, face, session_result, session_start, tracks_of

from classroom_fer.lesson.records import ChunkResult, FaceQuality, FrameSample, HeadPose
from classroom_fer.store.store import SqlStore

WRITE_LIMIT_S = 5.0
"""Required of the store; CPU time, so that a busy machine does not fail it. Measured: .85 s (Zen 5)."""


def lesson() -> list[ChunkResult]:
    seats = [replace(face(0, 0, 0.0), face_index=n) for n in range(20)]
    chunks = []
    for index in range(25):
        times = range(index * 120, (index + 1) * 120)
        frames = [
            FrameSample(t, float(t), tuple(replace(seat, frame_index=t, time_s=float(t)) for seat in seats))
            for t in times
        ]
        chunks.append(ChunkResult(index, index * 120.0, (index + 1) * 120.0, tuple(frames), 0))
    return chunks


def test_the_faces_of_a_lesson_are_written_in_seconds(store: SqlStore) -> None:
    chunks = lesson()
    session_id = store.begin_session(session_start(), TASKS).session_id
    before = time.process_time()
    for one in chunks:
        store.write_chunk(session_id, one)
    assert time.process_time() - before < WRITE_LIMIT_S
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT faces FROM v_session").scalar() == 60_000


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
    assert connection.execute("SELECT * FROM v_face").fetchall() == [
        (session_id, 1, 0.0, None, 1, 2, 3, 4, 0.5, 1, 2, 3, *(0.125,) * 8, "neutral", 0.125, None, 0, 0.75)
    ]
    connection.close()


def test_a_face_that_no_chunk_holds_is_a_bug(store: SqlStore) -> None:
    session = filled(store)
    tracks = tracks_of([*store.frames(session.session_id), *chunk(3).frames])
    with pytest.raises(ValueError, match="not stored"):
        store.write_result(session.session_id, session_result(tracks), tracks)
    assert store.session(session.session_id) == session
