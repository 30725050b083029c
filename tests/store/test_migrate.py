"""Migrations make the tables that the schema describes, from an empty database and from every released one."""

from __future__ import annotations

import ast
import json
import shutil
import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from contracts.store_records import TASKS, chunk, session_result, session_start, tracks_of, without_ids

from classroom_fer.lesson.records import NotShown, SessionResult, SizeClass
from classroom_fer.resources import resource_dir
from classroom_fer.store import migrate, schema
from classroom_fer.store.dictionary import entries
from classroom_fer.store.engine import locate, prepare_file
from classroom_fer.store.sqlite import make_writer
from classroom_fer.store.store import SqlStore, open_store

RELEASED = sorted((Path(__file__).parent / "released").glob("*.sqlite"))


def as_released(result: SessionResult) -> SessionResult:
    """The result that the kept files hold: sentences and labels that no version wrote are unknown, or understood."""
    *shown, hidden = result.tasks
    hidden = replace(hidden, not_shown_because=NotShown("unknown"))
    sizes = (SizeClass(0, 36, 0), SizeClass(36, 72, 108))
    visibility = replace(result.visibility, sizes=sizes, cuts=None, camera_away=None)
    bins = tuple(replace(bin_, synchrony=None, synchrony_chance=None) for bin_ in result.bins)
    return replace(result, tasks=(*shown, hidden), visibility=visibility, bins=bins)


def definition(path: Path) -> list[tuple[str, ...]]:
    """Everything that SQLite knows of the tables, views, triggers and indices."""
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2").all()
    engine.dispose()
    return [tuple(row) for row in found]


def test_migrations_make_what_the_schema_describes(any_store: SqlStore) -> None:
    with any_store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
        for table in schema.metadata.tables.values():
            keys = sa.inspect(connection).get_foreign_keys(table.name)
            assert {key["name"] for key in keys} == {key.name for key in table.foreign_key_constraints}
            assert {key["options"].get("ondelete") for key in keys} <= {"CASCADE"}


def test_an_empty_postgres_database_is_migrated(empty_postgres_url: str) -> None:
    with open_store(empty_postgres_url) as store:
        assert store.sessions() == []
    with open_store(empty_postgres_url) as store:  # a second time there is nothing to do
        assert store.sessions() == []


def test_the_newest_revision_is_the_one_that_the_schema_names() -> None:
    revisions = sorted(path.name[:4] for path in (resource_dir("migrations") / "versions").glob("*.py"))
    assert revisions[-1] == schema.HEAD


def test_every_released_revision_is_kept_as_a_file() -> None:
    revisions = sorted(path.name[:4] for path in (resource_dir("migrations") / "versions").glob("*.py"))
    kept = [path.stem for path in RELEASED]
    assert kept == revisions[: len(kept)]
    assert len(kept) >= 2  # the later ones are not released yet


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_a_released_database_is_brought_up_to_date_with_all_it_holds(released: Path, tmp_path: Path) -> None:
    path = tmp_path / "lessons.sqlite"
    shutil.copyfile(released, path)
    frames = [replace(frame, camera=None) for index in range(3) for frame in chunk(index).frames]
    with open_store(path) as store:
        done, running = store.sessions()
        assert (done.start, done.tasks, done.status) == (session_start(result_version=0), TASKS, "finished")
        assert (running.start.video_name, running.status) == ("running.mp4", "running")
        assert store.frames(done.session_id) == frames
        assert without_ids(store.result(done.session_id)) == without_ids(as_released(session_result(tracks_of(frames))))
        assert store.finished_chunks(running.session_id) == {0}
        assert store.verify_audit() == []
        store.write_chunk(running.session_id, chunk(1))
    open_store(tmp_path / "new.sqlite").close()
    assert definition(path) == definition(tmp_path / "new.sqlite")


