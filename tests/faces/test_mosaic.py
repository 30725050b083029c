"""Parts of a picture side by side: what is shown, and where a box in it lies in the picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.faces.boxes import Floats, has_area
from classroom_fer.faces.mosaic import WIDTH_PX, View, lay_out, square_around

HEIGHT, WIDTH = 200, 300


def boxes(*values: tuple[float, float, float, float]) -> Floats:
    return np.array(values, np.float32).reshape(-1, 4)


@given(st.lists(st.tuples(st.integers(1, 700), st.integers(1, 300), st.floats(0.1, 2)), max_size=12))
def test_no_part_lies_over_another_or_outside(sizes: list[tuple[int, int, float]]) -> None:
    mosaic = lay_out([View(0, 0, width, height, scale) for width, height, scale in sizes])
    covered = np.zeros(mosaic.size, int)
    for view, (x, y) in zip(mosaic.views, mosaic.places, strict=True):
        height, width = view.shown_px
        assert y + height <= mosaic.size[0]
        assert x + width <= mosaic.size[1]
        covered[y : y + height, x : x + width] += 1
    assert covered.max(initial=0) <= 1
    assert sorted(mosaic.views, key=repr) == sorted((View(0, 0, *size) for size in sizes), key=repr)
    assert mosaic.size[1] >= WIDTH_PX


def test_a_box_comes_back_to_where_its_pixels_are() -> None:
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[100:120, 150:180] = 255
    mosaic = lay_out([View(0, 0, 60, 60, 1.0), View(100, 60, 120, 100, 0.5), View(10, 10, 40, 40, 2.0)])
    drawn = mosaic.draw(image)
    rows, columns = np.nonzero(drawn[:, :, 0] > 127)
    seen = boxes((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
    np.testing.assert_allclose(mosaic.mapped_back(seen, HEIGHT, WIDTH), boxes((150, 100, 180, 120)))


@pytest.mark.parametrize("box", [(0.5, 20, 30, 50), (20, 0.5, 50, 30), (40, 20, 79.5, 50), (20, 40, 50, 79.5)])
def test_a_box_that_the_edge_of_its_part_cuts_is_left_out(box: tuple[float, float, float, float]) -> None:
    mosaic = lay_out([View(50, 50, 80, 80, 1.0)])
    assert not has_area(mosaic.mapped_back(boxes(box), HEIGHT, WIDTH)).any()


def test_a_face_at_the_edge_of_the_picture_is_not_cut() -> None:
    mosaic = lay_out([View(-20, 0, 80, 80, 1.0)])
    found = mosaic.mapped_back(boxes((0, 0, 40, 40)), HEIGHT, WIDTH)
    np.testing.assert_allclose(found, boxes((-20, 0, 20, 40)))


def test_a_box_between_the_parts_belongs_to_none() -> None:
    mosaic = lay_out([View(0, 0, 80, 80, 1.0), View(0, 0, 40, 40, 1.0)])
    assert not has_area(mosaic.mapped_back(boxes((200, 5, 230, 35), (85, 50, 110, 70)), HEIGHT, WIDTH)).any()


def test_a_square_outside_the_picture_repeats_its_edge() -> None:
    image = np.full((40, 40, 3), 9, np.uint8)
    assert (View(-30, 20, 60, 60, 0.5).draw(image) == 9).all()


@given(st.floats(-20, 280), st.floats(-20, 180), st.floats(12, 90), st.floats(12, 90))
def test_a_face_lies_in_the_middle_of_its_square(x: float, y: float, wide: float, high: float) -> None:
    box = (x, y, x + wide, y + high)
    view = square_around(box, 2.5, 0.5)
    assert abs(view.left + view.width / 2 - (x + wide / 2)) <= 1
    assert abs(view.top + view.height / 2 - (y + high / 2)) <= 1
    assert view.width == round(2.5 * max(wide, high))
