"""The audit table is append-only, and shows what slipped past that."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa

from classroom_fer.store.store import SqlStore, open_store


@pytest.fixture
def audited(any_store: SqlStore) -> SqlStore:
    for number in range(4):
        any_store.record("export", number, {"format": "csv", "rows": number})
    return any_store


def tamper(store: SqlStore, statement: str) -> None:
    """As somebody may who owns the database: without triggers."""
    triggers = ("audit_no_update", "audit_no_delete", "audit_no_replace")
    off = [f"DROP TRIGGER {name}" for name in triggers]
    if store.engine.dialect.name == "postgresql":
        off = ["SET LOCAL session_replication_role = replica"]
    with store.engine.begin() as connection:
        for text in (*off, *statement.split(";")):
            connection.execute(sa.text(text))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET action = 'nothing'",
        "UPDATE audit SET details = '' WHERE audit_id = 4",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE audit_id = 4",
    ],
)
def test_rows_can_neither_be_changed_nor_deleted(audited: SqlStore, statement: str) -> None:
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), audited.engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert audited.verify_audit() == []


def test_sqlite_rows_cannot_be_replaced(store: SqlStore) -> None:
    store.record("export", 1, {})
    statement = "INSERT OR REPLACE INTO audit SELECT audit_id, at, 'x', session_id, details, '', '' FROM audit"
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), store.engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_the_postgres_table_cannot_be_emptied(postgres_url: str) -> None:
    refused = pytest.raises(sa.exc.DatabaseError, match="append-only")
    with open_store(postgres_url) as store, refused, store.engine.begin() as connection:
        connection.execute(sa.text("TRUNCATE audit"))


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE audit SET action = 'nothing' WHERE audit_id = 2", [(2, "it was changed")]),
        ("UPDATE audit SET details = '{}' WHERE audit_id = 4", [(4, "it was changed")]),
        ("UPDATE audit SET session_id = NULL WHERE audit_id = 1", [(1, "it was changed")]),
        ("UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE audit_id = 3", [(3, "it was changed")]),
        ("DELETE FROM audit WHERE audit_id = 2", [(3, "a row before it is missing")]),
        ("DELETE FROM audit WHERE audit_id = 1", [(2, "a row before it is missing")]),
        ("DELETE FROM audit WHERE audit_id = 4", [(3, "rows after it are missing (1)")]),
        ("DELETE FROM audit WHERE audit_id > 2", [(2, "rows after it are missing (2)")]),
        ("DELETE FROM audit", [(0, "rows after it are missing (4)")]),
        ("DELETE FROM audit_head", [(4, "the record of the newest row names another")]),
        ("UPDATE audit SET audit_id = 9 WHERE audit_id = 2; UPDATE audit SET audit_id = 2 WHERE audit_id = 3;"
         "UPDATE audit SET audit_id = 3 WHERE audit_id = 9",
         [(moved, "it does not follow the row before it") for moved in (2, 3, 4)]),
        ("UPDATE audit SET sha256 = previous_sha256 WHERE audit_id = 2",
         [(2, "it was changed"), (3, "it does not follow the row before it")]),
    ],
)  # fmt: skip
def test_a_changed_missing_or_moved_row_is_found(
    audited: SqlStore, statement: str, broken: list[tuple[int, str]]
) -> None:
    tamper(audited, statement)
    assert [(row.audit_id, row.problem) for row in audited.verify_audit()] == broken


def test_the_chain_goes_on_when_the_database_is_opened_again(any_url: str) -> None:
    for _ in range(3):
        with open_store(any_url) as store:
            store.record("sessions", None, {})
    with open_store(any_url) as store, store.engine.connect() as connection:
        assert store.verify_audit() == []
        assert connection.execute(sa.text("SELECT count(*), max(audit_id) FROM audit")).one() == (3, 3)


def test_records_written_at_the_same_time_stand_in_one_chain(any_url: str, tmp_path: Path) -> None:
    with open_store(any_url) as store, open_store(any_url) as other:
        together = threading.Barrier(4)

        def write(one: SqlStore) -> None:
            together.wait()
            for _ in range(5):
                one.record("export", None, {})

        threads = [threading.Thread(target=write, args=(one,)) for one in (store, store, other, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with store.engine.connect() as connection:
            assert connection.execute(sa.text("SELECT count(*) FROM audit")).scalar() == 20
        assert store.verify_audit() == []


def test_details_that_are_no_json_are_a_bug_and_write_nothing(any_store: SqlStore) -> None:
    with pytest.raises(TypeError):
        any_store.record("export", None, {"path": Path("x")})
    with any_store.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM audit")).scalar() == 0
