"""CenterFace on large pictures: tiles, and one small look for large faces."""

from __future__ import annotations

import numpy as np
import pytest
from photographs import astronaut, class_picture, resized

from classroom_fer.faces import centerface_net
from classroom_fer.faces.boxes import iou
from classroom_fer.faces.centerface_net import TILE_OVERLAP_PX, CenterFaceNet, tiles
from classroom_fer.faces.nets import open_net


@pytest.fixture(scope="module")
def net() -> CenterFaceNet:
    return CenterFaceNet(open_net("faces", threads=2))


@pytest.mark.parametrize(("height", "width", "scale"), [(1080, 1920, 1.0), (1920, 1080, 1.0), (4320, 7680, 0.375)])
def test_tiles_cover_the_picture_and_every_small_face_is_whole_in_one(height: int, width: int, scale: float) -> None:
    views = tiles(height, width, scale)
    face = int(TILE_OVERLAP_PX / scale) - 2
    rng = np.random.default_rng(0)
    for x, y in zip(rng.integers(0, width - face, 200), rng.integers(0, height - face, 200), strict=True):
        assert any(
            v.left <= x and x + face <= v.left + v.width and v.top <= y and y + face <= v.top + v.height for v in views
        )
    for view in views:
        assert view.left >= 0
        assert view.top >= 0
        assert view.left + view.width <= width
        assert view.top + view.height <= height
        assert view.shown_px[0] * view.shown_px[1] < 0.5e6


def test_faces_of_all_sizes_are_found_in_tiles_as_in_one_look(
    net: CenterFaceNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = np.full((900, 1400, 3), 120, np.uint8)
    small = class_picture(2, 3, smallest_px=100)
    picture[600 : 600 + small.shape[0], 500 : 500 + small.shape[1]] = small[:300, :900]
    picture[20:532, 400:912] = astronaut()
    huge = resized(astronaut()[:320, 60:460], 560, 448)
    picture[20:580, 930:1378] = huge
    in_tiles = net.whole(picture, 1.0)
    monkeypatch.setattr(centerface_net, "WHOLE_PX", 10_000_000)
    at_once = net.whole(picture, 1.0)
    assert len(in_tiles.boxes) == len(at_once.boxes) >= 8
    assert np.sort(iou(at_once.boxes, in_tiles.boxes).max(axis=1))[0] > 0.8
