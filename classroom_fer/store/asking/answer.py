"""The promise of a database that can be asked, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from classroom_fer.store.asking.sql_text import Value

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as they come; read them before the next question is asked. Numbers are ``int`` or ``float``."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


class Asking(Protocol):
    """Answers one reading statement at a time; nothing that is asked changes anything.

    Raises:
        QueryError: it is no single reading statement, is wrong, or names what does not exist.
        StoreError: the database cannot be read.
        KeyboardInterrupt: the user stopped the query, also while the database works on it.
    """

    def ask(self, sql: str, values: Mapping[str, Value]) -> Answer:
        """The answer to ``sql`` with a value for each of its ``:named`` parameters."""
        ...
