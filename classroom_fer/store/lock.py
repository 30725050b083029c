"""Who may work on a database: one analysis at a time on SQLite; on PostgreSQL several, each with films of its own.

The system gives every lock back when the process dies, however it dies.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy import exc

from classroom_fer.errors import DatabaseInUseError, FilmInUseError
from classroom_fer.store.engine import OWNER_FILE

ADVISORY_KEY = 0x66657221
"""Key of PostgreSQL's advisory lock ("fer!"; choice)."""
FILM_KEY = 0x66696C6D
"""First key of its advisory lock of a film ("film"; choice); the second one is of the film's hash."""
PID_AT = 1
"""Place of the holder's number in the lock file: Windows lets nobody else read the first byte, which is locked."""
LONGEST_PID = 32


@contextmanager
def file_lock(database: Path) -> Iterator[None]:
    """Holds ``<database>.lock`` against other processes and other threads; children do not inherit it.

    The database file itself is not locked; readers are not kept out. The lock file stays: removing it would
    let two runs hold two different files of the same name.

    Raises:
        DatabaseInUseError: another process or thread holds it; the message names the process.
        OSError: the lock file cannot be made, or the folder cannot lock files.
    """
    place = database.resolve()
    path = place.with_name(place.name + ".lock")
    lock = FileLock(path, timeout=0, mode=OWNER_FILE, preserve_lock_file=True, on_acquired=_note_pid)
    try:
        lock.acquire()
    except Timeout as error:
        raise _in_use(str(database), _holder(path)) from error
    try:
        yield
    finally:
        lock.release()


def _note_pid(descriptor: int) -> None:
    os.ftruncate(descriptor, 0)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.write(descriptor, f" {os.getpid()}".encode())


def _holder(path: Path) -> str:
    try:
        with path.open("rb", buffering=0) as file:  # unbuffered: a buffer would begin at the byte that is locked
            file.seek(PID_AT)
            pid = (file.read(LONGEST_PID) or b"").decode("ascii", "replace").strip()
    except OSError:
        pid = ""
    return f"process {pid}" if pid else "another process"


@contextmanager
def advisory_lock(engine: sa.Engine, where: str, *, shared: bool = False) -> Iterator[sa.Connection]:
    """Holds PostgreSQL's advisory lock of this database, alone or ``shared``, on a connection of its own.

    Raises:
        DatabaseInUseError: another run holds it; the message names its process and machine.
    """
    kind = "_shared" if shared else ""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(sa.text(f"SELECT pg_try_advisory_lock{kind}(:key)"), {"key": ADVISORY_KEY}).scalar():
            raise _in_use(where, _advisory_holder(connection, ADVISORY_KEY, of_two=False))
        try:
            yield connection
        finally:
            with suppress(exc.DBAPIError):  # where the connection is lost, so is the lock
                connection.execute(sa.text("SELECT pg_advisory_unlock_all()"))  # its films too: the pool keeps it


def claim_film(connection: sa.Connection, video_sha256: str) -> None:
    """Holds the film for the run whose ``connection`` this is; a film that it claims twice must be released twice.

    Raises:
        FilmInUseError: another run holds it; the message names its process and machine.
    """
    keys = _film_keys(video_sha256)
    if not connection.execute(sa.text("SELECT pg_try_advisory_lock(:first, :second)"), keys).scalar():
        holder = _advisory_holder(connection, keys["second"] & 0xFFFFFFFF, of_two=True)
        raise FilmInUseError(
            f"the film is being analysed by another run ({holder})",
            hint="wait until it has ended, and give the same command again",
        )


def release_film(connection: sa.Connection, video_sha256: str) -> None:
    """Lets other runs have the film."""
    with suppress(exc.DBAPIError):  # where the connection is lost, so is the lock
        connection.execute(sa.text("SELECT pg_advisory_unlock(:first, :second)"), _film_keys(video_sha256))


def _film_keys(video_sha256: str) -> dict[str, int]:
    """Two keys of 32 bits with a sign. Films that share one are merely not analysed at the same time."""
    second = int.from_bytes(bytes.fromhex(video_sha256[:8]), "big", signed=True)
    return {"first": FILM_KEY, "second": second}


def _advisory_holder(connection: sa.Connection, key: int, *, of_two: bool) -> str:
    name = connection.execute(sa.text(_HOLDER), {"key": key, "kind": 2 if of_two else 1}).scalar()
    return str(name).removeprefix("classroom-fer ") if name else "another process"


_HOLDER = """
SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
JOIN pg_database d ON d.oid = l.database
WHERE l.locktype = 'advisory' AND l.objid = :key AND l.objsubid = :kind AND l.granted AND d.datname = current_database()
AND a.pid <> pg_backend_pid()
"""


def _in_use(where: str, holder: str) -> DatabaseInUseError:
    return DatabaseInUseError(
        f"database {where} is in use by another run ({holder})",
        hint="wait until it has ended, or stop it: what it has finished is kept; or give --db another file",
    )
