"""The manifest names what should go and why; the data stay as they are."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from labelled_faces import read_labels, smooth_faces, write_dataset, write_labels, write_mosaic
from layouts import read_rows, write_folder_layout
from narrow_pages import needs_browser, overhang_px

from classroom_fer.errors import ConfigError
from training.data.leave_out import COLUMNS
from training.data.splits import read_split
from training.dataset_report.clean import MANIFEST, PAGE, TABLE, clean
from training.dataset_report.findings import REASONS


def faulty(folder: Path) -> Path:
    """16 faces a split: Training 3 = PublicTest 5 = PrivateTest 1, Training 9 = Training 8 but for its light,
    PublicTest 7 blank, PrivateTest 2 not a face, Training 12 noise."""
    write_dataset(folder, faces=16)
    splits = [smooth_faces(16, seed=number) // 2 + 60 for number in range(3)]
    splits[0][3] = splits[1][5] = splits[2][1]
    splits[0][9] = splits[0][8] * 0.6 + 20
    splits[0][12] = np.random.default_rng(0).integers(0, 2, (48, 48)) * 255
    splits[1][7] = 128
    for name, faces in zip(("training", "publictest", "privatetest"), splits, strict=True):
        write_mosaic(folder / f"{name}.png", faces)
    rows = read_labels(folder)
    rows[34]["NF"] = 9
    write_labels(folder, rows)
    return folder


def digest(folder: Path) -> str:
    return hashlib.sha256(b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())).hexdigest()


def test_every_reason_names_its_faces(tmp_path: Path) -> None:
    data = faulty(tmp_path / "data")
    before = digest(data)
    clean(data, tmp_path / "out")
    assert digest(data) == before
    header, *rows = read_rows(tmp_path / "out" / MANIFEST)
    assert tuple(header) == COLUMNS
    found = {(usage, name): (reason, detail) for usage, name, reason, detail in rows}
    assert {key: reason for key, (reason, _) in found.items()} == {
        ("PublicTest", "fer0000023.png"): "blank",
        ("PrivateTest", "fer0000034.png"): "not a face",
        ("PublicTest", "fer0000021.png"): "exact duplicate",
        ("Training", "fer0000003.png"): "exact duplicate",
        ("Training", "fer0000009.png"): "near duplicate",
        ("Training", "fer0000012.png"): "outlier",
    }
    assert found["Training", "fer0000003.png"][1] == "as PrivateTest fer0000033.png; labels sad and happy"
    assert found["PrivateTest", "fer0000034.png"][1] == "9 of 16 votes"


def test_the_manifest_is_what_read_split_takes(tmp_path: Path) -> None:
    data = faulty(tmp_path / "data")
    clean(data, tmp_path / "out")
    split = read_split(data, "Training", leave_out=tmp_path / "out" / MANIFEST)
    assert len(split.labels) == 13


def test_the_table_counts_groups_and_splits(tmp_path: Path) -> None:
    clean(faulty(tmp_path / "data"), tmp_path / "out")
    table = json.loads((tmp_path / "out" / TABLE).read_text())
    assert table["identical_groups"] == table["identical_groups_across_splits"] == 1
    assert table["identical_faces"] == 3
    assert (table["near_pairs"], table["groups_with_near_copies"]) == (1, 1)
    assert table["groups_with_near_copies_across_splits"] == 0
    assert table["leave_out"]["exact duplicate"] == {"Training": 1, "PublicTest": 1, "PrivateTest": 0}
    assert table["leave_out_faces"] == 6
    assert table["groups"][0] == ["PrivateTest fer0000033.png", "PublicTest fer0000021.png", "Training fer0000003.png"]


def test_the_page_says_where_the_other_identical_groups_are(tmp_path: Path) -> None:
    data = faulty(tmp_path / "data")
    training = cv2.imread(str(data / "training.png"), cv2.IMREAD_GRAYSCALE)
    width = training.shape[1] // 48
    tiles = {k: training[48 * (k // width) :, 48 * (k % width) :][:48, :48] for k in (3, 4, 5, 10)}
    tiles[10][:] = tiles[3] * 0.6 + 20
    tiles[5][:] = tiles[4]
    cv2.imwrite(str(data / "training.png"), training)
    clean(data, tmp_path / "out")
    table = json.loads((tmp_path / "out" / TABLE).read_text())
    assert (table["identical_groups"], table["identical_groups_with_near_copies"]) == (2, 1)
    page = (tmp_path / "out" / PAGE).read_text()
    assert re.search(
        r'Identical copies, kept one first <span class="soft">1</span></h2>\n.*Without the 1 that also', page
    )
    assert "; identical groups among these: 1</td>" in page


def test_a_page_without_such_groups_does_not_speak_of_them(tmp_path: Path) -> None:
    clean(faulty(tmp_path / "data"), tmp_path / "out")
    page = (tmp_path / "out" / PAGE).read_text()
    assert "that also have near copies" not in page
    assert "identical groups among these" not in page


@needs_browser
def test_a_narrow_window_shows_the_whole_page(tmp_path: Path) -> None:
    clean(faulty(tmp_path / ("long_name" * 20)), tmp_path / "out")
    assert overhang_px(tmp_path / "out" / PAGE) == 0


def test_only_wished_reasons_go_into_the_manifest(tmp_path: Path) -> None:
    _, entries = clean(faulty(tmp_path / "data"), tmp_path / "out", reasons=["not a face"])
    assert [entry.name for entry in entries] == ["fer0000034.png"]


def test_an_unknown_reason_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ugly") as caught:
        clean(tmp_path, tmp_path / "out", reasons=["ugly"])
    assert REASONS[0] in caught.value.hint


def test_unreadable_pictures_are_listed_and_the_rest_is_looked_through(tmp_path: Path) -> None:
    folders = write_folder_layout(tmp_path / "data")
    (folders / "train" / "happy" / "bad.png").write_bytes(b"no picture")
    (folders / "test" / "sad" / "cut.jpg").write_bytes(cv2.imencode(".jpg", smooth_faces(1)[0])[1].tobytes()[:-60])
    findings, entries = clean(folders, tmp_path / "out")
    assert [(entry.usage, entry.name) for entry in entries if entry.reason == "unreadable"] == [
        ("Training", "train/happy/bad.png"), ("PrivateTest", "test/sad/cut.jpg"),
    ]  # fmt: skip
    assert len(findings.pool.names) == 24
    assert len(read_split(folders, "Training", protocol="P7", leave_out=tmp_path / "out" / MANIFEST).labels) == 8


def test_the_page_works_alone_and_shows_names_as_text(tmp_path: Path) -> None:
    folders = write_folder_layout(tmp_path / "data")
    copy = next((folders / "train" / "happy").iterdir())
    (folders / "train" / "happy" / "<b>copy & paste.png").write_bytes(copy.read_bytes())
    clean(folders, tmp_path / "out")
    page = (tmp_path / "out" / PAGE).read_text()
    assert "&lt;b&gt;copy &amp; paste.png" in page
    assert "<b>copy" not in page
    assert "http" not in page.replace("http-equiv", "")
