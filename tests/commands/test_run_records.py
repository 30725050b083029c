"""A run's row follows its analysis, and the analysis heeds the row; time is a fake's."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from classroom_fer.analysis import Request
from classroom_fer.analysis_together import Ended
from classroom_fer.commands.analyze import AnalyzeOptions
from classroom_fer.commands.run_records import Clock, RunRecord, RunRecords, options_again, waited_for
from classroom_fer.errors import DatabaseInUseError, RunCancelledError, VideoError
from classroom_fer.lesson.records import Advanced, Progress, StageFinished, StageStarted
from classroom_fer.lesson.runs import RUN_VARIABLE, RunPlan
from classroom_fer.store.process_identity import own_identity
from classroom_fer.store.store import SqlStore, open_store

PLAN = RunPlan("/films/5b.mp4", None, "9" * 64, ())
FILM = Request(Path("films/5b.mp4"), Path("films/5b.csv"), None)


@dataclass
class Time:
    """What somebody does while time passes."""

    now: float = 0.0
    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.meanwhile:
            self.meanwhile.pop(0)()

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.sleep)


@pytest.fixture
def store(tmp_path: Path, empty_database: Path) -> SqlStore:
    return open_store(shutil.copyfile(empty_database, tmp_path / "lessons.sqlite"))


def test_progress_is_written_once_a_second_with_the_time_left(store: SqlStore) -> None:
    time, shown = Time(), list[Progress]()
    run_id = store.runs.add(PLAN, own_identity()).run_id
    record = RunRecord(store.runs, run_id, shown.append, time.clock)
    written = []
    for at, event in [
        (0.0, StageStarted("faces", 400.0)),
        (0.01, Advanced("faces", 120.0, 0)),  # stored before: says nothing of the speed
        (5.01, Advanced("faces", 140.0, 9)),
        (5.50, Advanced("faces", 141.0, 9)),
        (15.01, Advanced("faces", 180.0, 9)),
        (15.02, StageFinished("faces", 15.0)),
    ]:
        time.now = at
        record(event)
        told = store.runs.one(run_id).progress
        written.append((told.done_s, None if told.left_s is None else round(told.left_s)))
    assert written == [(None, None), (None, None), (140.0, 65), (140.0, 65), (180.0, 55), (180.0, 55)]
    assert len(shown) == 6


def test_a_pause_waits_and_does_not_count_as_slowness(store: SqlStore) -> None:
    time = Time()
    run_id = store.runs.add(PLAN, own_identity()).run_id
    record = RunRecord(store.runs, run_id, lambda event: None, time.clock)
    states = []
    record(StageStarted("faces", 100.0))
    time.now = 10.0
    record(Advanced("faces", 10.0, 0))
    store.runs.ask(run_id, "pause")
    look: Callable[[], object] = lambda: states.append(store.runs.one(run_id).state)  # noqa: E731
    time.meanwhile = [look, look, lambda: store.runs.ask(run_id, "run"), look]
    time.now = 20.0
    record(Advanced("faces", 20.0, 0))
    assert states[:2] == ["paused", "paused"]
    assert store.runs.one(run_id).state == "running"
    time.now += 10.0
    record(Advanced("faces", 30.0, 0))
    assert store.runs.one(run_id).progress.left_s == pytest.approx(70.0, abs=0.1)


def test_a_cancelled_run_ends_at_once_also_out_of_a_pause(store: SqlStore) -> None:
    time = Time()
    run_id = store.runs.add(PLAN, own_identity()).run_id
    record = RunRecord(store.runs, run_id, lambda event: None, time.clock)
    store.runs.ask(run_id, "pause")
    time.meanwhile = [lambda: store.runs.ask(run_id, "cancel")]
    with pytest.raises(RunCancelledError, match="what was finished is kept"):
        record(StageStarted("faces", 100.0))


def test_a_database_that_cannot_be_written_for_a_moment_stops_no_analysis(store: SqlStore, tmp_path: Path) -> None:
    quick = open_store(tmp_path / "lessons.sqlite", busy_timeout_s=0.01)
    record = RunRecord(quick.runs, store.runs.add(PLAN, own_identity()).run_id, lambda event: None, Time().clock)
    with store._write():
        record(StageStarted("faces", 100.0))


def test_what_became_of_each_film_is_written_down(store: SqlStore) -> None:
    records = RunRecords(store, AnalyzeOptions(videos=["films"]), "9" * 64)
    ends = {"bad": VideoError("no film", hint="another"), "bug": KeyError("x"), "off": RunCancelledError("cancelled")}
    with records.analyzing():
        for name, error in ends.items():
            request = Request(Path(f"{name}.mp4"), None, None)
            records.film(request, lambda event: None)
            assert records.film(request, lambda event: None).run_id == store.runs.all()[0].run_id, "one run for a film"
            records.ended(Ended(request, error))
    told = {Path(run.plan.film).stem: (run.state, run.message, run.hint) for run in store.runs.all()}
    assert told == {
        "bad": ("failed", "no film", "another"),
        "bug": ("failed", "this is a bug in classroom-fer (KeyError: 'x')",
                "please report it; what was finished is kept"),
        "off": ("cancelled", "", ""),
    }  # fmt: skip


def test_a_row_that_cannot_be_written_at_the_end_stops_no_batch(store: SqlStore, tmp_path: Path) -> None:
    quick = open_store(tmp_path / "lessons.sqlite", busy_timeout_s=0.01)
    records = RunRecords(quick, AnalyzeOptions(videos=["films"]), "9" * 64)
    records.film(FILM, lambda event: None)
    with store._write():
        records.ended(Ended(FILM, VideoError("no film")))
    assert [run.state for run in store.runs.all()] == ["running"]


def test_ctrl_c_cancels_the_run(store: SqlStore) -> None:
    records = RunRecords(store, AnalyzeOptions(videos=["films"]), "9" * 64)
    with pytest.raises(KeyboardInterrupt), records.analyzing():
        records.film(FILM, lambda event: None)
        raise KeyboardInterrupt
    assert [run.state for run in store.runs.all()] == ["cancelled"]


def test_a_run_goes_on_by_the_same_options_from_any_folder(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    options = AnalyzeOptions(
        videos=["films"],
        tasks=Path("t.csv"),
        fps=2.0,
        label=["class=7b", "lesson=2"],
        no_report=True,
        fresh=True,
        jobs=4,
    )
    here = Path.cwd()
    assert options_again(options) == [
        "--tasks", str(here / "t.csv"), "--fps", "2.0", "--label", "class=7b", "--label", "lesson=2", "--no-report",
    ]  # fmt: skip
    records = RunRecords(store, options, "9" * 64)
    records.film(FILM, lambda event: None)
    (run,) = store.runs.all()
    assert run.plan.arguments[0] == "analyze" and run.plan.arguments[-2:] == ("--", str(here / "films/5b.mp4"))
    assert (run.plan.film, run.plan.tasks) == (str(here / "films/5b.mp4"), str(here / "films/5b.csv"))


def test_a_run_that_was_started_elsewhere_is_taken_up_after_those_before_it(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = open_store(tmp_path / "lessons.sqlite")
    first, mine = store.runs.add(PLAN), store.runs.add(PLAN)
    store.runs.take_up(first.run_id, own_identity())
    monkeypatch.setenv(RUN_VARIABLE, str(mine.run_id))
    time, seen = Time(), list[str]()
    holding = other.exclusive()
    holding.__enter__()
    time.meanwhile = [
        lambda: seen.append(store.runs.one(mine.run_id).state),
        lambda: store.runs.end(first.run_id, "finished"),
        lambda: holding.__exit__(None, None, None),
    ]
    with waited_for(store, mine.run_id, time.clock), pytest.raises(DatabaseInUseError), other.exclusive():
        pass
    assert (seen, time.meanwhile) == (["queued"], [])
    records = RunRecords(store, AnalyzeOptions(videos=["films"]), "9" * 64)
    with records.analyzing():
        assert records.film(FILM, lambda event: None).run_id == mine.run_id


def test_one_that_waits_can_be_cancelled(store: SqlStore, tmp_path: Path) -> None:
    run_id = store.runs.add(PLAN).run_id
    time = Time(meanwhile=[lambda: store.runs.ask(run_id, "cancel")])
    with open_store(tmp_path / "lessons.sqlite") as other, other.exclusive():  # noqa: SIM117
        with pytest.raises(RunCancelledError, match="before it began"), waited_for(store, run_id, time.clock):
            pass
    assert store.runs.one(run_id).state == "cancelled"
