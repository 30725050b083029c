"""Named aggregations of sessions: further results beside a session's own, with the settings that made them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from classroom_fer.errors import StoreError
from classroom_fer.lesson.aggregations import Aggregation
from classroom_fer.lesson.records import SessionResult, Task
from classroom_fer.store import results, rows, schema

Connected = Callable[[], AbstractContextManager[sa.Connection]]

_SAME = ("settings", "settings_sha256", "versions", "result_version", "shows", "left_out", "made_at")


class Aggregations:
    """Those of every session of a database.

    Args:
        read, write: a transaction that reads, and one that writes.
        where: the database's name, for messages.
    """

    def __init__(self, read: Connected, write: Connected, where: str) -> None:
        self._read, self._write, self._where = read, write, where

    def of(self, session_id: int) -> list[Aggregation]:
        """A session's named aggregations, by name; none for a session that is not there."""
        with self._read() as connection:
            return _read_all(connection, session_id)

    def named(self, session_id: int, name: str) -> Aggregation:
        """One of them. StoreError naming those that exist if there is none of this name."""
        return _chosen(self.of(session_id), session_id, name)

    def write(self, session_id: int, aggregation: Aggregation, result: SessionResult) -> None:
        """Adds a named result, or replaces it; its time is now, its tasks are the result's.

        Raises:
            StoreError: no such session, or it is not finished.
        """
        indices = results.task_indices(aggregation.tasks, result)
        made = replace(aggregation, made_at=datetime.now(UTC))
        key = {"session_id": session_id, "aggregation": aggregation.name}
        with self._write() as connection:
            _check_finished(connection, session_id, self._where)
            _delete(connection, session_id, aggregation.name)
            own = {name: getattr(made, name) for name in _SAME}
            connection.execute(sa.insert(schema.aggregation), {**key, **own})
            for table, derived in results.named_rows(session_id, aggregation.name, result, indices).items():
                if derived:
                    connection.execute(sa.insert(table), derived)

    def result(self, session_id: int, name: str) -> SessionResult:
        """What ``write`` got, without tracks. StoreError if there is none of this name, or it has to be made again."""
        with self._read() as connection:
            found = _chosen(_read_all(connection, session_id), session_id, name)
            if found.made_at is None:
                raise StoreError(
                    f"the values of aggregation {name!r} are gone: the results of session {session_id} changed",
                    hint=f"classroom-fer aggregate {session_id} --name {name} computes them again",
                )
            return results.read_result(connection, session_id, name)

    def delete(self, session_id: int, name: str) -> None:
        """Deletes one with its values. StoreError naming those that exist if there is none of this name."""
        with self._write() as connection:
            _chosen(_read_all(connection, session_id), session_id, name)
            _delete(connection, session_id, name)


def _read_all(connection: sa.Connection, session_id: int) -> list[Aggregation]:
    tasks: dict[str, list[Task]] = {}
    table = schema.NAMED[schema.task]
    query = sa.select(table).where(table.c.session_id == session_id).order_by(table.c.task_index)
    for row in connection.execute(query).mappings():
        tasks.setdefault(row["aggregation"], []).append(rows.task_record(dict(row)))
    query = sa.select(schema.aggregation).where(schema.aggregation.c.session_id == session_id).order_by("aggregation")
    return [
        _aggregation(dict(row), tuple(tasks.get(row["aggregation"], ())))
        for row in connection.execute(query).mappings()
    ]


def _aggregation(row: Mapping[str, Any], tasks: tuple[Task, ...]) -> Aggregation:
    return Aggregation(name=row["aggregation"], tasks=tasks, **{name: row[name] for name in _SAME})


def _chosen(known: list[Aggregation], session_id: int, name: str) -> Aggregation:
    for aggregation in known:
        if aggregation.name == name:
            return aggregation
    listed = ", ".join(aggregation.name for aggregation in known) or "none beside its own"
    raise StoreError(f"session {session_id} has no aggregation {name!r}", hint=f"it has {listed}")


def _check_finished(connection: sa.Connection, session_id: int, where: str) -> None:
    query = sa.select(schema.session.c.status).where(schema.session.c.session_id == session_id)
    status = connection.execute(query).scalar()
    if status != "finished":
        state = "holds no such session" if status is None else "has no results of it yet"
        raise StoreError(f"database {where}: session {session_id}: it {state}", hint="see classroom-fer sessions")


def _delete(connection: sa.Connection, session_id: int, name: str) -> None:
    table = schema.aggregation
    connection.execute(sa.delete(table).where(table.c.session_id == session_id, table.c.aggregation == name))
