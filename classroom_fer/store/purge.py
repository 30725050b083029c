"""Takes sessions out of the database so that their bytes are gone (safeguard S7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from classroom_fer.errors import StoreError
from classroom_fer.lesson.records import StoredSession
from classroom_fer.store import schema
from classroom_fer.store.engine import NO_TRANSACTION


@dataclass(frozen=True, slots=True)
class PurgeReport:
    """What was removed, or would be."""

    sessions: tuple[StoredSession, ...]
    rows: dict[str, int]
    """Rows per table."""
    bytes_before: int
    """Size of the database with its write-ahead log."""
    bytes_after: int
    """The same as before in a dry run."""
    dry_run: bool


def count_rows(connection: sa.Connection, session_ids: Sequence[int]) -> dict[str, int]:
    """Rows that belong to the sessions, per table."""
    return {
        table.name: connection.execute(
            sa.select(sa.func.count()).select_from(table).where(table.c.session_id.in_(session_ids))
        ).scalar_one()
        for table in schema.metadata.tables.values()
        if "session_id" in table.c and table is not schema.audit
    }


def delete_rows(connection: sa.Connection, session_ids: Sequence[int]) -> None:
    """Deletes the sessions; foreign keys take their rows along, SQLite's secure_delete overwrites them with zeros."""
    connection.execute(sa.delete(schema.session).where(schema.session.c.session_id.in_(session_ids)))


def stored_bytes(connection: sa.Connection, path: Path | None) -> int:
    """Size of the database on disk."""
    if path is None:
        return int(connection.execute(sa.text("SELECT pg_database_size(current_database())")).scalar_one())
    files = (path, path.with_name(path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def scrub(engine: sa.Engine, where: str, timeout_s: float) -> None:
    """Rewrites the database without the deleted rows and empties the write-ahead log.

    PostgreSQL: the tables are rewritten; its own log and backups are the server's business.

    Raises:
        StoreError: another program is reading, so that old pages must stay for now.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text(f"SET lock_timeout = {round(timeout_s * 1000)}"))
            for name in schema.metadata.tables:
                connection.execute(sa.text(f"VACUUM (FULL) {connection.dialect.identifier_preparer.quote(name)}"))
            connection.execute(sa.text("RESET lock_timeout"))
        return
    with engine.connect().execution_options(**NO_TRANSACTION) as connection:
        connection.exec_driver_sql("VACUUM")
        busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()[0]
    if busy:
        raise StoreError(
            f"database {where}: the rows are deleted, but another program is reading, so their bytes are still in "
            f"{where}-wal",
            hint="close the programs that have it open and run purge again",
        )
