"""The append-only, hash-chained log (safeguard S11).

Each row holds SHA-256(previous row's hash + its own canonical JSON), so a row that was changed, removed, put in or
moved breaks the chain; ``audit_head`` shows rows that were cut off at the end. A chain that was rewritten as a whole is
only found by a hash that was kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from classroom_fer.store import schema
from classroom_fer.store.columns import plain

FIRST = "0" * 64
"""Stands for the hash before the first row."""


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row at which the chain does not hold."""

    audit_id: int
    problem: str


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What was done, when, with which settings."""

    audit_id: int
    at: datetime
    action: str
    session_id: int | None
    details: dict[str, Any]
    sha256: str


def append(connection: sa.Connection, action: str, session_id: int | None, details: Mapping[str, object]) -> None:
    """Adds a row; ``connection`` is in a writing transaction.

    Raises:
        TypeError: ``details`` is not JSON-able.
    """
    table = schema.audit
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE"))  # one writer at a time
    newest = sa.select(table.c.audit_id, table.c.sha256).order_by(table.c.audit_id.desc()).limit(1)
    last_id, previous = connection.execute(newest).one_or_none() or (0, FIRST)
    row = {
        "audit_id": last_id + 1,
        "at": datetime.now(UTC),
        "action": plain(action),  # as the column keeps it, or the hash would be another
        "session_id": session_id,
        "details": _canonical(dict(details)),
    }
    digest = chain_hash(previous, row)
    connection.execute(sa.insert(table), {**row, "previous_sha256": previous, "sha256": digest})
    connection.execute(sa.delete(schema.audit_head))
    connection.execute(sa.insert(schema.audit_head), {"head_id": 1, "entries": last_id + 1, "sha256": digest})


def entries(connection: sa.Connection) -> list[AuditEntry]:
    """All rows, oldest first."""
    query = sa.select(schema.audit).order_by(schema.audit.c.audit_id)
    names = ("audit_id", "at", "action", "session_id", "sha256")
    return [
        AuditEntry(details=_details(row["details"]), **{name: row[name] for name in names})
        for row in connection.execute(query).mappings()
    ]


def _details(text: str) -> dict[str, Any]:
    """A row that somebody wrote by hand is shown as it is; ``broken_rows`` finds it."""
    try:
        found = json.loads(text)
    except ValueError:
        return {"text": text}
    return found if isinstance(found, dict) else {"text": text}


def broken_rows(connection: sa.Connection) -> list[BrokenRow]:
    """Where the chain does not hold, in order; empty if all is well."""
    broken = []
    previous, expected = FIRST, 1
    for row in connection.execute(sa.select(schema.audit).order_by(schema.audit.c.audit_id)).mappings():
        if row["audit_id"] != expected:
            broken.append(BrokenRow(row["audit_id"], "a row before it is missing"))
        elif row["previous_sha256"] != previous:
            broken.append(BrokenRow(row["audit_id"], "it does not follow the row before it"))
        elif row["sha256"] != chain_hash(previous, dict(row)):
            broken.append(BrokenRow(row["audit_id"], "it was changed"))
        previous, expected = row["sha256"], row["audit_id"] + 1
    return broken + _cut_off(connection, expected - 1, previous)


def _cut_off(connection: sa.Connection, last_id: int, last_sha256: str) -> list[BrokenRow]:
    """Whether the table ends where ``audit_head`` says."""
    head = connection.execute(sa.select(schema.audit_head.c.entries, schema.audit_head.c.sha256)).one_or_none()
    entries, sha256 = head or (0, FIRST)
    if sha256 == last_sha256:
        return []
    missing = entries - last_id
    problem = f"rows after it are missing ({missing})" if missing > 0 else "the record of the newest row names another"
    return [BrokenRow(last_id, problem)]


def chain_hash(previous: str, row: Mapping[str, Any]) -> str:
    """SHA-256 of ``previous`` and the row's id, time, action, session and details."""
    at: datetime = row["at"]
    content = {name: row[name] for name in ("audit_id", "action", "session_id", "details")}
    text = _canonical({**content, "at": at.astimezone(UTC).isoformat(timespec="microseconds")})
    return hashlib.sha256((previous + text).encode()).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
