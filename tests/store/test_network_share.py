"""Databases on network shares: one that cannot lock files, one that has no shared memory for SQLite's log.

``network_share.c`` plays both; it is built where there is a C compiler (Linux).
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from command import run
from contracts.store import finished

from classroom_fer.store.store import open_store

TESTS = Path(__file__).parents[1]
SHARE = "the-share"
ERRNOS = {"ENOLCK": "37", "EOPNOTSUPP": "95", "ENOSYS": "38"}


@pytest.fixture(scope="session")
def share_library(tmp_path_factory: pytest.TempPathFactory) -> str:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs a C compiler on Linux")
    built = tmp_path_factory.mktemp("share") / "network_share.so"
    source = Path(__file__).with_name("network_share.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", built, source, "-ldl"], check=True)
    return str(built)


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / SHARE
    folder.mkdir()
    return folder


def python(code: str, *arguments: object, env: dict[str, str]) -> str:
    """What a Python that sees the share prints."""
    start = f"import sys; sys.path.insert(0, {str(TESTS)!r})\n"
    whole = [sys.executable, "-c", start + code, *map(str, arguments)]
    done = subprocess.run(whole, env=os.environ | env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def filled_database(folder: Path) -> Path:
    path = folder / "lessons.sqlite"
    with open_store(path) as store:
        finished(store)
    return path


@pytest.mark.parametrize(
    ("errno", "known"), [*((errno, True) for errno in ERRNOS), ("ENOLCK", False)], ids=[*ERRNOS, "ENOLCK, new database"]
)
def test_a_folder_that_cannot_lock_files_is_called_that(
    share: Path, share_library: str, errno: str, known: bool
) -> None:
    if known:
        filled_database(share)
    env = {"LD_PRELOAD": share_library, "NO_LOCKS": f"/{SHARE}/", "LOCK_ERRNO": ERRNOS[errno]}
    done = run(*(("sessions",) if known else ("init", "--yes")), "--db", "lessons.sqlite", cwd=share, env=env)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-2:] == [
        "error: database lessons.sqlite cannot be used: this folder cannot lock files (a network share?)",
        "hint: put the database on a local disk: --db FILE",
    ]


LOCK = """
import sys
from pathlib import Path
from classroom_fer.errors import StoreError
from classroom_fer.store.failures import store_errors
from classroom_fer.store.lock import file_lock
try:
    with store_errors("here"), file_lock(Path(sys.argv[1])):
        print("held")
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize("errno", ERRNOS)
def test_the_lock_of_a_run_says_the_same(share: Path, share_library: str, errno: str) -> None:
    env = {"LD_PRELOAD": share_library, "NO_LOCKS": f"/{SHARE}/", "LOCK_ERRNO": ERRNOS[errno]}
    said = python(LOCK, share / "lessons.sqlite", env=env)
    assert said == "database here cannot be used: this folder cannot lock files (a network share?)\n"


def test_a_lock_that_somebody_holds_is_still_told_as_such_beside_a_share(tmp_path: Path, share_library: str) -> None:
    path = filled_database(tmp_path)
    code = """
from classroom_fer.errors import StoreError
from classroom_fer.store.store import open_store
try:
    with open_store(sys.argv[1], busy_timeout_s=0.05) as store:
        store.record("test", None, {})
except StoreError as error:
    print(error)
"""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        said = python(code, path, env={"LD_PRELOAD": share_library, "NO_LOCKS": "/elsewhere/"})
    assert said == f"database {path} is locked by another program\n"


WORK = """
from contracts.store import finished
from classroom_fer.store.store import open_store
for _ in range(2):
    with open_store(sys.argv[1]) as store, store.exclusive():
        gone, kept = finished(store), finished(store)
        store.purge([gone.session_id])
        mode = store.engine.connect().exec_driver_sql("PRAGMA journal_mode").scalar()
        print(store.place.log, mode, len(store.sessions()), store.verify_audit())
"""


@pytest.mark.parametrize("known", [True, False], ids=["a database with a log", "a new one"])
def test_without_shared_memory_a_rollback_journal_does(share: Path, share_library: str, known: bool) -> None:
    path = filled_database(share) if known else share / "lessons.sqlite"
    env = {"LD_PRELOAD": share_library, "NO_SHARED_MEMORY": f"/{SHARE}/"}
    said = python(WORK, path, env=env)
    assert said.splitlines() == [f"False delete {count + known} []" for count in (1, 2)]
    assert {file.name for file in share.iterdir()} == {"lessons.sqlite", "lessons.sqlite.lock"}
    with open_store(path) as store:  # back on a disk of this computer
        assert store.place.log
        assert len(store.sessions()) == 2 + known
