"""Turns what a database library raises into a StoreError that says what to do."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import exc

from classroom_fer.errors import ReadOnlyError, StoreError
from classroom_fer.store.sqlite import MAKE_WRITABLE, NO_LOCKS, ability, primary

_DISK = ("cannot be read or written: the disk failed or is full", "check the disk and run again")
_BUSY = ("is locked by another program", "wait for it, or close the program that writes to it, and run again")
_NO_LOCKS = (
    "cannot be used: this folder cannot lock files (a network share?)",
    "put the database on a local disk: --db FILE",
)
_NOT_OURS = ("is not a database", "give --db another file; this one is left as it is")
_SQLITE = {  # primary result code (sqlite.org/rescode.html): what happened, what to do
    sqlite3.SQLITE_NOTADB: _NOT_OURS,
    sqlite3.SQLITE_CORRUPT: ("is damaged", "restore it from a copy, or analyse again into a new file with --db"),
    sqlite3.SQLITE_READONLY: ("may not be written", MAKE_WRITABLE),
    sqlite3.SQLITE_PERM: ("may not be written", MAKE_WRITABLE),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        "check that the folder exists and may be written, or give --db another place",
    ),
    sqlite3.SQLITE_FULL: (
        "cannot grow: the disk is full",
        "free some space and run again; finished chunks are kept",
    ),
    sqlite3.SQLITE_IOERR: _DISK,
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
}
_READ_ONLY = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM)
_CANNOT_LOCK = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS})
"""A system's answers where a file cannot be locked."""
_CANNOT_LOCK_WINDOWS = frozenset({1, 50})
"""ERROR_INVALID_FUNCTION, ERROR_NOT_SUPPORTED."""
_SERVER_READ_ONLY = "25006"
_POSTGRES = (  # SQLSTATE prefix (postgresql.org/docs/current/errcodes-appendix.html), what happened, what to do
    (
        "53100",
        "cannot grow: the server's disk is full",
        "free some space there and run again; finished chunks are kept",
    ),
    ("53", "has no room for another connection", "close other programs that use it and run again"),
    ("42501", "may not be written by this user", "grant the user CREATE on the schema, or name another user in --db"),
    (_SERVER_READ_ONLY, "may not be written: the server is read-only", "name a writable server in --db"),
    ("55P03", "is locked by another program", "wait for it and run again"),
    ("28", "refused the user or the password", "check both in the URL that --db or CLASSROOM_FER_DB gives"),
    ("3D000", "does not exist", "create the database first: createdb NAME"),
    ("57P", "was stopped", "start the server and run again; finished chunks are kept"),
    ("08", "is not reachable", "start the server and run again; finished chunks are kept"),
)
_UNREACHABLE = ("is not reachable", "check that the server runs, and host, port, user and password in the URL")


@contextmanager
def store_errors(where: str, path: Path | None = None) -> Iterator[None]:
    """Raises StoreError for everything that the outside world can do to the database ``where``.

    Mistakes in our own SQL or rows (IntegrityError, ProgrammingError ...) are bugs and pass as they are.

    Args:
        path: the file, if it is one: its folder is asked whether it can lock files before a lock is blamed on others.
    """
    try:
        yield
    except (exc.DBAPIError, sqlite3.Error) as error:
        found = _translated(error, where, path)
        if found is None:
            raise
        raise found from error
    except OSError as error:
        if error.errno in _CANNOT_LOCK or getattr(error, "winerror", None) in _CANNOT_LOCK_WINDOWS:
            raise _told(where, _NO_LOCKS) from error
        reason = error.strerror or str(error)
        raise StoreError(f"database {where}: {reason}", hint="give --db a place that may be written") from error


def _translated(error: exc.DBAPIError | sqlite3.Error, where: str, path: Path | None) -> StoreError | None:
    """Our error for the driver's; None where it is a bug."""
    origin = error.orig if isinstance(error, exc.DBAPIError) else error
    if isinstance(origin, sqlite3.Error):
        remedy, read_only = _sqlite_remedy(origin, path), primary(origin) in _READ_ONLY
    else:
        remedy, read_only = _postgres_remedy(origin, error), getattr(origin, "sqlstate", None) == _SERVER_READ_ONLY
    return None if remedy is None else _told(where, remedy, ReadOnlyError if read_only else StoreError)


def _told(where: str, remedy: tuple[str, str], kind: type[StoreError] = StoreError) -> StoreError:
    return kind(f"database {where} {remedy[0]}", hint=remedy[1])


def _sqlite_remedy(origin: sqlite3.Error, path: Path | None) -> tuple[str, str] | None:
    code = getattr(origin, "sqlite_errorcode", 0)
    busy = primary(origin) == sqlite3.SQLITE_BUSY
    if code in NO_LOCKS or (busy and path is not None and ability(path.parent) == "no locks"):
        return _NO_LOCKS
    return _SQLITE.get(primary(origin))


def _postgres_remedy(origin: BaseException | None, error: Exception) -> tuple[str, str] | None:
    state = getattr(origin, "sqlstate", None)
    if state is not None:
        return next(((what, hint) for prefix, what, hint in _POSTGRES if state.startswith(prefix)), None)
    return _postgres_connection(str(origin)) if isinstance(error, exc.OperationalError) else None


def _postgres_connection(text: str) -> tuple[str, str]:
    """While connecting psycopg has no SQLSTATE, only libpq's words."""
    if "does not exist" in text and "database" in text:
        return "does not exist", "create the database first: createdb NAME"
    if "authentication failed" in text or "no password supplied" in text:
        return "refused the user or the password", "check both in the URL that --db or CLASSROOM_FER_DB gives"
    return _UNREACHABLE
