"""Average precision and recall as the detectors are judged by (`benchmarks/detection_score.py`)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from photographs import benchmark

benchmark()  # loads its neighbour too
from detection_score import Found, Labels, groups, read_labels, score  # noqa: E402


def labels(*boxes: tuple[float, ...], invalid: tuple[int, ...] = ()) -> Labels:
    zeros = np.zeros(len(boxes), int)
    marked = np.array([i in invalid for i in range(len(boxes))], int)
    return Labels(np.array(boxes, np.float32).reshape(-1, 4), zeros, zeros, marked)


def found(*boxes: tuple[float, ...]) -> Found:
    """Boxes with a score as fifth value."""
    table = np.array(boxes, np.float32).reshape(-1, 5)
    return Found(table[:, :4], table[:, 4])


A, B, FAR = (0, 0, 30, 30), (100, 0, 140, 40), (300, 300, 340, 340)


def test_everything_found_and_nothing_else_is_one() -> None:
    scored = score([labels(A, B)], [found((*A, 0.9), (*B, 0.8))])
    assert scored.average_precision == 1
    assert scored.at_precision(0.95) == (1, pytest.approx(0.8))


def test_a_wrong_box_costs_precision_where_it_stands() -> None:
    last = score([labels(A, B)], [found((*A, 0.9), (*B, 0.8), (*FAR, 0.1))])
    between = score([labels(A, B)], [found((*A, 0.9), (*FAR, 0.85), (*B, 0.8))])
    assert last.average_precision == 1
    assert between.average_precision == pytest.approx(0.5 + 0.5 * 2 / 3)
    assert between.at_precision(0.95) == (0.5, pytest.approx(0.9))
    assert between.at_score(0.84) == (0.5, 0.5, 1)


def test_a_second_box_of_one_face_is_wrong() -> None:
    scored = score([labels(A)], [found((*A, 0.9), (1, 0, 31, 30, 0.8))])
    assert scored.at_score(0.5) == (1, 0.5, 1)


def test_small_and_invalid_faces_are_neither_asked_for_nor_wrong() -> None:
    small = (200, 0, 220, 20)
    scored = score([labels(A, small, B, invalid=(2,))], [found((*A, 0.9), (*small, 0.8), (*B, 0.7))])
    assert (scored.asked, scored.average_precision) == (1, 1)
    assert scored.at_score(0.1) == (1, 1, 0)
    assert scored.recall(groups()["16-20 px"](scored.faces), 0.5)[1] == 0
    assert scored.recall(groups()["20-24 px"](scored.faces), 0.75) == (1, 1)
    assert scored.recall(groups()["20-24 px"](scored.faces), 0.85) == (0, 1)


def test_pictures_without_faces_or_boxes_count() -> None:
    scored = score([labels(), labels(A)], [found((*FAR, 0.9)), found()])
    assert (scored.average_precision, scored.at_precision(0.5)) == (0, (0, 1))


def test_labels_are_read_by_name(tmp_path: Path) -> None:
    face = {"box": [1, 2, 31, 42], "occlusion": 2, "pose": 1, "invalid": 0, "blur": 0}
    (tmp_path / "faces.json").write_text(json.dumps({"b.jpg": [], "a.jpg": [face]}))
    table = read_labels(tmp_path)
    assert list(table) == ["a.jpg", "b.jpg"]
    assert table["a.jpg"].heights.tolist() == [40]
    assert groups()["heavily occluded"](table["a.jpg"]).all()
    assert groups()["unusual pose"](table["a.jpg"]).all()
