"""Questions to a PostgreSQL server: a read-only transaction, and a cursor on the server that takes one SELECT alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from classroom_fer.errors import QueryError
from classroom_fer.store.asking.answer import Answer, Row
from classroom_fer.store.asking.names import unknown_column, unknown_object
from classroom_fer.store.asking.sql_text import READING, Value, check, first_word, in_python_style, refused

_READ_ONLY_CURSOR: dict[str, Any] = {
    "postgresql_readonly": True,
    "isolation_level": "REPEATABLE READ",
    "stream_results": True,  # a cursor on the server
    "max_row_buffer": 1000,  # choice
}
_UNDEFINED_TABLE, _UNDEFINED_COLUMN, _STOPPED = "42P01", "42703", "57014"
_TRANSACTION = "25"
"""It would write in a reading transaction, or make it a writing one."""
_OF_THE_QUERY = ("0A", "21", "22", _TRANSACTION, "34", "42", "54", _STOPPED)
"""Beginnings of SQLSTATEs that are about the query (postgresql.org/docs/current/errcodes-appendix.html)."""
_QUOTED = re.compile(r'(?:relation|column) "?([^" ]+)"?')


@contextmanager
def asking_postgres(engine: sa.Engine) -> Iterator[PostgresAsking]:
    """The engine's database."""
    with engine.connect().execution_options(**_READ_ONLY_CURSOR) as connection:
        yield PostgresAsking(connection)


class PostgresAsking:
    """See ``Asking``."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def ask(self, sql: str, values: Mapping[str, Value]) -> Answer:
        """See ``Asking``."""
        check(sql, values, READING, "TABLE")
        self._connection.rollback()
        self._connection.exec_driver_sql("SELECT 1").close()  # from the first statement on it cannot be made to write
        with _query_errors(sql):
            result = self._connection.exec_driver_sql(in_python_style(sql), dict(values))
        return Answer(tuple(result.keys()), _rows(result, sql))


def _rows(result: sa.CursorResult[Any], sql: str) -> Iterator[Row]:
    with _query_errors(sql):
        for row in result:
            yield tuple(map(_number, row))


def _number(cell: object) -> object:
    """The server's ``numeric``, which sums and quotients of whole numbers have, as SQLite gives it."""
    if not isinstance(cell, Decimal):
        return cell
    return int(cell) if cell.as_tuple().exponent == 0 else float(cell)


@contextmanager
def _query_errors(sql: str) -> Iterator[None]:
    """What the server says of the text of a query, as a QueryError; what else passes on to ``store_errors``."""
    try:
        yield
    except exc.DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None) or ""
        if not state.startswith(_OF_THE_QUERY):
            raise
        raise _wrong(state, str(error.orig).splitlines()[0], sql) from error


def _wrong(state: str, message: str, sql: str) -> QueryError:
    name = _QUOTED.match(message)
    if state == _UNDEFINED_TABLE and name:
        return unknown_object(name[1])
    if state == _UNDEFINED_COLUMN and name:
        return unknown_column(name[1], sql)
    if state == _STOPPED:
        return QueryError(f"the server stopped the query: {message}", hint="ask for less, or for a later time limit")
    if state.startswith(_TRANSACTION) or "data-modifying" in message:
        return refused(f"{first_word(sql)} ... writes, which", READING)
    if "multiple commands" in message:
        return refused("more than one statement", READING)
    return QueryError(f"the query is wrong: {message}", hint="docs/queries.md has twenty-one that work")
