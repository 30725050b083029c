"""What ``CameraWatch`` says of a drawn room whose camera, light and people change by known amounts."""

from __future__ import annotations

import cmath
import math
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_rooms import HEIGHT, WIDTH, picture, room

from classroom_fer.film.camera import CameraWatch, patches_kept, view_of
from classroom_fer.film.video import open_video
from classroom_fer.lesson.camera import SAME, CameraStep, Similarity
from classroom_fer.lesson.records import Box, Image

FILMS = Path(__file__).resolve().parents[3] / "shared" / "videos"
NOBODY: tuple[Box, ...] = ()


def steps(*pictures: Image, people: tuple[Box, ...] = NOBODY) -> list[CameraStep | None]:
    watch = CameraWatch()
    watch.begin(0.0, lambda: None)
    return [watch.see(image, people) for image in pictures]


def test_of_the_first_picture_nothing_is_known() -> None:
    assert steps(picture(room(1))) == [None]


def test_a_camera_that_stands_sees_the_same_whatever_the_noise_and_the_light() -> None:
    still = picture(room(1))
    noise = np.random.default_rng(0).normal(0, 6, still.shape)
    darker = np.clip(0.6 * still + noise, 0, 255).astype(np.uint8)
    assert steps(still, darker, still) == [None, SAME, SAME]


@pytest.mark.parametrize(("x", "y", "zoom", "turn_deg"), [(350, 170, 1, 0), (320, 180, 1.04, 0), (310, 190, 0.98, 1.5)])
def test_a_movement_is_measured(x: float, y: float, zoom: float, turn_deg: float) -> None:
    wall = room(2)
    _, step = steps(picture(wall), picture(wall, x, y, zoom, turn_deg))
    assert step is not None
    assert step.change == "moved"
    true = Similarity(cmath.rect(zoom, math.radians(turn_deg)), complex(x - 320, y - 180))
    for corner in (0j, complex(WIDTH, 0), complex(0, HEIGHT), complex(WIDTH, HEIGHT)):
        assert abs(step.back(corner) - true(corner)) < 2.0


def test_a_slow_pan_adds_up_though_no_step_of_it_shows() -> None:
    wall = room(3)
    seen = steps(*(picture(wall, 320 + 0.4 * n) for n in range(40)))
    moved = sum(step.x_px for step in seen if step is not None)
    assert moved == pytest.approx(0.4 * 39, abs=2.0)


def test_another_room_is_a_cut_and_the_next_picture_of_it_is_not() -> None:
    first, other = picture(room(4)), picture(room(5))
    assert [step and step.change for step in steps(first, first, other, other, first)] == [
        None, "same", "cut", "same", "cut",
    ]  # fmt: skip


def test_a_teacher_before_the_camera_is_no_cut() -> None:
    still = picture(room(6))
    hidden = still.copy()
    hidden[:, 150:500] = (90, 60, 40)
    assert steps(still, hidden, still) == [None, SAME, SAME]


def test_a_face_that_moves_before_a_bare_wall_moves_no_camera() -> None:
    def portrait(x: int) -> Image:
        image = np.full((HEIGHT, WIDTH, 3), 200, np.uint8)
        head = cv2.resize(room(7)[:300, :300], (180, 240))
        image[80:320, x : x + 180] = head
        return image

    watch = CameraWatch()
    watch.begin(0.0, lambda: None)
    changes = [watch.see(portrait(x), [(x + 20.0, 100.0, x + 160.0, 280.0)]) for x in (200, 240, 180, 220)]
    assert changes == [None, SAME, SAME, SAME]


def test_a_picture_without_anything_in_it_is_the_same_again() -> None:
    black = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    assert steps(black, black) == [None, SAME]
    assert steps(np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1, 3), np.uint8)) == [None, SAME]
    assert steps(np.zeros((2, 4000, 3), np.uint8), np.zeros((2, 4000, 3), np.uint8)) == [None, SAME]


def test_a_stretch_goes_on_from_the_picture_before_it_alone() -> None:
    wall = room(8)
    pictures = [picture(wall, 320 + 7 * n, 180 + 3 * (n % 2)) for n in range(6)]
    in_one_go, asked = CameraWatch(), []
    in_one_go.begin(0.0, lambda: None)
    for image in pictures[:3]:
        in_one_go.see(image, NOBODY)
    in_one_go.keep_until(3.0)
    in_one_go.begin(3.0, lambda: asked.append("the picture before") or None)
    anew = CameraWatch()
    anew.begin(3.0, lambda: pictures[2])
    assert [in_one_go.see(image, NOBODY) for image in pictures[3:]] == [anew.see(i, NOBODY) for i in pictures[3:]]
    assert asked == []


def test_patches_of_unrelated_rooms_do_not_look_alike() -> None:
    shares = [patches_kept(view_of(picture(room(n))).grey, view_of(picture(room(n + 1))).grey) for n in range(10, 16)]
    assert max(shares) < 0.2
    assert patches_kept(view_of(picture(room(9))).grey, view_of(picture(room(9))).grey) == 1.0


@pytest.mark.shared
@pytest.mark.skipif(not FILMS.is_dir(), reason="needs ../shared/videos")
@pytest.mark.parametrize("fps", [2.0, 5.0])
def test_the_cuts_of_a_real_film_are_found(fps: float) -> None:
    """Cuts at .67, 2.74 and 7.04 s after its first picture, which is shown at .84 s."""
    watch, cuts = CameraWatch(), []
    watch.begin(0.0, lambda: None)
    with open_video(FILMS / "short_hamilton_clip.mp4") as film:
        for frame in film.sample(0.0, film.info.duration_s, fps):
            step = watch.see(frame.image, NOBODY)
            if step is not None and step.change == "cut":
                cuts.append(frame.time_s)
    for real in (0.84 + 0.67, 0.84 + 2.74, 0.84 + 7.04):
        assert any(real - 0.02 <= cut <= real + 1 / fps for cut in cuts)
