"""The page about training follows the kept results: what they hold is shown, what they lack is said."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from web.conftest import Site

from classroom_fer.errors import WebError
from classroom_fer.faces.model_manifest import read_manifest
from classroom_fer.resources import resource_dir
from classroom_fer.web import training
from classroom_fer.web.model_card import as_html, model_card
from classroom_fer.web.result_plots import conditions_plot, result_plots
from classroom_fer.web.results import FOLDER, Results, read_results, result_rows, result_view
from classroom_fer.web.texts import AppWording

SAY = AppWording()
COMMITTED = resource_dir(FOLDER)


def figure(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.01, "high": value + 0.01}


def split(**more: Any) -> dict[str, Any]:
    """One of a result of before: no counts, no curves."""
    return {"faces": 100, "accuracy": figure(0.8), "macro_f1": figure(0.7), "balanced_accuracy": figure(0.6),
            "not_in_training": figure(0.75), "ece": 0.05, "recall": {"happy": 0.9, "contempt": None},
            **more}  # fmt: skip


DRAWN = {
    "confusion": [[45, 5], [15, 35]],
    "reliability": {"faces": [0, 40, 60], "right": [0, 20, 60], "confidence": [None, 0.55, 0.9512]},
    "risk_coverage": {"shares": [0.5, 1.0], "accuracy": [0.96, 0.8], "area": 0.1},
}
CONDITIONS = {
    "sha256": "old", "faces": 100, "clear": 70, "truths": ["seen", "meant", "clear"],
    "accuracy": {"as it is": {"joined": [0.8, 0.7, 0.9]}, "dim": {"joined": [0.7, 0.6, 0.8]}},
    "risk_coverage": {truth: {"probability": DRAWN["risk_coverage"]} for truth in ("seen", "meant", "clear")},
}  # fmt: skip


def result(system: str, protocol: str = "P8", **changes: Any) -> dict[str, Any]:
    splits = changes.pop("splits", {"PublicTest": split(), "PrivateTest": split(**DRAWN)})
    return {"system": system, "protocol": protocol, "trained_on": "P8", "parameters": 1_234_567, "multiply_adds": 76e6,
            "epochs": 12, "seconds": 300, "splits": splits, "sha256": "x", **changes}  # fmt: skip


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of results: the shipped classifier's by two protocols, an older one of another system."""
    shipped = {"sha256": read_manifest().sha256, "start": {"epochs": 5, "seconds": 60}}
    tables = {
        "a-P8": result("<b>old", splits={"PublicTest": split()}, limit=200, authors={"epochs": 100, "printed": ".95"}),
        "shipped-P7": result("ours", "P7", **shipped), "shipped-P8": result("ours", **shipped),
        "kfold/b-P2": {"system": "b", "protocol": "P2", "folds": 5, "repeats": 2, "mean": 0.87, "spread": 0.004,
                       "best": 0.8773, "epochs": 40, "variant": "250k"},
        "conditions/shipped": CONDITIONS,
    }  # fmt: skip
    for name, table in tables.items():
        path = tmp_path / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(table))
    monkeypatch.setattr(training, "read_results", lambda: read_results(tmp_path))
    return tmp_path


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"(?s)<script.*?</script>|<[^>]+>", " ", page)).split())


def test_the_shipped_classifier_comes_first_and_is_shown_closely(site: Site, kept: Path) -> None:
    page = site.get("/training").text
    assert re.findall(r'href="/training/([\w-]+)"', page) == ["shipped-P8", "shipped-P7", "a-P8"]
    assert '<a href="/training/shipped-P8" aria-current="true">' in page
    said = words(page)
    assert "ours ships with this program P8 1,234,567 76 17 6 0.800 (0.790–0.810) 0.700" in said
    assert "&lt;b&gt;old" in page
    assert "12 (100)" in said
    assert ".95" in said
    assert "b (250k) P2 5 × 2 40 0.870 0.004 0.877" in said


