"""What a query could have meant: names of views, tables and columns, near the one that does not exist. Pure."""

from __future__ import annotations

import difflib
import re

from classroom_fer.errors import QueryError
from classroom_fer.store.dictionary import Entry, entries

_WORD = re.compile(r"\w+")


def unknown_object(name: str) -> QueryError:
    """The error for a table or view that does not exist; its hint lists those that do."""
    objects = {entry.object: entry.type for entry in entries() if not entry.column}
    listed = "; ".join(
        f"{kind}s: {', '.join(name for name, its in objects.items() if its == kind)}" for kind in ("view", "table")
    )
    return QueryError(f"there is no view or table {name}", hint=f"{_near(name, list(objects))}there are {listed}")


def unknown_column(name: str, sql: str) -> QueryError:
    """The error for a column that does not exist; its hint lists those of the views and tables in the query."""
    words = {word.lower() for word in _WORD.findall(sql)}
    columns: dict[str, list[str]] = {}
    for entry in _columns():
        if entry.object in words:
            columns.setdefault(entry.object, []).append(entry.column)
    if not columns:
        return QueryError(f"there is no column {name}", hint="docs/data-dictionary.md lists all of them")
    listed = "; ".join(f"{object_} has {', '.join(names)}" for object_, names in columns.items())
    every = [column for names in columns.values() for column in names]
    return QueryError(f"there is no column {name}", hint=_near(name.rpartition(".")[2], every) + listed)


def _columns() -> list[Entry]:
    return [entry for entry in entries() if entry.column]


def _near(name: str, there: list[str]) -> str:
    """
    >>> _near("engagment", ["engagement", "coverage"])
    'do you mean engagement? '
    """
    found = difflib.get_close_matches(name.lower(), there, n=1)
    return f"do you mean {found[0]}? " if found else ""
