"""``compare`` on stored lessons of the simulation."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pikepdf
import pytest
from in_process import invoke

from benchmarks.simulated_lessons import store_lesson
from classroom_fer.store.store import open_store

DB = "classroom-fer.sqlite"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six lessons of two classes."""
    place = tmp_path_factory.mktemp("study")
    with open_store(place / DB) as store:
        for seed in range(1, 7):
            store_lesson(store, seed, school_class="7b" if seed < 5 else "8a", lesson=str(seed))
    return place


def test_lessons_are_shown_with_intervals_and_what_they_have_in_common(folder: Path) -> None:
    done = invoke(folder, "compare", "1", "2", "3", "4", "5", "6")
    assert done.exit_code == 0, done.stderr
    assert "6 lessons, by task. It compares neither teachers nor children." in done.stdout
    assert "Listening (board)" in done.stdout and "6 lessons, seen" in done.stdout


def test_the_page_is_one_and_the_csv_has_a_row_for_each_task(folder: Path, tmp_path: Path) -> None:
    pdf, table = tmp_path / "7b.pdf", tmp_path / "7b.csv"
    done = invoke(folder, "compare", "--where", "class=7b", "--by", "position", "--pdf", str(pdf), "--csv", str(table))
    assert done.exit_code == 0, done.stderr
    with pikepdf.open(pdf) as opened:
        assert len(opened.pages) == 1
    with table.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["session_id"] for row in found] == [str(k) for k in range(1, 5) for _ in range(3)]
    assert {row["class"] for row in found} == {"7b"}
    assert all(float(row["index_low"]) < float(row["index"]) < float(row["index_high"]) for row in found)
    assert {oct(path.stat().st_mode & 0o777) for path in (pdf, table)} == {"0o600"}


def test_scripts_get_the_same_as_json(folder: Path) -> None:
    told = json.loads(invoke(folder, "compare", "1", "2", "3", "--json", "--by", "class").stdout)
    assert (told["by"], told["lessons"], told["no_model"]) == ("class", 3, "few_lessons")
    assert [summary["group"] for summary in told["summaries"]] == ["7b"]
    assert len(told["rows"]) == 9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["1"], "two lessons or more"),
        ([], "one of both"),
        (["1", "2", "--where", "class=7b"], "one of both"),
        (["1", "99"], "no session '99'"),
        (["--where", "class=9z"], "two lessons or more"),
        (["--where", "class"], "is no label"),
        (["1", "2", "--by", "teacher"], "'teacher' is not one of"),
        (["1", "2", "--pdf", DB], "this is no PDF"),
    ],
)
def test_what_cannot_be_compared_is_refused_and_nothing_is_written(folder: Path, arguments, said) -> None:
    before = sorted(folder.iterdir())
    done = invoke(folder, "compare", *arguments)
    assert done.exit_code in (1, 2) and said in done.stderr
    assert sorted(folder.iterdir()) == before


def test_a_formula_in_a_label_stays_text_in_the_csv(tmp_path: Path) -> None:
    with open_store(tmp_path / DB) as store:
        for seed in (1, 2):
            store_lesson(store, seed, school_class="=1+1")
    assert invoke(tmp_path, "compare", "1", "2", "--csv", "x.csv").exit_code == 0
    assert "'=1+1" in (tmp_path / "x.csv").read_text(encoding="utf-8")
