"""An evaluation holds every figure that is promised, and its pages say the same."""

from __future__ import annotations

import html.parser
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from labelled_faces import read_labels, smooth_faces, write_dataset, write_labels, write_mosaic
from layouts import write_folder_layout
from narrow_pages import needs_browser, overhang_px
from typer.testing import CliRunner

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import EMOTIONS
from training.__main__ import app
from training.data.leave_out import Entry, write_leave_out
from training.data.splits import FER7, SPLITS, Split, read_split
from training.evaluation.answers import Subject
from training.evaluation.evaluate import SIZES_PX, Request, evaluate, resampled, seen_in
from training.evaluation.page import facts, markdown, write_pages
from training.evaluation.page import html as page_of
from training.evaluation.question import Question
from training.figures.calibration import fit_temperature
from training.figures.split_figures import figures, summary

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


def split_of(labels: list[int]) -> Split:
    count = len(labels)
    return Split(
        images=smooth_faces(count),
        labels=np.array(labels),
        votes=(0.8 * np.eye(8) + 0.025)[labels].astype(np.float32),
        fer7=np.zeros(count, np.int64),
    )


@pytest.fixture(scope="module")
def record(tiny_run: Path) -> dict:  # type: ignore[type-arg]  # JSON
    return evaluate(Request(str(tiny_run), Question(tiny_run / "data")))


def test_figures_of_a_known_table() -> None:
    logits = 10 * np.eye(8)[[0, 0, 1, 1, 2, 0]]
    split = split_of([0, 0, 1, 1, 2, 2])
    short, whole = summary(logits, split, 1.0), figures(logits, split, 1.0)
    assert short["accuracy"] == whole["accuracy"]["value"] == pytest.approx(5 / 6)
    assert short["macro_recall"] == whole["balanced_accuracy"]["value"] == pytest.approx((1 + 1 + 0.5) / 3)
    assert short["macro_f1"] == whole["macro_f1"]["value"] == pytest.approx((0.8 + 1 + 2 / 3) / 3)
    assert short["recall"]["contempt"] is None
    assert whole["by_class"]["neutral"]["precision"] == pytest.approx(2 / 3)
    assert whole["confusion"][2][:3] == [1, 0, 1]
    assert whole["risk_coverage"]["accuracy"][-1] == pytest.approx(5 / 6), "everything is answered"
    assert whole["votes"]["votes_for_the_answer"] == pytest.approx((5 * 0.825 + 0.025) / 6)


def test_a_run_is_evaluated_with_everything_that_is_promised(record: dict) -> None:  # type: ignore[type-arg]
    assert (record["protocol"], record["split"], record["views"], record["faces"]) == ("P8", "PublicTest", "one", 16)
    assert record["answered_by"] == "its own head emotions"
    for key in ("accuracy", "balanced_accuracy", "macro_f1"):
        assert record[key]["low"] <= record[key]["value"] <= record[key]["high"]
    assert list(record["by_class"]) == list(EMOTIONS)
    assert set(record["by_class"]["fear"]) >= {"precision", "recall", "f1", "roc_auc", "faces"}
    assert np.sum(record["confusion"]) == 16
    assert record["calibration"]["temperature_from"].startswith("fitted on PublicTest to the labels")
    assert record["sizes"].keys() == {str(px) for px in SIZES_PX}
    assert record["sizes"]["48"]["value"] == record["accuracy"]["value"]
    assert record["not_in_training"]["faces"] + record["seen_in_training"]["faces"] == 16
    assert record["votes"]["one_tagger"] == pytest.approx((14 + 14 * (5 / 7)) / 28, abs=0.3)
    assert record["facts"]["system"] == "ours"
    json.dumps(record, allow_nan=False)


def test_the_second_head_answers_fer2013_and_labels_have_no_votes(tiny_run: Path) -> None:
    record = evaluate(Request(str(tiny_run), Question(tiny_run / "data", "P4", views="flip"), "votes"))
    assert record["answered_by"].startswith("head fer7")
    assert record["votes"] is None
    assert (record["views"], record["faces"], record["classes"][0]) == ("flip", 10, "happy")


