"""Every table, view and column is described, in the database and in the docs, from one source."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest
import sqlalchemy as sa
from contracts.store import finished

from classroom_fer.lesson.records import Abstention
from classroom_fer.store import schema
from classroom_fer.store.dictionary import entries, markdown
from classroom_fer.store.store import SqlStore
from classroom_fer.store.views import VIEWS

PAGE = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_the_docs_page_is_current() -> None:
    regenerate = "python -m classroom_fer.store.dictionary > docs/data-dictionary.md"
    assert PAGE.read_text(encoding="utf-8") == markdown(), f"run: {regenerate}"


def test_every_column_of_every_table_and_view_is_described_in_the_database(any_store: SqlStore) -> None:
    inspector = sa.inspect(any_store.engine)
    names = [name for name in (*inspector.get_table_names(), *inspector.get_view_names()) if name != "alembic_version"]
    present = {(name, column["name"]) for name in names for column in inspector.get_columns(name)}
    present |= {(name, "") for name in names}
    with any_store.engine.connect() as connection:
        table = schema.data_dictionary
        described = connection.execute(sa.select(table.c.object, table.c.column, table.c.description)).all()
    assert {(row[0], row[1]) for row in described} == present
    assert [row for row in described if len(row[2]) < 5] == []


def test_a_time_or_a_share_has_its_unit() -> None:
    units = {(entry.object, entry.column): entry.unit for entry in entries()}
    assert {unit for (_, column), unit in units.items() if column.endswith("_s")} == {"s"}
    assert {unit for (_, column), unit in units.items() if column.endswith("_deg")} == {"deg"}
    assert {unit for (_, column), unit in units.items() if column.startswith("p_")} == {"0-1"}
    assert {unit for (_, column), unit in units.items() if column in ("x1", "y1", "x2", "y2")} == {"px"}
    assert units["v_task", "engagement_low"] == "0-100"


def test_postgres_knows_the_descriptions_too(postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url)
    with engine.connect() as connection:
        query = "SELECT col_description('v_task'::regclass, 7), obj_description('face'::regclass)"
        column, table = connection.execute(sa.text(query)).one()
    engine.dispose()
    assert column == schema.task.c.coverage.comment
    assert table == schema.face.comment


@pytest.mark.parametrize("view", VIEWS)
def test_the_example_query_of_each_view_runs(store: SqlStore, tmp_path: Path, view: str) -> None:
    finished(store)
    section = markdown().split(f"## `{view}` (view)")[1].split("\n## ")[0]
    [query] = re.findall(r'pandas\.read_sql\("(.*)", database\)', section)
    assert f'classroom-fer.sqlite "{query}"' in section
    database = sqlite3.connect(f"file:{tmp_path}/lessons.sqlite?mode=ro", uri=True)
    assert len(pd.read_sql(query, database)) > 0
    database.close()


def test_every_reason_to_abstain_is_explained() -> None:
    (told,) = {e.description for e in entries() if (e.object, e.column) == ("face", "abstained_because")}
    assert [reason for reason in get_args(Abstention) if reason not in told] == []
