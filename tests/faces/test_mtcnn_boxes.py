"""The arithmetic of MTCNN's boxes, against torch's pooling and facenet-pytorch's own functions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_boxes import random_boxes

from classroom_fer.faces import mtcnn_boxes as boxes_of
from classroom_fer.faces.boxes import has_area


@given(height=st.integers(1, 3000), width=st.integers(1, 3000), min_face=st.integers(12, 200))
def test_levels_shrink_until_the_short_side_is_one_window(height: int, width: int, min_face: int) -> None:
    scales = boxes_of.pyramid_scales(height, width, min_face, 0.709)
    assert bool(scales) == (min(height, width) * (12 / min_face) >= 12)
    assert scales == sorted(scales, reverse=True)
    for scale in scales:
        assert min(boxes_of.level_size(height, width, scale)) >= boxes_of.CELL_PX


@given(height=st.integers(12, 900), width=st.integers(12, 900), cells=st.integers(1, 50_000))
def test_strips_hold_every_cell_row_once(height: int, width: int, cells: int) -> None:
    found = [
        rows.start // 2 + cell
        for rows in boxes_of.strips(height, width, cells)
        for cell in range(boxes_of.cell_count(rows.stop - rows.start))
    ]
    assert found == list(range(boxes_of.cell_count(height)))


@given(size=st.integers(1, 500), bins=st.integers(1, 100))
def test_bins_cover_all_pixels_and_none_is_empty(size: int, bins: int) -> None:
    start, end = boxes_of.bin_edges(size, bins)
    assert (start < end).all()
    assert start[0] == 0
    assert end[-1] == size
    assert (start[1:] <= end[:-1]).all()


def test_bins_of_many_lengths_are_the_bins_of_each() -> None:
    lengths = np.array([5, 24, 100])
    many = boxes_of.bin_edges(lengths, 24)
    for row, length in enumerate(lengths):
        for edges, single in zip(many, boxes_of.bin_edges(int(length), 24), strict=True):
            assert edges[row].tolist() == single.tolist()


def test_squares_keep_the_centre_and_the_longer_side() -> None:
    given_boxes = random_boxes(50)
    squares = boxes_of.square(given_boxes)
    sides = squares[:, 2:] - squares[:, :2]
    longer = (given_boxes[:, 2:] - given_boxes[:, :2]).max(axis=1)
    assert np.allclose(sides, longer[:, None], atol=1e-4)
    assert np.allclose(squares[:, :2] + squares[:, 2:], given_boxes[:, :2] + given_boxes[:, 2:], atol=1e-3)


def test_crops_are_cut_at_the_border_and_may_be_empty() -> None:
    boxes = np.array([[-5.9, -3, 30.7, 20], [90, 90, 130, 140], [-40, 10, -2, 50], [100.5, 10, 140, 50]], np.float32)
    bounds = boxes_of.crop_bounds(boxes, height=100, width=100)
    assert bounds.tolist()[:2] == [[0, 0, 30, 20], [89, 89, 100, 100]]
    assert has_area(bounds).tolist() == [True, True, False, True]
    assert bounds[3].tolist() == [99, 9, 100, 50]


def test_landmarks_are_placed_in_the_box_with_the_originals_odd_pixel() -> None:
    box = np.array([[10, 20, 29, 59]], np.float32)  # 20 x 40 with facenet-pytorch's + 1
    relative = np.array([[0, 0.5, 1, 0, 1, 0, 0.5, 1, 1, 1]], np.float32)
    points = boxes_of.place_landmarks(box, relative)
    assert points.tolist() == [[[9, 19], [19, 39], [29, 59], [9, 59], [29, 59]]]


@pytest.mark.parametrize("count", [0, 1, 2, 200])
def test_last_suppression_is_facenet_pytorchs(count: int) -> None:
    stock = pytest.importorskip("facenet_pytorch.models.utils.detect_face")
    boxes, scores = random_boxes(count), np.random.default_rng(5).permutation(count).astype(np.float32)
    kept = boxes_of.keep_apart(boxes, scores, 0.7)
    expected = stock.nms_numpy(boxes, scores, 0.7, "Min").astype(int) if count else np.zeros(0, int)
    assert kept.tolist() == expected.tolist()
    if count == 200:
        assert 1 < len(kept) < 200, "nothing was suppressed: the test says nothing"


def test_suppression_counts_further_than_int16() -> None:
    """facenet-pytorch keeps its indices in int16, which wraps at 32,768 boxes."""
    count = 40_000
    corners = np.zeros((count, 2), np.float32)
    boxes = np.concatenate([corners, corners + 10], axis=1)
    boxes[-1] += 100
    scores = np.linspace(0, 1, count, dtype=np.float32)
    assert boxes_of.keep_apart(boxes, scores, 0.7).tolist() == [count - 1, count - 2]
