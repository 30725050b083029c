"""One crop for training and analysis."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from classroom_fer.faces.crops import CONTEXT, crop_blur, face_crop


def ramp(height: int = 100, width: int = 120) -> np.ndarray:
    """Grey that grows by one level a column and row, so that a pixel says where it is."""
    y, x = np.mgrid[:height, :width]
    return (x + y).astype(np.uint8)


def box_of(x: float, y: float, side: float) -> tuple[float, float, float, float]:
    """The box whose crop is the square (x, y, side)."""
    centre_x, centre_y, half = x + side / 2, y + side / 2, side / CONTEXT / 2
    return (centre_x - half, centre_y - half, centre_x + half, centre_y + half)


def test_a_crop_of_its_own_size_is_the_pixels_themselves() -> None:
    image = ramp()
    assert np.array_equal(face_crop(image, box_of(30, 20, 48)), image[20:68, 30:78])


@pytest.mark.parametrize("side", [9, 20, 47, 48, 49, 90, 300])
@pytest.mark.parametrize("size", [24, 48])
def test_every_crop_is_a_grey_square_of_the_asked_size(side: int, size: int) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (80, 100, 3)).astype(np.uint8)
    crop = face_crop(rgb, box_of(10, 10, side), size)
    assert (crop.shape, crop.dtype) == ((size, size), np.uint8)


def test_colour_and_its_grey_give_the_same_crop() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (90, 90, 3)).astype(np.uint8)
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    box = (5.3, 7.9, 60.2, 70.0)
    assert np.array_equal(face_crop(rgb, box), face_crop(grey, box))


def test_red_weighs_what_red_weighs_in_rgb_order() -> None:
    red = np.zeros((60, 60, 3), np.uint8)
    red[..., 0] = 200
    assert face_crop(red, (10, 10, 50, 50)).max() == 60  # .299 * 200 (ITU-R BT.601); 23 if read as BGR


def test_outside_the_frame_the_edge_repeats() -> None:
    image = ramp()
    crop = face_crop(image, box_of(-10, -20, 48))
    assert np.array_equal(crop[20:, 10:], image[:28, :38])
    assert (crop[:20, 30] == image[0, 20]).all()
    assert (crop[30, :10] == image[10, 0]).all()
    last = face_crop(image, box_of(100, 80, 48))
    assert np.array_equal(last[:20, :20], image[80:, 100:])
    assert (last[25:, 25:] == image[-1, -1]).all()


def test_a_narrow_box_gets_a_square_of_its_longer_side() -> None:
    image = ramp(200, 200)
    high = 60 / CONTEXT
    crop = face_crop(image, (95, 100 - high / 2, 105, 100 + high / 2), 60)
    assert np.array_equal(crop, image[70:130, 70:130])


def test_large_faces_are_averaged_rather_than_sampled() -> None:
    checks = (np.indices((96, 96)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert set(np.unique(face_crop(checks, box_of(0, 0, 96)))) <= {127, 128}


def test_the_picture_is_not_changed() -> None:
    image = ramp()
    before = image.copy()
    face_crop(image, (-5, -5, 40, 40))[:] = 0
    face_crop(image, box_of(30, 20, 48))[:] = 0
    assert np.array_equal(image, before)


@pytest.mark.parametrize(
    "box", [(10, 10, 10, 20), (30, 10, 20, 20), (200, 10, 220, 30), (-30, -30, -1, -1), (0, 0, float("inf"), 5)]
)
def test_a_box_without_pixels_is_refused(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="does not overlap"):
        face_crop(ramp(), box)


def test_blur_falls_as_a_face_gets_softer_and_is_zero_for_none() -> None:
    sharp = np.random.default_rng(0).integers(0, 256, (48, 48)).astype(np.uint8)
    soft = cv2.GaussianBlur(sharp, (0, 0), 1.5)
    assert crop_blur(sharp) > crop_blur(soft) > crop_blur(np.full((48, 48), 90, np.uint8)) == 0
