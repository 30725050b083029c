"""What Datasette shows beside the data: descriptions and units of the data dictionary, questions of docs/queries.md.

Read by Datasette 0.65 (docs.datasette.io, "Metadata" and "Canned queries"). Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from classroom_fer.store.asking.sql_text import parameters
from classroom_fer.store.dictionary import entries
from classroom_fer.store.worked_queries import WorkedQuery, worked_queries

TITLE = "What a camera could see of lessons"
ABOUT = (
    "Which way faces were turned and how they looked, at class level. It measures no learning, no feelings and no "
    "child. Differences smaller than the interval are none. Missing is empty, never 0."
)
_NOT_OURS = ("alembic_version", "sqlite_sequence")
"""Tables of a file that nobody asks for."""


def metadata(database: str) -> dict[str, Any]:
    """Datasette's metadata of a database of this name (its file's name without the ending)."""
    return {
        "title": TITLE,
        "description": ABOUT,
        "databases": {database: {"tables": _tables(), "queries": {q.name: _query(q) for q in worked_queries()}}},
    }


def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = {name: {"hidden": True} for name in _NOT_OURS}
    for entry in entries():
        if not entry.column:
            tables[entry.object] = {"description": entry.description, "columns": {}}
            if entry.type == "table":  # research relies on the views
                tables[entry.object]["hidden"] = True
        else:
            unit = f" [{entry.unit}]" if entry.unit else ""
            tables[entry.object]["columns"][entry.column] = f"{entry.description}{unit}"
    return tables


def _query(query: WorkedQuery) -> dict[str, Any]:
    examples = ", ".join(f"{name} = {value:g}" for name, value in query.examples.items())
    return {
        "title": f"{query.number}. {query.title}",
        "description": f"{query.about} For example: {examples}." if examples else query.about,
        "sql": query.sql,
        "params": list(parameters(query.sql)),
    }


def as_yaml(document: Mapping[str, Any]) -> str:
    """YAML of mappings, lists of words, texts and truth values; texts of several lines stay as they are.

    >>> print(as_yaml({"a": {"b: c": "d: 'e'", "sql": "SELECT 1\\nFROM t", "on": True, "none": {}, "params": ["x"]}}))
    "a":
      "b: c": "d: 'e'"
      "sql": |-
        SELECT 1
        FROM t
      "on": true
      "none": {}
      "params": ["x"]
    <BLANKLINE>
    """
    return "\n".join(_lines(document, "")) + "\n"


def _lines(document: Mapping[str, Any], indent: str) -> Iterator[str]:
    for name, value in document.items():
        head = f"{indent}{json.dumps(name)}:"
        if isinstance(value, Mapping) and value:
            yield head
            yield from _lines(value, indent + "  ")
        elif isinstance(value, str) and "\n" in value and value == value.strip():
            yield f"{head} |-"
            yield from (f"{indent}  {line}" for line in value.split("\n"))
        else:
            yield f"{head} {json.dumps(value, ensure_ascii=False)}"
