"""Faces and labels come from any layout as the protocol says, or an error names the place."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from labelled_faces import read_labels, smooth_faces, write_dataset, write_labels
from layouts import write_csv_layout, write_folder_layout, write_label_files, write_npz_layout

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import EMOTIONS
from training.data.protocols import select
from training.data.splits import PROTOCOLS, USAGES, DataError, Split, classes_of, open_source, read_split
from training.settings.config import DEFAULT_DATA

SHARED = Path(__file__).resolve().parents[3] / DEFAULT_DATA
MAKE = SHARED.parents[1] / "tools" / "make_fer2013.py"
ROWS = 1_000
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs FER2013 in ../shared")


def same(a: Split, b: Split) -> bool:
    """The same faces with the same labels, in any order."""
    x, y = (np.lexsort(s.images.reshape(len(s.images), -1)[:, 600:620].T) for s in (a, b))
    return a.classes == b.classes and all(
        np.array_equal(getattr(a, key)[x], getattr(b, key)[y]) for key in ("images", "labels", "votes", "fer7")
    )


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize("usage", USAGES)
def test_every_protocol_keeps_exactly_its_documented_faces(usage: str) -> None:
    faces = open_source(SHARED).read(usage)
    for protocol in PROTOCOLS.values():
        if protocol.counts:
            chosen = select(faces, protocol)
            assert len(chosen.rows) == len(chosen.labels) == len(chosen.votes) == protocol.counts[usage], protocol.name
            assert np.allclose(chosen.votes.sum(axis=1), 1)
            assert set(chosen.labels) == set(range(len(protocol.classes)))
            assert chosen.remark == ""


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """make_fer2013.py, limited to the first rows of PublicTest so that the test takes seconds."""
    spec = importlib.util.spec_from_file_location("make_fer2013", MAKE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def samples() -> Iterator[tuple[dict[str, object], np.ndarray]]:
        faces = module.tiles("PublicTest")
        rows = [row for row in read_labels(module.DATA) if row["Usage"] == "PublicTest" and row["tile"] != ""]
        for row in rows[:ROWS]:
            yield row, faces[int(str(row["tile"]))]

    module.samples = samples
    return module


@pytest.mark.shared
@needs_shared
def test_layouts_rebuilt_from_the_shared_data_give_the_same_faces(tool: ModuleType, tmp_path: Path) -> None:
    for layout in ("csv", "npz", "folders"):
        (tmp_path / layout).mkdir()
        getattr(tool, f"write_{layout}")(tmp_path / layout)
    for usage in ("train", "test"):  # the tool was limited to PublicTest; a tree of folders has all three
        (tmp_path / "folders" / usage).mkdir()
    (tmp_path / "csv" / "label_valid.csv").write_bytes((SHARED / "ferplus_label_valid.csv").read_bytes())
    whole = open_source(SHARED).read("PublicTest")
    order = {name: k for k, name in enumerate(whole.names)}  # folders are read in an order of their own
    read = {layout: open_source(tmp_path / layout).read("PublicTest") for layout in ("csv", "npz", "folders")}
    for layout, faces in read.items():
        rows = [order[Path(n).name] for n in faces.names] if layout == "folders" else list(range(ROWS))
        assert sorted(rows) == list(range(ROWS)), layout
        assert np.array_equal(faces.images, whole.images[rows]), layout
        assert np.array_equal(faces.fer7, whole.fer7[rows]), layout
    assert read["csv"].names == whole.names[:ROWS]
    for name, layouts in {"votes": ("csv", "npz"), "label_votes": ("csv",)}.items():
        for layout in layouts:
            assert np.array_equal(getattr(read[layout], name), getattr(whole, name)[:ROWS]), (name, layout)


@pytest.mark.parametrize("protocol", ["P8", "P8-lit", "P7", "P4", "P2"])
@pytest.mark.parametrize("usage", USAGES)
def test_every_layout_gives_the_same_split(tmp_path: Path, usage: str, protocol: str) -> None:
    write_csv_layout(tmp_path)
    write_label_files(tmp_path)
    expected = read_split(tmp_path / "fer2013.csv", usage, protocol=protocol)
    folders = write_folder_layout(tmp_path / "folders")
    for name in ("fer2013new.csv", "label_train.csv", "label_valid.csv", "label_test.csv"):
        (folders / name).write_bytes((tmp_path / name).read_bytes())
    sources = [tmp_path / "mosaics", folders, write_npz_layout(tmp_path / "faces.npz")]
    for source in sources:
        assert same(read_split(source, usage, protocol=protocol), expected), source
    assert expected.names[0].startswith("fer")


def test_a_protocol_that_is_answered_from_the_other_vote_file_warns(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = write_dataset(tmp_path)
    read_split(data, "PublicTest")
    assert caplog.messages == []
    assert "differs" in read_split(data, "PublicTest", protocol="P8-lit").remarks[-1]
    assert "P8-lit from fer2013new.csv" in caplog.messages[0]


def test_a_face_keeps_its_picture_and_its_votes(tmp_path: Path) -> None:
    split = read_split(write_dataset(tmp_path), "PublicTest")
    assert np.array_equal(split.images, smooth_faces(8, seed=1))
    assert split.labels.tolist() == list(range(8))
    assert split.classes == EMOTIONS
    assert split.votes[0].tolist() == [1, 0, 0, 0, 0, 0, 0, 0]
    assert split.votes[3] == pytest.approx([2 / 7, 0, 0, 5 / 7, 0, 0, 0, 0])
    assert split.fer7.tolist() == [6, 3, 5, 4, 0, 1, 2, 6]
    assert split.tallies is not None
    assert split.tallies[3].tolist() == [2, 0, 0, 5, 0, 0, 0, 0, 0, 0]


def test_a_limit_takes_the_first_faces_that_the_protocol_keeps(tmp_path: Path) -> None:
    split = read_split(write_dataset(tmp_path), "Training", protocol="P2", limit=1)
    assert (split.labels.tolist(), split.votes.tolist(), split.names) == ([0], [[1, 0]], ("fer0000001.png",))


def test_classes_of_a_protocol_need_no_data_but_those_of_folders_do(tmp_path: Path) -> None:
    assert classes_of(tmp_path / "nowhere", "P2") == ("happy", "sad")
    folders = write_folder_layout(tmp_path, names=("bored", "b", "c", "d", "e", "Happy", "g"))
    assert classes_of(folders, "folders") == ("happiness", "b", "bored", "c", "d", "e", "g")


def test_a_class_without_faces_is_an_error_with_its_file(tmp_path: Path) -> None:
    rows = read_labels(write_dataset(tmp_path))
    rows[2]["NF"] = 9
    write_labels(tmp_path, rows)
    with pytest.raises(DataError, match=r"labels\.csv: no face of class 'surprise' in Training by protocol P8"):
        read_split(tmp_path, "Training")


def test_a_class_whose_folder_is_missing_is_an_error_with_the_folder(tmp_path: Path) -> None:
    folders = write_folder_layout(tmp_path)
    (next((folders / "test" / "sad").iterdir())).unlink()
    (folders / "test" / "sad").rmdir()
    with pytest.raises(DataError, match=r"test/sad: no face of class 'sad' in PrivateTest by protocol P2"):
        read_split(folders, "PrivateTest", protocol="P2")


def test_a_folder_of_an_unknown_class_is_an_error_that_names_it(tmp_path: Path) -> None:
    folders = write_folder_layout(tmp_path, names=("angry", "disgust", "fear", "happy", "sad", "surprise", "sleepy"))
    with pytest.raises(DataError, match=r"train/sleepy: unknown class 'sleepy'") as caught:
        read_split(folders, "Training", protocol="P7")
    assert "--protocol folders" in caught.value.hint
    assert read_split(folders, "Training", protocol="folders").classes[-1] == "sleepy"


def test_an_unknown_protocol_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="P9") as caught:
        read_split(tmp_path, "Training", protocol="P9")
    assert "P8-lit" in caught.value.hint


def test_faces_of_a_manifest_are_left_out_and_counted(tmp_path: Path) -> None:
    data = write_dataset(tmp_path / "data", faces=16)
    manifest = tmp_path / "leave_out.csv"
    manifest.write_text("usage,name\nTraining,fer0000003.png\nPublicTest,fer0000016.png\n")
    split = read_split(data, "Training", leave_out=manifest)
    assert len(split.labels) == 15
    assert "fer0000003.png" not in split.names
    assert split.remarks[-1].startswith("1 face of Training left out")


def test_a_manifest_of_other_data_is_an_error_with_its_line(tmp_path: Path) -> None:
    manifest = tmp_path / "leave_out.csv"
    manifest.write_text("usage,name\nTraining,fer0000003.png\nTraining,elsewhere.png\n")
    with pytest.raises(DataError, match=r"leave_out\.csv, line 3: no face 'elsewhere\.png' in Training"):
        read_split(write_dataset(tmp_path / "data"), "Training", leave_out=manifest)


def test_a_picture_that_cannot_be_read_is_an_error_until_the_manifest_lists_it(tmp_path: Path) -> None:
    folders = write_folder_layout(tmp_path)
    (folders / "train" / "happy" / "bad.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"train/happy/bad\.png: not a picture"):
        read_split(folders, "Training", protocol="P7")
    manifest = tmp_path / "leave_out.csv"
    manifest.write_text("usage,name\nTraining,train/happy/bad.png\n")
    assert len(read_split(folders, "Training", protocol="P7", leave_out=manifest).labels) == 8
