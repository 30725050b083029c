"""Opens a store's database to be asked, whichever kind it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager

from classroom_fer.store.asking.answer import Answer, Asking, Row
from classroom_fer.store.asking.in_postgres import asking_postgres
from classroom_fer.store.asking.in_sqlite import asking_sqlite
from classroom_fer.store.asking.sql_text import Value
from classroom_fer.store.failures import store_errors
from classroom_fer.store.place import Place
from classroom_fer.store.sqlite import is_unfinished, reader_uri
from classroom_fer.store.store import SqlStore


@contextmanager
def asking(store: SqlStore) -> Iterator[Asking]:
    """The store's database on a connection of its own that can only read.

    The store brought it up to date, and removes SQLite's write-ahead log again when it is closed afterwards.

    Raises:
        StoreError: it cannot be opened.
    """
    with ExitStack() as opened:
        with store_errors(store.place.where, store.place.path):
            database = opened.enter_context(_connected(store))
        yield _WithStoreErrors(database, store.place)


def _connected(store: SqlStore) -> AbstractContextManager[Asking]:
    place = store.place
    if place.path is None:
        return asking_postgres(store.engine)
    still = not place.writable and not is_unfinished(place.path)
    return asking_sqlite(reader_uri(place.path, still=still), store.busy_timeout_s)


class _WithStoreErrors:
    """``Asking`` that says in our words what becomes of the database; what readers of the rows raise is theirs."""

    def __init__(self, database: Asking, place: Place) -> None:
        self._database, self._place = database, place

    def ask(self, sql: str, values: Mapping[str, Value]) -> Answer:
        """See ``Asking``."""
        with store_errors(self._place.where, self._place.path):
            answer = self._database.ask(sql, values)
        return Answer(answer.columns, self._rows(answer.rows))

    def _rows(self, rows: Iterator[Row]) -> Iterator[Row]:
        with store_errors(self._place.where, self._place.path):
            yield from rows
