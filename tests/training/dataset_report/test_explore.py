"""One page, that works alone, with every chart that was promised."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from labelled_faces import smooth_faces, write_dataset
from layouts import write_folder_layout
from narrow_pages import needs_browser, overhang_px

from training.data.readers.source import open_source
from training.data.splits import DataError
from training.dataset_report import explore_figures as figures
from training.dataset_report.explore import explore, page_of
from training.dataset_report.findings import find
from training.dataset_report.labelings import labelings
from training.dataset_report.pool import read_pool

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 16 faces a split with one copy across splits."""
    folder = tmp_path_factory.mktemp("explore")
    write_dataset(folder / "data", faces=16)
    training = cv2.imread(str(folder / "data" / "training.png"), cv2.IMREAD_GRAYSCALE)
    test = cv2.imread(str(folder / "data" / "privatetest.png"), cv2.IMREAD_GRAYSCALE)
    test[:48, :48] = training[:48, :48]
    cv2.imwrite(str(folder / "data" / "privatetest.png"), test)
    explore(folder / "data", folder / "page.html")
    return folder / "page.html"


def without_library(page: Path) -> str:
    """The page's own text: plotly.js is full of addresses that it calls only for maps."""
    text = page.read_text(encoding="utf-8")
    start = text.index("<script>")
    return text[:start] + text[text.index("</script>", start) :]