def test_pages_are_whole_and_need_nothing_from_elsewhere(record: dict, tmp_path: Path) -> None:  # type: ignore[type-arg]
    paths = write_pages(record, tmp_path)
    assert [p.name for p in paths] == [f"tiny-P8-PublicTest.{kind}" for kind in ("json", "md", "html")]
    assert json.loads(paths[0].read_text()) == record
    page = paths[2].read_text()
    assert "http" not in page
    assert "<script" not in page
    checker = _Balanced()
    checker.feed(page)
    assert checker.open == []
    for plot in ("Reliability diagram: share right against largest probability", "Accuracy by width of the face"):
        assert page.count(f'role="img" aria-label="{plot}') == 1
    for name in EMOTIONS:
        assert name in page
        assert f"| {name} |" in paths[1].read_text()


def test_facts_are_told_in_words_and_empty_ones_not_at_all(record: dict) -> None:  # type: ignore[type-arg]
    known = {
        "stopped_early": False, "start": None, "teachers": [], "leave_out": None, "epochs": 0, "parameters": 2_624_207,
        "seconds": 6948.21, "offset": [0.25, -0.125], "members": {"runs/my_run": 0.25, "runs/b": 0.75},
    }  # fmt: skip
    assert facts(record | {"facts": known}) == [
        "epochs: 0",
        "parameters: 2,624,207",
        "seconds of training: 6,948.2",
        "offset of the classes: 0.25, -0.125",
        "members: runs/my_run 0.25; runs/b 0.75",
    ]
    assert facts({"facts": {"stopped_early": True}}) == ["stopped early: yes"]
    page = page_of(record)
    for raw in ("None", "False", "[]", "{&#39;", "stopped_early"):
        assert raw not in page
    assert "trained on protocol: P8" in page


@needs_browser
def test_a_narrow_window_shows_the_whole_page(record: dict, tmp_path: Path) -> None:  # type: ignore[type-arg]
    (tmp_path / "page.html").write_text(page_of(record))
    assert overhang_px(tmp_path / "page.html") == 0


