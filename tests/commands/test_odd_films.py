"""Films of any size, and films in which nothing is a pupil's face: a result that says what was seen, and no crash."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from in_process import invoke

from classroom_fer.faces.centerface import load_detector
from classroom_fer.lesson.records import Image
from tests.faceless import benchmark_module
from tests.photographs import astronaut

SECONDS = 4
PORTRAIT = (slice(0, 300), slice(80, 380))
"""Rows and columns of the astronaut's head and shoulders."""


def lossless(path: Path, pictures: list[Image], codec: str, pixels: str) -> Path:
    """A film of one picture a second, in a codec that takes any size."""
    height, width = pictures[0].shape[:2]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=1)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def seen(folder: Path, film: Path) -> dict[str, Any]:
    """What the camera saw, of one film that is analysed as a lesson is, without expressions."""
    done = invoke(folder, "analyze", film, "--profile", "presence", "--json")
    assert done.exit_code == 0, done.stderr
    visibility: dict[str, Any] = json.loads(done.stdout)["films"][0]["visibility"]
    return visibility


def test_a_film_of_one_pixel_has_nobody_in_it(tmp_path: Path) -> None:
    pictures = [np.full((1, 1, 3), 40 * number, np.uint8) for number in range(3)]
    found = seen(tmp_path, lossless(tmp_path / "pixel.mkv", pictures, "ffv1", "bgr0"))
    assert (found["frames_sampled"], found["faces"], found["tracks"]) == (3, 0, 0)


@pytest.mark.parametrize(("size", "count"), [((160, 120), 4), ((7680, 4320), 1)])
def test_a_face_is_found_in_a_film_of_any_size(tmp_path: Path, size: tuple[int, int], count: int) -> None:
    width, height = size
    portrait = cv2.resize(astronaut()[PORTRAIT], (height, height), interpolation=cv2.INTER_LINEAR)
    picture = np.full((height, width, 3), 120, np.uint8)
    picture[:, :height] = portrait
    found = seen(tmp_path, lossless(tmp_path / "any.mkv", [picture] * count, "mjpeg", "yuvj420p"))
    assert (found["frames_sampled"], found["faces"]) == (count, count)


def test_a_poster_is_one_face_that_never_moves(tmp_path: Path) -> None:
    films = benchmark_module("faceless_films")
    found = seen(tmp_path, films.write_film(tmp_path / "poster.mp4", films.poster(astronaut()[PORTRAIT]), SECONDS))
    assert (found["frames_sampled"], found["faces"], found["tracks"]) == (SECONDS, SECONDS, 1)


@pytest.mark.parametrize("draw", [lambda films: films.drawn_class, lambda films: films.backs_of_heads()])
def test_drawn_figures_and_backs_of_heads_are_no_faces(draw: Callable[[Any], Callable[[float], Image]]) -> None:
    picture = draw(benchmark_module("faceless_films"))(1.0)
    assert load_detector(threads=1).detect([picture]) == [[]]
