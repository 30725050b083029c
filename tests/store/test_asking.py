"""A question reads, and can do nothing else; what is wrong with it is said so that it can be put right."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from command import command, heed_sigint
from contracts.store import finished
from contracts.store_records import TASKS

from classroom_fer.errors import QueryError, StoreError
from classroom_fer.store.asking.answer import Asking
from classroom_fer.store.asking.open import asking
from classroom_fer.store.asking.sql_text import first_word, in_python_style, parameters
from classroom_fer.store.store import SqlStore, open_reader, open_store


@pytest.fixture
def database(any_lessons: SqlStore) -> Iterator[Asking]:
    with asking(any_lessons) as opened:
        yield opened


def rows(database: Asking, sql: str, **values: Any) -> list[tuple[object, ...]]:
    return list(database.ask(sql, values).rows)


def test_a_question_is_answered_with_named_columns(database: Asking) -> None:
    answer = database.ask("SELECT task, n FROM v_task WHERE start_s < :end_s ORDER BY start_s", {"end_s": 11})
    assert answer.columns == ("task", "n")
    assert list(answer.rows) == [(TASKS[0].name, 4), (TASKS[1].name, 4)]


def test_numbers_are_whole_or_measures(database: Asking) -> None:
    asked = "SELECT SUM(frame_index), COUNT(*) / 2, 1.0 * COUNT(*) / 5, AVG(frame_index) FROM v_frame"
    (found,) = rows(database, asked)
    assert [type(cell) for cell in found] == [int, int, float, float]


def test_one_question_follows_the_other_also_after_a_mistake(database: Asking) -> None:
    with pytest.raises(QueryError):
        database.ask("SELECT nought FROM v_task", {})
    assert rows(database, "SELECT COUNT(*) FROM v_task") == [(3,)]
    assert rows(database, "WITH one AS (SELECT 1 AS n) SELECT n FROM one") == [(1,)]


def test_text_with_percent_signs_and_colons_is_no_parameter(database: Asking) -> None:
    assert rows(database, "SELECT '10 %, :no', :one -- :no", one="a'b") == [("10 %, :no", "a'b")]


WRITES = [
    "DELETE FROM face",
    "UPDATE session SET video = 'x'",
    "INSERT INTO database VALUES ('x')",
    "DROP TABLE face",
    "CREATE TABLE mine (a int)",
    "CREATE TEMP TABLE mine AS SELECT 1",
    "ALTER TABLE face ADD COLUMN mine int",
    "BEGIN",
    "COMMIT",
    "VACUUM",
    "SELECT 1; DELETE FROM face",
    "WITH gone AS (SELECT 1) DELETE FROM face",
    "/* SELECT */ DELETE FROM face",
    "",
    "-- nothing",
]


@pytest.mark.parametrize("sql", WRITES)
def test_what_would_do_more_than_read_is_refused(database: Asking, sql: str) -> None:
    with pytest.raises(QueryError) as refused:
        rows(database, sql)
    assert refused.value.hint
    assert rows(database, "SELECT COUNT(*) FROM face") == [(108,)]


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH 'other.sqlite' AS other",
        "DETACH main",
        "PRAGMA query_only = OFF",
        "PRAGMA query_only(0)",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA writable_schema = ON",
        "PRAGMA user_version = 7",
        "EXPLAIN DELETE FROM face",
        "SELECT load_extension('x')",
        "VACUUM INTO 'copy.sqlite'",
        "REINDEX",
        "ANALYZE",
    ],
)
def test_sqlite_attaches_sets_and_loads_nothing(lessons: SqlStore, sql: str) -> None:
    with asking(lessons) as database:
        with pytest.raises(QueryError, match="refused"):
            rows(database, sql)
        assert rows(database, "SELECT COUNT(*) FROM face") == [(108,)]


def test_sqlite_tells_what_columns_there_are(lessons: SqlStore) -> None:
    with asking(lessons) as database:
        assert [row[1] for row in rows(database, "PRAGMA table_info(v_size)")] == [
            "session_id", "from_px", "below_px", "faces",
        ]  # fmt: skip
        assert rows(database, "EXPLAIN QUERY PLAN SELECT * FROM v_face WHERE session_id = 1")


@pytest.mark.parametrize(
    "sql",
    [
        "SET TRANSACTION READ WRITE",
        "SET default_transaction_read_only = off",
        "COPY face TO PROGRAM 'cat'",
        "DO $$ BEGIN DELETE FROM face; END $$",
        "WITH gone AS (DELETE FROM face RETURNING 1) SELECT * FROM gone",
        "SELECT set_config('transaction_read_only', 'off', false)",
        "SELECT nextval('session_session_id_seq')",
    ],
)
def test_postgres_lets_no_transaction_become_a_writing_one(postgres_url: str, sql: str) -> None:
    with open_store(postgres_url) as store:
        finished(store)
        with asking(store) as database, pytest.raises(QueryError):
            rows(database, sql)
        with asking(store) as database:
            assert rows(database, "SELECT COUNT(*) FROM face") == [(108,)]


def test_the_time_limit_of_a_server_is_said(postgres_url: str) -> None:
    limited = f"{postgres_url}&options=-c%20statement_timeout%3D500"
    with open_store(limited) as store, asking(store) as database, pytest.raises(QueryError, match="server stopped"):
        rows(database, "SELECT pg_sleep(30)")


def test_ctrl_c_stops_a_query_on_a_server(postgres_url: str, tmp_path: Path) -> None:
    asked = command("query", "SELECT pg_sleep(300)", "--db", postgres_url)
    process = subprocess.Popen(asked, cwd=tmp_path, text=True, preexec_fn=heed_sigint, stderr=subprocess.PIPE)
    engine = sa.create_engine(postgres_url)
    try:
        until = time.monotonic() + 300
        while not sleeping(engine) and process.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=300)
        assert (process.returncode, said) == (130, "interrupted: the query was stopped; nothing was changed\n")
        assert sleeping(engine) == 0
    finally:
        process.kill()
        engine.dispose()


def sleeping(engine: sa.Engine) -> int:
    """How many connections of the server wait in pg_sleep."""
    with engine.connect() as connection:
        found = "SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep'"
        return int(connection.execute(sa.text(found)).scalar_one())


def test_an_unknown_view_is_answered_with_those_there_are(database: Asking) -> None:
    with pytest.raises(QueryError, match="no view or table v_tasks") as error:
        rows(database, "SELECT * FROM v_tasks")
    assert error.value.hint.startswith("do you mean v_task? there are views: v_session, v_task, v_timeline")
    assert "tables: session, " in error.value.hint


def test_an_unknown_column_is_answered_with_those_of_the_views_in_the_query(database: Asking) -> None:
    with pytest.raises(QueryError, match=r"no column t\.engagment") as error:
        rows(database, "SELECT t.engagment FROM v_task t")
    assert error.value.hint.startswith("do you mean engagement? v_task has session_id, task, mode")
    assert "v_face" not in error.value.hint


def test_a_query_that_cannot_be_read_is_the_users_mistake(database: Asking) -> None:
    for sql in ("SELECT FROM WHERE", "SELECT (1", "SELECT abs(1, 2, 3, 4)", "WITH"):
        with pytest.raises(QueryError, match="the query is wrong"):
            rows(database, sql)


def test_values_and_parameters_go_together(database: Asking) -> None:
    with pytest.raises(QueryError, match="needs a value for :a, :b") as error:
        rows(database, "SELECT :a, :b")
    assert error.value.hint == "give it: --param a=... --param b=..."
    for value in (2**63, "\0", "\udc80"):
        with pytest.raises(QueryError, match=r"too large|is no text"):
            rows(database, "SELECT :a", a=value)
    assert rows(database, "SELECT CAST(:a AS TEXT)", a=-(2**63)) == [("-9223372036854775808",)]
    with pytest.raises(QueryError, match="no parameter :c") as error:
        rows(database, "SELECT :a", a=1, c=2)
    assert error.value.hint == "it has :a"


def test_what_readers_of_the_rows_raise_is_theirs(database: Asking) -> None:
    with pytest.raises(BrokenPipeError):
        for _ in database.ask("SELECT * FROM v_face", {}).rows:
            raise BrokenPipeError


def test_the_file_is_open_for_reading_alone(lessons: SqlStore) -> None:
    """Not even what the authorizer let through could write."""
    with asking(lessons) as database:
        connection: sqlite3.Connection = database._database._connection  # type: ignore[attr-defined]  # what nobody is given
        connection.set_authorizer(None)
        connection.execute("PRAGMA query_only = OFF")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("DELETE FROM face")


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "lessons.sqlite"
    with open_store(path) as store:
        finished(store)
    before = path.read_bytes()
    with open_reader(path) as store, asking(store) as database:
        assert rows(database, "SELECT COUNT(*) FROM v_face") == [(108,)]
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["lessons.sqlite"]


def test_a_damaged_file_is_no_mistake_in_the_query(tmp_path: Path) -> None:
    path = tmp_path / "lessons.sqlite"
    with open_store(path) as store:
        finished(store)
    content = bytearray(path.read_bytes())
    content[8192:] = b"\xff" * (len(content) - 8192)
    with open_reader(path) as store:
        path.write_bytes(content)
        with pytest.raises(StoreError, match="damaged"), asking(store) as database:
            rows(database, "SELECT * FROM v_face")


def test_first_words_parameters_and_styles() -> None:
    assert first_word("/* a */ -- b\n  With x") == "WITH"
    assert parameters('SELECT ":no", `:no`, $tag$ :no $tag$, a::int, :yes') == ("yes",)
    assert in_python_style("SELECT '%', :a") == "SELECT '%%', %(a)s"