class _Balanced(html.parser.HTMLParser):
    """Fails on a closing tag that does not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None: ...

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_names_from_outside_cannot_change_the_page(record: dict) -> None:  # type: ignore[type-arg]
    page = page_of(record | {"model": "<script>alert(1)</script>"})
    assert "<script" not in page


def test_the_reading_of_the_private_test_is_warned_of(record: dict) -> None:  # type: ignore[type-arg]
    text = markdown(record | {"warning": "PrivateTest is for one reading"})
    assert "**PrivateTest is for one reading**" in text


def test_faces_may_be_left_out_and_an_unreadable_training_picture_is_no_obstacle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder_layout(tmp_path)
    (tmp_path / "train" / "happy" / "broken.png").write_bytes(b"no picture")
    undecided = Subject("net", {"fer7": FER7}, {}, {}, lambda images: {"fer7": np.zeros((len(images), 7))})
    monkeypatch.setattr("training.evaluation.evaluate.open_subject", lambda _: undecided)
    whole = evaluate(Request("net", Question(tmp_path, protocol="P7", split="PrivateTest")))
    faces = read_split(tmp_path, "PrivateTest", protocol="P7")
    name = faces.names[faces.labels.tolist().index(FER7.index("neutral"))]  # there are two
    write_leave_out(tmp_path / "m.csv", [Entry("PrivateTest", name, "blank", "")])
    fewer = evaluate(
        Request("net", Question(tmp_path, protocol="P7", split="PrivateTest", leave_out=tmp_path / "m.csv"))
    )
    assert fewer["faces"] == whole["faces"] - 1
    assert fewer["leave_out"] == str(tmp_path / "m.csv")
    text = markdown(fewer)
    assert "without those that m.csv lists" in text.splitlines()[0]
    assert "1 face of PrivateTest left out" in text
    assert "without those" not in markdown(whole)
    pages = {path.name for found in (whole, fewer) for path in write_pages(found, tmp_path / "pages")}
    assert {"net-P7-PrivateTest.json", "net-P7-PrivateTest-without-m.json"} <= pages


@pytest.mark.parametrize(("views", "targets", "message"), [("three", "labels", "views"), ("one", "x", "'x'")])
def test_a_wrong_option_is_found_before_anything_is_read(views: str, targets: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        evaluate(Request("no model", Question(Path("no data"), views=views), targets))


def test_a_temperature_at_the_end_of_its_range_is_no_ordinary_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder_layout(tmp_path)
    undecided = Subject(
        "net", {"fer7": FER7}, {}, {}, lambda images: {"fer7": np.tile(np.eye(7)[:1], (len(images), 1))}
    )
    monkeypatch.setattr("training.evaluation.evaluate.open_subject", lambda _: undecided)
    record = evaluate(Request("net", Question(tmp_path, protocol="P7")))
    assert record["calibration"]["temperature"] == pytest.approx(5, rel=1e-3)
    assert "at the end of its range" in markdown(record)


def test_the_human_ceiling_counts_single_votes() -> None:
    """P8-lit's soft targets lack them; one tagger of ten did not."""
    tallies = np.array([[5, 3, 1, 1, 0, 0, 0, 0, 0, 0]])
    soft = np.array([[5, 3, 0, 0, 0, 0, 0, 0]], np.float32) / 8
    faces = Split(smooth_faces(1), np.array([0]), soft, np.array([-1]), tallies=tallies)
    found = figures(np.zeros((1, 8)), faces, 1.0)["votes"]
    assert found["votes_for_the_answer"] == pytest.approx(0.5)


def test_a_picture_that_was_trained_on_is_recognised_by_its_bytes() -> None:
    faces = smooth_faces(4)
    changed = faces[1].copy()
    changed[0, 0] ^= 1
    assert seen_in(np.stack([faces[2], changed]), faces).tolist() == [True, False]


def test_a_training_picture_counts_as_seen_even_where_the_protocol_leaves_it_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P2 keeps no frightened face, but a net that was trained under P8 saw it."""
    write_dataset(tmp_path, faces=16)
    public = smooth_faces(16, seed=1)
    public[EMOTIONS.index("happiness")] = smooth_faces(16, seed=0)[EMOTIONS.index("fear")]
    write_mosaic(tmp_path / "publictest.png", public)
    undecided = Subject("net", {"emotions": EMOTIONS}, {}, {}, lambda images: {"emotions": np.zeros((len(images), 8))})
    monkeypatch.setattr("training.evaluation.evaluate.open_subject", lambda _: undecided)
    record = evaluate(Request("net", Question(tmp_path, protocol="P2")))
    assert (record["seen_in_training"]["faces"], record["not_in_training"]["faces"]) == (1, 3)


@pytest.mark.parametrize("kind", ["labels", "votes"])
def test_the_temperature_of_a_private_reading_is_fitted_on_the_public_test(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A net that says what a face's first pixel says, surely: right on 14 of 16 public and 8 of 16 private faces."""
    write_dataset(tmp_path, faces=16)
    labels = {"PublicTest": np.arange(16) % 8, "PrivateTest": (np.arange(16) + 3) % 8}
    rows = read_labels(tmp_path)
    for row in rows:
        if row["Usage"] == "PrivateTest":
            row |= dict.fromkeys(EMOTIONS, 0) | {EMOTIONS[labels["PrivateTest"][int(row["tile"])]]: 7}
    write_labels(tmp_path, rows)
    said = {"PublicTest": labels["PublicTest"].copy(), "PrivateTest": labels["PrivateTest"].copy()}
    said["PublicTest"][:2] += 1
    said["PrivateTest"][:8] = 7 - said["PrivateTest"][:8]  # never the label: it would be 3.5
    for number, usage in enumerate(said):
        faces = smooth_faces(16, seed=5 + number)
        faces[:, 0, 0] = said[usage]
        write_mosaic(tmp_path / SPLITS[usage], faces)
    sure = Subject(
        "net", {"emotions": EMOTIONS}, {}, {}, lambda images: {"emotions": 3 * np.eye(8)[images[:, 0, 0] % 8]}
    )
    monkeypatch.setattr("training.evaluation.evaluate.open_subject", lambda _: sure)
    record = evaluate(Request("net", Question(tmp_path, split="PrivateTest"), temperature_from=kind))

    def fitted(logits_of: str, targets_of: str) -> float:
        faces = read_split(tmp_path, targets_of)
        assert faces.labels.tolist() == labels[targets_of].tolist()
        targets = faces.votes if kind == "votes" else np.eye(8)[faces.labels]
        return fit_temperature(3 * np.eye(8)[said[logits_of]], targets)

    public = fitted("PublicTest", "PublicTest")
    assert record["split"] == "PrivateTest"
    assert record["accuracy"]["value"] == 0.5
    assert record["calibration"]["temperature"] == pytest.approx(public)
    assert record["calibration"]["temperature_from"] == f"fitted on PublicTest to the {kind}"
    for others in (("PrivateTest", "PrivateTest"), ("PublicTest", "PrivateTest"), ("PrivateTest", "PublicTest")):
        assert abs(fitted(*others) - public) > 0.1