SENTENCES = {
    "it lies outside of what was analysed": NotShown("outside"),
    "it is shorter than 60 s": NotShown("short", 9.875, 60),
    "only 30 s of it were analysed; at least 60 s are needed": NotShown("partly_analysed", 30, 60),
    "no face was seen well enough": NotShown("nobody"),
    "fewer than 5 faces were seen well enough": NotShown("few", None, 5),
    "fewer than 7 faces were seen": NotShown("few", None, 7),
    "only 1 face was seen well enough; at least 5 are needed": NotShown("few", None, 5),
    "only 3 faces were seen well enough; at least 5 are needed": NotShown("few", None, 5),
    "seen only 12 % of the time; at least 25 % are needed": NotShown("coverage", 0.12, 0.25),
    "the profile presence infers nothing; it counts faces and minutes": NotShown("not_inferred"),
    "it rained 5 s": NotShown("unknown"),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_stored_sentence_becomes_a_code_with_its_numbers(sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "lessons.sqlite"
    shutil.copyfile(RELEASED[-1], path)
    with sqlite3.connect(path) as old:
        old.execute("UPDATE task SET not_shown_because = ? WHERE task_index = 2", (sentence,))
        old.execute("UPDATE comparison SET verdict = 'not separable from time'")
        labels = [["under 32 px", 7], ["32 to 36.5 px", 8], ["36.5 to 72 px", 9], ["72 px and more", 10]]
        old.execute("UPDATE visibility SET sizes = ?", (json.dumps(labels),))
    old.close()
    with open_store(path) as store:
        result = store.result(store.sessions()[0].session_id)
        assert [task.not_shown_because for task in result.tasks] == [None, None, SENTENCES[sentence]]
        assert [pair.verdict for pair in result.comparisons] == ["not_separable_from_time"]
        assert result.visibility.sizes == (
            SizeClass(0, 32, 7), SizeClass(32, 36.5, 8), SizeClass(36.5, 72, 9), SizeClass(72, None, 10),
        )  # fmt: skip


def test_size_classes_that_nobody_can_name_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "lessons.sqlite"
    shutil.copyfile(RELEASED[-1], path)
    with sqlite3.connect(path) as old:
        old.execute("UPDATE visibility SET sizes = ?", (json.dumps([["tiny", 7], ["72 px and more", 10]]),))
    old.close()
    with open_store(path) as store:
        assert store.result(store.sessions()[0].session_id).visibility.sizes == ()


@pytest.mark.parametrize("min_group", [4, 5])
def test_numbers_of_small_groups_that_an_earlier_version_stored_are_removed(min_group: int, tmp_path: Path) -> None:
    """The kept lesson has four pupils; today's report prints what the result holds."""
    path = tmp_path / "lessons.sqlite"
    shutil.copyfile(RELEASED[-1], path)
    with sqlite3.connect(path) as old:
        rules = json.dumps({"rules": {"evidence": {"min_group": min_group}}})
        old.execute("UPDATE session SET settings = ?", (rules,))
        old.execute("UPDATE bin SET faces = 2, coverage = 0.5 WHERE bin_index = 1")
    old.close()
    with open_store(path) as store:
        result = store.result(store.sessions()[0].session_id)
    told = {(t.n, t.grade, t.coverage, t.engagement is None, t.shares is None) for t in result.tasks}
    if min_group == 4:
        assert told == {(4, "C", 0.9, False, False), (4, "C", 0.5, True, False), (None, None, None, True, True)}
        assert (result.bins[0].n, result.bins[0].faces, result.visibility.coverage) == (4, None, 0.9)
        assert (result.bins[1].faces, result.bins[1].coverage) == (None, None)
        assert len(result.moments) == 2 and len(result.comparisons) == 1
        return
    assert told == {(None, None, None, True, True)}
    assert [t.not_shown_because for t in result.tasks] == [NotShown("few", None, 5)] * 2 + [NotShown("unknown")]
    for one in result.bins:
        assert (one.n, one.faces, one.coverage, one.engagement, one.orientation, one.expression) == (None,) * 6
        assert one.probabilities is None
    assert (result.moments, result.comparisons) == ((), ())
    seen = result.visibility
    assert (seen.coverage, seen.sizes, seen.abstentions, seen.simultaneous_p95) == (None, (), (), 4)


def test_migrations_import_nothing_from_the_package() -> None:
    for path in resource_dir("migrations").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith("classroom_fer")], path


def test_migrations_may_lie_in_a_folder_of_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = tmp_path / "100 % (a) %(here)s; é:ü"
    shutil.copytree(resource_dir("migrations"), odd, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "resource_dir", lambda _: odd)
    with open_store(tmp_path / "lessons.sqlite") as store:
        assert store.sessions() == []


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "0011"


def upgrade() -> None:
    views = op.get_bind().exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'view'").all()
    for name, _ in views:
        op.execute(f"DROP VIEW {name}")
    with op.batch_alter_table("session", recreate="always") as batch:
        batch.add_column(sa.Column("note", sa.Text(), nullable=False, server_default="none"))
    for _, sql in views:
        op.execute(sql)
"""


def test_a_later_migration_keeps_what_is_stored_and_describes_it_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(resource_dir("migrations"), tmp_path / "m", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "m" / "versions" / "9999_note.py").write_text(NEXT)
    shutil.copyfile(RELEASED[0], tmp_path / "lessons.sqlite")
    with sqlite3.connect(tmp_path / "lessons.sqlite") as old:
        old.execute("DELETE FROM data_dictionary")
    old.close()
    monkeypatch.setattr(migrate, "resource_dir", lambda _: tmp_path / "m")
    monkeypatch.setattr(migrate, "HEAD", "9999")
    with open_store(tmp_path / "lessons.sqlite") as store, store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == "9999"
        assert connection.exec_driver_sql("SELECT DISTINCT note FROM session").scalars().all() == ["none"]
        assert connection.exec_driver_sql("SELECT count(*) FROM data_dictionary").scalar() == len(entries())
        session_id = store.sessions()[0].session_id
        assert store.result(session_id).visibility.faces == 108
        assert len(store.frames(session_id)) == 30
        connection.rollback()
        store.delete(session_id)
        assert connection.exec_driver_sql("SELECT count(*) FROM face").scalar() == 36  # those of the other session
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1  # the migration's connection


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: sa.Connection) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(migrate, "write_descriptions", fail)
        with pytest.raises(RuntimeError, match="power cut"):
            open_store(tmp_path / "lessons.sqlite")
    assert definition(tmp_path / "lessons.sqlite") == []
    open_store(tmp_path / "lessons.sqlite").close()


def test_runs_that_start_at_the_same_time_make_one_database(tmp_path: Path) -> None:
    url = locate(tmp_path / "lessons.sqlite")
    prepare_file(tmp_path / "lessons.sqlite", create=True)
    problems: list[BaseException] = []
    together = threading.Barrier(4)

    def start() -> None:
        engine = make_writer(url, 10, log=True)
        try:
            together.wait()
            migrate.upgrade(engine, "here")
        except BaseException as error:  # noqa: BLE001 (a thread's errors are checked below)
            problems.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
