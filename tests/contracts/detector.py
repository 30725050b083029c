"""What every face detector promises. A test module subclasses DetectorContract, or RealDetectorContract where the
detector looks at the picture, and gives a ``detector`` fixture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from photographs import astronaut, resized

from classroom_fer.lesson.records import FaceDetection, Frame, Image


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

    def test_a_search_finds_in_its_first_frame_what_the_picture_shows(
        self, detector: Any, make_image: Callable[[int, int], Image]
    ) -> None:
        image = make_image(240, 320)
        assert detector.search().look([Frame(0, 0.0, image)]) == detector.detect([image])

    def test_how_many_frames_are_given_at_once_changes_nothing(
        self, detector: Any, make_image: Callable[[int, int], Image]
    ) -> None:
        film = moving(make_image(240, 320))
        together, one_by_one = detector.search().look(film), detector.search()
        assert together == [one_by_one.look([frame])[0] for frame in film]
        assert len(together) == len(film)
        for frame, faces in zip(film, together, strict=True):
            for face in faces:
                assert_is_sound(face, frame.image)

    def test_a_new_search_knows_nothing_of_others(self, detector: Any, make_image: Callable[[int, int], Image]) -> None:
        film = moving(make_image(240, 320))
        first, second = detector.search(), detector.search()
        expected = first.look(film)
        first.look(film[:1])
        assert second.look(film) == expected

    def test_no_frames_give_no_results_in_a_search_too(self, detector: Any) -> None:
        assert detector.search().look([]) == []


def moving(image: Image) -> list[Frame]:
    """A picture that drifts to the right: four frames, a second apart."""
    return [Frame(25 * n, float(n), np.ascontiguousarray(np.roll(image, 3 * n, axis=1))) for n in range(4)]


class RealDetectorContract(DetectorContract):
    """What every detector that really looks promises: on a photograph, on none, at borders, in any memory layout."""

    @pytest.fixture
    def make_image(self) -> Callable[[int, int], Image]:
        return lambda height, width: resized(astronaut()[:320, 60:460], height, width)

    def test_landmarks_follow_the_image_not_the_person(self, detector: Any) -> None:
        (face,) = detector.detect([astronaut()])[0]
        (mirrored,) = detector.detect([np.asarray(astronaut()[:, ::-1])])[0]
        width = astronaut().shape[1]
        for place, mirror_place in enumerate((1, 0, 2, 4, 3)):
            x, y = mirrored.landmarks[mirror_place]
            assert np.hypot(width - x - face.landmarks[place][0], y - face.landmarks[place][1]) < 5

    @pytest.mark.parametrize("value", [0, 127, 255])
    def test_flat_images_have_no_faces(self, detector: Any, value: int) -> None:
        assert detector.detect([np.full((90, 160, 3), value, np.uint8)]) == [[]]

    def test_noise_has_no_faces(self, detector: Any) -> None:
        noise = np.random.default_rng(1).integers(0, 256, (120, 160, 3), dtype=np.uint8)
        assert detector.detect([noise]) == [[]]

    def test_other_kinds_of_image_are_refused(self, detector: Any) -> None:
        for image in (np.zeros((50, 50), np.uint8), np.zeros((50, 50, 4), np.uint8), np.zeros((50, 50, 3), np.float32)):
            with pytest.raises(ValueError, match="RGB uint8"):
                detector.detect([image])

    def test_memory_layout_does_not_matter(self, detector: Any) -> None:
        plain = resized(astronaut()[:320, 60:460], 160, 200)
        bgr_storage = plain[:, :, ::-1].copy()
        wide = np.zeros((160, 300, 3), np.uint8)
        wide[:, 50:250] = plain
        read_only = plain.copy()
        read_only.flags.writeable = False
        variants = [bgr_storage[:, :, ::-1], wide[:, 50:250], np.asfortranarray(plain), read_only]
        expected = detector.detect([plain])[0]
        assert expected
        assert detector.detect(variants) == [expected] * 4

    def test_faces_cut_by_every_border_are_clipped_to_the_image(self, detector: Any) -> None:
        """Crops that reach over the border, or lie outside it, must not shift results against boxes (facenet 182)."""
        found = 0
        for shift in range(0, 60, 12):
            for image in (
                astronaut()[60 + shift : 300, 100:400],
                astronaut()[:300, 180 + shift : 400],
                astronaut()[: 180 - shift, 100:400],
                astronaut()[:300, 60 : 260 - shift],
            ):
                faces = detector.detect([image])[0]
                found += len(faces)
                for face in faces:
                    assert_is_sound(face, image)
        assert found >= 10