@pytest.mark.parametrize("px", [12, 20, 32])
def test_small_faces_are_what_the_product_would_crop(px: int) -> None:
    faces = smooth_faces(2)
    small = resampled(faces, px)
    expected = cv2.resize(cv2.resize(faces[1], (px, px), interpolation=cv2.INTER_AREA), (48, 48))
    np.testing.assert_array_equal(small[1], expected)


def test_the_command_prints_one_json_document_and_warns_of_the_private_test(tiny_run: Path, tmp_path: Path) -> None:
    arguments = ["evaluate", "--model", str(tiny_run), "--data", str(tiny_run / "data"), "--split", "PrivateTest"]
    done = CliRunner().invoke(app, [*arguments, "--json", "--limit", "8", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["faces"] == 8
    assert done.stderr.startswith("warning: PrivateTest is for one reading")
    assert len(list(tmp_path.iterdir())) == 3


def test_the_pages_of_a_run_lie_in_its_folder_unless_told_otherwise(tiny_run: Path, tmp_path: Path) -> None:
    run = tmp_path / "copy"
    shutil.copytree(tiny_run, run)
    done = CliRunner().invoke(app, ["evaluate", str(run), "--data", str(run / "data"), "--protocol", "P7"])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in (run / "evaluation").iterdir()) == [
        f"copy-P7-PublicTest.{kind}" for kind in ("html", "json", "md")
    ]
    assert "accuracy" in done.stdout


def test_the_shipped_model_is_evaluated_through_the_product(tiny_run: Path) -> None:
    record = evaluate(Request("shipped", Question(tiny_run / "data")))
    assert record["calibration"]["temperature_from"] == "its manifest"
    assert len(record["facts"]["sha256"]) == 64


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evaluate", "--data", "nowhere"], "nowhere"),
        (["evaluate", "nowhere", "--protocol", "P9"], "unknown protocol 'P9'"),
        (["evaluate", "one", "--model", "two"], "two models"),
        (["compare", "shipped"], "two or more different models"),
        (["export", "nowhere"], "nowhere"),
    ],
)
def test_what_is_wrong_is_said_with_a_hint_and_no_traceback(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code in {1, 2}
    assert f"error: {said}" in done.stderr or said in done.stderr.partition("error: ")[2]
    assert "hint: " in done.stderr
    assert "Traceback" not in done.output
