import dataclasses
import itertools
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from drawn_rooms import room
from fakes import FakeClassifier, FakeDetector, FakeVideo
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.film.prefetch import prefetched
from classroom_fer.lesson.camera import SAME, CameraStep
from classroom_fer.lesson.records import (
    Advanced,
    ChunkResult,
    FaceDetection,
    Frame,
    Image,
    SessionStart,
    StageFinished,
    StageStarted,
    Task,
)
from classroom_fer.lesson.regions import Region
from classroom_fer.lesson.span import Chunk, Span
from classroom_fer.pipeline import OpenFilm, Parts, Stopwatch, observe, observe_missing
from classroom_fer.settings.config import Config, default_config
from classroom_fer.store.store import SqlStore, open_store

WALLS = (room(1), room(2))
CONFIG = dataclasses.replace(default_config(), chunk_s=30.0)


def observed(video: FakeVideo, parts: Parts, start: float = 0, end: float = 30) -> ChunkResult:
    return observe(Chunk(0, start, end), OpenFilm(video, parts, CONFIG), Stopwatch())


@given(st.floats(0, 500), st.floats(0.1, 900), st.sampled_from([10.0, 60.0, 120.0, 0.7]))
def test_chunks_tile_the_span_and_are_aligned_to_media_start(start: float, length: float, chunk_s: float) -> None:
    chunks = Span(start, start + length, 1.0, chunk_s).chunks()
    edges = [chunks[0].start_s, *(c.end_s for c in chunks)]
    assert edges[0] == start
    assert edges[-1] == start + length
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(chunks))
    assert all(edge == pytest.approx(round(edge / chunk_s) * chunk_s) for edge in edges[1:-1])


def test_every_sampled_frame_is_a_row_even_without_faces() -> None:
    result = observed(FakeVideo(duration_s=30), Parts(FakeDetector(empty=[50]), FakeClassifier()))
    assert [f.time_s for f in result.frames] == [float(s) for s in range(30)]
    assert [len(f.faces) for f in result.frames] == [0 if f.frame_index == 50 else 3 for f in result.frames]


def test_lost_frames_are_counted_and_leave_no_row() -> None:
    result = observed(FakeVideo(duration_s=30, lost=range(100, 120)), Parts(FakeDetector(), FakeClassifier()))
    assert result.frames_lost == 20
    assert {f.time_s for f in result.frames} == set(range(30)) - {10.0, 11.0}


def test_a_picture_shown_for_long_is_looked_at_once_and_has_a_row_in_every_interval() -> None:
    detector, classifier = FakeDetector(), FakeClassifier()
    result = observed(FakeVideo(duration_s=30, source_fps=0.25), Parts(detector, classifier), 10, 20)
    assert [(f.time_s, f.frame_index, f.held) for f in result.frames] == [
        (10.0, 2, 2), (11.0, 2, 3), *((float(s), s // 4, s % 4) for s in range(12, 20)),
    ]  # fmt: skip
    assert sum(detector.batches) == 3
    assert classifier.crops == 9
    for frame in result.frames:
        assert [(f.time_s, f.held, f.face_index) for f in frame.faces] == [
            (frame.time_s, frame.held, n) for n in range(3)
        ]
        assert all(f.emotion for f in frame.faces)
    assert {frame.camera for frame in result.frames[1:]} == {SAME}


def test_a_region_that_begins_while_a_picture_is_shown_hides_it_from_then_on() -> None:
    everything = Region(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)), "fraction", 2.0, 3.0)
    config = dataclasses.replace(CONFIG, regions=(everything,))
    film = OpenFilm(FakeVideo(duration_s=4, source_fps=0.25), Parts(FakeDetector(), FakeClassifier()), config)
    result = observe(Chunk(0, 0, 4), film, Stopwatch())
    assert [(f.time_s, len(f.faces)) for f in result.frames] == [(0.0, 3), (1.0, 3), (2.0, 0), (3.0, 3)]


def test_an_error_ends_the_reading_ahead() -> None:
    class Failing(FakeDetector):
        def detect(self, images: Sequence[Image]) -> list[list[FaceDetection]]:
            raise KeyError("detector")

    parts = Parts(Failing(), FakeClassifier(), prefetch=prefetched)
    with pytest.raises(KeyError):
        observed(FakeVideo(duration_s=300), parts, 0, 300)
    assert "prefetch" not in {thread.name for thread in threading.enumerate()}


def test_frames_reach_the_detector_a_few_at_a_time() -> None:
    detector = FakeDetector()
    observed(FakeVideo(duration_s=30), Parts(detector, FakeClassifier()))
    assert max(detector.batches) <= 4
    assert sum(detector.batches) == 30


