"""A store in memory, for tests of what is built on stores. It passes the contract tests of the real one."""

from __future__ import annotations

import itertools
import random
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from classroom_fer.errors import DatabaseInUseError, FilmInUseError, StoreError
from classroom_fer.lesson.labels import Labels
from classroom_fer.lesson.records import (
    ChunkResult,
    FrameSample,
    SessionResult,
    SessionStart,
    StoredSession,
    Task,
    Track,
)


@dataclass
class Shelf:
    """What two FakeStores that "open the same database" share."""

    sessions: dict[int, StoredSession] = field(default_factory=dict)
    chunks: dict[int, dict[int, ChunkResult]] = field(default_factory=dict)
    results: dict[int, SessionResult] = field(default_factory=dict)
    audit: list[tuple[str, int | None, dict[str, object]]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    lock: threading.Lock = field(default_factory=threading.Lock)
    claims: dict[str, list[FakeStore]] = field(default_factory=dict)
    database_id: str = field(default_factory=lambda: secrets.token_hex(16))


class FakeStore:
    def __init__(self, shelf: Shelf | None = None) -> None:
        self.shelf = shelf or Shelf()
        self._inside = False

    def begin_session(self, start: SessionStart, tasks: Sequence[Task]) -> StoredSession:
        session = StoredSession(next(self.shelf.numbers), start, "running", datetime.now(UTC), tuple(tasks))
        self.shelf.sessions[session.session_id] = session
        self.shelf.chunks[session.session_id] = {}
        return session

    def set_tasks(self, session_id: int, tasks: Sequence[Task], start: SessionStart) -> StoredSession:
        old = self.session(session_id)
        if old.faces_deleted_at is not None:
            raise StoreError(f"the face rows of session {session_id} were deleted (profile teacher)")
        for name, before, after in zip(_WORK, _work(old.start), _work(start), strict=True):
            if before != after:
                raise ValueError(f"{name} cannot change")
        self._clear(session_id)
        return self._put(replace(self.session(session_id), start=start, tasks=tuple(tasks)))

    def restate(self, session_id: int, start: SessionStart) -> StoredSession:
        old = self.session(session_id)
        if _made_by(old.start) != _made_by(start):
            raise ValueError("the results have other settings")
        told = replace(old.start, declaration=start.declaration, settings=start.settings, expires_on=start.expires_on)
        return self._put(replace(old, start=told))

    def set_labels(self, session_id: int, labels: Labels) -> StoredSession:
        return self._put(replace(self.session(session_id), labels=tuple(sorted(labels))))

    def forget_faces(self, session_id: int) -> StoredSession:
        old = self.session(session_id)
        if old.status != "finished":
            raise ValueError("no class values yet")
        self.shelf.results[session_id] = replace(self.shelf.results[session_id], tracks=())
        self.record("delete faces", session_id, {})
        return self._put(replace(old, faces_deleted_at=datetime.now(UTC)))

    def sessions(self) -> list[StoredSession]:
        return list(self.shelf.sessions.values())

    def sessions_of(self, video_sha256: str) -> list[StoredSession]:
        return [session for session in self.sessions() if session.start.video_sha256 == video_sha256]

    def session(self, session_id: int) -> StoredSession:
        if session_id not in self.shelf.sessions:
            known = ", ".join(map(str, self.shelf.sessions))
            raise StoreError(f"no session {session_id}", hint=f"it holds {known}")
        return self.shelf.sessions[session_id]

    def expired(self, now: datetime) -> list[StoredSession]:
        return [s for s in self.sessions() if s.start.expires_on is not None and s.start.expires_on <= now]

    def finished_chunks(self, session_id: int) -> set[int]:
        self.session(session_id)
        return set(self.shelf.chunks[session_id])

    def write_chunk(self, session_id: int, chunk: ChunkResult) -> None:
        if self.session(session_id).status == "finished":
            self._clear(session_id)
        self.shelf.chunks[session_id][chunk.chunk_index] = chunk

    def frames(self, session_id: int) -> list[FrameSample]:
        if self.session(session_id).faces_deleted_at is not None:
            raise StoreError(f"the face rows of session {session_id} were deleted (profile teacher)")
        frames = [frame for chunk in self.shelf.chunks[session_id].values() for frame in chunk.frames]
        return sorted(frames, key=lambda frame: frame.time_s)

    def frames_lost(self, session_id: int) -> int:
        self.session(session_id)
        return sum(chunk.frames_lost for chunk in self.shelf.chunks[session_id].values())

    def write_result(self, session_id: int, result: SessionResult, tracks: Sequence[Track]) -> None:
        session = self.session(session_id)
        if sorted(s.track_id for s in result.tracks) != sorted(t.track_id for t in tracks):
            raise ValueError("other tracks")
        if [s.task for s in result.tasks] != sorted(session.tasks, key=lambda task: task.start_s):
            raise ValueError("other tasks")
        ids = random.sample(range(1, len(tracks) + 1), len(tracks))
        shuffled = [replace(track, track_id=new) for track, new in zip(result.tracks, ids, strict=True)]
        shuffled.sort(key=lambda track: track.track_id)
        self.shelf.results[session_id] = replace(result, tracks=tuple(shuffled))
        self._put(replace(session, status="finished", analyzed_at=datetime.now(UTC)))

    def result(self, session_id: int) -> SessionResult:
        if self.session(session_id).status != "finished":
            raise StoreError(f"session {session_id} has no results yet")
        return self.shelf.results[session_id]

    def record(self, action: str, session_id: int | None, details: dict[str, object]) -> None:
        self.shelf.audit.append((action, session_id, details))

    def verify_audit(self) -> list[object]:
        return []

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        if self._inside:
            yield
            return
        if not self.shelf.lock.acquire(blocking=False):
            raise DatabaseInUseError("in use by another run")
        self._inside = True
        try:
            yield
        finally:
            self._inside = False
            self.shelf.lock.release()

    def analyzing(self) -> AbstractContextManager[None]:
        return nullcontext()

    def claim(self, video_sha256: str) -> None:
        holders = self.shelf.claims.setdefault(video_sha256, [])
        if holders and holders[0] is not self:
            raise FilmInUseError("the film is being analysed by another run")
        holders.append(self)

    def release(self, video_sha256: str) -> None:
        self.shelf.claims[video_sha256].pop()

    def delete(self, session_id: int) -> None:
        self.session(session_id)
        for table in (self.shelf.sessions, self.shelf.chunks, self.shelf.results):
            table.pop(session_id, None)
        self.record("delete", session_id, {})

    def purge(self, session_ids: Sequence[int]) -> None:
        for session_id in session_ids:
            self.session(session_id)
        for session_id in session_ids:
            self.delete(session_id)

    def database_id(self) -> str:
        return self.shelf.database_id

    def close(self) -> None:
        return None

    def __enter__(self) -> FakeStore:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def _clear(self, session_id: int) -> None:
        self.shelf.results.pop(session_id, None)
        self._put(replace(self.session(session_id), status="running"))

    def _put(self, session: StoredSession) -> StoredSession:
        self.shelf.sessions[session.session_id] = session
        return session


_WORK = ("video_sha256", "model_sha256", "observation_sha256")


def _work(start: SessionStart) -> tuple[str, ...]:
    return tuple(getattr(start, name) for name in _WORK)


def _made_by(start: SessionStart) -> tuple[str, int]:
    return start.settings_sha256, start.result_version
