"""Whatever is wrong in a source is one clear error that names file and line, or folder."""

from __future__ import annotations

import itertools
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from labelled_faces import read_labels, smooth_faces, write_dataset, write_labels
from layouts import read_rows, write_csv_layout, write_folder_layout, write_label_files, write_npz_layout, write_rows

from training.data.readers.faces import Fault
from training.data.readers.source import open_source
from training.data.splits import COLUMNS, DataError, read_mosaic, read_split

# what is found


def test_what_was_found_is_said_in_one_line(tmp_path: Path) -> None:
    write_csv_layout(tmp_path)
    write_label_files(tmp_path)
    beside = ", with fer2013new.csv, label_test.csv, label_train.csv, label_valid.csv"
    assert open_source(tmp_path).found == f"pixel rows in {tmp_path}/fer2013.csv{beside}"
    assert open_source(write_npz_layout(tmp_path / "a.npz")).found == f"arrays in {tmp_path}/a.npz"
    assert open_source(tmp_path / "mosaics").found == f"mosaics in {tmp_path}/mosaics"
    folders = write_folder_layout(tmp_path / "folders")
    names = "neutral, happiness, surprise, sadness, anger, disgust, fear"
    assert open_source(folders).found == f"class folders {names} in {folders}"


def test_nothing_known_is_an_error_that_says_what_is_there_and_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(DataError, match=r"it holds notes\.txt") as caught:
        open_source(tmp_path)
    assert "fer2013.csv" in caught.value.hint


@pytest.mark.parametrize("name", ["nowhere", "nowhere.csv", "nowhere.npz"])
def test_a_missing_path_is_an_error_with_a_remedy(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="no such file or folder") as caught:
        read_split(tmp_path / name, "Training")
    assert "--data" in caught.value.hint


def test_a_file_that_is_neither_table_nor_archive_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "face.png").write_bytes(b"x")
    with pytest.raises(DataError, match=r"face\.png: no faces in it"):
        open_source(tmp_path / "face.png")


