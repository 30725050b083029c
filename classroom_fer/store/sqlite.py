"""How SQLite is set up where a file lies: with a write-ahead log, without one, or only to be read.

A folder shows what it can do on a database of its own that is gone at once (``ability``): the user's file must not be
the one to try a log on, because SQLite switches it over first and fails afterwards.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import event, pool

from classroom_fer.errors import ReadOnlyError

Ability = Literal["log", "journal", "no locks", "unknown"]
"""What SQLite can do in a folder: a write-ahead log; only a rollback journal (no shared memory); lock no file at all;
or not known, because no file can be made there."""

NO_SHARED_MEMORY = frozenset(
    {
        sqlite3.SQLITE_IOERR_SHMMAP,
        sqlite3.SQLITE_IOERR_SHMOPEN,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_SHMLOCK,
    }
)
NO_LOCKS = frozenset(
    {
        sqlite3.SQLITE_IOERR_LOCK,
        sqlite3.SQLITE_IOERR_RDLOCK,
        sqlite3.SQLITE_IOERR_UNLOCK,
        sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK,
    }
)
"""What SQLite answers where locking fails for another reason than that somebody holds the lock; some systems' answer
(ENOLCK) becomes SQLITE_BUSY, which only ``ability`` tells from a real lock."""


def primary(error: sqlite3.Error) -> int:
    """The result code without its details (sqlite.org/rescode.html); 0 where the driver itself complains."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def ability(folder: Path) -> Ability:
    """What SQLite can do in ``folder``, found out on a database that is gone afterwards."""
    try:
        with (
            tempfile.TemporaryDirectory(prefix=".classroom-fer-", dir=folder) as name,
            closing(sqlite3.connect(Path(name) / "try.sqlite", timeout=0, isolation_level=None)) as trial,
        ):
            return _tried(trial)
    except (OSError, sqlite3.Error):
        return "unknown"


def _tried(trial: sqlite3.Connection) -> Ability:
    try:
        trial.execute("PRAGMA synchronous = OFF")
        trial.execute("BEGIN EXCLUSIVE")
        trial.execute("ROLLBACK")
    except sqlite3.OperationalError as error:  # nobody else knows this file: it cannot be busy
        return "no locks" if error.sqlite_errorcode in NO_LOCKS | {sqlite3.SQLITE_BUSY} else "unknown"
    try:
        mode = trial.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        trial.execute("CREATE TABLE tried (it)")
    except sqlite3.OperationalError as error:
        return "journal" if error.sqlite_errorcode in NO_SHARED_MEMORY else "unknown"
    return "log" if mode == "wal" else "journal"


def choose_journal(path: Path, busy_timeout_s: float) -> bool:
    """Sees to it that an existing file can be used where it lies; whether with a write-ahead log.

    A file with a log that came to a place without shared memory is given back its rollback journal.

    Raises:
        ReadOnlyError: SQLite can make no file beside it.
        sqlite3.OperationalError: the folder cannot lock files, or the file cannot be used for another reason.
    """
    try:
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
                return True
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in NO_SHARED_MEMORY:
            _take_the_log_away(path, busy_timeout_s)
            return False
        if primary(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise ReadOnlyError(f"database {path} may not be written", hint=MAKE_WRITABLE) from error
        if primary(error) != sqlite3.SQLITE_BUSY or ability(path.parent) == "no locks":
            raise
        return True  # somebody is writing: the engine waits for its turn
    return ability(path.parent) in ("log", "unknown")


MAKE_WRITABLE = "make the file and its folder writable, or give --db another place"


def _take_the_log_away(path: Path, busy_timeout_s: float) -> None:
    """In this locking mode SQLite keeps the log's index in its own memory (sqlite.org/wal.html, "noshm")."""
    with closing(sqlite3.connect(path, timeout=busy_timeout_s, isolation_level=None)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = DELETE")
    path.with_name(path.name + "-shm").unlink(missing_ok=True)


def make_writer(url: sa.URL, busy_timeout_s: float, *, log: bool) -> sa.Engine:
    """An engine that reads and writes; ``log``: as ``choose_journal`` found it."""
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": busy_timeout_s})
    event.listen(engine, "connect", _set_up(busy_timeout_s, log=log))
    event.listen(engine, "begin", _begin)
    return engine


def is_unfinished(path: Path) -> bool:
    """Whether a run goes on or was cut off: rows may be in a log, or half a transaction in the file."""
    beside = [path.with_name(path.name + end) for end in ("-wal", "-journal")]
    return any(file.exists() and file.stat().st_size for file in beside)


def reader_uri(path: Path, *, still: bool = False) -> str:
    """What opens the file for reading alone.

    ``still``: nobody writes there, and SQLite may leave out locks and logs ("immutable"). It must not where the file is
    unfinished: then it needs what lies beside it.
    """
    return path.resolve().as_uri() + "?mode=ro" + ("&immutable=1" if still else "")


def make_reader(path: Path, busy_timeout_s: float) -> sa.Engine:
    """An engine that only reads and makes no file."""
    uri = reader_uri(path, still=not is_unfinished(path))

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(uri, uri=True, timeout=busy_timeout_s, check_same_thread=False)

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=pool.QueuePool, hide_parameters=True)
    event.listen(engine, "connect", _no_implicit_transactions)
    event.listen(engine, "begin", _begin)
    return engine


def _set_up(busy_timeout_s: float, *, log: bool) -> Callable[[Any, Any], None]:
    def set_up(connection: Any, record: Any) -> None:
        _no_implicit_transactions(connection, record)
        for pragma in (
            f"busy_timeout = {round(busy_timeout_s * 1000)}",
            f"journal_mode = {'WAL' if log else 'DELETE'}",  # with the log readers go on while a run writes
            "synchronous = NORMAL" if log else "synchronous = FULL",  # NORMAL is safe with the log only
            "foreign_keys = ON",
            "secure_delete = ON",  # deleted rows are overwritten with zeros
            "temp_store = MEMORY",  # no rows in temporary files
        ):
            connection.execute(f"PRAGMA {pragma}")

    return set_up


def _no_implicit_transactions(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver would begin transactions late; _begin does it


def _begin(connection: sa.Connection) -> None:
    # A deferred transaction that reads first and then writes fails at once when another one wrote in between;
    # BEGIN IMMEDIATE waits for its turn.
    statement = connection.get_execution_options().get("classroom_fer_begin", "BEGIN")
    if statement is not None:
        connection.exec_driver_sql(statement)
