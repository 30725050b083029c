"""A throw-away PostgreSQL server, and databases on it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


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
        start = [programs / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start"]
        subprocess.run(start, **(quiet | {"capture_output": False, "stdout": subprocess.DEVNULL}))
        try:
            yield f"postgresql+psycopg://fer@/{{name}}?host={folder}"
        finally:
            subprocess.run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str, request: pytest.FixtureRequest) -> str:
    """The URL of an empty database."""
    import psycopg

    host = postgres_server.split("host=")[1]
    name = f"t{abs(hash(request.node.nodeid)):x}"
    with psycopg.connect(f"host={host} user=fer dbname=postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return postgres_server.format(name=name)
