"""Turns what a database library raises into a StoreError that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from classroom_fer.errors import StoreError

_SQLITE = (  # part of SQLite's message (sqlite.org/rescode.html), what happened, what to do
    ("file is not a database", "is not a database", "give --db another file; this one is left as it is"),
    ("file is encrypted", "is not a database", "give --db another file; this one is left as it is"),
    ("malformed", "is damaged", "restore it from a copy, or analyse again into a new file with --db"),
    ("readonly", "may not be written", "make the file and its folder writable, or give --db another place"),
    (
        "unable to open",
        "cannot be opened",
        "check that the folder exists and may be written, or give --db another place",
    ),
    ("is full", "cannot grow: the disk is full", "free some space and run again; finished chunks are kept"),
    ("disk i/o error", "cannot be read or written: the disk failed or is full", "check the disk and run again"),
    ("is locked", "is locked by another program", "wait for it, or close the program that writes to it, and run again"),
)
_POSTGRES = (  # SQLSTATE prefix (postgresql.org/docs/current/errcodes-appendix.html), what happened, what to do
    (
        "53100",
        "cannot grow: the server's disk is full",
        "free some space there and run again; finished chunks are kept",
    ),
    ("53", "has no room for another connection", "close other programs that use it and run again"),
    ("42501", "may not be written by this user", "grant the user CREATE on the schema, or name another user in --db"),
    ("25006", "may not be written: the server is read-only", "name a writable server in --db"),
    ("55P03", "is locked by another program", "wait for it and run again"),
    ("28", "refused the user or the password", "check both in the URL that --db or CLASSROOM_FER_DB gives"),
    ("3D000", "does not exist", "create the database first: createdb NAME"),
    ("57P", "was stopped", "start the server and run again; finished chunks are kept"),
    ("08", "is not reachable", "start the server and run again; finished chunks are kept"),
)
_UNREACHABLE = ("is not reachable", "check that the server runs, and host, port, user and password in the URL")


@contextmanager
def store_errors(where: str) -> Iterator[None]:
    """Raises StoreError for everything that the outside world can do to the database ``where``.

    Mistakes in our own SQL or rows (IntegrityError, ProgrammingError ...) are bugs and pass as they are.
    """
    try:
        yield
    except exc.DBAPIError as error:
        remedy = _remedy(error)
        if remedy is None:
            raise
        raise StoreError(f"database {where} {remedy[0]}", hint=remedy[1]) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(f"database {where}: {reason}", hint="give --db a place that may be written") from error


def _remedy(error: exc.DBAPIError) -> tuple[str, str] | None:
    origin = error.orig
    if type(origin).__module__.startswith("sqlite3"):
        text = str(origin).lower()
        return next(((what, hint) for part, what, hint in _SQLITE if part in text), None)
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
