"""The two halves joined: ``observe`` turns one chunk of film into rows, ``measure_session`` turns rows into results.

Knows protocols and the pure half only. The chunk is the unit of work: it depends on nothing outside it, so the same
rows come out whether or not the run was cut off in between.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np

from classroom_fer.faces.crops import CONTEXT, crop_blur, face_crop
from classroom_fer.faces.head_pose import head_pose
from classroom_fer.film.camera import CameraWatch
from classroom_fer.film.masking import Blackout
from classroom_fer.lesson.camera import SAME, CameraStep
from classroom_fer.lesson.intervals import interval_number
from classroom_fer.lesson.protocols import (
    EmotionClassifier,
    FaceDetector,
    FaceSearch,
    OnProgress,
    Store,
    Tracker,
    VideoSource,
)
from classroom_fer.lesson.records import (
    Abstention,
    Advanced,
    ChunkResult,
    FaceDetection,
    FaceQuality,
    FaceSample,
    Frame,
    FrameSample,
    Image,
    Lesson,
    SessionResult,
    StageFinished,
    StageStarted,
    StoredSession,
)
from classroom_fer.lesson.span import Chunk, to_milliseconds
from classroom_fer.measurement.engagement import abstains_after, abstains_before
from classroom_fer.settings.config import Config
from classroom_fer.settings.rules import Rules

BLUR_PX = 48
"""Side of the crop whose blur is recorded where no classifier asks for another (choice: FER2013's size)."""
FRAMES_AT_ONCE = 4
"""Decoded frames handed to the detector together; bounds memory at about 25 MB of 1080p (choice)."""

Prefetch = Callable[[Iterator[Frame]], Iterator[Frame]]
Tell = Callable[[float, int], None]
Moment = tuple[float, int]
"""When a picture is looked at, and for how many sampling intervals it had stood by then."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the streaming half is built from."""

    detector: FaceDetector
    classifier: EmotionClassifier | None
    """None where nothing is inferred (profile presence)."""
    context: float = CONTEXT
    """Side of a crop over the longer side of this detector's boxes."""
    prefetch: Prefetch = iter

    @property
    def needed_classifier(self) -> EmotionClassifier:
        """The classifier where expressions are inferred; ValueError if these parts were built for presence."""
        if self.classifier is None:
            raise ValueError("this profile infers expressions and needs a classifier")
        return self.classifier


@dataclass(frozen=True, slots=True)
class PureHalf:
    """What the pure half is built from: it loads SciPy, so a film's first frames are looked at before it is built."""

    tracker: Tracker
    measure: Callable[[Lesson, Rules], SessionResult]


@dataclass(frozen=True, slots=True)
class OpenFilm:
    """A film, and what its pictures are observed with."""

    source: VideoSource
    parts: Parts
    config: Config
    camera: CameraWatch = field(default_factory=CameraWatch)


@dataclass(slots=True)
class Stopwatch:
    """Wall seconds per stage."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, stage: str) -> Iterator[None]:
        """Adds the time inside the block to ``stage``."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - started


def observe(chunk: Chunk, film: OpenFilm, watch: Stopwatch, tell: Tell = lambda _t, _n: None) -> ChunkResult:
    """All that one chunk gives: a row per sampled frame and per face; its pixels are gone when this returns.

    Opt-out regions are black before the detector sees a frame; what it still finds with its centre in one is dropped.

    ``tell`` hears the time of the last frame and the faces found in the chunk, after every few frames.
    """
    source, parts, config = film.source, film.parts, film.config
    blackout = Blackout(config.regions, source.info.width_px, source.info.height_px)
    found: list[tuple[FrameSample, list[Image]]] = []
    later: list[list[Moment]] = []
    steps: list[CameraStep | None] = []
    film.camera.begin(chunk.start_s, lambda: _shown_before(chunk.start_s, film, blackout))
    search = parts.detector.search()
    with _closed_after(parts.prefetch(source.sample(chunk.start_s, chunk.end_s, config.fps))) as frames:
        for batch in _batches(frames, FRAMES_AT_ONCE, watch):
            with watch.measure("detect"):
                looks = [look for frame in batch for look in _looks(frame, blackout)]
                masked = [blackout.apply(look[0]) for look in looks]
                found_faces = search.look(masked)
                detections = [
                    blackout.outside(faces, frame.time_s) for frame, faces in zip(masked, found_faces, strict=True)
                ]
            with watch.measure("camera"):
                pairs = zip(masked, detections, strict=True)
                steps.extend(film.camera.see(frame.image, [face.box for face in faces]) for frame, faces in pairs)
            with watch.measure("crop"):
                pairs = zip(masked, detections, strict=True)
                found.extend(_sampled(frame, faces, parts, config) for frame, faces in pairs)
                later.extend([(sample.time_s, sample.held) for sample in look[1:]] for look in looks)
            tell(batch[-1].time_s, sum(len(frame.faces) for frame, _ in found))
    with watch.measure("classify"):
        rows = _classified(found, parts.needed_classifier, config) if config.infers else [frame for frame, _ in found]
    with watch.measure("decode"):
        lost = source.lost(chunk.start_s, chunk.end_s)
    rows = [replace(row, camera=step) for row, step in zip(rows, steps, strict=True)]
    every = tuple(sample for row, times in zip(rows, later, strict=True) for sample in (row, *_still(row, times)))
    if every and interval_number(every[-1].time_s, config.fps) + 1 == interval_number(chunk.end_s, config.fps):
        film.camera.keep_until(chunk.end_s)
    return ChunkResult(chunk.index, chunk.start_s, chunk.end_s, every, lost)


def _shown_before(start_s: float, film: OpenFilm, blackout: Blackout) -> Image | None:
    """The sampled picture of the interval before ``start_s``, as a chunk that ends there sees it."""
    fps = film.config.fps
    if interval_number(start_s, fps) < 1:
        return None
    frames = list(film.source.sample(start_s - 1 / fps, start_s, fps))
    return blackout.apply(frames[-1]).image if frames else None


@contextmanager
def _closed_after(frames: Iterator[Frame]) -> Iterator[Iterator[Frame]]:
    """Ends the reading ahead even where an error comes between: its thread would go on decoding."""
    try:
        yield frames
    finally:
        if (close := getattr(frames, "close", None)) is not None:
            close()


def _looks(frame: Frame, blackout: Blackout) -> list[list[Frame]]:
    """The samples that a picture stands for, in lists for which the same regions are black: looked at once each."""
    return [list(same) for _, same in groupby(frame.samples(), key=lambda sample: blackout.holding(sample.time_s))]


def _still(row: FrameSample, moments: Sequence[Moment]) -> Iterator[FrameSample]:
    """The row again at later moments, at which its picture was shown still."""
    for time_s, held in moments:
        faces = tuple(replace(face, time_s=time_s, held=held) for face in row.faces)
        yield replace(row, time_s=time_s, held=held, faces=faces, camera=SAME)


def observe_picture(image: Image, parts: Parts, config: Config) -> tuple[FaceSample, ...]:
    """The faces of one picture, from left to right, by the same steps as a sampled frame of a film."""
    (detections,) = parts.detector.detect([image])
    return _read_faces(Frame(0, 0.0, image), detections, parts, config)


def observe_next(frame: Frame, search: FaceSearch, parts: Parts, config: Config) -> tuple[FaceSample, ...]:
    """The faces of the next picture of a live camera, from left to right; ``search`` knows the pictures before it."""
    (detections,) = search.look([frame])
    return _read_faces(frame, detections, parts, config)


def _read_faces(
    frame: Frame, detections: Sequence[FaceDetection], parts: Parts, config: Config
) -> tuple[FaceSample, ...]:
    (row,) = _classified([_sampled(frame, detections, parts, config)], parts.needed_classifier, config)
    return row.faces


def _batches(frames: Iterator[Frame], size: int, watch: Stopwatch) -> Iterator[list[Frame]]:
    """Lists of up to ``size`` frames; the time spent waiting for them counts as decoding."""
    batch: list[Frame] = []
    while True:
        with watch.measure("decode"):
            frame = next(frames, None)
        if frame is not None:
            batch.append(frame)
        if batch and (frame is None or len(batch) == size):
            yield batch
            batch = []
        if frame is None:
            return


def _sampled(
    frame: Frame, detections: Sequence[FaceDetection], parts: Parts, config: Config
) -> tuple[FrameSample, list[Image]]:
    """The frame's row, faces still without expression, and their crops in the same order."""
    time_s = to_milliseconds(frame.time_s)
    ordered = sorted(detections, key=lambda d: (d.box, d.confidence))
    side = BLUR_PX if parts.classifier is None else parts.classifier.input_px
    crops = [face_crop(frame.image, d.box, side, parts.context) for d in ordered]
    faces = []
    for index, (detection, crop) in enumerate(zip(ordered, crops, strict=True)):
        x1, y1, x2, y2 = detection.box
        size = min(x2 - x1, y2 - y1)
        pose = head_pose(detection.landmarks) if config.infers else None
        reason: Abstention | None = "not inferred"
        if config.infers:
            reason = abstains_before(size, detection.frontal, pose, config.rules.expression)
        faces.append(
            FaceSample(
                frame_index=frame.index,
                face_index=index,
                time_s=time_s,
                held=frame.held,
                box=detection.box,
                confidence=detection.confidence,
                quality=FaceQuality(size_px=size, blur=crop_blur(crop)),
                pose=pose,
                emotion=None,
                abstained_because=reason,
                frontal=detection.frontal if config.infers else None,
            )
        )
    return FrameSample(frame.index, time_s, tuple(faces), frame.held), crops if config.infers else []


def _classified(
    found: Sequence[tuple[FrameSample, list[Image]]], classifier: EmotionClassifier, config: Config
) -> list[FrameSample]:
    """The rows with expressions on those faces that do not abstain."""
    wanted = [
        crop
        for frame, crops in found
        for face, crop in zip(frame.faces, crops, strict=True)
        if face.abstained_because is None
    ]
    side = classifier.input_px
    said = classifier.expressions(np.stack(wanted) if wanted else np.zeros((0, side, side), np.uint8))
    answers = zip(said.classes.tolist(), said.votes.tolist(), strict=True)

    def finish(face: FaceSample) -> FaceSample:
        if face.abstained_because is not None:
            return face
        classes, votes = next(answers)
        reason = abstains_after(classes, config.rules.expression)
        return replace(face, emotion=tuple(classes), votes=tuple(votes), abstained_because=reason)

    return [replace(frame, faces=tuple(finish(face) for face in frame.faces)) for frame, _ in found]


def missing_chunks(session: StoredSession, store: Store) -> list[Chunk]:
    """What the store does not have of the session's film yet, in order of film time."""
    done = store.finished_chunks(session.session_id)
    return [chunk for chunk in session.start.span.chunks() if chunk.index not in done]


def observe_missing(
    session: StoredSession, film: OpenFilm, store: Store, on_progress: OnProgress, watch: Stopwatch
) -> None:
    """Does the chunks that the store does not have yet, one transaction each."""
    start, end = session.start.start_s, session.start.end_s
    finished = store.finished_chunks(session.session_id)
    stage, faces, started = "faces", 0, time.perf_counter()
    on_progress(StageStarted(stage, end - start))
    for chunk in session.start.span.chunks():
        if chunk.index not in finished:

            def tell(time_s: float, found: int, before: int = faces) -> None:
                on_progress(Advanced(stage, time_s - start, before + found))

            result = observe(chunk, film, watch, tell)
            faces += sum(len(frame.faces) for frame in result.frames)
            with watch.measure("store"):
                store.write_chunk(session.session_id, result)
        on_progress(Advanced(stage, chunk.end_s - start, faces))
    on_progress(StageFinished(stage, time.perf_counter() - started))


def measure_session(
    session: StoredSession, store: Store, pure: PureHalf, config: Config, watch: Stopwatch
) -> SessionResult:
    """The pure half on stored rows; writes the result and returns it as stored."""
    lesson = stored_lesson(session, store, pure.tracker, watch)
    with watch.measure("measure"):
        result = pure.measure(lesson, config.rules)
    with watch.measure("store"):
        store.write_result(session.session_id, result, lesson.tracks)
        return store.result(session.session_id)


def stored_lesson(session: StoredSession, store: Store, tracker: Tracker, watch: Stopwatch) -> Lesson:
    """The lesson behind a stored session, its faces joined to tracks; StoreError if its faces were deleted."""
    start = session.start
    with watch.measure("store"):
        frames = store.frames(session.session_id)
        lost = store.frames_lost(session.session_id)
    with watch.measure("track"):
        tracks = tracker.track(frames)
    return Lesson(frames, tracks, session.tasks, start.span, lost, start.profile != "presence", start.width_px)
