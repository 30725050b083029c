"""Runs are started as processes of their own; the command is a small stand-in here."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from classroom_fer.errors import ConfigError, PolicyError
from classroom_fer.lesson.regions import Region
from classroom_fer.lesson.runs import Run
from classroom_fer.settings.config import load_config
from classroom_fer.store.run_files import HELD, forget, run_folder
from classroom_fer.store.store import SqlStore, open_store
from classroom_fer.web.run_start import Order, Starter

DECLARED = {"jurisdiction": "Schweiz", "setting": "school", "purpose": "Which tasks?", "profile": "teacher"}
TELLS = """
import json, os, sys
told = {"arguments": sys.argv[1:], "run": os.environ["CLASSROOM_FER_RUN"], "db": os.environ["CLASSROOM_FER_DB"],
        "leads": os.getsid(0) == os.getpid()}
open("told.json", "w").write(json.dumps(told))
sys.stderr.write("note: something\\nerror: the film is broken\\nhint: take another\\n")
sys.exit(1)
"""
WAITS = "import sys, time; time.sleep(60)"
PATIENCE_S = 300.0


def until(store: SqlStore, run_id: int, fits: Callable[[Run], bool]) -> Run:
    end = time.monotonic() + PATIENCE_S
    while not fits(run := store.runs.one(run_id)):
        assert time.monotonic() < end, run
        time.sleep(0.02)
    return run


@pytest.fixture
def folder(tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copyfile(empty_database, tmp_path / "lessons.sqlite")
    (tmp_path / "logo.svg").write_text("<svg/>")
    (tmp_path / "own.toml").write_text('fps = 2.0\n[report]\nlogo = "logo.svg"\n[policy]\npurpose = "before"\n')
    return tmp_path


def starter(code: str) -> Starter:
    return Starter("lessons.sqlite", Path("own.toml"), (sys.executable, "-S", "-c", code))


def test_the_command_gets_the_film_its_settings_and_the_number_of_its_run(folder: Path) -> None:
    film, tasks = folder / "-5b.mp4", folder / "5b.csv"
    run = starter(TELLS).start(Order(film, tasks, DECLARED))
    with open_store("lessons.sqlite") as store:
        ended = until(store, run.run_id, lambda run: "broken" in run.message)
        base = run_folder(store.place)
    assert (ended.message, ended.hint) == ("the film is broken", "take another")
    told = json.loads((folder / "told.json").read_text())
    settings = next(base.glob("*/settings.toml"))
    assert told["arguments"] == [
        "analyze", "--no-report", "--quiet", "--config", str(settings), "--tasks", str(tasks), "--", str(film),
    ]  # fmt: skip
    assert (told["run"], told["db"], told["leads"]) == ("1", str(folder / "lessons.sqlite"), True)
    config = load_config(settings, {})
    assert (config.fps, config.profile, config.report_style.logo) == (2.0, "teacher", folder / "logo.svg")
    declared = config.declaration
    assert (declared.jurisdiction, declared.setting, declared.purpose) == ("CH", "education", "Which tasks?")
    assert ended.plan.settings_sha256 == config.settings_sha256()


def test_tasks_and_regions_of_the_page_are_files_of_the_run_and_gone_with_its_results(folder: Path) -> None:
    region = Region(((0.0, 0.5), (0.2, 0.5), (0.0, 1.0)))
    order = Order(folder / "5b.mp4", None, {}, b"task,start,end,mode\nTalk,0,5,desk\n", (region,))
    run = starter(TELLS).start(order)
    with open_store("lessons.sqlite") as store:
        until(store, run.run_id, lambda run: "broken" in run.message)
        (made,) = run_folder(store.place).iterdir()
        assert {file.name for file in made.iterdir()} - {HELD} == {"settings.toml", "tasks.csv", "regions.json"}
        assert run.plan.arguments[-6:-2] == (
            "--tasks",
            str(made / "tasks.csv"),
            "--regions",
            str(made / "regions.json"),
        )
        assert load_config(made / "settings.toml", {"regions": made / "regions.json"}).regions == (region,)
        assert run.plan.settings_sha256 == load_config(
            made / "settings.toml", {"regions": made / "regions.json"}).settings_sha256()  # fmt: skip
        forget(store.place, run)
        assert not made.exists()


def test_a_run_that_was_killed_says_so_and_goes_on_by_the_same_words(folder: Path) -> None:
    run = starter(WAITS).start(Order(folder / "5b.mp4", None, {}))
    with open_store("lessons.sqlite") as store:
        process = until(store, run.run_id, lambda run: run.process is not None).process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        dead = until(store, run.run_id, lambda run: run.state == "failed")
        assert f"({process.pid}) was killed" in dead.message
        again = starter(TELLS).again(run.run_id)
        assert again.plan == run.plan
        until(store, run.run_id, lambda run: run.message == "the film is broken")


@pytest.mark.parametrize(("declared", "error"), [
    ({**DECLARED, "jurisdiction": "DE"}, PolicyError),
    ({**DECLARED, "jurisdiction": "Atlantis"}, ConfigError),
    ({"jurisdiction": "CH"}, ConfigError),
    ({"profile": "secret"}, ConfigError),
])  # fmt: skip
def test_what_the_command_line_would_refuse_is_refused_and_leaves_nothing(
    folder: Path, declared: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        starter(WAITS).start(Order(folder / "5b.mp4", None, declared))
    with open_store("lessons.sqlite") as store:
        assert store.runs.all() == []
        assert not run_folder(store.place).exists() or list(run_folder(store.place).iterdir()) == []


def test_a_command_that_cannot_be_started_is_a_failed_run(folder: Path) -> None:
    run = Starter("lessons.sqlite", None, ("/no/such/program",)).start(Order(folder / "5b.mp4", None, {}))
    with open_store("lessons.sqlite") as store:
        assert "cannot be started" in store.runs.one(run.run_id).message
