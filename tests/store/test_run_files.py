"""Files of runs: for their owner alone, and gone when nothing needs them."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

from classroom_fer.lesson.runs import Run, RunPlan, RunState
from classroom_fer.store.place import Place
from classroom_fer.store.run_files import new_run_folder, run_folder, tidy

NOW = datetime.now(UTC)


def run_of(folder: Path, state: RunState) -> Run:
    return Run(1, RunPlan("5b.mp4", None, "", ("--config", str(folder / "settings.toml"))), state, "run", NOW, NOW)


def test_a_folder_is_its_owners_alone_and_beside_the_database(tmp_path: Path) -> None:
    place = Place("lessons.sqlite", tmp_path / "lessons.sqlite")
    made = new_run_folder(place)
    assert made.parent == tmp_path / "lessons.sqlite.runs" == run_folder(place)
    assert stat.S_IMODE(made.stat().st_mode) == stat.S_IMODE(made.parent.stat().st_mode) == 0o700


def test_only_what_a_run_needs_that_may_go_on_stays(tmp_path: Path) -> None:
    place = Place("lessons.sqlite", tmp_path / "lessons.sqlite")
    tidy(place, [])
    states: tuple[RunState, ...] = ("running", "failed", "cancelled", "finished")
    folders = {state: new_run_folder(place) for state in states}
    orphan = new_run_folder(place)
    (orphan / "half.mp4").write_text("x")
    tidy(place, [run_of(folder, state) for state, folder in folders.items()])
    assert {state: folder.exists() for state, folder in folders.items()} == {
        "running": True, "failed": True, "cancelled": True, "finished": False,
    }  # fmt: skip
    assert not orphan.exists()
