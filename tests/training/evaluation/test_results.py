"""The results page is made of the runs' own figures, and says where they cannot be compared with the authors'."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from classroom_fer.errors import ConfigError
from training.__main__ import app
from training.evaluation.results import (
    FOLDER,
    PAGE,
    ResultError,
    read_result,
    read_results,
    results_page,
    save_result,
    write_page,
)
from training.evaluation.results_kfold import read_cross_validations, save_cross_validation
from training.search.cross_validation import CrossValidation, FoldResult
from training.settings.systems import SYSTEMS


def record(split: str = "PublicTest", **facts: Any) -> dict[str, Any]:
    """An evaluation of a run, as `evaluate` gives it."""
    known = {
        "system": "baseline-cnn", "trained_on": "P8", "parameters": 1_234_567, "multiply_adds": 90_000_000,
        "epochs": 12, "epochs_planned": 12, "stopped_early": False, "seconds": 612.5, "weights": "none", "limit": None,
    }  # fmt: skip
    value = {"value": 0.7012345, "low": 0.69, "high": 0.7123, "faces": 3553, "interval": "Wilson"}
    return {
        "model": "runs/first", "protocol": "P8", "split": split, "views": "one", "faces": 3553, "limit": None,
        "leave_out": None, "answered_by": "its own head emotions", "facts": known | facts, "accuracy": value,
        "macro_f1": value, "balanced_accuracy": value, "not_in_training": value,
        "calibration": {"ece": 0.04321, "reliability": [
            {"low": 0, "high": 0.5, "faces": 0, "confidence": None, "accuracy": None},
            {"low": 0.5, "high": 1, "faces": 3553, "confidence": 0.71239, "accuracy": 2491 / 3553}]},
        "by_class": {"neutral": {"recall": 0.8}, "contempt": {"recall": None}}, "confusion": [[2491, 1000], [62, 0]],
        "risk_coverage": {"shares": [0.5, 1.0], "accuracy": [0.91239, 0.70123], "area": 0.1},
    }  # fmt: skip


def row_of(page: str, system: str) -> list[str]:
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {system} |")]
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_validation_and_test_of_a_run_come_together_in_one_small_file(tmp_path: Path) -> None:
    save_result(record(), folder=tmp_path)
    path = save_result(record("PrivateTest"), folder=tmp_path)
    assert path.name == "first-P8.json"
    assert path.stat().st_size < 4000
    table = read_result(path)
    assert set(table["splits"]) == {"PublicTest", "PrivateTest"}
    assert table["splits"]["PublicTest"]["accuracy"]["value"] == 0.7012
    assert table["splits"]["PublicTest"]["recall"] == {"neutral": 0.8, "contempt": None}
    assert table["authors"] == {"printed": SYSTEMS["baseline-cnn"].printed, "epochs": 100}


def test_what_a_page_draws_is_kept_in_counts_and_points(tmp_path: Path) -> None:
    path = save_result(record(), folder=tmp_path)
    kept = read_result(path)["splits"]["PublicTest"]
    assert kept["confusion"] == [[2491, 1000], [62, 0]]
    assert kept["reliability"] == {"faces": [0, 3553], "right": [0, 2491], "confidence": [None, 0.7124]}
    assert kept["risk_coverage"] == {"shares": [0.5, 1.0], "accuracy": [0.9124, 0.7012], "area": 0.1}
    assert '"right": [0, 2491]' in path.read_text(), "a list of numbers takes one line"


def test_a_row_holds_our_figures_beside_the_authors(tmp_path: Path) -> None:
    save_result(record(), folder=tmp_path)
    cells = row_of(results_page(read_results(tmp_path)), "baseline-cnn")
    assert cells == [
        "baseline-cnn", "P8", "1,234,567", "90.0", "12 (100)", "612", "none", ".7012 (.690–.712)", ".701", "–", "–",
        SYSTEMS["baseline-cnn"].printed,
    ]  # fmt: skip


def test_every_system_has_a_row_and_says_that_it_was_not_run() -> None:
    page = results_page([])
    for name in SYSTEMS:
        assert row_of(page, name)[4].startswith("not run yet"), name
    assert "BinaryAccuracy" in page
    assert "exactly 7/8 = .875" in page


def test_fewer_epochs_trials_and_missing_first_weights_are_said(tmp_path: Path) -> None:
    save_result(record(), folder=tmp_path)
    save_result(record(system="vgg16-transfer", limit=2000, epochs=3), name="vgg", folder=tmp_path)
    save_result(record(system="four-class", epochs=31, stopped_early=True), name="four", folder=tmp_path)
    save_result(record(system="ours", offset={"fear": 0.3}) | {"model": "shipped"}, folder=tmp_path)
    save_result(record(leave_out="leave_out.csv") | {"model": "cleaned"}, folder=tmp_path)
    save_result(record(teachers=["a"], refit={"views": 2}) | {"model": "student"}, folder=tmp_path)
    page = results_page(read_results(tmp_path))
    assert "student-P8.json: distilled" in page
    assert "cleaned-P8.json: trained without the faces that leave_out.csv lists." in page
    assert "student-P8.json: last layers fitted anew" in page
    assert "shipped-P8.json: with a class offset that was chosen on PublicTest." in page
    assert "first-P8.json: trained for 12 epochs, fewer than the authors' 100." in page
    assert "vgg-P8.json: without ImageNet weights, from scratch." in page
    assert "vgg-P8.json: a trial on the first 2000 faces of each split." in page
    assert "four-P8.json: stopped early after 31 of at most 100 epochs." in page


def test_epochs_and_seconds_count_the_run_that_a_run_began_with(tmp_path: Path) -> None:
    start = {"run": "first", "epochs": 40, "seconds": 1000.0}
    save_result(record(epochs=50, start=start) | {"model": "runs/second"}, folder=tmp_path)
    page = results_page(read_results(tmp_path))
    assert row_of(page, "baseline-cnn")[4:6] == ["90 (100)", "1,612"]
    assert "second-P8.json: 40 epochs (run first), then 50 more from those weights." in page
    assert "second-P8.json: trained for 90 epochs, fewer than the authors' 100." in page


def test_a_run_on_several_protocols_has_a_row_for_each_and_its_reasons_once(tmp_path: Path) -> None:
    for protocol in ("P2", "P7", "P8"):
        facts = record(system="ours", sha256="a" * 64, refit={"views": 2}, epochs=58)
        save_result(facts | {"model": "shipped", "protocol": protocol}, folder=tmp_path)
    page = results_page(read_results(tmp_path))
    rows = [line.split(" | ")[1] for line in page.splitlines() if line.startswith("| ours |")]
    assert [row.split(" (")[0] for row in rows] == ["P8", "P2", "P7"]
    assert page.count("last layers fitted anew") == 1
    assert "shipped-P8.json: last layers fitted anew" in page


def test_our_own_system_has_no_authors_to_fall_short_of(tmp_path: Path) -> None:
    save_result(record(system="ours", epochs=5) | {"model": "trial"}, folder=tmp_path)
    page = results_page(read_results(tmp_path))
    assert row_of(page, "ours")[4] == "5 (–)"
    assert "trial-P8.json: trained for 5 epochs, fewer than its full 58." in page


def test_what_is_no_result_of_a_run_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no run"):
        save_result(record() | {"facts": {"sha256": "0"}}, folder=tmp_path)
    with pytest.raises(ConfigError, match="one view"):
        save_result(record() | {"views": "flip"}, folder=tmp_path)
    with pytest.raises(ConfigError, match="whole splits"):
        save_result(record() | {"leave_out": "leave_out.csv"}, folder=tmp_path)
    save_result(record(), folder=tmp_path)
    with pytest.raises(ResultError, match="holds another run"):
        save_result(record(epochs=13), folder=tmp_path)
    with pytest.raises(ResultError, match="holds another run"):
        save_result(record(sha256="f" * 64), folder=tmp_path)
    (tmp_path / "bad.json").write_text('{"format": 9}')
    with pytest.raises(ResultError, match=r"bad\.json"):
        read_results(tmp_path)


def test_a_cross_validation_has_a_table_of_its_own(tmp_path: Path) -> None:
    runs = [FoldResult(1, k + 1, a, 0.3, 40, 100, 10.0, f"runs/{k}") for k, a in enumerate((0.9, 0.91, 0.95))]
    save_cross_validation(
        CrossValidation("happy-sad", "P2", 3, 1, tuple(runs), None, 5, "250k", 1234), tmp_path / "kfold"
    )
    page = tmp_path / "RESULTS.md"
    write_page(page, tmp_path)
    table = page.read_text().partition("## Cross-validations")[2]
    assert "| happy-sad (250k) | P2 | 1,234 | 3 x 1 | 40 (40) | 30 | .9200 | .0265 | .9500 | .95 |" in table
    assert "happy-sad: Early stopping picked each run's epoch on the fold that it is measured on" in table
    assert "Cross-validations" not in results_page([])
    other = CrossValidation("happy-sad", "P2", 3, 1, tuple(runs), 200, 5, "250k", 1234)
    with pytest.raises(ResultError, match="holds another cross-validation"):
        save_cross_validation(other, tmp_path / "kfold")
    (tmp_path / "kfold" / "broken.json").write_text("{")
    with pytest.raises(ResultError, match=r"broken\.json: not JSON"):
        write_page(page, tmp_path)


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    save_result(record(), folder=tmp_path / "results")
    page = tmp_path / "RESULTS.md"
    done = CliRunner().invoke(app, ["results", "--page", str(page), "--folder", str(tmp_path / "results")])
    assert done.exit_code == 0, done.output
    assert row_of(page.read_text(), "baseline-cnn")[4] == "12 (100)"


def test_a_folder_that_is_not_there_is_not_a_folder_without_results(tmp_path: Path) -> None:
    page = tmp_path / "RESULTS.md"
    done = CliRunner().invoke(app, ["results", "--page", str(page), "--folder", str(tmp_path / "nope")])
    assert done.exit_code == 1
    assert f"{tmp_path / 'nope'}: no such folder" in done.stderr
    assert "--folder" in done.stderr.splitlines()[-1]
    assert not page.exists()


def test_a_result_that_cannot_be_kept_says_where(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="file: cannot be written") as caught:
        save_result(record(), folder=tmp_path / "file")
    assert "--save-result" in caught.value.hint


def test_the_committed_page_is_what_the_committed_results_give() -> None:
    expected = results_page(read_results(FOLDER), read_cross_validations(FOLDER / "kfold"))
    assert PAGE.read_text(encoding="utf-8") == expected, "run python -m training results"
    for path in FOLDER.rglob("*.json"):
        assert path.stat().st_size < 10_000, "results are small"
        json.loads(path.read_text())
