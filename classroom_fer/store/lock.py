"""One analysis at a time per database. The system gives both locks back when the process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from classroom_fer.errors import StoreError
from classroom_fer.store.engine import OWNER_FILE

ADVISORY_KEY = 0x66657221
"""Key of PostgreSQL's advisory lock ("fer!"; choice)."""

_guard = threading.Lock()
_held: set[Path] = set()
"""Databases that this process holds: the kernel's lock keeps out other processes only."""


@contextmanager
def file_lock(database: Path) -> Iterator[None]:
    """Holds ``<database>.lock``. A POSIX lock: child processes do not inherit it, so none can keep it alive.

    The database file itself is not locked; who only reads is not kept out. The empty lock file stays: removing it
    would let two runs hold two different files of the same name.

    Raises:
        StoreError: another process or thread holds it; the message names the process.
        OSError: the lock file cannot be made.
    """
    place = database.resolve()
    with _guard:
        if place in _held:
            raise _in_use(str(database), f"process {os.getpid()}")
        _held.add(place)
    try:
        with _locked(place, database):
            yield
    finally:
        with _guard:
            _held.discard(place)


@contextmanager
def _locked(place: Path, database: Path) -> Iterator[None]:
    lock = place.with_name(place.name + ".lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, OWNER_FILE)
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:  # POSIX leaves open which of the two
            pid = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            raise _in_use(str(database), f"process {pid}" if pid else "another process") from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


@contextmanager
def advisory_lock(engine: sa.Engine, where: str) -> Iterator[None]:
    """Holds PostgreSQL's advisory lock of this database on a connection of its own.

    Raises:
        StoreError: another run holds it; the message names its process and machine.
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


def _in_use(where: str, holder: str) -> StoreError:
    return StoreError(
        f"database {where} is in use by another run ({holder})",
        hint="wait until it has ended, or stop it: what it has finished is kept; or give --db another file",
    )
