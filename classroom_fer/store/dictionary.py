"""Describes every table, view and column, from the schema's comments: rows for ``data_dictionary``, the docs page.

``python -m classroom_fer.store.dictionary > docs/data-dictionary.md`` writes the page anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import types

from classroom_fer.store import schema
from classroom_fer.store.columns import UtcDateTime
from classroom_fer.store.views import VIEW_COMMENTS, VIEWS

_KINDS: tuple[tuple[type, str], ...] = (
    (UtcDateTime, "timestamp"),
    (types.Integer, "integer"),
    (types.Double, "real"),
    (types.JSON, "json"),
)

_EXAMPLES = {
    "v_session": "SELECT session_id, video, duration_s, tracks, coverage FROM v_session WHERE status = 'finished'",
    "v_task": "SELECT task, mode, n, coverage, engagement, engagement_low, engagement_high FROM v_task "
    "WHERE session_id = 1 AND not_shown_because IS NULL ORDER BY start_s",
    "v_timeline": "SELECT start_s, task, engagement, coverage FROM v_timeline WHERE session_id = 1 ORDER BY start_s",
    "v_face": "SELECT track_id, COUNT(*) AS faces, AVG(p_happiness) AS p_happiness FROM v_face "
    "WHERE session_id = 1 AND abstained_because IS NULL GROUP BY track_id",
    "v_track": "SELECT track_id, last_s - first_s AS followed_s, samples FROM v_track WHERE session_id = 1",
    "v_moment": "SELECT time_s, task, change FROM v_moment WHERE session_id = 1 ORDER BY time_s",
    "v_comparison": "SELECT first_task, second_task, difference, verdict FROM v_comparison WHERE session_id = 1",
    "v_frame": "SELECT time_s, camera, camera_x_px FROM v_frame WHERE session_id = 1 AND camera <> 'same'",
    "v_size": "SELECT from_px, below_px, faces FROM v_size WHERE session_id = 1 ORDER BY from_px",
    "v_abstention": "SELECT reason, faces FROM v_abstention WHERE session_id = 1 ORDER BY faces DESC",
    "v_aggregation": "SELECT session_id, aggregation, made_at, shows FROM v_aggregation ORDER BY session_id",
    "v_aggregated_task": "SELECT aggregation, task, engagement, n, coverage FROM v_aggregated_task "
    "WHERE session_id = 1 ORDER BY start_s, aggregation",
    "v_aggregated_timeline": "SELECT start_s, aggregation, engagement FROM v_aggregated_timeline "
    "WHERE session_id = 1 ORDER BY start_s, aggregation",
    "v_label": "SELECT s.session_id, s.video, l.value AS class FROM v_session s "
    "LEFT JOIN v_label l ON l.session_id = s.session_id AND l.label = 'class'",
}
"""A query per view; a test runs each."""

_INTRO = """\
# Data dictionary

<!-- Generated from the schema: python -m classroom_fer.store.dictionary > docs/data-dictionary.md -->

What `classroom-fer analyze` stores. The same text is in the table `data_dictionary` of every database. The
**views** are what research may rely on: their columns and order stay as they are; tables may change with a release (a
database is brought up to date when a newer classroom-fer opens it).

- Times within a film are seconds from media start, with three decimals; intervals do not include their end.
- Timestamps are UTC (SQLite: text, `YYYY-MM-DD HH:MM:SS.ffffff`). Boxes are pixels of the upright picture.
- Missing is `NULL`, never 0. Class values are `NULL` where too few pupils were seen to protect single children.
- `track_id` is a random number that means nothing outside its session.
- The units `0-1` and `0-100` are ranges.

A running analysis does not stop you from reading. Open the file read-only, so that nothing is changed by accident:

```python
import sqlite3
import pandas

database = sqlite3.connect("file:classroom-fer.sqlite?mode=ro", uri=True)
```
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of ``data_dictionary``; ``column`` is empty for a table or view itself."""

    object: str
    column: str
    position: int
    type: str
    unit: str | None
    description: str


def entries() -> list[Entry]:
    """Every view, then every table, each followed by its columns in order."""
    return [*_view_entries(), *_table_entries()]


def _view_entries() -> Iterator[Entry]:
    for view, columns in VIEWS.items():
        yield Entry(view, "", 0, "view", None, VIEW_COMMENTS[view])
        for position, (name, column) in enumerate(columns, 1):
            yield _entry(view, name, position, column)


def _table_entries() -> Iterator[Entry]:
    for table in schema.metadata.tables.values():
        yield Entry(table.name, "", 0, "table", None, table.comment or "")
        for position, column in enumerate(table.columns, 1):
            yield _entry(table.name, column.name, position, column)


def _entry(owner: str, name: str, position: int, column: sa.Column[object]) -> Entry:
    kind = next((word for kind, word in _KINDS if isinstance(column.type, kind)), "text")
    return Entry(owner, name, position, kind, column.info["unit"], column.comment or "")


def write_descriptions(connection: sa.Connection) -> None:
    """Fills ``data_dictionary`` anew; PostgreSQL also gets its own comments on tables, views and columns."""
    table = schema.data_dictionary
    connection.execute(sa.delete(table))
    rows = [{name: getattr(entry, name) for name in table.c.keys()} for entry in entries()]  # noqa: SIM118 (columns)
    connection.execute(sa.insert(table), rows)
    if connection.dialect.name != "postgresql":
        return
    quote = connection.dialect.identifier_preparer.quote
    for entry in entries():
        place = f"COLUMN {quote(entry.object)}.{quote(entry.column)}"
        if not entry.column:
            place = f"{entry.type.upper()} {quote(entry.object)}"
        text = entry.description.replace("'", "''").replace(":", r"\:")
        connection.execute(sa.text(f"COMMENT ON {place} IS '{text}'"))


def markdown() -> str:
    """The docs page, from the same entries."""
    parts = [_INTRO]
    for entry in entries():
        if not entry.column:
            parts.append(f"\n## `{entry.object}` ({entry.type})\n\n{_cell(entry.description)}\n")
            parts.append(_example(entry.object))
            parts.append("\n| column | type | unit | meaning |\n|---|---|---|---|\n")
        else:
            parts.append(f"| `{entry.column}` | {entry.type} | {entry.unit or ''} | {_cell(entry.description)} |\n")
    return "".join(parts)


def _example(view: str) -> str:
    if view not in _EXAMPLES:
        return ""
    query = _EXAMPLES[view]
    return (
        f'\n```python\npandas.read_sql("{query}", database)\n```\n'
        f'\n```sh\nsqlite3 -readonly -header -column classroom-fer.sqlite "{query}"\n```\n'
    )


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("*", r"\*")


if __name__ == "__main__":
    sys.stdout.write(markdown())
