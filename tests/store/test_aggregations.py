"""Named aggregations beside a session's own result."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from contracts.store import OTHER_TASKS, filled, finished
from contracts.store_records import TASKS, session_result, tracks_of, without_ids

from classroom_fer.errors import StoreError
from classroom_fer.lesson.aggregations import Aggregation
from classroom_fer.lesson.records import SessionResult
from classroom_fer.store import schema
from classroom_fer.store.store import SqlStore

FLAT = Aggregation("flat", TASKS, {"rules": {"weight_set": "flat"}}, "9" * 64, {"numpy": "2.0"}, 3, "tasks", 4)


def named_result(store: SqlStore, session_id: int) -> SessionResult:
    """Another result than the session's own, without moments."""
    own = session_result(tracks_of(store.frames(session_id)))
    return replace(own, moments=(), tasks=tuple(replace(task, n=9) for task in own.tasks))


def rows_of(store: SqlStore, table: sa.Table) -> int:
    with store.engine.connect() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_a_named_result_comes_back_and_the_own_one_stays(any_store: SqlStore) -> None:
    session_id = finished(any_store).session_id
    own, before = any_store.result(session_id), datetime.now(UTC)
    named = named_result(any_store, session_id)
    any_store.aggregations.write(session_id, FLAT, named)
    found = any_store.aggregations.named(session_id, "flat")
    assert found.made_at is not None and before <= found.made_at <= datetime.now(UTC)
    assert any_store.aggregations.of(session_id) == [found] == [replace(FLAT, made_at=found.made_at)]
    assert any_store.aggregations.result(session_id, "flat") == replace(without_ids(named), tracks=())
    assert any_store.result(session_id) == own


def test_one_of_the_same_name_is_replaced(any_store: SqlStore) -> None:
    session_id = finished(any_store).session_id
    named = named_result(any_store, session_id)
    any_store.aggregations.write(session_id, FLAT, named)
    any_store.aggregations.write(session_id, replace(FLAT, left_out=0), replace(named, bins=()))
    assert [one.left_out for one in any_store.aggregations.of(session_id)] == [0]
    assert any_store.aggregations.result(session_id, "flat").bins == ()


def test_another_own_result_leaves_the_recipe_and_takes_the_values(any_store: SqlStore) -> None:
    session = finished(any_store)
    any_store.aggregations.write(session.session_id, FLAT, named_result(any_store, session.session_id))
    any_store.set_tasks(session.session_id, OTHER_TASKS, session.start)
    assert any_store.aggregations.of(session.session_id) == [FLAT]
    assert [rows_of(any_store, schema.NAMED[table]) for table in (schema.bin_, schema.comparison)] == [0, 0]
    with any_store.engine.connect() as connection:
        assert set(connection.execute(sa.text("SELECT n FROM aggregation_task")).scalars()) == {None}
    with pytest.raises(StoreError, match="values of aggregation 'flat' are gone"):
        any_store.aggregations.result(session.session_id, "flat")


def test_deleted_ones_are_gone_with_their_rows_and_so_are_those_of_a_deleted_session(any_store: SqlStore) -> None:
    session_id = finished(any_store).session_id
    for name in ("flat", "halves"):
        any_store.aggregations.write(session_id, replace(FLAT, name=name), named_result(any_store, session_id))
    any_store.aggregations.delete(session_id, "flat")
    assert [one.name for one in any_store.aggregations.of(session_id)] == ["halves"]
    any_store.delete(session_id)
    assert [rows_of(any_store, table) for table in (schema.aggregation, *schema.NAMED.values())] == [0] * 5


def test_what_is_not_there_is_an_error_that_names_what_is(any_store: SqlStore) -> None:
    session_id = finished(any_store).session_id
    for ask in (any_store.aggregations.named, any_store.aggregations.result, any_store.aggregations.delete):
        with pytest.raises(StoreError, match="no aggregation 'other'") as caught:
            ask(session_id, "other")
        assert "none beside its own" in str(caught.value.hint)
    unfinished = filled(any_store, video_sha256="e" * 64).session_id
    for wrong in (unfinished, 99):
        with pytest.raises(StoreError, match=f"session {wrong}"):
            any_store.aggregations.write(wrong, FLAT, named_result(any_store, session_id))
    assert rows_of(any_store, schema.aggregation) == 0
