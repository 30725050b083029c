"""What ``classroom-fer query`` does: reads the question, asks it, prints the answer."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path

import typer

from classroom_fer.commands import query_output
from classroom_fer.commands.query import QueryOptions
from classroom_fer.errors import QueryError
from classroom_fer.session_choice import with_older_results
from classroom_fer.store.asking.answer import Answer
from classroom_fer.store.asking.open import asking
from classroom_fer.store.asking.sql_text import Value
from classroom_fer.store.store import SqlStore, open_reader
from classroom_fer.terminal import say, user_errors

ROWS_OF_A_TABLE = 100
"""Rows that a table shows unless --limit says otherwise (choice)."""
LARGEST = 1_000_000
"""Bytes of a query in a file or from stdin (choice)."""
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_NAMED = 10
"""Sessions that a note names."""


def run(options: QueryOptions) -> None:
    """Asks and prints."""
    with user_errors(interrupted="the query was stopped; nothing was changed"):
        write, limit = _form(options)
        sql, values = _question(options), _values(options.param)
        with open_reader(options.db) as store:
            with asking(store) as database:
                answer = database.ask(sql, values)
                write(_first(answer, limit))
                if limit and next(answer.rows, None) is not None:
                    say(f"note: only the first {limit} rows; all of them: --limit 0, or --csv")
            _tell_older_rules(store)


def _form(options: QueryOptions) -> tuple[Callable[[Answer], None], int]:
    """How the answer is written, and how many rows of it at most; 0 = all."""
    forms = {"--table": options.as_table, "--csv": options.as_csv, "--json": options.as_json}
    chosen = [name for name, wanted in forms.items() if wanted]
    if len(chosen) > 1:
        raise typer.BadParameter(f"choose one of {', '.join(chosen)}")
    if options.as_csv:
        return query_output.write_csv, options.limit or 0
    if options.as_json:
        return query_output.write_json, options.limit or 0
    return query_output.write_table, ROWS_OF_A_TABLE if options.limit is None else options.limit


def _question(options: QueryOptions) -> str:
    """The query's text, from the command line, a file or stdin."""
    if (options.sql is None) == (options.file is None):
        raise typer.BadParameter(
            'give one query: classroom-fer query "SELECT ...", or --file QUERY.sql, or - for stdin'
        )
    if options.file is not None:
        return _read(options.file)
    return _decoded("stdin", sys.stdin.buffer.read(LARGEST + 1)) if options.sql == "-" else str(options.sql)


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return _decoded(str(path), file.read(LARGEST + 1))
    except OSError as error:
        raise QueryError(f"{path}: {error.strerror or error}", hint="check the name after --file") from error


def _decoded(where: str, content: bytes) -> str:
    if len(content) > LARGEST:
        raise QueryError(f"{where}: too large for a query", hint="give the file that holds the SQL alone")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise QueryError(f"{where}: is no UTF-8 text", hint="save it as UTF-8") from error


def _values(given: Iterable[str]) -> Mapping[str, Value]:
    """The parameters by name. Refuses what has no name and a name that comes twice."""
    values: dict[str, Value] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.removeprefix(":")
        if not equals or not name.isidentifier() or name in values:
            problem = "is given twice" if name in values else "is not NAME=VALUE"
            raise typer.BadParameter(f"{text!r} {problem}", param_hint="--param")
        values[name] = _value(value)
    return values


def _value(text: str) -> Value:
    """A number where the text is one, as JSON writes it; else the text.

    >>> _value("3"), _value("-0.5"), _value("007"), _value("Fractions")
    (3, -0.5, '007', 'Fractions')
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    return float(text) if found[2] or found[3] else int(text)


def _first(answer: Answer, limit: int) -> Answer:
    return Answer(answer.columns, islice(answer.rows, limit)) if limit else answer


def _tell_older_rules(store: SqlStore) -> None:
    """Says which sessions have results that another version of this program made."""
    older = with_older_results(store.sessions())
    if older:
        named = ", ".join(map(str, older[:_NAMED])) + (" ..." if len(older) > _NAMED else "")
        say(
            f"note: results by older rules than this program's (v_session.result_version): session {named}; "
            "classroom-fer aggregate SESSION computes them again"
        )
