"""Column types that hold alike on SQLite and PostgreSQL, and short ways to write a described column."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKeyConstraint, types

from classroom_fer.lesson.records import EMOTIONS


class UtcDateTime(types.TypeDecorator[datetime]):
    """Aware UTC times; a naive one is taken as UTC. SQLite stores text, PostgreSQL timestamptz."""

    impl = types.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return self.process_bind_param(value, dialect)


class PlainText(types.TypeDecorator[str]):
    """Text that every database takes: see ``plain``."""

    impl = types.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return None if value is None else plain(value)


def plain(text: str) -> str:
    """``text`` with what UTF-8 or PostgreSQL cannot hold (undecodable file names, NUL) written as an escape.

    >>> plain("Ünït 1"), plain("a" + chr(0) + chr(0xDCFF))
    ('Ünït 1', 'a\\\\x00\\\\udcff')
    """
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")


def column(name: str, kind: Any, unit: str | None, comment: str, **options: Any) -> Column[Any]:
    """A described column, NOT NULL unless ``nullable=True``; ``unit`` goes to the data dictionary."""
    return Column(name, kind, comment=comment, info={"unit": unit}, **{"nullable": False, **options})


def whole(name: str, comment: str, unit: str | None = None, **options: Any) -> Column[Any]:
    """A whole number."""
    return column(name, types.Integer, unit, comment, **options)


def real(name: str, unit: str | None, comment: str, **options: Any) -> Column[Any]:
    """A double."""
    return column(name, types.Double, unit, comment, **options)


def maybe(name: str, unit: str | None, comment: str) -> Column[Any]:
    """A double that may be unknown."""
    return real(name, unit, comment, nullable=True)


def text(name: str, comment: str, **options: Any) -> Column[Any]:
    """Text."""
    return column(name, PlainText, None, comment, **options)


def key(name: str, comment: str, **more: Any) -> Column[Any]:
    """A whole number of the primary key that the caller chooses."""
    return whole(name, comment, primary_key=True, autoincrement=False, **more)


def session_key() -> Column[Any]:
    """First part of the primary key of everything that belongs to a session."""
    return key("session_id", "The session; joins every table and view.")


def again(source: Column[Any]) -> Column[Any]:
    """The same column, with its description, for another table."""
    if source.primary_key:
        return Column(source.name, source.type, comment=source.comment, info=dict(source.info), primary_key=True,
                      autoincrement=False, nullable=False)  # fmt: skip
    return Column(
        source.name, source.type, comment=source.comment, info=dict(source.info), nullable=bool(source.nullable)
    )


def belongs(*columns: str, parent: str, to: tuple[str, ...] | None = None) -> ForeignKeyConstraint:
    """A foreign key: these rows go when their parent goes."""
    targets = [f"{parent}.{name}" for name in (to or columns)]
    return ForeignKeyConstraint(columns, targets, ondelete="CASCADE", name=None)


def probabilities(what: str) -> list[Column[Any]]:
    """The eight ``p_`` columns, in EMOTIONS order."""
    return [maybe(f"p_{name}", "0-1", f"{what} of '{name}' (FER+ class).") for name in EMOTIONS]


def votes() -> list[Column[Any]]:
    """The eight ``votes_`` columns, in EMOTIONS order."""
    about = (
        "Share of people who would call the face '{}', as the head that learnt FER+'s votes says; E is made from it."
    )
    later = " NULL in sessions of before this column: there p_{} is that share."
    return [maybe(f"votes_{name}", "0-1", (about + later).format(name, name)) for name in EMOTIONS]


def interval(name: str, unit: str, comment: str) -> list[Column[Any]]:
    """An Estimate: value, low, high; all NULL if there is none."""
    return [
        maybe(name, unit, comment),
        maybe(f"{name}_low", unit, f"Lower end of the 95 % interval of {name}."),
        maybe(f"{name}_high", unit, f"Upper end of the 95 % interval of {name}."),
    ]