def test_a_face_that_abstains_is_not_classified_and_says_why() -> None:
    strict = dataclasses.replace(CONFIG.rules.expression, min_face_px=50)
    config = dataclasses.replace(CONFIG, rules=dataclasses.replace(CONFIG.rules, expression=strict))
    classifier = FakeClassifier()
    film = OpenFilm(FakeVideo(duration_s=5), Parts(FakeDetector(), classifier), config)
    result = observe(Chunk(0, 0, 5), film, Stopwatch())
    assert classifier.crops == 0
    assert {(f.emotion, f.abstained_because) for s in result.frames for f in s.faces} == {(None, "too small")}


def test_expressions_stay_with_their_faces() -> None:
    result = observed(FakeVideo(duration_s=3), Parts(FakeDetector(), FakeClassifier()), 0, 3)
    for frame in result.frames:
        assert [f.face_index for f in frame.faces] == [0, 1, 2]
        assert all(f.emotion is not None and f.emotion[0] == pytest.approx(0.8) for f in frame.faces)
        assert all(f.pose is not None and abs(f.pose.yaw_deg) < 1 for f in frame.faces)


def test_a_chunk_says_the_same_of_the_camera_wherever_the_run_began() -> None:
    class Pans(FakeVideo):
        """The camera looks along a wall, and elsewhere from frame 150 on."""

        def _frame(self, number: int, time_s: float, held: int) -> Frame:
            frame = super()._frame(number, time_s, held)
            wall = WALLS[number >= 150]
            frame.image[1:] = wall[1:240, number : number + 320]
            return frame

    def camera(*chunks: Chunk) -> list[CameraStep | None]:
        film = OpenFilm(Pans(duration_s=30), Parts(FakeDetector(seats=0), FakeClassifier()), CONFIG)
        return [frame.camera for chunk in chunks for frame in observe(chunk, film, Stopwatch()).frames]

    first, second = Chunk(0, 0, 10), Chunk(1, 10, 20)
    in_one_go = camera(first, second)
    assert in_one_go[10:] == camera(second)
    assert [step and step.change for step in in_one_go] == [None, *["moved"] * 14, "cut", *["moved"] * 4]
    assert all(step.x_px == pytest.approx(10, abs=0.5) for step in in_one_go if step and step.change == "moved")


def start_of(video: FakeVideo, config: Config) -> SessionStart:
    return SessionStart(
        video_name="fake.mp4", video_sha256="f" * 64, duration_s=video.info.duration_s, width_px=320, height_px=240,
        source_fps=10.0, recorded_on=None, sample_fps=config.fps, start_s=0.0, end_s=video.info.duration_s,
        chunk_s=config.chunk_s, profile="research", model_sha256="c" * 64,
        observation_sha256=config.observation_sha256(), settings_sha256=config.settings_sha256(),
        settings=config.as_dict(), versions={}, expires_on=None,
    )  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    return open_store(tmp_path / "s.sqlite")


def test_only_the_missing_chunks_are_observed(store: SqlStore) -> None:
    video = FakeVideo(duration_s=90)
    film = OpenFilm(video, Parts(FakeDetector(), FakeClassifier()), CONFIG)
    session = store.begin_session(start_of(video, CONFIG), [Task("all", 0, 90)])
    store.write_chunk(session.session_id, observe(Chunk(1, 30, 60), film, Stopwatch()))
    video.sampled.clear()
    events: list[object] = []
    observe_missing(session, film, store, events.append, Stopwatch())
    assert [n for n in video.sampled if 300 <= n < 600] == [590]  # the last one, to know how the camera moved after it
    assert len(store.frames(session.session_id)) == 90
    assert isinstance(events[0], StageStarted)
    assert isinstance(events[-1], StageFinished)
    done = [e.done_s for e in events if isinstance(e, Advanced)]
    assert done == sorted(done)


def test_an_interrupted_run_keeps_its_chunks_and_ends_like_an_uninterrupted_one(store: SqlStore) -> None:
    class Breaks(FakeDetector):
        def detect(self, images):  # type: ignore[no-untyped-def]
            if len(self.batches) == 12:
                self.batches.append(0)
                raise KeyboardInterrupt
            return super().detect(images)

    video, session = FakeVideo(duration_s=90), None
    session = store.begin_session(start_of(video, CONFIG), [Task("all", 0, 90)])
    film = OpenFilm(video, Parts(Breaks(), FakeClassifier()), CONFIG)
    with pytest.raises(KeyboardInterrupt):
        observe_missing(session, film, store, lambda _: None, Stopwatch())
    assert store.finished_chunks(session.session_id) == {0}
    observe_missing(session, film, store, lambda _: None, Stopwatch())
    resumed = store.frames(session.session_id)

    whole = store.begin_session(start_of(video, CONFIG), [Task("all", 0, 90)])
    fresh = OpenFilm(FakeVideo(duration_s=90), Parts(FakeDetector(), FakeClassifier()), CONFIG)
    observe_missing(whole, fresh, store, lambda _: None, Stopwatch())
    assert resumed == store.frames(whole.session_id)
