"""Copies are found whatever was done to them; other faces are no copies."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from labelled_faces import smooth_faces

from classroom_fer.lesson.records import Image
from training.dataset_report import duplicates
from training.dataset_report.duplicates import exact_groups, flat_faces, near_pairs

FACES = smooth_faces(40)


def other_light(face: Image) -> Image:
    return (face * 0.5 + 40).astype(np.uint8)


def resized(face: Image) -> Image:
    return cv2.resize(cv2.resize(face, (34, 34), interpolation=cv2.INTER_AREA), (48, 48))


def compressed(face: Image) -> Image:
    return cv2.imdecode(cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_GRAYSCALE)


def written_on(face: Image) -> Image:
    return cv2.putText(face.copy(), "stock", (8, 40), cv2.FONT_HERSHEY_PLAIN, 0.7, 200)


def test_identical_pictures_are_one_group() -> None:
    images = FACES[[0, 1, 0, 2, 1, 0]]
    assert exact_groups(images) == ((0, 2, 5), (1, 4))


@pytest.mark.parametrize("change", [other_light, resized, compressed, written_on])
def test_a_changed_copy_is_near_and_nothing_else_is(change: Callable[[Image], Image]) -> None:
    images = np.concatenate([FACES, change(FACES[7])[None]])
    pairs = near_pairs(images)
    assert [(pair.first, pair.second) for pair in pairs] == [(7, 40)]
    assert pairs[0].correlation > 0.82


def test_identical_copies_are_no_near_pairs() -> None:
    assert near_pairs(FACES[[0, 1, 0]]) == ()


def test_the_threshold_is_obeyed() -> None:
    images = np.concatenate([FACES, written_on(FACES[7])[None]])
    correlation = near_pairs(images)[0].correlation
    assert near_pairs(images, threshold=correlation + 0.001) == ()


def test_pairs_are_found_across_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "CHUNK", 3)
    steps: list[tuple[int, int]] = []
    images = np.concatenate([FACES, other_light(FACES[39])[None], other_light(FACES[0])[None]])
    pairs = near_pairs(images, on_progress=lambda stage, done, total: steps.append((done, total)))
    assert {(pair.first, pair.second) for pair in pairs} == {(39, 40), (0, 41)}
    assert steps[0] == (3, 42)
    assert steps[-1] == (42, 42)


def test_flat_pictures_are_found_and_are_nobodys_copies() -> None:
    flat = np.full((2, 48, 48), 10, np.uint8)
    flat[1] = 90
    images = np.concatenate([FACES[:2], flat])
    assert flat_faces(images) == (2, 3)
    assert near_pairs(images) == ()


def test_no_faces_have_no_copies() -> None:
    assert near_pairs(FACES[:0]) == ()
    assert exact_groups(FACES[:0]) == ()
