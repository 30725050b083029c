"""Statements that several of the store's operations share; each runs in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from classroom_fer.errors import StoreError
from classroom_fer.lesson.labels import Labels
from classroom_fer.lesson.records import StoredSession, Task, Track
from classroom_fer.store import rows, schema, validations
from classroom_fer.store.results import NO_SUMMARY

_NAMED = 10
"""Sessions that an error message names."""


def read_sessions(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> list[StoredSession]:
    """Sessions that meet all conditions, oldest first, with their tasks."""
    key = schema.session.c.session_id
    chosen = sa.select(schema.session).where(*conditions).order_by(key)
    numbers = sa.select(key).where(*conditions)
    tasks: dict[int, list[Task]] = {}
    query = sa.select(schema.task).where(schema.task.c.session_id.in_(numbers)).order_by(schema.task.c.task_index)
    for row in connection.execute(query).mappings():
        tasks.setdefault(row["session_id"], []).append(rows.task_record(dict(row)))
    labels, checked = read_labels(connection, numbers), validations.newest(connection, numbers)
    return [
        rows.stored_session(
            dict(row),
            tasks.get(row["session_id"], ()),
            tuple(labels.get(row["session_id"], ())),
            checked.get(row["session_id"]),
        )
        for row in connection.execute(chosen).mappings()
    ]


def read_labels(connection: sa.Connection, numbers: sa.Select[Any]) -> dict[int, list[tuple[str, str]]]:
    """The labels of sessions, each by label. Args: ``numbers`` selects the sessions."""
    table, found = schema.label, dict[int, list[tuple[str, str]]]()
    query = sa.select(table).where(table.c.session_id.in_(numbers)).order_by(table.c.label)
    for row in connection.execute(query):
        found.setdefault(row.session_id, []).append((row.label, row.value))
    return found


def replace_labels(connection: sa.Connection, session_id: int, labels: Labels) -> None:
    """A session's labels are these from now on."""
    connection.execute(sa.delete(schema.label).where(schema.label.c.session_id == session_id))
    named = [{"session_id": session_id, "label": key, "value": value} for key, value in labels]
    insert(connection, schema.label, named)


def read_session(connection: sa.Connection, session_id: int, where: str) -> StoredSession:
    """One session; StoreError naming those that exist if there is none of this number."""
    found = read_sessions(connection, schema.session.c.session_id == session_id)
    if found:
        return found[0]
    numbers = list(connection.execute(sa.select(schema.session.c.session_id).order_by(sa.desc("session_id"))).scalars())
    if not numbers:
        raise StoreError(f"database {where} holds no session {session_id}; it holds none", hint="run analyze first")
    named = ", ".join(str(number) for number in numbers[:_NAMED]) + (" ..." if len(numbers) > _NAMED else "")
    raise StoreError(
        f"database {where} holds no session {session_id}", hint=f"it holds {named}; see classroom-fer sessions"
    )


def faces_gone(session_id: int) -> StoreError:
    """The error where rows per face are needed that the profile teacher deleted."""
    return StoreError(
        f"the face rows of session {session_id} were deleted (profile teacher): nothing can be computed again",
        hint="its report can still be printed; for other tasks or settings analyze the film again",
    )


def insert(connection: sa.Connection, table: sa.Table, values: Sequence[Mapping[str, Any]]) -> None:
    """Adds rows that all have the same columns; none is fine."""
    if values:
        connection.execute(sa.insert(table), values)


def clear_results(connection: sa.Connection, session_id: int) -> None:
    """Removes all that was derived from the faces; the session is running again."""
    for table in schema.DERIVED:
        connection.execute(sa.delete(table).where(table.c.session_id == session_id))
    connection.execute(sa.update(schema.task).where(schema.task.c.session_id == session_id).values(NO_SUMMARY))
    face = schema.face
    tracked = sa.and_(face.c.session_id == session_id, face.c.track_id.is_not(None))
    connection.execute(sa.update(face).where(tracked).values(track_id=None))
    clear_aggregations(connection, session_id)
    update_session(connection, session_id, {"status": "running"})


def clear_aggregations(connection: sa.Connection, session_id: int) -> None:
    """Removes the values of a session's named aggregations; what they are made of stays."""
    for original, table in schema.NAMED.items():
        if original is schema.task:
            connection.execute(sa.update(table).where(table.c.session_id == session_id).values(NO_SUMMARY))
        else:
            connection.execute(sa.delete(table).where(table.c.session_id == session_id))
    table = schema.aggregation
    connection.execute(sa.update(table).where(table.c.session_id == session_id).values(made_at=None))


def update_session(connection: sa.Connection, session_id: int, values: Mapping[str, Any]) -> None:
    """Changes columns of ``session``."""
    connection.execute(sa.update(schema.session).where(schema.session.c.session_id == session_id).values(values))


def set_tracks(connection: sa.Connection, session_id: int, tracks: Sequence[Track], ids: Mapping[int, int]) -> None:
    """Writes each face's (new) track id.

    Raises:
        ValueError: a track holds a face that is not stored, or two tracks hold the same face.
    """
    values = [
        {
            "frame": int(sample.frame_index),
            "stood": int(sample.held),
            "number": int(sample.face_index),
            "track": ids[track.track_id],
        }
        for track in tracks
        for sample in track.samples
    ]
    if not values:
        return
    face = schema.face
    statement = (
        sa.update(face)
        .where(face.c.session_id == session_id)
        .where(face.c.frame_index == sa.bindparam("frame"), face.c.held == sa.bindparam("stood"))
        .where(face.c.face_index == sa.bindparam("number"))
        .values(track_id=sa.bindparam("track"))
    )
    connection.execute(statement, values)
    stored = sa.select(sa.func.count(face.c.track_id)).where(face.c.session_id == session_id)
    if connection.execute(stored).scalar_one() != len(values):
        raise ValueError("the tracks hold a face that is not stored, or a face twice")
