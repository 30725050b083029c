"""Opening a database: what is made, who may read it, and what is refused with which remedy."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from contracts.store import filled
from contracts.store_records import TASKS, chunk, session_start
from sqlalchemy import event

from classroom_fer.errors import StoreError
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import SqlStore, open_store


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refused(url_or_path: str | Path, words: str, **options: object) -> StoreError:
    with pytest.raises(StoreError, match=words) as caught:
        open_store(url_or_path, **options)  # type: ignore[arg-type]
    assert caught.value.hint
    return caught.value


def test_a_new_database_and_its_logs_and_new_folders_are_for_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folders" / "lessons.sqlite"
    with open_store(path) as store:
        filled(store)
        with store.exclusive():
            names = {file.name for file in path.parent.iterdir()}
            assert names == {"lessons.sqlite" + end for end in ("", "-wal", "-shm", ".lock")}
            assert {mode(file) for file in path.parent.iterdir()} == {0o600}
    assert (mode(path.parent), mode(path.parent.parent)) == (0o700, 0o700)


def test_an_empty_file_becomes_a_database_for_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "lessons.sqlite"
    path.touch(0o644)
    with open_store(path) as store:
        assert store.sessions() == []
    assert mode(path) == 0o600


def test_a_database_that_its_owner_shares_stays_shared(tmp_path: Path) -> None:
    path = tmp_path / "lessons.sqlite"
    open_store(path).close()
    path.chmod(0o640)
    open_store(path).close()
    assert mode(path) == 0o640


def test_the_default_is_a_file_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_store(None).close()
    assert (tmp_path / DEFAULT_DB).exists()


def test_a_sqlite_url_is_a_file(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/a b%.sqlite") as store:
        assert store.where == f"{tmp_path}/a b%.sqlite"
    assert (tmp_path / "a b%.sqlite").exists()


def test_sqlite_is_set_up_for_readers_beside_a_writer_and_for_deletion_that_deletes(store: SqlStore) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 10000}
    with store.engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
    assert found == wanted


def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "lesson.sqlite"
    path.write_text("<html>not a database</html>" * 100)
    refused(path, "is not a database")
    assert path.read_text() == "<html>not a database</html>" * 100


def test_the_database_of_another_program_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE photos (id)")
    refused(path, "belongs to another program.*photos")
    connection.execute("CREATE TABLE alembic_version (version_num)")  # another program that uses Alembic
    connection.execute("INSERT INTO alembic_version VALUES ('0001')")
    connection.commit()
    refused(path, "belongs to another program")
    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (2,)
    connection.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = str(tmp_path / "l.sqlite") if kind == "sqlite" else request.getfixturevalue("empty_postgres_url")
    with open_store(url) as store, store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    assert "update classroom-fer" in refused(url, "newer classroom-fer .revision 9999").hint


def test_a_foreign_postgres_database_is_refused(empty_postgres_url: str) -> None:
    engine = sa.create_engine(empty_postgres_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE photos (id int)"))
    engine.dispose()
    refused(empty_postgres_url, "belongs to another program.*photos")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert DEFAULT_DB in refused(tmp_path, "is a folder").hint


def test_a_missing_file_is_refused_where_none_may_be_made(tmp_path: Path) -> None:
    refused(tmp_path / "a" / "b.sqlite", "no such file", create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["mysql://u:secret@h/d", "sqlite://", "nonsense://x"])
def test_other_kinds_of_database_are_refused_without_printing_the_password(url: str) -> None:
    assert "secret" not in str(refused(url, "only SQLite files and PostgreSQL"))


def test_a_url_that_cannot_be_read_is_refused() -> None:
    refused("postgresql://u:p@h:port/d", "cannot be read")


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    error = refused(f"postgresql+psycopg://u:secret@/d?host={tmp_path}", "is not reachable")
    assert "secret" not in str(error)


def test_a_postgres_database_that_does_not_exist_is_told(postgres_server: str) -> None:
    assert "createdb" in refused(postgres_server.format(name="nowhere"), "does not exist").hint


def test_a_read_only_file_is_refused(public_folder: Path, powerless: None) -> None:
    path = public_folder / "lessons.sqlite"
    open_store(path).close()
    path.chmod(0o444)
    refused(path, "the file may not be written")


def test_a_folder_that_may_not_be_written_is_refused(public_folder: Path, powerless: None) -> None:
    closed = public_folder / "closed"
    closed.mkdir()
    open_store(closed / "old.sqlite").close()
    closed.chmod(0o555)
    refused(closed / "old.sqlite", "its folder may not be written")
    refused(closed / "new.sqlite", "Permission denied")
    refused(closed / "sub" / "new.sqlite", "Permission denied")
    closed.chmod(0o755)


def test_a_full_disk_is_told_and_finished_chunks_are_kept(store: SqlStore) -> None:
    session = filled(store)

    @event.listens_for(store.engine, "connect")
    def limit(connection: sqlite3.Connection, _: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")  # SQLite then says "database or disk is full"

    store.engine.dispose()
    with pytest.raises(StoreError, match="the disk is full") as caught:
        store.write_chunk(session.session_id, chunk(3, seconds=2000))
    assert "chunks are kept" in caught.value.hint
    assert store.finished_chunks(session.session_id) == {0, 1, 2}
    assert len(store.frames(session.session_id)) == 30


def test_a_database_that_another_program_writes_to_is_told(tmp_path: Path) -> None:
    path = tmp_path / "lessons.sqlite"
    with open_store(path, busy_timeout_s=0.05) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="is locked by another program"):
            store.begin_session(session_start(), TASKS)
        assert store.sessions() == []
        other.execute("ROLLBACK")
        other.close()
        store.begin_session(session_start(), TASKS)


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "lessons.sqlite"
    with open_store(path) as store:
        session_id = filled(store).session_id
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
    with pytest.raises(StoreError, match="is damaged"), open_store(path) as store:
        store.frames(session_id)


def test_importing_the_store_loads_neither_models_nor_charts_nor_migrations(tmp_path: Path) -> None:
    path = tmp_path / "lessons.sqlite"
    open_store(path).close()
    code = (
        "import sys; from classroom_fer.store.store import open_store; open_store(sys.argv[1]).close(); "
        "heavy = {'tensorflow', 'torch', 'matplotlib', 'pandas', 'alembic', 'psycopg', 'av', 'cv2'}; "
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_device_is_no_database_and_keeps_its_mode(tmp_path: Path) -> None:
    """`--db /dev/null` as root would take the device from everybody else."""
    device = tmp_path / "pipe"
    os.mkfifo(device, 0o644)
    device.chmod(0o666)
    refused(device, "is no regular file")
    assert mode(device) == 0o666
