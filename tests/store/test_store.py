"""The SQLite store, the PostgreSQL store and the fake keep the same promises."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts.store import StoreContract
from fakes_store import FakeStore

from classroom_fer.lesson.protocols import Store
from classroom_fer.store.store import SqlStore, open_store

HOLDS = ("exclusive", "analyzing")
"""Their decorator gives another kind of context manager than the protocol's."""
PROMISED = [name for name in vars(Store) if not name.startswith("_")]


@pytest.mark.parametrize("kind", [SqlStore, FakeStore])
@pytest.mark.parametrize("name", PROMISED)
def test_a_store_has_every_operation_of_the_protocol_with_the_same_arguments(kind: type, name: str) -> None:
    assert inspect.signature(getattr(kind, name)) == inspect.signature(getattr(Store, name)) or name in HOLDS
    assert callable(getattr(kind, name))


class TestSqlite(StoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> Iterator[SqlStore]:
        with open_store(tmp_path / "lessons.sqlite") as store:
            yield store

    @pytest.fixture
    def second(self, store: SqlStore, tmp_path: Path) -> Iterator[SqlStore]:
        with open_store(tmp_path / "lessons.sqlite") as second:
            yield second


class TestPostgres(StoreContract):
    @pytest.fixture
    def store(self, postgres_url: str) -> Iterator[SqlStore]:
        with open_store(postgres_url) as store:
            yield store

    @pytest.fixture
    def second(self, store: SqlStore, postgres_url: str) -> Iterator[SqlStore]:
        with open_store(postgres_url) as second:
            yield second


class TestFake(StoreContract):
    @pytest.fixture
    def store(self) -> FakeStore:
        return FakeStore()

    @pytest.fixture
    def second(self, store: FakeStore) -> FakeStore:
        return FakeStore(store.shelf)
