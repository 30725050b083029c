"""``aggregate --name``, ``--list``, ``--delete``, ``--sensitivity`` and ``report --aggregation``."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from command import rows
from fakes import FakeClassifier, FakeDetector, FakeRenderer, FakeVideo
from in_process import invoke

from classroom_fer import analysis
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import default_config
from classroom_fer.store.store import open_store

DB = "classroom-fer.sqlite"


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished session of 400 s with eight faces that never leave."""
    place = tmp_path_factory.mktemp("analysed") / DB
    parts = Parts(FakeDetector(seats=8), FakeClassifier())
    fakes = analysis.Builders(
        lambda *_: FakeVideo(duration_s=400), parts=lambda _: parts, renderer=lambda _: FakeRenderer()
    )
    with open_store(place) as store:
        request = analysis.Request(Path("fake.mp4"), None, None)
        analysis.Analyzer(default_config(), store, fakes).analyze(request, lambda _: None)
    return place


@pytest.fixture
def folder(tmp_path: Path, analysed: Path) -> Path:
    """A copy of the session to work on, and other tasks for it."""
    shutil.copy(analysed, tmp_path / DB)
    (tmp_path / "t.csv").write_text("task,start,end\nFirst,0,200\nSecond,200,400\n")
    return tmp_path


def test_results_live_side_by_side_and_the_own_one_stays(folder: Path) -> None:
    before = rows(folder / DB, "SELECT * FROM v_task"), rows(folder / DB, "SELECT * FROM v_timeline")
    flat = invoke(folder, "aggregate", "1", "--name", "flat", "--weights", "flat", "--alpha", "0.5")
    halves = invoke(folder, "aggregate", "1", "--name", "halves", "--tasks", "t.csv", "--bin-s", "20")
    assert (flat.exit_code, halves.exit_code) == (0, 0), flat.stderr + halves.stderr
    assert "the values of its tasks alone" in halves.stdout and "alone" not in flat.stdout
    assert (rows(folder / DB, "SELECT * FROM v_task"), rows(folder / DB, "SELECT * FROM v_timeline")) == before
    found = rows(folder / DB, "SELECT aggregation, task FROM v_aggregated_task ORDER BY aggregation, start_s")
    assert found == [("default", "Whole lesson"), ("flat", "Whole lesson"), ("halves", "First"), ("halves", "Second")]
    shown = rows(folder / DB, "SELECT aggregation, COUNT(engagement) > 0 FROM v_aggregated_timeline GROUP BY 1")
    assert shown == [("default", 1), ("flat", 1)]
    settings = dict(rows(folder / DB, "SELECT aggregation, settings FROM v_aggregation"))
    assert json.loads(settings["flat"])["rules"]["alpha_orientation"] == 0.5
    assert json.loads(settings["halves"])["rules"]["bins"]["seconds"] == 20
    listed = json.loads(invoke(folder, "aggregate", "1", "--list", "--json").stdout)
    assert [(one["aggregation"], one["shows"]) for one in listed] == [("flat", "everything"), ("halves", "tasks")]


def test_a_named_result_is_printed_under_a_name_of_its_own(folder: Path) -> None:
    invoke(folder, "aggregate", "1", "--name", "flat", "--weights", "flat")
    done = invoke(folder, "report", "1", "--aggregation", "flat")
    assert done.exit_code == 0, done.stderr
    assert [path.name for path in (folder / "reports").iterdir()] == ["fake-flat.pdf"]
    assert "no aggregation 'other'" in invoke(folder, "report", "1", "--aggregation", "other").stderr


def test_a_deleted_one_is_gone_and_another_name_is_an_error(folder: Path) -> None:
    invoke(folder, "aggregate", "1", "--name", "flat", "--weights", "flat")
    wrong = invoke(folder, "aggregate", "1", "--delete", "flatt")
    assert wrong.exit_code == 1 and "it has flat" in wrong.stderr
    assert invoke(folder, "aggregate", "1", "--delete", "flat").exit_code == 0
    assert rows(folder / DB, "SELECT aggregation FROM v_aggregation") == [("default",)]
    assert rows(folder / DB, "SELECT COUNT(*) FROM aggregation_bin") == [(0,)]


def test_another_own_result_asks_for_the_named_ones_again(folder: Path) -> None:
    invoke(folder, "aggregate", "1", "--name", "flat", "--weights", "flat")
    done = invoke(folder, "aggregate", "1", "--tasks", "t.csv")
    assert "aggregate 1 --name flat computes them again" in done.stdout
    assert "computes them again" in invoke(folder, "report", "1", "--aggregation", "flat").stderr
    again = invoke(folder, "aggregate", "1", "--name", "flat", "--json")
    told = json.loads(again.stdout)
    assert told["settings"]["rules"]["weight_set"] == "flat"
    assert [task["task"] for task in told["tasks"]] == ["Whole lesson"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--name", "default"], 2, "the session's own result"),
        (["--name", "a b"], 2, "cannot be the name"),
        (["--name", "x", "--min-group", "3"], 4, "smaller than the session's own"),
        (["--min-group", "1"], 2, "min_group"),
        (["--name", "x", "--config", "e.toml"], 2, "evidence.task_min_s cannot differ"),
        (["--name", "x", "--alpha", "1.5"], 2, "alpha_orientation"),
        (["--name", "x", "--tasks", "none.csv"], 1, "none.csv"),
        (["--sensitivity", "--weights", "flat"], 2, "--sensitivity goes alone"),
        (["--list", "--name", "x"], 2, "--list goes alone"),
        (["--delete", "x", "--sensitivity"], 2, "--delete goes alone"),
        (["--csv"], 2, "--sensitivity"),
    ],
)
def test_what_may_not_stand_beside_the_own_result_is_refused(folder: Path, arguments, code, said) -> None:
    (folder / "e.toml").write_text("[rules.evidence]\ntask_min_s = 30\n")
    done = invoke(folder, "aggregate", "1", *arguments)
    assert (done.exit_code, said in done.stderr) == (code, True), done.stderr
    assert rows(folder / DB, "SELECT COUNT(*) FROM aggregation") == [(0,)]


def test_a_larger_min_group_is_taken(folder: Path) -> None:
    done = invoke(folder, "aggregate", "1", "--name", "six", "--min-group", "6")
    assert done.exit_code == 0, done.stderr


def test_sensitivity_tells_every_task_under_all_weights_and_alphas(folder: Path) -> None:
    table = invoke(folder, "aggregate", "1", "--sensitivity")
    assert table.exit_code == 0, table.stderr
    assert "sharma2019 0.7" in table.stdout and "flat 0.9" in table.stdout
    found = list(csv.DictReader(io.StringIO(invoke(folder, "aggregate", "1", "--sensitivity", "--csv").stdout)))
    assert {(row["weight_set"], row["alpha"]) for row in found} == {
        (name, alpha) for name in ("sharma2019", "flat") for alpha in ("0.5", "0.7", "0.9")
    }
    [own] = [row for row in found if row["in_use"] == "1"]
    stored = rows(folder / DB, "SELECT engagement, n FROM v_task")
    assert (float(own["engagement"]), int(own["n"])) == stored[0]
    told = json.loads(invoke(folder, "aggregate", "1", "--sensitivity", "--json").stdout)
    assert len(told["variants"]) == 6
