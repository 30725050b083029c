"""Lessons made of rows, not of film: seats in rows whose pupils turn away or do not, as a written truth says."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classroom_fer import wiring
from classroom_fer.lesson.records import (
    ChunkResult,
    FaceQuality,
    FaceSample,
    FrameSample,
    HeadPose,
    SessionStart,
    StoredSession,
    Task,
)
from classroom_fer.pipeline import Stopwatch, measure_session
from classroom_fer.settings.config import Config, default_config
from classroom_fer.settings.versions import RESULT_VERSION
from classroom_fer.store.store import SqlStore

SIZES_PX = (80.0, 50.0, 34.0)
"""Faces of the rows, from the camera."""
ROW_Y_PX = (600.0, 400.0, 250.0)
PLACES = 4
BIN_S = 10
TURNED_DEG = 60.0
SMILES = (0.1, 0.65, 0.05, 0.05, 0.05, 0.03, 0.03, 0.04)
CALM = (0.8, 0.05, 0.05, 0.02, 0.02, 0.02, 0.02, 0.02)


@dataclass(frozen=True, slots=True, eq=False)
class DrawnLesson:
    """What happens in it."""

    minutes: int
    away: npt.NDArray[np.bool_]
    """[seats, bins] the pupil is turned away for the whole bin."""
    smiling: npt.NDArray[np.bool_]
    hidden: npt.NDArray[np.bool_]
    """No face is found."""

    @property
    def tasks(self) -> tuple[Task, ...]:
        half = 30.0 * self.minutes
        return Task("Explaining", 0.0, half, "board"), Task("=Discussing", half, 2 * half, "board")


def drawn_lesson(minutes: int = 4, seed: int = 1) -> DrawnLesson:
    """Twelve pupils; in the second task more of them turn away."""
    random = np.random.default_rng(seed)
    shape = (len(SIZES_PX) * PLACES, minutes * 60 // BIN_S)
    late = np.arange(shape[1]) >= shape[1] / 2
    away = random.random(shape) < np.where(late, 0.4, 0.15)
    return DrawnLesson(minutes, away, random.random(shape) < 0.3, random.random(shape) < 0.1)


def place(seat: int) -> tuple[float, float, float]:
    """Middle and size of the face of a seat."""
    row, number = divmod(seat, PLACES)
    return 200.0 + 250.0 * number, ROW_Y_PX[row], SIZES_PX[row]


def _face(lesson: DrawnLesson, seat: int, second: int, index: int) -> FaceSample:
    x, y, size = place(seat)
    b = second // BIN_S
    away = bool(lesson.away[seat, b])
    small = size < 36
    emotion = SMILES if lesson.smiling[seat, b] else CALM
    return FaceSample(
        frame_index=25 * second,
        face_index=index,
        time_s=float(second),
        box=(x - size / 2, y - size / 2, x + size / 2, y + size / 2),
        confidence=0.99,
        quality=FaceQuality(size, 100.0),
        pose=HeadPose(TURNED_DEG if away else 3.0 * ((second + seat) % 3 - 1), 0.0, 0.0),
        emotion=None if away or small else emotion,
        abstained_because="too small" if small else "turned away" if away else None,
        frontal=0.99,
    )


def frames_of(lesson: DrawnLesson, start_s: int = 0, end_s: int | None = None) -> list[FrameSample]:
    """One frame a second."""
    frames = []
    for second in range(start_s, 60 * lesson.minutes if end_s is None else end_s):
        there = [seat for seat in range(len(lesson.away)) if not lesson.hidden[seat, second // BIN_S]]
        faces = tuple(_face(lesson, seat, second, index) for index, seat in enumerate(there))
        frames.append(FrameSample(25 * second, float(second), faces))
    return frames


def store_lesson(
    lesson: DrawnLesson, store: SqlStore, name: str = "drawn.mp4", config: Config | None = None
) -> StoredSession:
    """A finished session of it."""
    config = config or default_config()
    seconds = 60 * lesson.minutes
    start = SessionStart(
        video_name=name, video_sha256=format(sum(map(ord, name)), "064x"), duration_s=float(seconds), width_px=1280,
        height_px=720, source_fps=25.0, recorded_on=None, sample_fps=config.fps, start_s=0.0, end_s=float(seconds),
        chunk_s=config.chunk_s, profile=config.profile, model_sha256="c" * 64,
        observation_sha256=config.observation_sha256(), settings_sha256=config.settings_sha256(),
        settings=config.as_dict() | {"model": None}, versions={}, expires_on=None, result_version=RESULT_VERSION,
    )  # fmt: skip
    session = store.begin_session(start, lesson.tasks)
    for chunk in start.span.chunks():
        frames = tuple(frames_of(lesson, int(chunk.start_s), int(min(chunk.end_s, seconds))))
        store.write_chunk(session.session_id, ChunkResult(chunk.index, chunk.start_s, chunk.end_s, frames, 0))
    measure_session(session, store, wiring.build_pure_half(config), config, Stopwatch())
    return dataclasses.replace(store.session(session.session_id), status="finished")
