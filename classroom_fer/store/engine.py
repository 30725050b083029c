"""Opens the database: where it is, who may read it, and how SQLite is set up."""

from __future__ import annotations

import os
from pathlib import Path
from socket import gethostname
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from classroom_fer.errors import NoDatabaseError, ReadOnlyError, StoreError
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.sqlite import MAKE_WRITABLE

BUSY_TIMEOUT_S = 10.0
"""How long a statement waits for another program's lock (choice)."""
OWNER_FILE = 0o600
OWNER_FOLDER = 0o700
WRITES: dict[str, Any] = {"classroom_fer_begin": "BEGIN IMMEDIATE"}
"""Execution options of a connection that is going to write."""
NO_TRANSACTION: dict[str, Any] = {"classroom_fer_begin": None}
"""Execution options of a SQLite connection whose statements each stand alone (VACUUM)."""


def locate(url_or_path: str | Path | None) -> sa.URL:
    """The URL of a path, a ``sqlite:///`` or a ``postgresql://`` URL; None is DEFAULT_DB in the working folder.

    Raises:
        StoreError: a URL that is wrong or names another kind of database.
    """
    text = str(url_or_path) if url_or_path is not None else DEFAULT_DB
    if "://" not in text:
        return sa.URL.create("sqlite", database=str(Path(text or DEFAULT_DB).expanduser()))
    try:
        url = sa.make_url(text)
    except (exc.ArgumentError, ValueError) as error:  # ValueError: the port
        raise StoreError(
            "the database URL cannot be read", hint="write postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        ) from error
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return sa.URL.create("sqlite", database=url.database)
    raise StoreError(
        f"database {describe(url)}: only SQLite files and PostgreSQL are supported",
        hint="give --db a file name or postgresql+psycopg://USER:PASSWORD@HOST/NAME",
    )


def describe(url: sa.URL) -> str:
    """The path, or the URL without its password."""
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def sqlite_path(url: sa.URL) -> Path | None:
    """The file of a SQLite URL; None for a server."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def prepare_file(path: Path, *, create: bool) -> None:
    """Makes an owner-only file (and folders) for a new database; an existing database keeps its mode.

    SQLite gives ``-wal`` and ``-shm`` the mode of the database file, so both are owner-only too.

    Raises:
        NoDatabaseError: no such file and not ``create``.
        StoreError: a folder or a device.
        ReadOnlyError: a file or folder that may not be written.
        OSError: it cannot be made.
    """
    if path.is_dir():
        raise StoreError(f"database {path} is a folder", hint=f"name a file in it: --db {path / DEFAULT_DB}")
    if path.exists() and not path.is_file():
        raise StoreError(f"database {path}: is no regular file", hint="name another file with --db")
    if not path.exists():
        if not create:
            raise NoDatabaseError(f"database {path}: no such file", hint="check --db, or run analyze first")
        _make_folders(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, OWNER_FILE))
    elif path.stat().st_size == 0:
        path.chmod(OWNER_FILE)
    effective = os.access in os.supports_effective_ids
    for place, what in ((path, "the file"), (path.parent, "its folder")):
        if not os.access(place, os.R_OK | os.W_OK, effective_ids=effective):
            raise ReadOnlyError(f"database {path}: {what} may not be written", hint=MAKE_WRITABLE)


def _make_folders(folder: Path) -> None:
    if not folder.is_dir():
        _make_folders(folder.parent)
        folder.mkdir(mode=OWNER_FOLDER, exist_ok=True)


def make_server_engine(url: sa.URL) -> sa.Engine:
    """An engine for PostgreSQL. StoreError if its driver is not installed."""
    try:
        return sa.create_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"application_name": f"classroom-fer process {os.getpid()} on {gethostname()}"[:63]},
        )
    except ModuleNotFoundError as error:
        raise StoreError(
            f"database {describe(url)}: the PostgreSQL driver is not installed",
            hint='pip install "classroom-fer[postgres]"',
        ) from error
