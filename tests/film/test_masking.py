"""Opt-out regions are black before anybody is looked for (S6)."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from fakes import FRONT
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.film.masking import Blackout, polygon_mask
from classroom_fer.lesson.records import FaceDetection, Frame
from classroom_fer.lesson.regions import Region

LEFT = Region(((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)))


def grey(time_s: float = 0.0) -> Frame:
    return Frame(0, time_s, np.full((40, 60, 3), 200, np.uint8))


def face_at(x: float, y: float) -> FaceDetection:
    return FaceDetection((x - 5, y - 5, x + 5, y + 5), 0.9, FRONT)


def test_a_region_is_black_and_the_rest_as_it_was() -> None:
    frame = grey()
    image = Blackout([LEFT], 60, 40).apply(frame).image
    assert (image[:, :32] == 0).all(), "up to two pixels more than the half"
    assert (image[:, 32:] == 200).all()
    assert (frame.image == 200).all(), "the decoder's picture is not ours to change"


def test_without_a_region_at_that_time_the_frame_is_the_same() -> None:
    late = Region(LEFT.points, "fraction", 10.0, 20.0)
    blackout = Blackout([late], 60, 40)
    for time_s in (0.0, 20.0):
        frame = grey(time_s)
        assert blackout.apply(frame) is frame
    assert (blackout.apply(grey(10.0)).image[:, :30] == 0).all()


def test_a_picture_of_another_size_is_a_bug_not_a_leak() -> None:
    with pytest.raises(ValueError, match="masks of"):
        Blackout([LEFT], 60, 41).apply(grey())


def test_a_face_that_reaches_out_of_its_region_is_dropped_by_its_centre() -> None:
    blackout = Blackout([LEFT], 60, 40)
    inside, edge, outside = face_at(10, 10), face_at(29, 20), face_at(45, 20)
    assert blackout.outside([inside, edge, outside], 0.0) == [outside]
    assert Blackout([], 60, 40).outside([inside], 0.0) == [inside]


@given(
    st.lists(st.tuples(st.floats(0, 60), st.floats(0, 40)), min_size=3, max_size=3, unique=True),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_every_pixel_that_holds_a_point_of_the_polygon_is_masked(
    corners: list[tuple[float, float]], at: tuple[float, float]
) -> None:
    (ax, ay), (bx, by), (cx, cy) = corners
    u, v = sorted(at)
    x, y = u * ax + (v - u) * bx + (1 - v) * cx, u * ay + (v - u) * by + (1 - v) * cy
    mask = polygon_mask(corners, 60, 40)
    assert mask[min(int(y), 39), min(int(x), 59)]


def test_a_concave_polygon_leaves_its_notch_free() -> None:
    notch = [(0.0, 0.0), (60.0, 0.0), (60.0, 40.0), (30.0, 5.0), (0.0, 40.0)]
    mask = polygon_mask(notch, 60, 40)
    assert not mask[30, 30]
    assert mask[30, 3]
    assert mask[2, 30]


def test_an_outline_that_goes_around_twice_hides_as_much_as_one() -> None:
    once = [(10.0, 10.0), (50.0, 10.0), (50.0, 35.0), (10.0, 35.0)]
    assert (polygon_mask(once * 2, 60, 40) == polygon_mask(once, 60, 40)).all()


def test_opencv_alone_would_not_hide_enough() -> None:
    once = np.array([(10, 10), (50, 10), (50, 35), (10, 35)], np.int32)
    twice = np.zeros((40, 60), np.uint8)
    cv2.fillPoly(twice, [np.concatenate((once, once))], 1)
    assert not twice[20, 30], "the reason for a fill of our own: polygon_mask hides what lies here"
    assert polygon_mask([(float(x), float(y)) for x, y in np.concatenate((once, once))], 60, 40)[20, 30]
