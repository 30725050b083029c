"""Runs in the database: what their processes say, what they are asked, and what is said of one that was killed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from contracts.store import finished

from classroom_fer.errors import StoreError
from classroom_fer.lesson.runs import ProcessIdentity, Run, RunPlan, RunProgress
from classroom_fer.store import schema
from classroom_fer.store.process_identity import own_identity
from classroom_fer.store.run_files import run_folder
from classroom_fer.store.runs import TIME_TO_START, Runs
from classroom_fer.store.store import SqlStore

PLAN = RunPlan("/films/5b.mp4", "/films/5b.csv", "9" * 64, ("analyze", "--", "/films/5b.mp4"))
DEAD = ProcessIdentity(4711, 1.0, own_identity().host)
ELSEWHERE = ProcessIdentity(4711, 1.0, "elsewhere.example")


def with_life(store: SqlStore, alive: Callable[[ProcessIdentity], bool | None]) -> Runs:
    return Runs(store._read, store._write, store.where, alive)


def test_a_run_says_how_far_it_is_and_hears_what_it_should_do(any_store: SqlStore) -> None:
    runs, process = any_store.runs, own_identity()
    run = runs.add(PLAN)
    assert (run.plan, run.state, run.wanted, run.process) == (PLAN, "queued", "run", None)
    assert runs.take_up(run.run_id, process).process == process
    progress = RunProgress("faces", 20.0, 60.0, 4.0)
    assert runs.tell(run.run_id, "running", progress) == "run"
    runs.ask(run.run_id, "pause")
    assert runs.tell(run.run_id, "paused", progress) == runs.wish(run.run_id) == "pause"
    assert (runs.one(run.run_id).state, runs.one(run.run_id).progress) == ("paused", progress)
    session_id = finished(any_store).session_id
    runs.end(run.run_id, "finished", session_id=session_id)
    (last,) = runs.all()
    assert (last.state, last.session_id, last.progress.left_s, last.is_under_way) == (
        "finished",
        session_id,
        None,
        False,
    )
    with pytest.raises(StoreError, match="not under way: it is finished"):
        runs.ask(run.run_id, "cancel")


def test_a_run_whose_process_was_killed_has_failed_and_can_go_on(any_store: SqlStore) -> None:
    run = any_store.runs.add(PLAN, DEAD)
    assert run.state == "running"
    (found,) = any_store.runs.all()
    assert (found.state, found.hint) == ("failed", "go on: what was finished is kept")
    assert "4711" in found.message and "killed" in found.message
    with any_store.engine.connect() as connection:
        assert connection.execute(sa.select(schema.run.c.state)).scalar() == "failed", "it is written down"
    again = any_store.runs.again(run.run_id)
    assert (again.state, again.wanted, again.process, again.message) == ("queued", "run", None, "")
    with pytest.raises(StoreError, match="is queued: it cannot be started"):
        any_store.runs.again(run.run_id)


def test_of_another_machines_process_nothing_is_believed_until_the_database_is_held(any_store: SqlStore) -> None:
    other, mine = any_store.runs.add(PLAN, ELSEWHERE), any_store.runs.add(PLAN, own_identity())
    assert {run.state for run in any_store.runs.all()} == {"running"}
    any_store.runs.mark_others_lost([mine.run_id])
    assert {run.run_id: run.state for run in any_store.runs.all()} == {other.run_id: "failed", mine.run_id: "running"}


def test_a_run_that_no_process_takes_up_has_failed_after_a_while(any_store: SqlStore) -> None:
    run = any_store.runs.add(PLAN)
    assert any_store.runs.one(run.run_id).state == "queued"
    early = datetime.now(UTC) - 2 * TIME_TO_START
    with any_store.engine.begin() as connection:
        connection.execute(sa.update(schema.run).values(heard_at=early))
    assert any_store.runs.one(run.run_id).message == "its process never began"


def test_one_that_was_taken_up_meanwhile_is_not_marked(any_store: SqlStore) -> None:
    run = any_store.runs.add(PLAN, DEAD)

    def looks_dead(process: ProcessIdentity) -> bool:
        any_store.runs.take_up(run.run_id, own_identity())
        return False

    with_life(any_store, looks_dead).all()
    assert any_store.runs.one(run.run_id).state == "running"


def test_removed_are_those_that_ended_and_purge_takes_them_too_with_their_files(
    any_store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a server's database has its files there
    one, other, under_way = (any_store.runs.add(PLAN, own_identity()).run_id for _ in range(3))
    with pytest.raises(StoreError, match="is under way"):
        any_store.runs.remove(one)
    for run_id in (one, other):
        any_store.runs.end(run_id, "cancelled")
    (run_folder(any_store.place) / "left").mkdir(parents=True)
    any_store.runs.remove(one)
    with pytest.raises(StoreError, match=f"holds no run {one}"):
        any_store.runs.one(one)
    any_store.purge([])
    assert [run.run_id for run in any_store.runs.all()] == [under_way]
    assert list(run_folder(any_store.place).iterdir()) == []
    assert any_store.runs.tell(one, "running", RunProgress()) == "run", "a run goes on without its row"


def test_a_run_goes_with_the_session_of_its_results(any_store: SqlStore) -> None:
    session_id = finished(any_store).session_id
    run: Run = any_store.runs.add(PLAN, own_identity())
    any_store.runs.end(run.run_id, "finished", session_id=session_id)
    any_store.delete(session_id)
    assert any_store.runs.all() == []
    assert timedelta(0) <= datetime.now(UTC) - run.asked_at < timedelta(minutes=1)


def test_what_a_process_said_last_is_kept_also_where_others_saw_first_that_it_is_gone(any_store: SqlStore) -> None:
    one, other, ended = (any_store.runs.add(PLAN, DEAD).run_id for _ in range(3))
    any_store.runs.end(ended, "cancelled")
    any_store.runs.left_behind(one, ("no room", "make some"))
    assert "killed" in any_store.runs.one(other).message
    for run_id in (other, ended):
        any_store.runs.left_behind(run_id, ("no room", ""))
    told = {run.run_id: (run.state, run.message, run.hint) for run in any_store.runs.all()}
    assert told == {
        one: ("failed", "no room", "make some"),
        other: ("failed", "no room", "go on: what was finished is kept"),
        ended: ("cancelled", "", ""),
    }
