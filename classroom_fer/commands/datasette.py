"""``classroom-fer datasette``: the database in the browser of this machine, described, with its questions."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.options import DbOption
from classroom_fer.errors import StoreError
from classroom_fer.files import write_private
from classroom_fer.store.datasette import as_yaml, metadata
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import open_reader
from classroom_fer.terminal import say, show, user_errors

SERVED_HERE = (
    *("--host", "127.0.0.1"),  # this machine alone
    *("--setting", "sql_time_limit_ms", "5000"),  # not 1 s: a question about 200 lessons may take two
    *("--setting", "suggest_facets", "off"),  # millions of faces are counted for them, and the page fails
    *("--setting", "allow_download", "off"),
)
"""How Datasette serves a database of lessons."""


def datasette(
    out: Annotated[
        Path | None, typer.Option("--out", help="The file to write. [default: the database's name with .metadata.yaml]")
    ] = None,
    db: DbOption = DEFAULT_DB,
) -> None:
    """Write what Datasette needs to show the database: descriptions, units and twenty-one questions with parameters.

    Datasette (pip install datasette) shows a SQLite file in the browser: tables, filters, SQL, CSV and JSON. It is
    served on this machine alone, and only while the command that is printed runs.

    Example:

      classroom-fer datasette --db study.sqlite
    """
    with user_errors():
        with open_reader(db) as store:
            path = store.place.path
        if path is None:
            raise StoreError("Datasette shows SQLite files only", hint="name one with --db")
        file = Path(f"{path.stem}.metadata.yaml") if out is None else out
        content = as_yaml(metadata(path.stem)).encode()
        write_private(file, content, what="the metadata", remedy="choose another place with --out")
        say(f"written: {file}; serve it on this machine with")
        show(shlex.join(["datasette", "serve", str(path), "--metadata", str(file), *SERVED_HERE]))
        say("rows of single faces are in it (profile research): do not let others reach it; stop it with Ctrl-C")
