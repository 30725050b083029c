"""``classroom-fer query``: a question in SQL to the database; nothing can be changed by it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import DbOption, JsonOption
from classroom_fer.store.place import DEFAULT_DB


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOptions:
    """What ``query`` is given."""

    sql: Annotated[
        str | None, typer.Argument(metavar="SQL", show_default=False, help="The query; - reads it from stdin.")
    ] = None
    file: Annotated[Path | None, typer.Option("--file", metavar="SQL-FILE", help="Read the query from a file.")] = None
    param: Annotated[
        list[str],
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="Value of :NAME in the query; may be repeated."),
    ] = field(default_factory=list)
    as_table: Annotated[bool, typer.Option("--table", help="Print columns for reading. [default]")] = False
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV with a header; NULL is an empty cell.")] = False
    as_json: JsonOption = False
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=0, help="Rows at most; 0 = all. [default: 100 for --table, else all]"),
    ] = None
    db: DbOption = DEFAULT_DB


@takes(QueryOptions)
def query(options: QueryOptions) -> None:
    """Ask the database a question in SQL; nothing can be changed by it.

    The views and their columns are in the table data_dictionary and in docs/data-dictionary.md, twenty-one questions
    with their SQL in docs/queries.md. A value that looks like a number is one. Ctrl-C stops a query that takes long.

    Examples:

      classroom-fer query "SELECT * FROM data_dictionary WHERE object LIKE 'v_%'"

      classroom-fer query "SELECT task, n, coverage, engagement FROM v_task"

      classroom-fer query "SELECT * FROM v_timeline WHERE session_id = :session" --param session=3 --csv > timeline.csv

      classroom-fer query --file moments.sql --json --db postgresql://reader@school.example/lessons
    """
    from classroom_fer.commands.query_answer import run

    run(options)
