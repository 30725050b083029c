"""`clean` and `explore` as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from labelled_faces import write_dataset
from typer.testing import CliRunner, Result

from training.__main__ import app


def training(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_clean_tells_counts_and_where_the_files_are(tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", faces=16)
    done = training("clean", "--data", data, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    assert f"found mosaics in {data}" in done.stderr
    assert "exact duplicate: Training 0, PublicTest 0, PrivateTest 0" in done.stdout
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"leave_out.csv", "report.html", "report.json"}


def test_clean_json_is_one_document(tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data")
    done = training("clean", "--data", data, "--out", tmp_path / "out", "--json", "--reason", "outlier")
    assert json.loads(done.stdout)["faces"] == {"Training": 8, "PublicTest": 8, "PrivateTest": 8}


def test_explore_writes_its_page_and_says_how_large_it_is(tmp_path: Path) -> None:
    done = training("explore", "--data", write_dataset(tmp_path / "data"), "--out", tmp_path / "new" / "page.html")
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "new" / "page.html").is_file()
    assert "MB): open it in a browser" in done.stdout


@pytest.mark.parametrize("name", ["clean", "explore"])
def test_missing_data_are_two_lines_and_exit_code_1(tmp_path: Path, name: str) -> None:
    done = training(name, "--data", tmp_path / "nowhere")
    assert done.exit_code == 1
    lines = [line for line in done.stderr.splitlines() if line.startswith(("error", "hint"))]
    assert lines[0] == f"error: {tmp_path}/nowhere: no such file or folder"
    assert "Traceback" not in done.stderr


def test_a_place_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data")
    for name, out in (("clean", data / "labels.csv"), ("explore", data)):
        done = training(name, "--data", data, "--out", out)
        assert done.exit_code == 1
        assert "cannot be written" in done.stderr
        assert "hint: name another place with --out" in done.stderr
