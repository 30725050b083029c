"""Questions to a SQLite file: opened read-only, and an authorizer refuses every action but reading."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

from classroom_fer.errors import QueryError
from classroom_fer.store.asking.answer import Answer, Row
from classroom_fer.store.asking.names import unknown_column, unknown_object
from classroom_fer.store.asking.sql_text import READING, Value, check, first_word, refused
from classroom_fer.store.sqlite import primary

STEPS = 20_000
"""Steps of SQLite's machine between two looks at whether the user wants to stop: some milliseconds (choice)."""
DESCRIBING = frozenset({"table_info", "table_xinfo", "table_list", "index_list", "index_info", "foreign_key_list"})
"""Pragmas that only tell what there is (sqlite.org/pragma.html)."""
_READS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_OFFERED = (*READING, "EXPLAIN")
_NO_OBJECT = re.compile(r"no such table: (.+)")
_NO_COLUMN = re.compile(r"no such column: (.+?)(?: - .*)?$")


@contextmanager
def asking_sqlite(uri: str, busy_timeout_s: float) -> Iterator[SqliteAsking]:
    """The file that ``uri`` opens for reading."""
    with closing(sqlite3.connect(uri, uri=True, timeout=busy_timeout_s, isolation_level=None)) as connection:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA temp_store = MEMORY")  # no rows in temporary files
        connection.set_authorizer(_may)
        connection.set_progress_handler(_go_on, STEPS)
        yield SqliteAsking(connection)


def _may(action: int, first: str | None, second: str | None, _database: str | None, _inside: str | None) -> int:
    """SQLite's question before each action of a statement (sqlite.org/c3ref/c_alter_table.html: the arguments)."""
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if first in DESCRIBING else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and second == "load_extension":
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY


def _go_on() -> int:
    """Python looks for Ctrl-C while it runs this, and SQLite stops where it raises."""
    return 0


class SqliteAsking:
    """See ``Asking``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def ask(self, sql: str, values: Mapping[str, Value]) -> Answer:
        """See ``Asking``."""
        check(sql, values, _OFFERED, "PRAGMA")
        with _query_errors(sql):
            cursor = self._connection.execute(sql, dict(values))
        columns = tuple(str(column[0]) for column in cursor.description or ())
        return Answer(columns, _rows(cursor, sql))


def _rows(cursor: sqlite3.Cursor, sql: str) -> Iterator[Row]:
    with _query_errors(sql):
        for row in cursor:  # noqa: UP028  # yield from would close the cursor of a database that is closed already
            yield row


@contextmanager
def _query_errors(sql: str) -> Iterator[None]:
    """What SQLite says of the text of a query, as a QueryError; of the file: passes on to ``store_errors``."""
    try:
        yield
    except sqlite3.Error as error:
        code = primary(error)
        if code == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from error
        if code in (sqlite3.SQLITE_AUTH, sqlite3.SQLITE_READONLY) or "not authorized" in str(error):
            raise refused(f"{first_word(sql)} ... writes, attaches or sets something, which", _OFFERED) from error
        if code not in (0, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE):
            raise
        raise _wrong(str(error), sql) from error


def _wrong(message: str, sql: str) -> QueryError:
    if found := _NO_OBJECT.match(message):
        return unknown_object(found[1])
    if found := _NO_COLUMN.match(message):
        return unknown_column(found[1], sql)
    if "one statement at a time" in message:
        return refused("more than one statement", _OFFERED)
    return QueryError(f"the query is wrong: {message}", hint="docs/queries.md has twenty-one that work")
