"""What changed between two pictures, and where."""

from __future__ import annotations

import numpy as np

from classroom_fer.faces.motion import THUMBNAIL_PX, changed, moved_boxes, thumbnail, without


def test_a_thumbnail_is_small_and_keeps_the_shape() -> None:
    assert thumbnail(np.zeros((1080, 1920, 3), np.uint8)).shape == (135, THUMBNAIL_PX)
    assert thumbnail(np.zeros((100, 50, 3), np.uint8)).shape == (100, 50)
    assert thumbnail(np.zeros((1, 4000, 3), np.uint8)).shape == (1, THUMBNAIL_PX)


def test_a_picture_that_became_brighter_did_not_move() -> None:
    before = np.random.default_rng(0).integers(0, 200, (60, 80), dtype=np.uint8)
    assert not changed(before, before + np.uint8(50), 20).any()
    now = before.copy()
    now[10:20, 30:40] = 255 - now[10:20, 30:40] // 4
    assert changed(before, now, 20)[10:20, 30:40].mean() > 0.9


def test_moved_places_have_a_margin_and_specks_are_none() -> None:
    mask = np.zeros((60, 80), bool)
    mask[10:14, 20:25] = True
    mask[50, 70:73] = True
    assert moved_boxes(mask, 3) == [(17, 7, 28, 17)]


def test_places_whose_margins_touch_are_one() -> None:
    mask = np.zeros((60, 80), bool)
    mask[10:14, 20:25] = mask[10:14, 30:35] = True
    assert len(moved_boxes(mask, 1)) == 2
    assert moved_boxes(mask, 3) == [(17, 7, 38, 17)]


def test_what_belongs_to_a_known_face_does_not_count() -> None:
    mask = np.ones((60, 80), bool)
    left = without(mask, [(-50.0, -50.0, 160.0, 120.0), (900.0, 900.0, 950.0, 950.0)], (4.0, 4.0))
    assert not left[:30, :40].any()
    assert left[32:, :].all()
    assert left[:, 42:].all()
    assert mask.all()
