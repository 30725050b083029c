"""BORIS's own functions open what is written for it.

They run in an environment of their own: set CLASSROOM_FER_BORIS to the Python that has boris-behav-obs.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from contracts.store import TASKS, finished
from in_process import invoke

from classroom_fer.exchange.boris_project_reader import read_project
from classroom_fer.exchange.tasks_file import read_tasks
from classroom_fer.settings.versions import RESULT_VERSION
from classroom_fer.store.store import open_store

PYTHON = os.environ.get("CLASSROOM_FER_BORIS", "")
READER = Path(__file__).parents[2] / "scripts" / "boris_reader.py"
pytestmark = pytest.mark.skipif(not PYTHON, reason="CLASSROOM_FER_BORIS names no Python with boris-behav-obs")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("boris")
    with open_store(folder / "classroom-fer.sqlite") as store:
        finished(store, result_version=RESULT_VERSION)
    assert invoke(folder, "export", "latest", "--format", "boris").exit_code == 0
    return folder / "exports" / "Größe 6b.boris"


@pytest.fixture(scope="module")
def said(exported: Path) -> dict[str, Any]:
    done = subprocess.run([PYTHON, READER, exported], capture_output=True, text=True, timeout=300, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_boris_opens_the_project_without_a_word(said: dict[str, Any]) -> None:
    assert (said["message"], said["integrity"], set(said["paired"].values())) == ("", "", {True})


def test_boris_sees_the_same_states(exported: Path, said: dict[str, Any]) -> None:
    (observation,) = read_project(exported).observations
    events = said["events"][observation.name]
    assert [(time, code) for time, _, code, _ in events] == [(one.time_s, one.code) for one in observation.events]
    assert sorted(kind for *_, kind in events) == ["START"] * 3 + ["STOP"] * 3


def test_the_tasks_come_back_from_the_table_that_boris_exports(
    tmp_path: Path, exported: Path, said: dict[str, Any]
) -> None:
    (table,) = said["tabular"].values()
    path = tmp_path / "events.tsv"
    path.write_text(table, encoding="utf-8")
    assert read_tasks(path).tasks == read_tasks(exported).tasks == TASKS


def test_boris_loads_every_second_of_both_curves(said: dict[str, Any]) -> None:
    (plots,) = said["external"].values()
    assert [(plot["title"], plot["fine"], plot["problem"]) for plot in plots] == [
        ("engagement", True, ""),
        ("coverage", True, ""),
    ]
    for plot in plots:
        assert [row[0] for row in plot["rows"]] == list(range(32))
        assert all(value == value for _, value in plot["rows"])
