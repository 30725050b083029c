"""``tasks convert``: times, names and modes survive every way there and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from in_process import invoke

from classroom_fer.exchange.tasks_file import read_tasks

OWN = "task,start,end,mode\n'=Zuhören,0:00,1:25.5,board\nAt desks,1:30,2:50,desk\nGroups,3:00,4:00,group\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.csv"
    path.write_text(OWN, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["again.csv", "lesson_events.tsv", "lesson.boris", "lesson.eaf"])
def test_there_and_back_again(own: Path, name: str) -> None:
    folder, before = own.parent, read_tasks(own).tasks
    assert [task.name for task in before] == ["=Zuhören", "At desks", "Groups"]
    done = invoke(folder, "tasks", "convert", own, name)
    assert (done.exit_code, done.stdout) == (0, f"{name}: 3 tasks\n"), done.output
    tier = ["--tier", "Task"] if name.endswith(".eaf") else []
    assert read_tasks(folder / name, tier=tier[-1] if tier else None).tasks == before
    back = invoke(folder, "tasks", "convert", name, "back.csv", *tier)
    assert back.exit_code == 0, back.output
    assert read_tasks(folder / "back.csv").tasks == before
    assert "'=Zuhören" in (folder / "back.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("tasks.csv", "out.docx"), 2, "the ending does not say which format"),
        (("tasks.csv", "out.csv", "--format", "praat"), 2, "no format 'praat'"),
        (("tasks.csv", "tasks.csv"), 1, "this file exists and would be lost"),
        (("nowhere.csv", "out.csv"), 1, "nowhere.csv: no such file"),
        (("tasks.csv", "out.csv", "--tier", "Task"), 1, "no file of ELAN"),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(own: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    done = invoke(own.parent, "tasks", "convert", *arguments)
    assert done.exit_code == code and told in done.stderr and "hint:" in done.stderr
    assert [path.name for path in own.parent.iterdir()] == ["tasks.csv"] and own.read_text(encoding="utf-8") == OWN


def test_the_format_can_be_named(own: Path) -> None:
    assert invoke(own.parent, "tasks", "convert", own, "events.txt", "--format", "bids").exit_code == 0
    assert (own.parent / "events.txt").read_text(encoding="utf-8").startswith("onset\tduration\ttrial_type\tmode\n")
