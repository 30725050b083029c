"""A throw-away PostgreSQL server, and databases on it."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from contracts.store import finished

from classroom_fer.store import schema
from classroom_fer.store.store import SqlStore, open_store


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    onpath = shutil.which("initdb")
    if not found and not onpath:
        pytest.skip("PostgreSQL's initdb is not installed (apt-get install postgresql)")
    return (found[-1] if found else Path(str(onpath))).parent


def _account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; its package brings the user postgres."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("tests run as root and there is no user postgres to run the server as")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a running server, up to the name of the database."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    programs, account = _programs(), _account()
    folder = Path(tempfile.mkdtemp(prefix="fer-pg-", dir="/tmp"))  # a socket's path holds at most 107 bytes
    try:
        if account:
            os.chown(folder, account["user"], account["group"])
        data = folder / "data"
        quiet: dict[str, Any] = {"cwd": folder, "check": True, "capture_output": True, **account}
        subprocess.run([programs / "initdb", "-D", data, "-U", "fer", "-A", "trust", "-E", "UTF8", "-N"], **quiet)
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=40"
        start = [programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "-t", "300", "start"]
        subprocess.run(start, **(quiet | {"capture_output": False, "stdout": subprocess.DEVNULL}))
        try:
            yield f"postgresql+psycopg://fer@/{{name}}?host={folder}"
        finally:
            subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _create(server: str, name: str) -> str:
    import psycopg

    host = server.split("host=")[1]
    with psycopg.connect(f"host={host} user=fer dbname=postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return server.format(name=name)


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> str:
    """A database of the test's own (takes a second)."""
    return _create(postgres_server, f"t{secrets.token_hex(8)}")


@pytest.fixture(scope="module")
def own_postgres_url(postgres_server: str) -> str:
    """A database of the test module's own."""
    return _create(postgres_server, f"m{secrets.token_hex(8)}")


@pytest.fixture(scope="session")
def migrated_postgres_url(postgres_server: str) -> str:
    url = _create(postgres_server, "migrated")
    open_store(url).close()
    return url


@pytest.fixture
def postgres_url(migrated_postgres_url: str) -> str:
    """An up-to-date database without sessions and audit rows, which tests share one after the other."""
    return emptied(migrated_postgres_url)


def emptied(url: str) -> str:
    """``url`` without its sessions and audit rows; sessions are numbered from 1 again."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))  # no triggers, no cascades
        names = ", ".join(name for name in schema.metadata.tables if name not in {"data_dictionary", "database"})
        connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY"))
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgres"])
def any_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "lessons.sqlite")
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def any_lessons(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """A store with one finished session, for tests that only read."""
    if request.param == "sqlite":
        url = str(tmp_path_factory.mktemp("lessons") / "lessons.sqlite")
    else:
        url = emptied(request.getfixturevalue("migrated_postgres_url"))
    with open_store(url) as store:
        finished(store)
        yield store


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """A SQLite store with one finished session, for tests that only read."""
    with open_store(tmp_path_factory.mktemp("lessons") / "lessons.sqlite") as store:
        finished(store)
        yield store


@pytest.fixture
def any_store(any_url: str) -> Iterator[SqlStore]:
    with open_store(any_url) as store:
        yield store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    with open_store(tmp_path / "lessons.sqlite") as store:
        yield store
