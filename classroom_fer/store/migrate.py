"""Brings a database up to date. Alembic is loaded only when there is something to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from classroom_fer.errors import StoreError
from classroom_fer.resources import resource_dir
from classroom_fer.store.dictionary import write_descriptions
from classroom_fer.store.engine import WRITES
from classroom_fer.store.schema import HEAD, metadata

MIGRATION_LOCK = 0x636C6173
"""Key of PostgreSQL's advisory lock while tables are made ("clas"; choice)."""


def upgrade(engine: sa.Engine, where: str) -> None:
    """Runs what migrations are missing, all in one transaction; does nothing for a current database.

    Raises:
        StoreError: the database belongs to another program, or to a newer classroom-fer.
    """
    with engine.connect() as connection:
        if _revision(connection, where) == HEAD:
            return
    with engine.connect().execution_options(**WRITES) as connection, _foreign_keys_off(connection), connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        if _revision(connection, where) == HEAD:  # another process was quicker
            return
        _run(connection, where)
        write_descriptions(connection)
        _check_foreign_keys(connection)


def require_current(engine: sa.Engine, where: str) -> None:
    """For a database that cannot be written: StoreError unless it is ours and current."""
    with engine.connect() as connection:
        revision = _revision(connection, where)
    if revision is None:
        raise StoreError(f"database {where} is empty", hint="check --db")
    if revision > HEAD:
        raise _too_new(where, revision)
    if revision != HEAD:
        raise StoreError(
            f"database {where} is of an older classroom-fer and lies where nothing can be written, so that it cannot "
            "be brought up to date",
            hint="copy it to a folder that can be written and name the copy with --db",
        )


def _too_new(where: str, revision: str) -> StoreError:
    return StoreError(
        f"database {where} was written by a newer classroom-fer (revision {revision}; this one knows {HEAD})",
        hint="update classroom-fer (pip install --upgrade classroom-fer), or give --db another file",
    )


@contextmanager
def _foreign_keys_off(connection: sa.Connection) -> Iterator[None]:
    """SQLite changes a table by building it anew and dropping the old one, which would take all children along.

    It takes the pragma outside a transaction only (sqlite.org/lang_altertable.html, section 7).
    """
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def _check_foreign_keys(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if orphans:
            raise AssertionError(f"a migration left rows without parents in {sorted({row[0] for row in orphans})}")


def _revision(connection: sa.Connection, where: str) -> str | None:
    """The database's revision; None for an empty one. StoreError for another program's."""
    tables = set(sa.inspect(connection).get_table_names())
    if not tables:
        return None
    revision = None
    if "alembic_version" in tables and metadata.tables.keys() & tables:
        revision = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    if revision is None:
        names = ", ".join(sorted(tables)[:3])
        raise StoreError(
            f"database {where} belongs to another program (it has the tables {names} ...)",
            hint="give --db a new or empty database; this one is left as it is",
        )
    return str(revision)


def _run(connection: sa.Connection, where: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(resource_dir("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    current = _revision(connection, where)
    if current is not None and current not in known:
        raise _too_new(where, current)
    command.upgrade(config, "head")
