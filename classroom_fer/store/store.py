"""The store on SQLite or PostgreSQL: ``open_store`` and ``SqlStore``, which keeps the promises of protocols.Store."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import sqlalchemy as sa

from classroom_fer.errors import ReadOnlyError, StoreError
from classroom_fer.lesson.labels import Labels
from classroom_fer.lesson.records import (
    ChunkResult,
    FrameSample,
    SessionResult,
    SessionStart,
    StoredSession,
    Task,
    TaskSummary,
    Track,
)
from classroom_fer.lesson.validation import ClipSample, Validation
from classroom_fer.store import audit, lock, migrate, purge, results, rows, schema, validations
from classroom_fer.store.aggregations import Aggregations
from classroom_fer.store.engine import (
    BUSY_TIMEOUT_S,
    WRITES,
    describe,
    locate,
    make_server_engine,
    prepare_file,
    sqlite_path,
)
from classroom_fer.store.failures import store_errors
from classroom_fer.store.place import Place
from classroom_fer.store.queries import (
    clear_results,
    faces_gone,
    insert,
    read_session,
    read_sessions,
    replace_labels,
    set_tracks,
    update_session,
)
from classroom_fer.store.run_files import tidy
from classroom_fer.store.runs import Runs, delete_ended
from classroom_fer.store.sqlite import MAKE_WRITABLE, choose_journal, is_unfinished, make_reader, make_writer


def open_store(
    url_or_path: str | Path | None = None, *, create: bool = True, busy_timeout_s: float = BUSY_TIMEOUT_S
) -> SqlStore:
    """Opens a database and brings it up to date. Close it (context manager).

    Args:
        url_or_path: a file, ``sqlite:///FILE`` or ``postgresql+psycopg://...``; None is DEFAULT_DB.
        create: make the file if there is none (mode 0600, new folders 0700).
        busy_timeout_s: how long to wait for another program's lock.

    Raises:
        StoreError: it cannot be opened, is no database, another program's, or of a newer version.
        ReadOnlyError: it lies where nothing can be written.
    """
    url = locate(url_or_path)
    where, path = describe(url), sqlite_path(url)
    with store_errors(where, path):
        if path is None:
            engine, log = make_server_engine(url), True
        else:
            prepare_file(path, create=create)
            log = choose_journal(path, busy_timeout_s)
            engine = make_writer(url, busy_timeout_s, log=log)
        with _disposed_of_on_error(engine):
            migrate.upgrade(engine, where)
    return SqlStore(engine, Place(where, path, log=log), busy_timeout_s)


def open_reader(url_or_path: str | Path | None = None, *, busy_timeout_s: float = BUSY_TIMEOUT_S) -> SqlStore:
    """Opens an existing database for commands that only read, also where nothing can be written.

    Where it can be written it is opened, and brought up to date, as by ``open_store``.

    Raises:
        StoreError: as by ``open_store``; it lies where nothing can be written and is of an older version.
    """
    try:
        return open_store(url_or_path, create=False, busy_timeout_s=busy_timeout_s)
    except ReadOnlyError:
        return _open_unwritten(locate(url_or_path), busy_timeout_s)


def _open_unwritten(url: sa.URL, busy_timeout_s: float) -> SqlStore:
    where, path = describe(url), sqlite_path(url)
    try:
        with store_errors(where, path):
            engine = make_server_engine(url) if path is None else make_reader(path, busy_timeout_s)
            with _disposed_of_on_error(engine):
                migrate.require_current(engine, where)
    except StoreError as error:
        if path is None or not is_unfinished(path):
            raise
        raise StoreError(
            f"database {where}: a run was cut off or goes on: what it wrote last is in a file beside it, which cannot "
            "be worked in where nothing can be written",
            hint="copy the database and the files of its name beside it to a folder that can be written, and name the "
            "copy with --db",
        ) from error
    return SqlStore(engine, Place(where, path, writable=False), busy_timeout_s)


@contextmanager
def _disposed_of_on_error(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


class SqlStore:
    """Sessions in a database. Threads may share it; every write is one transaction."""

    def __init__(self, engine: sa.Engine, place: Place, busy_timeout_s: float) -> None:
        self.engine, self.place = engine, place
        self.where = place.where
        self.busy_timeout_s = busy_timeout_s
        self._holder: int | None = None
        """Thread that is inside ``exclusive`` or ``analyzing``."""
        self._claims: sa.Connection | None = None
        """Connection that holds films, on PostgreSQL inside of the two."""
        self.aggregations = Aggregations(self._read, self._write, self.where)
        """Further results of sessions, each under a name."""
        self.runs = Runs(self._read, self._write, self.where)
        """Films that are being analysed."""
        # one snapshot per read, as SQLite has it
        self._reader = engine if place.path else engine.execution_options(isolation_level="REPEATABLE READ")

    def __enter__(self) -> SqlStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections; SQLite then folds its write-ahead log into the file."""
        self.engine.dispose()

    def _errors(self) -> AbstractContextManager[None]:
        return store_errors(self.where, self.place.path)

    @contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        with self._errors(), self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        if not self.place.writable:
            raise ReadOnlyError(f"database {self.where} may not be written", hint=MAKE_WRITABLE)
        with self._errors(), self.engine.connect() as connection:
            connection = connection.execution_options(**WRITES)
            with connection.begin():
                yield connection

    # -- sessions ---------------------------------------------------------------------------------------------------

    def begin_session(self, start: SessionStart, tasks: Sequence[Task]) -> StoredSession:
        """A new, running session without chunks."""
        row = {**rows.start_row(start), "status": "running", "analyzed_at": datetime.now(UTC)}
        with self._write() as connection:
            key = connection.execute(sa.insert(schema.session), row).inserted_primary_key
            if key is None:
                raise AssertionError("an INSERT of one row has a key")
            session_id = int(key[0])
            insert(connection, schema.task, rows.task_rows(session_id, tasks))
            return read_session(connection, session_id, self.where)

    def set_tasks(self, session_id: int, tasks: Sequence[Task], start: SessionStart) -> StoredSession:
        """Replaces the tasks and the recorded settings of a session; its results are gone until written again.

        Raises:
            StoreError: no such session, or its faces were deleted.
            ValueError: ``start`` is of another film, model or observation settings, to which its faces do not belong.
        """
        with self._write() as connection:
            session = read_session(connection, session_id, self.where)
            for name in ("video_sha256", "model_sha256", "observation_sha256"):
                if getattr(session.start, name) != getattr(start, name):
                    raise ValueError(f"{name} of session {session_id} cannot change")
            if session.faces_deleted_at is not None:
                raise faces_gone(session_id)
            clear_results(connection, session_id)
            connection.execute(sa.delete(schema.task).where(schema.task.c.session_id == session_id))
            insert(connection, schema.task, rows.task_rows(session_id, tasks))
            update_session(connection, session_id, rows.start_row(start))
            return read_session(connection, session_id, self.where)

    def restate(self, session_id: int, start: SessionStart) -> StoredSession:
        """Replaces what was declared, the stored settings and the date of deletion of a session; its results stay.

        Raises:
            StoreError: no such session.
            ValueError: ``start`` has settings or rules that change results.
        """
        with self._write() as connection:
            old = read_session(connection, session_id, self.where).start
            if (old.settings_sha256, old.result_version) != (start.settings_sha256, start.result_version):
                raise ValueError(f"the results of session {session_id} have other settings")
            changed = {"settings": start.settings, "expires_on": start.expires_on}
            update_session(connection, session_id, {**asdict(start.declaration), **changed})
            return read_session(connection, session_id, self.where)

    def sessions(self) -> list[StoredSession]:
        """All sessions, oldest first."""
        with self._read() as connection:
            return read_sessions(connection)

    def sessions_of(self, video_sha256: str) -> list[StoredSession]:
        """All sessions of one film, oldest first."""
        with self._read() as connection:
            return read_sessions(connection, schema.session.c.video_sha256 == video_sha256)

    def session(self, session_id: int) -> StoredSession:
        """One session. StoreError naming those that exist if there is none of this number."""
        with self._read() as connection:
            return read_session(connection, session_id, self.where)

    def expired(self, now: datetime) -> list[StoredSession]:
        """Sessions whose retention ended at or before ``now`` (aware; a naive time is taken as UTC)."""
        with self._read() as connection:
            return read_sessions(connection, schema.session.c.expires_on <= now)

    def set_labels(self, session_id: int, labels: Labels) -> StoredSession:
        """Replaces the free labels of a session. StoreError if no such session."""
        with self._write() as connection:
            read_session(connection, session_id, self.where)
            replace_labels(connection, session_id, labels)
            return read_session(connection, session_id, self.where)

    # -- chunks -----------------------------------------------------------------------------------------------------

    def finished_chunks(self, session_id: int) -> set[int]:
        """Indices of the chunks that were written whole."""
        query = sa.select(schema.chunk.c.chunk_index).where(schema.chunk.c.session_id == session_id)
        with self._read() as connection:
            read_session(connection, session_id, self.where)
            return set(connection.execute(query).scalars())

    def write_chunk(self, session_id: int, chunk: ChunkResult) -> None:
        """Adds a chunk, or replaces it; a finished session is running again and has no results."""
        table = schema.chunk
        same = sa.and_(table.c.session_id == session_id, table.c.chunk_index == int(chunk.chunk_index))
        with self._write() as connection:
            if read_session(connection, session_id, self.where).status == "finished":
                clear_results(connection, session_id)
            connection.execute(sa.delete(table).where(same))
            insert(connection, table, [rows.chunk_row(session_id, chunk)])
            insert(connection, schema.frame, rows.frame_rows(session_id, chunk))
            insert(connection, schema.face, rows.face_rows(session_id, chunk))

    def frames(self, session_id: int) -> list[FrameSample]:
        """All sampled frames, in order of time, each with its faces in order."""
        frame, face = schema.frame.c, schema.face.c
        frames = sa.select(*rows.FRAME_COLUMNS).where(frame.session_id == session_id)
        faces = sa.select(*rows.FACE_COLUMNS).where(face.session_id == session_id)
        with self._read() as connection:
            if read_session(connection, session_id, self.where).faces_deleted_at is not None:
                raise faces_gone(session_id)
            return rows.frame_samples(
                connection.execute(frames.order_by(frame.time_s, frame.frame_index)),
                connection.execute(faces.order_by(face.frame_index, face.held, face.face_index)),
            )

    def frames_lost(self, session_id: int) -> int:
        """Source frames of the finished chunks that did not decode."""
        table = schema.chunk.c
        query = sa.select(sa.func.coalesce(sa.func.sum(table.frames_lost), 0)).where(table.session_id == session_id)
        with self._read() as connection:
            read_session(connection, session_id, self.where)
            return int(connection.execute(query).scalar_one())

    # -- results ----------------------------------------------------------------------------------------------------

    def write_result(self, session_id: int, result: SessionResult, tracks: Sequence[Track]) -> None:
        """Replaces the derived rows, sets each face's track, marks the session finished. Ids are shuffled here.

        Raises:
            StoreError: no such session.
            ValueError: ``result`` is about other tasks or tracks, or ``tracks`` holds faces that are not stored.
        """
        with self._write() as connection:
            session = read_session(connection, session_id, self.where)
            ids = results.shuffled_ids(result, tracks)
            indices = results.task_indices(session.tasks, result)
            clear_results(connection, session_id)
            for table, derived in results.result_rows(session_id, result, ids, indices).items():
                insert(connection, table, derived)
            for summary in result.tasks:
                key = (schema.task.c.session_id == session_id, schema.task.c.task_index == indices[summary.task.name])
                connection.execute(sa.update(schema.task).where(*key).values(results.summary_row(summary)))
            set_tracks(connection, session_id, tracks, ids)
            update_session(connection, session_id, {"status": "finished", "analyzed_at": datetime.now(UTC)})

    def result(self, session_id: int) -> SessionResult:
        """What ``write_result`` got, apart from the track ids and the order of tracks. StoreError if not finished."""
        with self._read() as connection:
            if read_session(connection, session_id, self.where).status != "finished":
                raise StoreError(
                    f"session {session_id} has no results yet", hint="run the same analyze command again to finish it"
                )
            return results.read_result(connection, session_id)

    def rows_of(
        self,
        source: str,
        columns: Sequence[sa.ColumnElement[Any]],
        order: Sequence[str],
        session_id: int,
        aggregation: str | None = None,
    ) -> Iterator[tuple[Any, ...]]:
        """Rows of one session in a view or table, a few thousand at a time.

        Args: ``columns`` of ``source``, and names of those that put the rows in ``order``; of ``aggregation`` alone,
        in a view that has such a column.
        """
        table = sa.table(source, sa.column("session_id"), sa.column("aggregation"))
        query = sa.select(*columns).select_from(table).where(table.c.session_id == session_id)
        if aggregation is not None:
            query = query.where(table.c.aggregation == aggregation)
        with self._read() as connection:
            streamed = connection.execution_options(yield_per=5000)
            yield from (tuple(row) for row in streamed.execute(query.order_by(*map(sa.column, order))))

    def task_summaries(self, session_ids: Sequence[int]) -> dict[int, list[TaskSummary]]:
        """The tasks of many sessions, each in lesson order, without the rest of their results."""
        with self._read() as connection:
            return results.read_summaries(connection, session_ids)

    def forget_faces(self, session_id: int) -> StoredSession:
        """Deletes the rows per face and per track for good and rewrites the file; the class values stay. Audited.

        Raises:
            StoreError: no such session; another program is reading, so that old bytes stay in the write-ahead log.
            ValueError: the session is not finished: nothing but its faces says what it is about.
        """
        with self._write() as connection:
            if read_session(connection, session_id, self.where).status != "finished":
                raise ValueError(f"session {session_id} has no class values yet")
            for table in (schema.face, schema.track, schema.validation_clip):
                connection.execute(sa.delete(table).where(table.c.session_id == session_id))
            update_session(connection, session_id, {"faces_deleted_at": datetime.now(UTC)})
            audit.append(connection, "delete faces", session_id, {})
        self.scrub()
        return self.session(session_id)

    def scrub(self) -> None:
        """Rewrites the database so that deleted rows' bytes are gone. StoreError if another program is reading."""
        with self._errors():
            purge.scrub(self.engine, self.where, self.busy_timeout_s)

    # -- validation -------------------------------------------------------------------------------------------------

    def write_sample(self, sample: ClipSample) -> None:
        """Keeps a sample of clips for observers; one of the same id is replaced by it. Audited."""
        with self._write() as connection:
            validations.write_sample(connection, sample)
            sessions = sorted({clip.session_id for clip in sample.clips})
            details = {"sample": sample.sample_id, "clips": sample.drawn, "seed": sample.seed, "sessions": sessions}
            audit.append(connection, "validate sample", None, details)

    def sample(self, sample_id: str) -> ClipSample | None:
        """The sample of that id; None if this database has none."""
        with self._read() as connection:
            return validations.read_sample(connection, sample_id)

    def write_validation(self, validation: Validation, sampled: Sequence[int], also: Sequence[int] = ()) -> int:
        """Keeps a validation for the reports of the sessions; its number. Audited.

        Args: ``sampled`` sessions whose clips were coded, ``also`` others that its class has.

        Raises:
            StoreError: a session does not exist.
        """
        with self._write() as connection:
            for session_id in (*sampled, *also):
                read_session(connection, session_id, self.where)
            number = validations.write_validation(connection, validation, sampled, also)
            details = {"sample": validation.sample_id, "validation": number, "coded": validation.coded}
            audit.append(connection, "validate score", None, details)
            return number

    # -- audit, locking, deletion -----------------------------------------------------------------------------------

    def record(self, action: str, session_id: int | None, details: dict[str, object]) -> None:
        """Appends to the hash-chained audit table. It outlives a purge: put no file or task names into ``details``."""
        with self._write() as connection:
            audit.append(connection, action, session_id, details)

    def record_if_writable(self, action: str, session_id: int | None, details: dict[str, object]) -> bool:
        """``record``; False where nothing can be written: reading does not fail for it."""
        try:
            self.record(action, session_id, details)
        except ReadOnlyError:
            return False
        return True

    def audit_entries(self) -> list[audit.AuditEntry]:
        """Everything that was recorded, oldest first."""
        with self._read() as connection:
            return audit.entries(connection)

    def verify_audit(self) -> list[audit.BrokenRow]:
        """Rows at which the chain does not hold; empty if all is well."""
        with self._read() as connection:
            return audit.broken_rows(connection)

    def database_id(self) -> str:
        """A name that no other database has; it stays when the database is moved."""
        with self._read() as connection:
            return str(connection.execute(sa.select(schema.database.c.database_id)).scalar_one())

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Holds the database for one run; DatabaseInUseError if another run holds it. Ends with the process.

        Readers are not kept out. The thread that holds it may enter again.
        """
        with self._held(shared=False):
            yield

    @contextmanager
    def analyzing(self) -> Iterator[None]:
        """Holds the database for an analysis; DatabaseInUseError if another run holds it. Ends with the process.

        On PostgreSQL several analyses may do so at once, each with the films that it has claimed; on SQLite one.
        """
        with self._held(shared=True):
            yield

    @contextmanager
    def _held(self, *, shared: bool) -> Iterator[None]:
        if self._holder == threading.get_ident():
            yield
            return
        with ExitStack() as held:
            with self._errors():  # errors of the caller's own block pass as they are
                if path := self.place.path:
                    held.enter_context(lock.file_lock(path))
                else:
                    self._claims = held.enter_context(lock.advisory_lock(self.engine, self.where, shared=shared))
            self._holder = threading.get_ident()
            try:
                yield
            finally:
                self._holder = self._claims = None

    def claim(self, video_sha256: str) -> None:
        """Holds a film inside ``analyzing``, so that no two sessions of it are begun; FilmInUseError if others do.

        A film that was claimed twice must be released twice.
        """
        if self._claims is not None:
            with self._errors():
                lock.claim_film(self._claims, video_sha256)

    def release(self, video_sha256: str) -> None:
        """Lets other runs have a film."""
        if self._claims is not None:
            lock.release_film(self._claims, video_sha256)

    def delete(self, session_id: int) -> None:
        """Deletes one session and overwrites its rows, in one transaction that readers do not hinder. Audited.

        ``purge`` does more: it also empties the write-ahead log and rewrites the file. StoreError if no such session.
        """
        with self._write() as connection:
            read_session(connection, session_id, self.where)
            purge.delete_rows(connection, [session_id])
            audit.append(connection, "delete", session_id, {})

    def purge(self, session_ids: Sequence[int]) -> None:
        """Deletes sessions and rewrites the database, so that their bytes are gone from it; the audit says so.

        Runs that ended go too, with their files: they name films. With no session it only does that and rewrites the
        database (needed if another program was reading the last time).

        Raises:
            StoreError: no such session; another run holds the database; another program is reading it.
        """
        session_ids = list(dict.fromkeys(session_ids))
        with self.exclusive():
            with self._write() as connection:
                for session_id in session_ids:
                    read_session(connection, session_id, self.where)
                purge.delete_rows(connection, session_ids)
                delete_ended(connection)
                for session_id in session_ids:
                    audit.append(connection, "purge", session_id, {"sessions": len(session_ids)})
            tidy(self.place, self.runs.all())
            self.scrub()
