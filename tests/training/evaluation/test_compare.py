"""Pairs of classifiers are told apart by the faces on which they differ."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from training.__main__ import app
from training.data.leave_out import Entry, write_leave_out
from training.data.splits import read_split
from training.evaluation.compare import Contest, compare, markdown, pairs, verdict
from training.evaluation.question import Question
from training.search.ensemble import make_ensemble

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


def rights(*rows: tuple[int, int]) -> np.ndarray:
    return np.concatenate([np.full(count, bool(value)) for count, value in rows])


def test_only_faces_on_which_they_differ_count() -> None:
    a = rights((80, 1), (20, 0))
    b = rights((60, 1), (40, 0))
    c = rights((79, 1), (21, 0))
    first, second, third = pairs({"a": a, "b": b, "c": c})
    assert (first["only_first_right"], first["only_second_right"]) == (20, 0)
    assert first["difference"]["value"] == pytest.approx(0.2)
    assert first["difference"]["low"] > 0.1
    assert first["p"] == pytest.approx(2 * 0.5**20)
    assert first["p_holm"] == pytest.approx(3 * first["p"])
    assert verdict(first) == "a is better"
    assert (second["p"], verdict(second)) == (1.0, "no clear difference")
    assert (third["first"], third["second"], verdict(third)) == ("b", "c", "c is better")


def test_the_command_compares_an_ensemble_of_runs_with_the_shipped_model(tiny_run: Path, tmp_path: Path) -> None:
    make_ensemble([tiny_run, tiny_run], tmp_path)
    arguments = ["compare", str(tmp_path), "shipped", "--data", str(tiny_run / "data"), "--protocol", "P2", "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    record = json.loads(done.stdout)
    assert record["faces"] == 4
    assert list(record["models"]) == [str(tmp_path), "shipped"]
    assert record["models"][str(tmp_path)]["answered_by"].startswith("head fer7")
    (row,) = record["pairs"]
    models = [record["models"][m]["accuracy"]["value"] for m in (row["first"], row["second"])]
    assert row["difference"]["value"] == pytest.approx(models[0] - models[1])
    assert "McNemar" in markdown(record)


def test_a_comparison_on_a_part_of_the_faces_says_so(tiny_run: Path, tmp_path: Path) -> None:
    name = read_split(tiny_run / "data", "PublicTest").names[0]
    write_leave_out(tmp_path / "m.csv", [Entry("PublicTest", name, "blank", "")])
    contest = Contest((str(tiny_run), "shipped"), Question(tiny_run / "data", limit=9, leave_out=tmp_path / "m.csv"))
    record = compare(contest)
    assert record["leave_out"] == str(tmp_path / "m.csv")
    text = markdown(record)
    assert "1 face of PublicTest left out" in text
    assert "only the first 9 faces" in text