def test_a_matrix_bins_and_curves_are_shown_where_they_were_kept(site: Site, kept: Path) -> None:
    page = site.get("/training/shipped-P8").text
    assert page.count('class="confusion"') == 1, "of the test alone"
    assert '<td style="--share: 90%">45</td><td style="--share: 10%">5</td>' in page
    assert "0.667–1.000 60 60 0.951" in words(page)
    plots = json.loads(re.search(r'id="plots">(.*?)</script>', page)[1])  # type: ignore[index]
    assert set(plots) == {"reliability", "curve", "conditions"}
    assert [(line["x"], line["y"]) for line in plots["reliability"]["data"]] == [([0.55, 0.9512], [0.5, 1.0])]
    assert [(line["x"], line["y"]) for line in plots["curve"]["data"]] == [([0.5, 1.0], [0.04, 0.2])]
    assert "were kept of this result" not in page
    assert page.count("were kept of this split") == 1, "of the validation"


def test_a_result_of_before_says_what_it_lacks_and_how_to_get_it(site: Site, kept: Path) -> None:
    said = words(site.get("/training/a-P8").text)
    assert "No confusion matrix, no reliability and no risk-coverage curve were kept of this result" in said
    assert "python -m training evaluate RUN --save-result" in said
    assert "A trial: only the first 200 faces of each split." in said
    assert "happiness 0.900" in said
    assert "contempt –" in said


def test_conditions_of_another_classifier_say_so(site: Site, kept: Path) -> None:
    said = words(site.get("/training").text)
    assert "70 faces where both are the same. Measured with another classifier than the one that ships now." in said
    assert "dim 0.700 0.600 0.800" in said


def test_without_results_the_page_says_where_they_come_from(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "read_results", lambda: read_results(tmp_path / "none"))
    page = site.get("/training").text
    assert "There are no results here" in page
    assert "training/results" in page
    assert "plotly" not in page
    assert "Model card: expressions.keras" in page


@pytest.mark.parametrize("text", ["{", "[]", '{"splits": {}}'])
def test_a_file_that_is_no_result_is_named_and_the_app_lives_on(site: Site, kept: Path, text: str) -> None:
    (kept / "odd-P8.json").write_text(text)
    answer = site.get("/training")
    assert answer.status == 422
    assert "odd-P8.json" in answer.text
    assert site.get("/").status == 200


@pytest.mark.parametrize("name", ["nothing", "..%2f..%2fpyproject", "%3Cscript%3E"])
def test_a_result_that_is_not_there_is_told(site: Site, name: str) -> None:
    answer = site.get(f"/training/{name}")
    assert answer.status in (404, 422)
    assert "<script>" not in answer.text


def test_arabic_charts_run_from_right_to_left() -> None:
    say = AppWording("ar")
    plot = result_plots(result("ours"), say)["curve"]
    assert plot["layout"]["xaxis"]["range"] == [1.02, 0]
    assert plot["layout"]["yaxis"]["side"] == "right"
    assert len(conditions_plot(CONDITIONS, say)["data"]) == 3


def committed() -> Results:
    return read_results()


def test_the_committed_results_are_all_in_the_page(site: Site) -> None:
    files = {path.stem for path in COMMITTED.glob("*.json")}
    assert files
    assert {row.name for row in result_rows(committed(), SAY)} == files
    assert set(re.findall(r'href="/training/([\w-]+)"', site.get("/training").text)) == files
    for name in sorted(files):
        view = result_view(name, committed(), SAY)
        assert view.splits, name
        for part in view.splits:
            kept = committed().runs[name]["splits"][part.key]
            if part.confusion:
                assert sum(map(sum, kept["confusion"])) == kept["faces"]
                assert len(kept["confusion"]) == len(part.classes)
            if part.bins:
                assert sum(kept["reliability"]["faces"]) == kept["faces"]
                right = sum(kept["reliability"]["right"]) / kept["faces"]
                assert right == pytest.approx(kept["accuracy"]["value"], abs=1e-3)
                assert kept["risk_coverage"]["accuracy"][-1] == pytest.approx(right, abs=1e-3)


def test_there_is_no_result_of_a_name_that_no_file_has() -> None:
    with pytest.raises(WebError, match="there is no result 'shipped'"):
        result_view("shipped", committed(), SAY)


def test_the_model_card_is_whole_and_leads_nowhere() -> None:
    card = model_card()
    assert "Forbidden use" in card
    assert "<table" in card
    assert "<h1" not in card
    odd = as_html("[a](https://x.example) ![b](//x.example/y.png) <https://x.example>\n\n<script>1</script>")
    assert "<a" not in odd
    assert "<img" not in odd
    assert "<script" not in odd
