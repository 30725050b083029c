"""What every face detector promises. A test module subclasses DetectorContract and gives a ``detector`` fixture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from classroom_fer.lesson.records import FaceDetection, Image


def assert_is_sound(face: FaceDetection, image: Image) -> None:
    """A box inside the image that is not empty, a confidence, five landmarks in plain numbers."""
    height, width = image.shape[:2]
    x1, y1, x2, y2 = face.box
    assert 0 <= x1 < x2 <= width
    assert 0 <= y1 < y2 <= height
    assert 0 < face.confidence <= 1
    assert len(face.landmarks) == 5
    numbers = [*face.box, face.confidence, *(value for point in face.landmarks for value in point)]
    assert all(type(number) is float and np.isfinite(number) for number in numbers)


class DetectorContract:
    """``make_image(height, width)`` fixture: an image in which the detector finds at least one face; sides >= 240."""

    def test_no_images_give_no_results(self, detector: Any) -> None:
        assert detector.detect([]) == []

    def test_every_image_has_its_result_in_order(self, detector: Any, make_image: Callable[[int, int], Image]) -> None:
        images = [make_image(240, 320), make_image(300, 400), make_image(241, 323)]
        together = detector.detect(images)
        assert len(together) == 3
        assert together == [detector.detect([image])[0] for image in images]
        assert all(together)

    def test_faces_are_sound(self, detector: Any, make_image: Callable[[int, int], Image]) -> None:
        image = make_image(240, 320)
        for face in detector.detect([image])[0]:
            assert_is_sound(face, image)

    def test_eyes_are_left_and_right_in_the_image_and_above_the_mouth(
        self, detector: Any, make_image: Callable[[int, int], Image]
    ) -> None:
        left_eye, right_eye, nose, left_mouth, right_mouth = detector.detect([make_image(240, 320)])[0][0].landmarks
        assert left_eye[0] < nose[0] < right_eye[0]
        assert left_mouth[0] < right_mouth[0]
        assert max(left_eye[1], right_eye[1]) < nose[1] < min(left_mouth[1], right_mouth[1])

    def test_the_image_is_left_as_it_was(self, detector: Any, make_image: Callable[[int, int], Image]) -> None:
        image = make_image(240, 320)
        before = image.copy()
        detector.detect([image])
        assert np.array_equal(image, before)

    def test_the_same_image_gives_the_same_faces_again(
        self, detector: Any, make_image: Callable[[int, int], Image]
    ) -> None:
        image = make_image(240, 320)
        assert detector.detect([image]) == detector.detect([image])
