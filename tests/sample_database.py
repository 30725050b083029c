"""A small study, made once for all tests that read one: three lessons of ten pupils, the last by older rules."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from benchmarks.made_lessons import Class, add_lesson
from classroom_fer.store import schema
from classroom_fer.store.engine import WRITES
from classroom_fer.store.store import SqlStore, open_store

LESSONS = ("monday.mp4", "tuesday.mp4", "=SUM(A1)\x1b[31m.mp4")
"""The last name is what a hostile person would choose."""
PUPILS, SECONDS = 10, 600


def make_sample_database(path: Path) -> Path:
    """The study as a SQLite file."""
    with open_store(path) as store:
        fill(store)
    return path


def fill(store: SqlStore) -> None:
    """Adds the three lessons."""
    for seed, name in enumerate(LESSONS, start=1):
        session = add_lesson(store, Class(PUPILS, SECONDS, seed), name)
        store.set_labels(session.session_id, (("class", "7b"), ("lesson", str(seed))))
    with store.engine.connect().execution_options(**WRITES) as connection, connection.begin():
        table = schema.session
        connection.execute(sa.update(table).where(table.c.session_id == session.session_id).values(result_version=0))
