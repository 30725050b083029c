"""Where the frames of a chunk are looked at: whole pictures seldom, known faces and what moved in between."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from photographs import class_picture, resized

from classroom_fer.faces.boxes import iou
from classroom_fer.faces.centerface import load_detector
from classroom_fer.faces.centerface_net import CenterFaceNet, Found
from classroom_fer.faces.known_faces import KnownFace
from classroom_fer.faces.landmarks import LandmarkFinder
from classroom_fer.faces.looks import ChunkLooks, body, known_views
from classroom_fer.faces.mosaic import View
from classroom_fer.faces.nets import open_net
from classroom_fer.lesson.records import FaceDetection, Frame, Image
from classroom_fer.settings.config import default_config

PLAN = default_config().rules.looks
GREY = np.full((540, 960, 3), 90, np.uint8)


class Looked(CenterFaceNet):
    """CenterFace that notes what it was shown."""

    def __init__(self) -> None:
        super().__init__(open_net("faces", threads=2))
        self.shown: list[Sequence[View]] = []

    def whole(self, image: Image, scale: float, min_score: float = 0.35) -> Found:
        self.shown.append([View(0, 0, image.shape[1], image.shape[0], scale)])
        return super().whole(image, scale, min_score)

    def parts(self, image: Image, views: Sequence[View], min_score: float = 0.35) -> Found:
        self.shown.append(list(views))
        return super().parts(image, views, min_score)

    def is_whole(self, number: int, height: int, width: int) -> bool:
        return [(v.left, v.top, v.width, v.height) for v in self.shown[number]] == [(0, 0, width, height)]


@pytest.fixture(scope="module")
def landmarks() -> LandmarkFinder:
    return LandmarkFinder(open_net("landmarks", threads=2))


@pytest.fixture(scope="module")
def group() -> Image:
    return resized(class_picture(2, 3, smallest_px=80), 400, 600)


def looks(landmarks: LandmarkFinder, **changes: float) -> tuple[Looked, ChunkLooks]:
    net = Looked()
    return net, ChunkLooks(net, landmarks, dataclasses.replace(PLAN, **changes), min_face=20)


def film(*images: Image) -> list[Frame]:
    return [Frame(n, float(n), image) for n, image in enumerate(images)]


def boxes(faces: Sequence[FaceDetection]) -> np.ndarray:
    return np.array([face.box for face in faces], np.float32).reshape(-1, 4)


def test_known_faces_are_found_again_where_a_whole_look_finds_them(landmarks: LandmarkFinder, group: Image) -> None:
    net, search = looks(landmarks)
    whole, between = search.look(film(group, group))
    height, width = group.shape[:2]
    assert net.is_whole(0, height, width)
    assert len(net.shown[1]) == len(whole) == len(between) == 6
    shown = sum(view.shown_px[0] * view.shown_px[1] for view in net.shown[1])
    assert shown < 0.2 * height * width
    overlap = iou(boxes(whole), boxes(between)).max(axis=1)
    assert np.median(overlap) > 0.85
    ratios = np.sort((boxes(between)[:, 2:] - boxes(between)[:, :2]).max(1)) / np.sort(
        (boxes(whole)[:, 2:] - boxes(whole)[:, :2]).max(1)
    )
    assert abs(np.median(ratios) - 1) < 0.05


def test_the_whole_picture_is_looked_at_every_few_seconds(landmarks: LandmarkFinder, group: Image) -> None:
    net, search = looks(landmarks, whole_every_s=3)
    search.look(film(*[group] * 8))
    assert [net.is_whole(n, *group.shape[:2]) for n in range(8)] == [n % 3 == 0 for n in range(8)]


def test_at_nought_seconds_every_sample_is_looked_at_whole(landmarks: LandmarkFinder, group: Image) -> None:
    detector = load_detector(min_face=20, threads=2)
    _, search = looks(landmarks, whole_every_s=0)
    assert search.look(film(group, group[:, ::-1])) == detector.detect([group, group[:, ::-1]])


def test_a_newcomer_is_found_where_something_moved(landmarks: LandmarkFinder, group: Image) -> None:
    height, width = group.shape[:2]
    before, after = np.full((540, 1280, 3), 90, np.uint8), np.full((540, 1280, 3), 90, np.uint8)
    before[:height, : width // 3] = after[:height, : width // 3] = group[:, : width // 3]
    after[:height, 900 : 900 + width // 3] = group[:, width // 3 : 2 * (width // 3)]
    net, search = looks(landmarks)
    first, second = search.look(film(before, after))
    assert (len(first), len(second)) == (2, 4)
    assert not net.is_whole(1, 540, 1280)


def test_a_picture_that_changes_everywhere_is_looked_at_whole(landmarks: LandmarkFinder, group: Image) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (34, 60, 3), dtype=np.uint8).repeat(16, 0).repeat(16, 1)[:540]
    net, search = looks(landmarks)
    search.look(film(GREY, noise))
    assert net.is_whole(1, 540, 960)


def test_where_nothing_is_known_and_nothing_moves_nothing_is_shown(landmarks: LandmarkFinder) -> None:
    net, search = looks(landmarks)
    assert search.look(film(GREY, GREY, GREY)) == [[], [], []]
    assert len(net.shown) == 1


def test_a_frame_of_another_size_is_looked_at_whole(landmarks: LandmarkFinder) -> None:
    net, search = looks(landmarks)
    search.look(film(GREY, np.full((300, 480, 3), 90, np.uint8)))
    assert net.is_whole(1, 300, 480)


def test_a_missed_face_is_shown_larger_once_and_looked_for_further_off() -> None:
    box = (100.0, 100.0, 140.0, 150.0)
    faces = [KnownFace(box), KnownFace(box, misses=1), KnownFace(box, misses=2), KnownFace(box, is_hard=True)]
    views = known_views(faces, PLAN)
    assert [view.width for view in views] == [125, 160, 160, 125]
    assert [view.scale for view in views] == pytest.approx([0.56, 1.12, 0.56, 1.12])


def test_a_small_face_is_not_enlarged_without_end() -> None:
    (view,) = known_views([KnownFace((0.0, 0.0, 10.0, 12.0), misses=1)], PLAN)
    assert view.scale == 1.5


def test_a_body_is_beside_and_below_its_face() -> None:
    x1, y1, x2, y2 = body(KnownFace((100.0, 100.0, 140.0, 150.0)))
    assert x1 + x2 == 240
    assert y2 - 125 > 125 - y1 > 50
