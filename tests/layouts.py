"""The small data folder of `faces.write_dataset` in the other layouts that users have."""

from __future__ import annotations

import csv
from pathlib import Path

import cv2
import numpy as np
from labelled_faces import read_labels, write_dataset

from training.data.readers.label_files import NEW_COLUMNS
from training.data.splits import FER7, SPLITS, USAGES, VOTE_COLUMNS, read_mosaic

FOLDERS = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}


def write_rows(path: Path, rows: list[list[object]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


def read_rows(path: Path) -> list[list[object]]:
    with path.open(newline="", encoding="utf-8") as file:
        return [list(row) for row in csv.reader(file)]


def _samples(folder: Path):
    rows = read_labels(write_dataset(folder))
    faces = {usage: read_mosaic(folder, usage) for usage in SPLITS}
    return [(row, faces[row["Usage"]][int(row["tile"])]) for row in rows]


def write_csv_layout(folder: Path, *, votes: bool = True) -> Path:
    """fer2013.csv with the faces of write_dataset, and fer2013new.csv."""
    samples = _samples(folder / "mosaics")
    pixels = [[row["emotion"], " ".join(map(str, face.ravel())), row["Usage"]] for row, face in samples]
    write_rows(folder / "fer2013.csv", [["emotion", "pixels", "Usage"], *pixels])
    if votes:
        ten = [[row["Usage"], row["image_name"], *(row[name] for name in VOTE_COLUMNS)] for row, _ in samples]
        write_rows(folder / "fer2013new.csv", [list(NEW_COLUMNS), *ten])
    return folder


def write_label_files(folder: Path) -> None:
    """label_train.csv, label_valid.csv, label_test.csv with the votes of write_dataset."""
    samples = _samples(folder / "mosaics")
    for usage, end in zip(USAGES, ("train", "valid", "test"), strict=True):
        rows = [
            [row["image_name"], "(0, 0, 48, 48)", *(row[name] for name in VOTE_COLUMNS)]
            for row, _ in samples
            if row["Usage"] == usage
        ]
        write_rows(folder / f"label_{end}.csv", rows)


def write_folder_layout(folder: Path, *, names: tuple[str, ...] = FER7) -> Path:
    """train/validation/test with a folder for each of FER2013's labels, under other names if wished."""
    for row, face in _samples(folder / "mosaics"):
        place = folder / FOLDERS[str(row["Usage"])] / names[int(row["emotion"])]
        place.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(place / str(row["image_name"])), face)
    return folder


def write_npz_layout(path: Path, **changes: np.ndarray) -> Path:
    """One npz with the arrays that make_fer2013.py writes; ``changes`` replace some of them."""
    samples = _samples(path.parent / "mosaics")
    arrays = {
        "images": np.stack([face for _, face in samples]),
        "emotion": np.array([int(row["emotion"]) for row, _ in samples], np.uint8),
        "votes": np.array([[int(row[name]) for name in VOTE_COLUMNS] for row, _ in samples], np.uint8),
        "usage": np.array([USAGES.index(str(row["Usage"])) for row, _ in samples], np.uint8),
    }
    np.savez(path, **{key: value for key, value in (arrays | changes).items() if value is not None})
    return path