def charts(page: Path) -> dict[str, Any]:
    match = re.search(r"^const figures = (.*);$", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert match is not None
    return json.loads(match[1])


def test_every_promised_part_is_there(page: Path) -> None:
    own = without_library(page)
    assert set(charts(page)) == {
        "counts", "pie", "winner", "votes", "labels", "splits", "sizes", "variance", "plane", "errors",
    }  # fmt: skip
    for key in charts(page):
        assert f'id="chart-{key}"' in own
    for part in ("classes", "agreement", "samples", "means", "copies", "components", "outliers"):
        assert f'<h2 id="{part}">' in own
    assert "1 groups" not in own.replace("1 groups of byte-identical", "")


def test_the_page_asks_nobody_for_anything(page: Path) -> None:
    own = without_library(page)
    assert not re.search(r'(src|href)="(?!data:image/png;base64,|#)', own)
    assert "default-src 'none'" in own
    assert "showSendToCloud: false" in own
    assert "plotly.js v" in page.read_text(encoding="utf-8")


def test_a_page_of_small_data_is_little_more_than_the_library(page: Path) -> None:
    assert page.stat().st_size < 7e6


def test_charts_are_charts_that_plotly_knows(page: Path) -> None:
    import plotly.graph_objects as go

    for figure in charts(page).values():
        go.Figure(figure)  # refuses unknown properties and values


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_a_browser_draws_every_chart_and_the_samples(page: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}",
         "--virtual-time-budget=10000", "--enable-logging=stderr", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    assert done.stdout.count("js-plotly-plot") >= len(charts(page))
    assert done.stdout.count('class="main-svg"') >= len(charts(page))
    assert (
        re.search(r'id="sample-sheet"[^>]*src="data:image/png', done.stdout)
        or 'alt="faces of class neutral"' in done.stdout
    )
    assert "Uncaught" not in done.stderr
    assert "Content Security Policy" not in done.stderr


def test_counts_follow_labels_and_splits(tmp_path: Path) -> None:
    pool = read_pool(open_source(write_dataset(tmp_path, faces=9)))
    votes, fer7 = labelings(pool)
    assert votes.counts(pool.usages).tolist() == [[2, 1, 1, 1, 1, 1, 1, 1, 0, 0]] * 3
    assert fer7.counts(pool.usages)[0].tolist() == [1, 1, 1, 1, 1, 1, 3]
    bars = figures.class_counts((votes, fer7), pool.usages)["data"]
    assert [trace["name"] for trace in bars[:3]] == ["Training", "PublicTest", "PrivateTest"]
    assert bars[0]["y"][0] == 2
    assert bars[3]["y"][0] == pytest.approx(22.22)
    assert [trace["visible"] for trace in bars] == [True] * 3 + [False] * 9


def test_a_menu_shows_the_traces_of_one_choice(tmp_path: Path) -> None:
    pool = read_pool(open_source(write_dataset(tmp_path)))
    layout = figures.class_counts(labelings(pool), pool.usages)["layout"]
    button = layout["updatemenus"][0]["buttons"][2]
    assert button["label"] == "FER2013 labels: faces"
    assert button["args"][0]["visible"] == [False] * 6 + [True] * 3 + [False] * 3


def test_agreement_counts_votes_of_ten() -> None:
    votes = np.zeros((2, 10), int)
    votes[0, 1], votes[1, :2] = 10, [4, 5]  # nine votes: 5 of 9 is nearest to 6 of 10
    bars = figures.winner_votes(votes, np.array([0, 0]))["data"]
    assert bars[0]["y"] == [0, 0, 0, 0, 0, 50, 0, 0, 0, 50]


def test_copies_are_counted_once_for_each_pair_of_splits() -> None:
    usages = np.array([0, 0, 1, 2, 2])
    table = figures.copies_by_split([(0, 1, 2), (0, 3), (3, 4)], usages)["data"][0]["z"]
    assert table == [[1, 1, 1], [1, 0, 0], [1, 0, 1]]


def test_class_folders_of_any_name_are_shown_as_text(tmp_path: Path) -> None:
    names = ("bored", "<script>alert(1)</script>".replace("/", ""), "c", "d", "e", "f", "g")
    source = open_source(write_folder_layout(tmp_path, names=names))
    page = page_of(source, find(read_pool(source)))
    assert "<script>alert" not in page
    assert "folders" in page


def test_other_data_are_not_told_what_holds_for_fer2013(page: Path, tmp_path: Path) -> None:
    for number, face in enumerate(smooth_faces(24)):
        folder = tmp_path / ("train", "validation", "test")[number % 3] / ("bored", "engaged")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{number}.png"), face)
    source = open_source(tmp_path)
    text = page_of(source, find(read_pool(source)))
    own = text[: text.index("<script>")] + text[text.index("</script>") :]
    for claim in ("FER+ taggers", "do not separate", "light and pose", "not expression"):
        assert claim not in own
    assert "FER+ taggers could also say unknown" in without_library(page)
    assert "Up to 36 faces of a class" in own
    assert re.search(r"The first \d+ hold \d+ % of what differs", own)
    assert re.search(r"\d+ of \d+ faces, by chance\. The classes explain \d+\.\d % of the variance here", own)


def test_what_classes_explain_is_their_share_of_the_variance() -> None:
    plane = np.array([[0, 0], [2, 0], [4, 0], [6, 0], [99, 99]], np.float32)
    assert figures.explained(plane, np.array([0, 0, 1, 1, -1])) == pytest.approx(16 / 20)
    assert figures.explained(plane, np.array([0, 1, 1, 0, -1])) == 0
    assert figures.explained(plane, np.full(5, -1)) == 0
    assert figures.explained(np.zeros((2, 2), np.float32), np.array([0, 1])) == 0


@needs_browser
def test_a_narrow_window_shows_the_whole_page(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / ("long_name" * 20), faces=16)
    explore(folder, tmp_path / "page.html")
    assert overhang_px(tmp_path / "page.html") == 0


def test_pictures_without_labels_are_an_error(tmp_path: Path) -> None:
    for usage in ("train", "val", "test"):
        (tmp_path / usage).mkdir()
        cv2.imwrite(str(tmp_path / usage / "a.png"), smooth_faces(1)[0])
    with pytest.raises(DataError, match="pictures without labels"):
        explore(tmp_path, tmp_path / "page.html")
