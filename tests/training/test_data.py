"""Faces and labels come from the folder as protocol P8 says, or an error names the place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from faces import read_labels, smooth_faces, write_dataset, write_labels

from classroom_fer.types import EMOTIONS
from training.config import DEFAULT_DATA
from training.data import COLUMNS, P8_COUNTS, DataError, read_mosaic, read_split

SHARED = Path(__file__).resolve().parents[2] / DEFAULT_DATA


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs FER2013 in ../shared")
@pytest.mark.parametrize("usage", P8_COUNTS)
def test_p8_counts_are_those_of_the_protocol(usage: str) -> None:
    split = read_split(SHARED, usage)
    assert len(split.images) == len(split.labels) == len(split.votes) == P8_COUNTS[usage]
    assert np.allclose(split.votes.sum(axis=1), 1)
    assert set(split.labels) == set(range(8))


def test_a_face_keeps_its_picture_and_its_votes(tmp_path: Path) -> None:
    split = read_split(write_dataset(tmp_path), "PublicTest")
    assert np.array_equal(split.images, smooth_faces(8, seed=1))
    assert split.labels.tolist() == list(range(8))
    assert split.votes[0].tolist() == [1, 0, 0, 0, 0, 0, 0, 0]
    assert split.votes[3] == pytest.approx([2 / 7, 0, 0, 5 / 7, 0, 0, 0, 0])


@pytest.mark.parametrize("winner", ["unknown", "NF"])
def test_a_face_that_wins_unknown_or_no_face_is_left_out(tmp_path: Path, winner: str) -> None:
    rows = read_labels(write_dataset(tmp_path))
    rows[2][winner] = 9
    write_labels(tmp_path, rows)
    split = read_split(tmp_path, "Training")
    assert split.labels.tolist() == [0, 1, 3, 4, 5, 6, 7]


def test_votes_for_unknown_do_not_count_in_the_shares(tmp_path: Path) -> None:
    rows = read_labels(write_dataset(tmp_path))
    rows[1]["unknown"] = 3
    write_labels(tmp_path, rows)
    assert read_split(tmp_path, "Training").votes[1] == pytest.approx([2 / 7, 5 / 7, 0, 0, 0, 0, 0, 0])


def test_a_row_without_pixels_is_left_out(tmp_path: Path) -> None:
    rows = read_labels(write_dataset(tmp_path))
    rows[0]["tile"] = ""
    write_labels(tmp_path, rows)
    assert len(read_split(tmp_path, "Training").images) == 7


def test_a_missing_folder_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file") as caught:
        read_split(tmp_path / "nowhere", "Training")
    assert "--data" in caught.value.hint


def test_missing_labels_are_an_error(tmp_path: Path) -> None:
    (write_dataset(tmp_path) / "labels.csv").unlink()
    with pytest.raises(DataError, match=r"labels\.csv: no such file"):
        read_split(tmp_path, "Training")


def test_a_missing_column_is_named_with_file_and_line(tmp_path: Path) -> None:
    rows = read_labels(write_dataset(tmp_path))
    write_labels(tmp_path, rows, tuple(name for name in COLUMNS if name != "contempt"))
    with pytest.raises(DataError, match=r"labels\.csv, line 1: missing column contempt"):
        read_split(tmp_path, "Training")


@pytest.mark.parametrize(("column", "value"), [("anger", "many"), ("tile", "1.5"), ("tile", "99"), ("fear", "-1")])
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
        read_mosaic(tmp_path, "test")
    assert "PrivateTest" in caught.value.hint


def test_labels_are_in_the_order_of_the_product() -> None:
    assert COLUMNS[4:12] == EMOTIONS
