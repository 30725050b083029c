"""Reading a database that lies where nothing can be written: a DVD, a write-protected stick, somebody else's folder."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from contracts.store import finished
from contracts.store_records import session_start

from classroom_fer.errors import ReadOnlyError, StoreError
from classroom_fer.store.asking.open import asking
from classroom_fer.store.store import open_reader, open_store

RELEASED = Path(__file__).parent / "released"


@pytest.fixture
def medium(public_folder: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder of the user without powers; ``closed`` once its files are there."""
    open_store(public_folder / "first.sqlite").close()  # loads what the user without powers may not read
    request.getfixturevalue("powerless")
    folder = public_folder / "medium"
    folder.mkdir()
    yield folder
    folder.chmod(0o777)


def closed(folder: Path) -> dict[str, bytes]:
    """Takes everybody's right to write; what lies there."""
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o555)
    return content(folder)


def content(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_questions_are_answered_and_nothing_is_made(medium: Path) -> None:
    with open_store(medium / "lessons.sqlite") as store:
        finished(store)
    before = closed(medium)
    with open_reader(medium / "lessons.sqlite") as reader, asking(reader) as database:
        assert list(database.ask("SELECT COUNT(*) FROM v_face", {}).rows) == [(108,)]
    assert content(medium) == before


def test_everything_is_read_and_nothing_is_made(medium: Path) -> None:
    path = medium / "lessons.sqlite"
    with open_store(path) as store:
        session = finished(store)
        store.record("analyze", session.session_id, {})
        result, frames, entries = store.result(1), store.frames(1), store.audit_entries()
    before = closed(medium)
    with open_reader(path) as reader:
        assert not reader.place.writable
        assert reader.sessions() == [session]
        assert (reader.result(1), reader.frames(1)) == (result, frames)
        assert (reader.audit_entries(), reader.verify_audit()) == (entries, [])
        assert not reader.record_if_writable("report", 1, {})
        for write in (
            lambda: reader.record("report", 1, {}),
            lambda: reader.begin_session(session_start(), ()),
            lambda: reader.delete(1),
        ):
            with pytest.raises(ReadOnlyError, match="may not be written") as caught:
                write()
            assert "another place" in caught.value.hint
    assert content(medium) == before


def test_a_file_that_may_not_be_written_in_a_folder_that_may_is_read_too(medium: Path) -> None:
    path = medium / "lessons.sqlite"
    with open_store(path) as store:
        session = finished(store)
    path.chmod(0o444)
    with open_reader(path) as reader:
        assert reader.sessions() == [session]
    assert list(content(medium)) == ["lessons.sqlite"]


def test_where_it_can_be_written_a_reader_is_a_store(tmp_path: Path) -> None:
    shutil.copyfile(RELEASED / "0001.sqlite", tmp_path / "lessons.sqlite")
    with open_reader(tmp_path / "lessons.sqlite") as store:  # an older revision is brought up to date
        assert len(store.sessions()) == 2
        assert store.record_if_writable("report", 1, {})
        assert store.audit_entries()[-1].action == "report"


def test_an_older_revision_that_cannot_be_brought_up_to_date_is_told_with_the_way_out(medium: Path) -> None:
    path = medium / "lessons.sqlite"
    shutil.copyfile(RELEASED / "0001.sqlite", path)
    before = closed(medium)
    with pytest.raises(StoreError, match="older classroom-fer and lies where nothing can be written") as caught:
        open_reader(path)
    assert "copy it to a folder that can be written" in caught.value.hint
    assert content(medium) == before


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript("UPDATE alembic_version SET version_num = '9999'")


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        (newer, "newer"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_text("<html>" * 1000), "is not a database"),
    ],
)
def test_what_cannot_be_read_is_refused_in_the_usual_words(
    medium: Path, prepare: Callable[[Path], object], words: str
) -> None:
    path = medium / "lessons.sqlite"
    open_store(path).close()
    prepare(path)
    closed(medium)
    with pytest.raises(StoreError, match=words):
        open_reader(path)


def test_rows_that_are_only_in_the_log_are_never_passed_over(medium: Path) -> None:
    """Copied to the medium while a run was writing: file and log."""
    with open_store(medium / "lessons.sqlite") as store:
        finished(store)
        copies = {name: data for name, data in content(medium).items() if name.endswith(("sqlite", "-wal"))}
    for name, data in copies.items():
        (medium / name).write_bytes(data)
    closed(medium)
    with pytest.raises(StoreError, match="beside it") as caught:
        open_reader(medium / "lessons.sqlite")
    assert "copy" in caught.value.hint


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such file"):
        open_reader(tmp_path / "lessons.sqlite")
    assert os.listdir(tmp_path) == []  # noqa: PTH208 (names alone)