def test_other_tables_beside_the_data_do_not_disturb(tmp_path: Path) -> None:
    write_csv_layout(tmp_path, votes=False)
    (tmp_path / "export.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "long.csv").write_text("x" * 200_000)
    assert len(read_split(tmp_path, "Training", protocol="P7").labels) == 8


# mosaics


def test_missing_labels_are_an_error(tmp_path: Path) -> None:
    (write_dataset(tmp_path) / "labels.csv").unlink()
    with pytest.raises(DataError, match=r"labels\.csv: no such file"):
        read_split(tmp_path, "Training")


def test_a_row_without_pixels_is_left_out(tmp_path: Path) -> None:
    rows = read_labels(write_dataset(tmp_path, faces=16))
    rows[0]["tile"] = ""
    write_labels(tmp_path, rows)
    assert len(read_split(tmp_path, "Training").images) == 15


def test_a_missing_column_is_named_with_file_and_line(tmp_path: Path) -> None:
    rows = read_labels(write_dataset(tmp_path))
    write_labels(tmp_path, rows, tuple(name for name in COLUMNS if name != "contempt"))
    with pytest.raises(DataError, match=r"labels\.csv, line 1: missing column contempt"):
        read_split(tmp_path, "Training")


@pytest.mark.parametrize(
    ("column", "value"),
    [("anger", "many"), ("tile", "1.5"), ("tile", "99"), ("fear", "-1"), ("emotion", "7"), ("emotion", "happy")],
)
def test_a_wrong_cell_is_named_with_file_and_line(tmp_path: Path, column: str, value: str) -> None:
    rows = read_labels(write_dataset(tmp_path))
    rows[3][column] = value
    write_labels(tmp_path, rows)
    with pytest.raises(DataError, match=r"labels\.csv, line 5: "):
        read_split(tmp_path, "Training")


def test_a_picture_that_is_no_mosaic_is_an_error(tmp_path: Path) -> None:
    (write_dataset(tmp_path) / "training.png").write_bytes(b"<html>")
    with pytest.raises(DataError, match="not a mosaic"):
        read_mosaic(tmp_path, "Training")


def test_an_unknown_split_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read_split(write_dataset(tmp_path), "test")
    assert "PrivateTest" in caught.value.hint


def test_pictures_that_share_a_name_are_two_and_label_files_mean_the_first(tmp_path: Path) -> None:
    write_label_files(tmp_path)
    rows = read_labels(tmp_path / "mosaics")
    rows[9]["image_name"] = rows[8]["image_name"]
    write_labels(tmp_path / "mosaics", rows)
    (tmp_path / "mosaics" / "label_valid.csv").write_bytes((tmp_path / "label_valid.csv").read_bytes())
    source = open_source(tmp_path / "mosaics").read("PublicTest")
    assert source.names[:2] == ("fer0000008.png", "fer0000008.png#2")
    assert source.label_votes is not None
    assert source.label_votes[:2].sum(axis=1).tolist() == [7, 0]


# fer2013.csv


def change(path: Path, line: int, column: int, value: str) -> None:
    rows = read_rows(path)
    rows[line - 1][column] = value
    write_rows(path, rows)


@pytest.mark.parametrize(
    ("line", "column", "value", "message"),
    [
        (1, 1, "pixel", "line 1: missing column pixels"),
        (4, 1, "1 2 3", "line 4: 3 pixels instead of 2304"),
        (4, 1, " ".join(["256"] * 2304), "line 4: a pixel that is not a whole number 0-255"),
        (4, 1, " ".join(["x"] * 2304), "line 4: a pixel that is not a whole number 0-255"),
        (4, 0, "9", "line 4: unknown class '9' in column emotion"),
        (4, 2, "Validation", "line 4: unknown Usage 'Validation'"),
    ],
)
def test_a_wrong_pixel_row_is_named_with_file_and_line(
    tmp_path: Path, line: int, column: int, value: str, message: str
) -> None:
    change(write_csv_layout(tmp_path, votes=False) / "fer2013.csv", line, column, value)
    with pytest.raises(DataError, match=rf"fer2013\.csv, {message}"):
        read_split(tmp_path, "Training", protocol="P7")


def test_a_row_that_was_cut_off_is_an_error(tmp_path: Path) -> None:
    path = write_csv_layout(tmp_path, votes=False) / "fer2013.csv"
    path.write_text(path.read_text() + "0,1 2 3\n")
    with pytest.raises(DataError, match=r"line 26: 2 cells under 3 columns"):
        read_split(tmp_path, "Training", protocol="P7")


def test_a_missing_split_is_an_error_with_the_file(tmp_path: Path) -> None:
    path = write_csv_layout(tmp_path, votes=False) / "fer2013.csv"
    write_rows(path, [row for row in read_rows(path) if row[2] != "PrivateTest"])
    with pytest.raises(DataError, match=r"fer2013\.csv: no rows with Usage 'PrivateTest'"):
        read_split(tmp_path, "PrivateTest", protocol="P7")


def test_votes_of_other_rows_are_an_error_with_both_lines(tmp_path: Path) -> None:
    change(write_csv_layout(tmp_path) / "fer2013new.csv", 3, 0, "PublicTest")
    with pytest.raises(
        DataError, match=r"fer2013\.csv, line 3: Usage Training, but PublicTest in fer2013new\.csv, line 3"
    ):
        read_split(tmp_path, "Training")


@pytest.mark.parametrize("short", ["fer2013.csv", "fer2013new.csv"])
def test_files_of_unequal_length_are_an_error(tmp_path: Path, short: str) -> None:
    path = write_csv_layout(tmp_path) / short
    write_rows(path, read_rows(path)[:-1])
    with pytest.raises(DataError, match=r"line 25: no row 23 in "):
        read_split(tmp_path, "Training")


def test_a_header_with_spaces_is_the_same_header(tmp_path: Path) -> None:
    path = write_csv_layout(tmp_path, votes=False) / "fer2013.csv"
    write_rows(path, [["emotion", " pixels", " Usage"], *read_rows(path)[1:]])
    path.rename(tmp_path / "icml_face_data.csv")
    assert len(read_split(tmp_path, "Training", protocol="P7").labels) == 8


def test_pictures_that_ferplus_gives_no_name_belong_to_p7_only(tmp_path: Path) -> None:
    path = write_csv_layout(tmp_path) / "fer2013new.csv"
    rows = read_rows(path)
    rows += [["Training", "", *[0] * 9, 10]] * 2
    write_rows(path, rows)
    pixels = tmp_path / "fer2013.csv"
    write_rows(pixels, [*read_rows(pixels), *[[0, " ".join(["7"] * 2304), "Training"]] * 2])
    assert len(read_split(tmp_path, "Training").labels) == 8
    split = read_split(tmp_path, "Training", protocol="P7")
    assert split.names[-2:] == ("row 24", "row 25")


def test_wrong_pixel_rows_can_be_collected(tmp_path: Path) -> None:
    change(write_csv_layout(tmp_path) / "fer2013.csv", 4, 1, "1 2 3")
    faults: list[Fault] = []
    assert len(open_source(tmp_path).read("Training", faults.append).images) == 7
    assert [(fault.name, fault.reason) for fault in faults] == [("fer0000002.png", "3 pixels instead of 2304")]


# label files


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["a.png", "(0, 0, 48, 48)", 1, 2], "4 cells"),
        (["a.png", "(0, 0, 40, 40)", *[1] * 10], "box"),
        (["a.png", "(0, 0, 48, 48)", *["x"] * 10], "whole numbers|invalid literal"),
        (["a.png", "(0, 0, 48, 48)", *[0] * 10], r"votes \[0"),
        (["fer0000000.png", "(0, 0, 48, 48)", *[1] * 10], "listed twice"),
    ],
)
def test_a_wrong_label_row_is_named_with_file_and_line(tmp_path: Path, cells: list[object], message: str) -> None:
    write_csv_layout(tmp_path)
    write_label_files(tmp_path)
    path = tmp_path / "label_train.csv"
    write_rows(path, [*read_rows(path), cells])
    with pytest.raises(DataError, match=rf"label_train\.csv, line 9: .*({message})"):
        read_split(tmp_path, "Training", protocol="P8-lit")


