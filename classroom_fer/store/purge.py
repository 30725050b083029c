"""Takes sessions out of the database so that their bytes are gone (safeguard S7)."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from classroom_fer.errors import StoreError
from classroom_fer.store import schema
from classroom_fer.store.engine import NO_TRANSACTION


def delete_rows(connection: sa.Connection, session_ids: Sequence[int]) -> None:
    """Deletes the sessions; foreign keys take their rows along, SQLite's secure_delete overwrites them with zeros."""
    connection.execute(sa.delete(schema.session).where(schema.session.c.session_id.in_(session_ids)))


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
