"""What a query's text says before a database reads it: its first word and its ``:named`` parameters. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from classroom_fer.errors import QueryError

Value = str | int | float | None
"""What a parameter may be."""
READING = ("SELECT", "WITH", "VALUES")
"""Words that a reading statement of every database begins with."""

_PIECE = re.compile(
    r"""
    (?P<skipped> --[^\n]* | /\*.*?(?:\*/|\Z)               # comments
        | '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*`          # texts and quoted names
        | \$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$             # PostgreSQL's texts
        | ::)                                                # PostgreSQL's casts
    | :(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    """,
    re.VERBOSE | re.DOTALL,
)
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
"""What no database takes: NUL, and what Python makes of bytes on the command line that are no UTF-8."""
_WHOLE = range(-(2**63), 2**63)
"""Whole numbers that a database knows."""
_COMMENT = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?(?:\*/|\Z))*", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]+")


def first_word(sql: str) -> str:
    """The statement's first word in capitals; empty if there is none.

    >>> first_word("-- how much was seen" + chr(10) + " select 1"), first_word("  ")
    ('SELECT', '')
    """
    start = _COMMENT.match(sql)
    word = _WORD.match(sql, start.end() if start else 0)
    return word.group().upper() if word else ""


def parameters(sql: str) -> tuple[str, ...]:
    """The named parameters in the order in which they first stand, each once.

    >>> parameters("SELECT ':no', :session -- :no" + chr(10) + "WHERE a = :from_s AND b = :session AND c::text = 'x'")
    ('session', 'from_s')
    """
    return tuple(dict.fromkeys(match["name"] for match in _named(sql)))


def in_python_style(sql: str) -> str:
    """The query with its parameters as psycopg writes them.

    >>> in_python_style("SELECT 5 % 2, '10 %', :a::int")
    "SELECT 5 %% 2, '10 %%', %(a)s::int"
    """
    parts, end = [], 0
    for match in _named(sql):
        parts += [sql[end : match.start()].replace("%", "%%"), f"%({match['name']})s"]
        end = match.end()
    return "".join([*parts, sql[end:].replace("%", "%%")])


def _named(sql: str) -> Iterator[re.Match[str]]:
    return (match for match in _PIECE.finditer(sql) if match["name"])


def refused(what: str, offered: Sequence[str]) -> QueryError:
    """What is said of a query that does not only read; ``offered`` are words to begin with."""
    begin = f"{', '.join(offered[:-1])} or {offered[-1]}"
    return QueryError(f"{what} is refused: a query only reads", hint=f"begin with {begin}; one statement at a time")


def check(sql: str, values: Mapping[str, Value], offered: Sequence[str], more: str) -> None:
    """QueryError unless it begins with an ``offered`` word or the one ``more``, can be read, and has its values."""
    word = first_word(sql)
    if word not in (*offered, more):
        raise refused(f"{word} ..." if word else "an empty query", offered)
    texts = (sql, *(value for value in values.values() if isinstance(value, str)))
    if any(map(_NO_TEXT.search, texts)):
        raise QueryError("the query holds something that is no text", hint="write it in UTF-8, without NUL")
    large = [name for name, value in values.items() if isinstance(value, int) and value not in _WHOLE]
    if large:
        raise QueryError(
            f"the value of {_listed(large)} is too large", hint=f"the largest whole number is {_WHOLE[-1]}"
        )
    _check_names(sql, values)


def _check_names(sql: str, values: Mapping[str, Value]) -> None:
    wanted = parameters(sql)
    missing = [name for name in wanted if name not in values]
    if missing:
        raise QueryError(
            f"the query needs a value for {_listed(missing)}",
            hint=f"give it: {' '.join(f'--param {name}=...' for name in missing)}",
        )
    unused = [name for name in values if name not in wanted]
    if unused:
        there = f"it has {_listed(wanted)}" if wanted else "it has none; a parameter is written :name"
        raise QueryError(f"the query has no parameter {_listed(unused)}", hint=there)


def _listed(names: Mapping[str, Value] | list[str] | tuple[str, ...]) -> str:
    return ", ".join(f":{name}" for name in names)