def test_label_files_of_other_pictures_are_an_error(tmp_path: Path) -> None:
    write_csv_layout(tmp_path)
    write_rows(tmp_path / "label_train.csv", [["a.png", "(0, 0, 48, 48)", *[1] * 10]])
    with pytest.raises(DataError, match="lists none of the pictures"):
        read_split(tmp_path, "Training", protocol="P8-lit")


def test_the_authors_own_folders_are_read(tmp_path: Path) -> None:
    write_label_files(tmp_path)
    folders = {"train": "FER2013Train", "valid": "FER2013Valid", "test": "FER2013Test"}
    for number, (end, name) in enumerate(folders.items()):
        (tmp_path / "data" / name).mkdir(parents=True)
        for k, face in enumerate(smooth_faces(8, seed=number)):
            cv2.imwrite(str(tmp_path / "data" / name / f"fer{8 * number + k:07d}.png"), face)
        (tmp_path / f"label_{end}.csv").rename(tmp_path / "data" / name / "label.csv")
    split = read_split(tmp_path / "data", "PublicTest", protocol="P8-lit")
    assert np.array_equal(split.images, smooth_faces(8, seed=1))
    assert split.labels.tolist() == list(range(8))


# folders


def test_without_a_validation_folder_a_tenth_of_the_training_pictures_validates(tmp_path: Path) -> None:
    for usage, count in (("train", 20), ("test", 2)):
        for name in ("happy", "sad"):
            (tmp_path / usage / name).mkdir(parents=True)
            for k, face in enumerate(smooth_faces(count)):
                cv2.imwrite(str(tmp_path / usage / name / f"{k:02d}.png"), face)
    counts = {usage: read_split(tmp_path, usage, protocol="P2") for usage in ("Training", "PublicTest", "PrivateTest")}
    assert {usage: np.bincount(split.labels).tolist() for usage, split in counts.items()} == {
        "Training": [18, 18], "PublicTest": [2, 2], "PrivateTest": [2, 2],
    }  # fmt: skip
    assert not set(counts["Training"].names) & set(counts["PublicTest"].names)
    assert "every tenth" in counts["Training"].remarks[0]


def test_pictures_of_any_size_and_colour_become_grey_faces(tmp_path: Path) -> None:
    write_folder_layout(tmp_path)
    red = np.zeros((100, 80, 3), np.uint8)
    red[..., 2] = 255
    cv2.imwrite(str(tmp_path / "train" / "happy" / "zz.png"), red)
    split = read_split(tmp_path, "Training", protocol="P7")
    face = split.images[split.names.index("train/happy/zz.png")]
    assert face.shape == (48, 48)
    assert np.unique(face).tolist() == [76]  # .299 of 255


def test_a_limit_takes_every_class_even_where_names_begin_with_the_class(tmp_path: Path) -> None:
    for usage, name in itertools.product(("train", "val", "test"), ("happy", "sad")):
        (tmp_path / usage / name).mkdir(parents=True)
        for k, face in enumerate(smooth_faces(30)):
            cv2.imwrite(str(tmp_path / usage / name / f"{name}_{k}.png"), face)
    labels = read_split(tmp_path, "Training", protocol="P2", limit=20).labels
    assert 5 <= labels.sum() <= 15


def test_an_empty_class_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    write_folder_layout(tmp_path)
    (tmp_path / "train" / "disgust" / "fer0000005.png").unlink()
    with pytest.raises(DataError, match=r"train/disgust: no pictures in it"):
        read_split(tmp_path, "Training", protocol="P7")


def test_a_split_without_class_folders_is_an_error_that_names_it(tmp_path: Path) -> None:
    write_folder_layout(tmp_path)
    for path in list((tmp_path / "test").rglob("*.png")):
        path.rename(tmp_path / "test" / path.name)
    for folder in [p for p in (tmp_path / "test").iterdir() if p.is_dir()]:
        folder.rmdir()
    with pytest.raises(DataError, match=r"test: no class folders in it"):
        read_split(tmp_path, "PrivateTest", protocol="P7")


