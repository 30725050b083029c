"""Heads that go down are seen faces: present, covered, turned down. Rendered heads, the real nets, to the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeClassifier, FakeVideo, frame_number

from classroom_fer import wiring
from classroom_fer.faces.centerface import load_detector
from classroom_fer.faces.looks import EveryFrameWhole
from classroom_fer.lesson.records import (
    FaceDetection,
    Frame,
    FrameSample,
    Image,
    Lesson,
    SessionResult,
    Task,
)
from classroom_fer.lesson.span import Span
from classroom_fer.pipeline import OpenFilm, Parts, Stopwatch, observe
from classroom_fer.settings.config import load_config
from tests.faceless import benchmark_module

FACE_PX = 64
AHEAD_DEG = {"collins": -16, "hopper": 0}
"""As in the sample lesson: Collins's photograph looks down a little."""
DOWN_DEG = 33
PUPILS = 6
CONFIG = load_config(None, {"fps": 0.5})
DOWN_FROM_S, DESK_FROM_S, END_S = 240, 300, 360
SPAN = Span(0, END_S, CONFIG.fps, CONFIG.chunk_s)
TASKS = (
    Task("watch", 0, DOWN_FROM_S),
    Task("take notes", DOWN_FROM_S, DESK_FROM_S),
    Task("write", DESK_FROM_S, END_S, "desk"),
)


class LargeFilm(FakeVideo):
    """A fake film whose pictures are as large as those in which the heads were found."""

    def _frame(self, number: int, time_s: float, held: int) -> Frame:
        frame = super()._frame(number, time_s, held)
        rendered = benchmark_module("rendered_heads")
        image = np.zeros((rendered.HEIGHT, rendered.WIDTH, 3), np.uint8)
        image[0, 0] = frame.image[0, 0]
        return replace(frame, image=image)


class TwoLooks:
    """A detector of a film of two pictures: what the real one found in the first until DOWN_FROM_S, then the second."""

    def __init__(self, ahead: list[FaceDetection], down: list[FaceDetection]) -> None:
        self.ahead, self.down = ahead, down

    def detect(self, images: Sequence[Image]) -> list[list[FaceDetection]]:
        return [self.ahead if frame_number(image) / 10 < DOWN_FROM_S else self.down for image in images]

    def search(self) -> EveryFrameWhole:
        return EveryFrameWhole(self)


def found_in(pitch_deg: dict[str, int]) -> list[FaceDetection]:
    """What the real detector finds of PUPILS heads whose pitch is that of the person."""
    rendered = benchmark_module("rendered_heads")
    sprites = [rendered.turned(person, 0, pitch, FACE_PX) for person, pitch in pitch_deg.items()]
    every = [*sprites, *map(rendered.mirrored, sprites), *sprites][:PUPILS]
    ((picture, _),) = rendered.laid_out(every, FACE_PX)
    (faces,) = load_detector(threads=1).detect([picture])
    return faces


@pytest.fixture(scope="module")
def looks() -> TwoLooks:
    return TwoLooks(found_in(AHEAD_DEG), found_in(dict.fromkeys(AHEAD_DEG, DOWN_DEG)))


@pytest.fixture(scope="module")
def rows(looks: TwoLooks) -> list[FrameSample]:
    film = OpenFilm(LargeFilm(duration_s=END_S), Parts(looks, FakeClassifier()), CONFIG)
    return [frame for chunk in SPAN.chunks() for frame in observe(chunk, film, Stopwatch()).frames]


@pytest.fixture(scope="module")
def result(rows: list[FrameSample]) -> SessionResult:
    pure = wiring.build_pure_half(CONFIG)
    return pure.measure(Lesson(rows, pure.tracker.track(rows), TASKS, SPAN, 0), CONFIG.rules)


def test_every_lowered_head_is_a_sure_face(looks: TwoLooks) -> None:
    assert (len(looks.ahead), len(looks.down)) == (PUPILS, PUPILS)
    assert min(face.confidence for face in looks.down) > CONFIG.rules.tracking.sure_confidence_centerface


def test_every_lowered_head_has_a_direction_and_it_is_down(rows: list[FrameSample]) -> None:
    lowered = [face for frame in rows if frame.time_s >= DOWN_FROM_S for face in frame.faces]
    assert len(lowered) == PUPILS * (END_S - DOWN_FROM_S) * CONFIG.fps
    assert all(face.pose is not None and face.pose.pitch_deg > 15 for face in lowered)


def test_lowered_heads_keep_their_tracks(result: SessionResult) -> None:
    assert [(track.first_s, track.last_s) for track in result.tracks] == [(0, END_S - 1 / CONFIG.fps)] * PUPILS


def test_lowered_heads_count_for_presence_and_coverage(result: SessionResult) -> None:
    assert result.visibility.coverage == 1
    assert [task.coverage for task in result.tasks] == [1, 1, 1]
    assert {bin_.faces for bin_ in result.bins} == {PUPILS}


def test_lowered_heads_are_down_half_in_listening_and_full_in_desk_work(result: SessionResult) -> None:
    assert [task.orientation and task.orientation.value for task in result.tasks] == [1, 0.5, 1]


def test_the_expression_of_lowered_heads_is_counted_in_no_group(result: SessionResult) -> None:
    assert [task.readable for task in result.tasks] == [1, 0, 0]
    assert [task.shares is None for task in result.tasks] == [False, True, True]
