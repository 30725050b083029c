"""Whole databases of made-up lessons, for benchmarks and tests of what reads them: rows alone, no film and no model.

Rows of faces are drawn at random around what a class does in each task; they go through the store, and the real
tracker and the real pure half make their results.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from classroom_fer import wiring
from classroom_fer.lesson.camera import CUT, SAME, CameraStep
from classroom_fer.lesson.records import (
    EMOTIONS,
    ChunkResult,
    FaceQuality,
    FaceSample,
    FrameSample,
    HeadPose,
    StoredSession,
    Task,
    VideoInfo,
)
from classroom_fer.lesson.span import Chunk
from classroom_fer.measurement.engagement import abstains_after, abstains_before
from classroom_fer.pipeline import Stopwatch, measure_session
from classroom_fer.session_start import make_session_start
from classroom_fer.settings.config import default_config
from classroom_fer.store.store import SqlStore

Floats = npt.NDArray[np.float64]

CONFIG = default_config()
RULES = CONFIG.rules.expression
SOURCE_FPS = 25
SEAT_PX = 150.0
SIZES_PX = (84.0, 64.0, 48.0, 36.0, 26.0)
"""Faces of the first to the last row."""
AWAY_S = 90
"""A pupil who is not seen is so for about this long."""
TURNED_DEG = {"Welcome": 14.0, "Fractions": 18.0, "Practice": 20.0, "Results": 28.0}
"""Spread of the directions in each task; the last half of Results is calmer."""
MODES = {"Welcome": "board", "Fractions": "board", "Practice": "desk", "Results": "board"}


@dataclass(frozen=True, slots=True)
class Class:
    """How large a lesson is."""

    pupils: int = 25
    seconds: int = 3000
    seed: int = 1


def add_lesson(store: SqlStore, size: Class, name: str) -> StoredSession:
    """A finished session; the time line and tracks are what the pure half makes of its rows."""
    info = VideoInfo(Path(name), f"{size.seed:064x}", float(size.seconds), 1920, 1080, SOURCE_FPS, 0, 0, "h264", None)
    session = store.begin_session(make_session_start(info, CONFIG), lesson_tasks(size.seconds))
    frames = lesson_frames(size)
    for chunk in session.start.span.chunks():
        store.write_chunk(session.session_id, _chunk(chunk, frames))
    measure_session(session, store, wiring.build_pure_half(CONFIG), CONFIG, Stopwatch())
    return store.session(session.session_id)


def lesson_tasks(seconds: int) -> tuple[Task, ...]:
    """Four tasks with a gap before the last."""
    ends = [round(seconds * share) for share in (0.15, 0.45, 0.7, 1.0)]
    starts = [0, ends[0], ends[1], ends[2] + 20]
    spans = zip(MODES.items(), starts, ends, strict=True)
    return tuple(Task(name, float(start), float(end), mode) for (name, mode), start, end in spans)  # type: ignore[arg-type]  # the words are modes


def _chunk(chunk: Chunk, frames: list[FrameSample]) -> ChunkResult:
    inside = tuple(frame for frame in frames if chunk.start_s <= frame.time_s < chunk.end_s)
    return ChunkResult(chunk.index, chunk.start_s, chunk.end_s, inside, 0)


def lesson_frames(size: Class) -> list[FrameSample]:
    """One frame a second; the camera shakes now and then and is turned away for one cut in the middle."""
    rng = np.random.default_rng(size.seed)
    times = np.arange(size.seconds)
    spread = _spread(times, lesson_tasks(size.seconds))
    yaw = rng.normal(0, 4, (size.pupils, 1)) + spread * rng.standard_normal((size.pupils, size.seconds))
    pitch = rng.normal(0, 4, (size.pupils, size.seconds))
    smiling = np.clip(rng.beta(1, 6, (size.pupils, size.seconds)), 0, 0.9)
    seen = _seen(rng, size)
    frames = []
    for second in range(size.seconds):
        here = np.flatnonzero(seen[:, second])
        faces = tuple(
            _face(second, place, int(pupil), HeadPose(*map(float, (yaw[pupil, second], pitch[pupil, second], 0.0))),
                  float(smiling[pupil, second]))
            for place, pupil in enumerate(here)
        )  # fmt: skip
        frames.append(FrameSample(second * SOURCE_FPS, float(second), faces, camera=_camera(second, size.seconds)))
    return frames


def _spread(times: npt.NDArray[np.int64], tasks: tuple[Task, ...]) -> Floats:
    spread = np.full(len(times), 30.0)
    for task in tasks:
        spread[(times >= task.start_s) & (times < task.end_s)] = TURNED_DEG[task.name]
    calm = times >= (tasks[-1].start_s + tasks[-1].end_s) / 2
    return np.where(calm, 12.0, spread)


def _seen(rng: np.random.Generator, size: Class) -> npt.NDArray[np.bool_]:
    """[pupil, second]: single misses, and stretches in which a pupil is hidden."""
    seen = rng.random((size.pupils, size.seconds)) > 0.08
    for pupil in range(size.pupils):
        for start in rng.integers(0, size.seconds, size.seconds // 900):
            seen[pupil, start : start + rng.integers(AWAY_S // 2, AWAY_S * 2)] = False
    return np.asarray(seen)


def _camera(second: int, seconds: int) -> CameraStep | None:
    if second == seconds // 2:
        return CUT
    if second % 97 == 96:
        return CameraStep("moved", 0.5, -0.25)
    return SAME if second else None


def _face(second: int, place: int, pupil: int, pose: HeadPose, smiling: float) -> FaceSample:
    row, seat = divmod(pupil, 5)
    half = SIZES_PX[row % len(SIZES_PX)] / 2
    x, y = 300.0 + SEAT_PX * 1.5 * seat, 850.0 - SEAT_PX * row
    reason = abstains_before(2 * half, 0.98, pose, RULES)
    probabilities = _probabilities(smiling)
    return FaceSample(
        frame_index=second * SOURCE_FPS,
        face_index=place,
        time_s=float(second),
        box=(x - half, y - half, x + half, y + half),
        confidence=0.98,
        quality=FaceQuality(2 * half, 120.0),
        pose=pose,
        emotion=None if reason else probabilities,
        abstained_because=reason or abstains_after(probabilities, RULES),
        frontal=0.95,
    )


def _probabilities(smiling: float) -> tuple[float, ...]:
    rest = 0.1 / (len(EMOTIONS) - 2)
    return (0.9 - smiling, smiling, *[rest] * (len(EMOTIONS) - 2))