def test_a_missing_split_folder_is_an_error_that_names_it(tmp_path: Path) -> None:
    write_folder_layout(tmp_path)
    (tmp_path / "test").rename(tmp_path / "elsewhere")
    with pytest.raises(DataError, match="no folder for PrivateTest") as caught:
        read_split(tmp_path, "Training", protocol="P7")
    assert "test" in caught.value.hint


def test_two_folders_for_one_split_are_an_error(tmp_path: Path) -> None:
    write_folder_layout(tmp_path)
    (tmp_path / "val").mkdir()
    with pytest.raises(DataError, match=r"both val and validation mean PublicTest"):
        read_split(tmp_path, "Training", protocol="P7")


def test_notes_behind_the_end_of_a_jpeg_are_no_cut(tmp_path: Path) -> None:
    write_folder_layout(tmp_path)
    before = len(read_split(tmp_path, "Training", protocol="P7").labels)
    whole = cv2.imencode(".jpg", smooth_faces(1)[0])[1].tobytes()
    (tmp_path / "train" / "happy" / "camera.jpg").write_bytes(whole + b"maker's notes" * 100)
    assert len(read_split(tmp_path, "Training", protocol="P7").labels) == before + 1


@pytest.mark.parametrize("kind", [".png", ".jpg"])
def test_a_picture_that_was_cut_off_is_an_error(tmp_path: Path, kind: str) -> None:
    write_folder_layout(tmp_path)
    path = tmp_path / "train" / "happy" / f"cut{kind}"
    cv2.imwrite(str(path), smooth_faces(1)[0])
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match=rf"cut\{kind}: (a picture that was cut off|not a picture)"):
        read_split(tmp_path, "Training", protocol="P7")


# npz


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"usage": None}, "no array usage"),
        ({"emotion": None, "votes": None}, "no array emotion or votes"),
        ({"images": np.zeros((24, 32, 32), np.uint8)}, r"images are uint8 \[24, 32, 32\]"),
        ({"emotion": np.zeros(23, np.uint8)}, "23 rows in emotion, 24 in images"),
        ({"emotion": np.full(24, 7, np.uint8)}, "emotion, row 0: unknown class"),
        ({"usage": np.full(24, 3, np.uint8)}, "usage, row 0: unknown class"),
        ({"usage": np.full(24, 1, np.uint8)}, r"no rows with usage 0 \(Training\)"),
        ({"votes": np.zeros((24, 8), np.uint8)}, r"votes are \[24, 8\]"),
        ({"votes": np.zeros((24, 10), np.uint8)}, "votes, row 0"),
        ({"images": np.array(24)}, "images is no array"),
        ({"emotion": np.array([{}] * 24)}, "array emotion holds Python objects instead of numbers"),
    ],
)
def test_a_wrong_archive_is_an_error_that_names_array_and_row(
    tmp_path: Path, changes: dict[str, np.ndarray], message: str
) -> None:
    with pytest.raises(DataError, match=rf"a\.npz(:|, ).*{message}") as caught:
        read_split(write_npz_layout(tmp_path / "a.npz", **changes), "Training", protocol="P7")
    assert "pickle" not in f"{caught.value} {caught.value.hint}"  # NumPy advises to load objects unsafely


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it is no zip archive"),
        (b"no archive", "it is no zip archive"),
        (b"\x93NUMPY\x01\x00", "it is no zip archive"),
        (b"<!DOCTYPE html><title>fer2013.npz</title>", "it is a web page"),
        (b"\xef\xbb\xbf\n <HTML lang='en'>", "it is a web page"),
        (b"PK\x03\x04", "that can be read"),
        (b"PK\x05\x06" + bytes(18), "no array images, usage"),
    ],
)
def test_a_file_that_is_no_archive_is_an_error(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        read_split(tmp_path / "a.npz", "Training")
    assert "pickle" not in f"{caught.value} {caught.value.hint}"


def test_a_damaged_archive_is_an_error(tmp_path: Path) -> None:
    path = write_npz_layout(tmp_path / "a.npz")
    np.savez_compressed(path, **np.load(path))
    damaged = bytearray(path.read_bytes())
    damaged[2000:2200] = bytes(200)
    path.write_bytes(damaged)
    with pytest.raises(DataError, match="not an npz archive that can be read"):
        read_split(path, "Training", protocol="P7")


def test_an_entry_that_is_no_array_is_an_error(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("images.npy", b"no array")
    with pytest.raises(DataError, match="images is no array"):
        read_split(tmp_path / "a.npz", "Training")
