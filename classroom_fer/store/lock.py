"""One analysis at a time per database. The system gives both locks back when the process dies, however it dies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout

from classroom_fer.errors import DatabaseInUseError
from classroom_fer.store.engine import OWNER_FILE

ADVISORY_KEY = 0x66657221
"""Key of PostgreSQL's advisory lock ("fer!"; choice)."""
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
def advisory_lock(engine: sa.Engine, where: str) -> Iterator[None]:
    """Holds PostgreSQL's advisory lock of this database on a connection of its own.

    Raises:
        DatabaseInUseError: another run holds it; the message names its process and machine.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(ADVISORY_KEY))).scalar():
            holder = connection.execute(sa.text(_HOLDER), {"key": ADVISORY_KEY}).scalar()
            raise _in_use(where, str(holder).removeprefix("classroom-fer ") if holder else "another process")
        try:
            yield
        finally:
            connection.execute(sa.select(sa.func.pg_advisory_unlock(ADVISORY_KEY)))


_HOLDER = """
SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
JOIN pg_database d ON d.oid = l.database
WHERE l.locktype = 'advisory' AND l.objid = :key AND l.granted AND d.datname = current_database()
"""


def _in_use(where: str, holder: str) -> DatabaseInUseError:
    return DatabaseInUseError(
        f"database {where} is in use by another run ({holder})",
        hint="wait until it has ended, or stop it: what it has finished is kept; or give --db another file",
    )
