"""Classes on a written script: tracks with pose and emotion, and matrices of noise, for the pure half."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from classroom_fer.lesson.records import (
    EMOTIONS,
    FaceQuality,
    FaceSample,
    FrameSample,
    HeadPose,
    Lesson,
    SessionResult,
    Task,
    Track,
)
from classroom_fer.lesson.span import Span
from classroom_fer.measurement.bins import make_grid
from classroom_fer.measurement.engagement import Floats, abstains_after, abstains_before, expression_values
from classroom_fer.measurement.session_result import measure_lesson
from classroom_fer.measurement.track_bins import TrackBins
from classroom_fer.settings.config import default_config
from classroom_fer.settings.rules import Rules

RULES = default_config().rules


def only(name: str, share: float = 1.0) -> tuple[float, ...]:
    """Probabilities with ``share`` on one emotion and the rest spread evenly."""
    rest = (1.0 - share) / (len(EMOTIONS) - 1)
    return tuple(share if emotion == name else rest for emotion in EMOTIONS)


@dataclass(frozen=True, slots=True)
class Look:
    """How one pupil shows in one frame; yaw None = head turned too far for a pose."""

    yaw_deg: float | None = 0.0
    pitch_deg: float = 0.0
    emotion: tuple[float, ...] = only("neutral")
    size_px: float = 80.0
    confidence: float = 0.99


Script = Callable[[int, float], Look | None]
"""(pupil, time) -> look; None = not seen."""


@dataclass(frozen=True, slots=True)
class Film:
    frames: list[FrameSample]
    tracks: list[Track]
    seconds: float
    fps: float = 1.0

    def understood(self, tasks: Sequence[Task], rules: Rules = RULES, **changes: float) -> SessionResult:
        span = replace(Span(0.0, self.seconds, self.fps, 120.0), **changes)
        return measure_lesson(Lesson(self.frames, self.tracks, tasks, span), rules)

    def without(self, lost: Callable[[float], bool]) -> Film:
        """The same film with the frames at some times missing."""
        frames = [f for f in self.frames if not lost(f.time_s)]
        tracks = [replace(t, samples=tuple(s for s in t.samples if not lost(s.time_s))) for t in self.tracks]
        return replace(self, frames=frames, tracks=[t for t in tracks if t.samples])


def film(pupils: int, seconds: float, script: Script = lambda pupil, time: Look(), fps: float = 1.0) -> Film:
    """Pupil k sits at x = 100 k and is track k + 1."""
    frames = []
    samples: list[list[FaceSample]] = [[] for _ in range(pupils)]
    for index in range(math.ceil(seconds * fps)):
        time, faces = index / fps, []
        for pupil in range(pupils):
            look = script(pupil, time)
            if look is not None:
                faces.append(_sample(index, len(faces), time, pupil, look))
                samples[pupil].append(faces[-1])
        frames.append(FrameSample(index, time, tuple(faces)))
    tracks = [Track(pupil + 1, tuple(rows)) for pupil, rows in enumerate(samples) if rows]
    return Film(frames, tracks, seconds, fps)


def _sample(frame: int, place: int, time: float, pupil: int, look: Look) -> FaceSample:
    pose = None if look.yaw_deg is None else HeadPose(look.yaw_deg, look.pitch_deg, 0.0)
    reason = abstains_before(look.size_px, look.confidence, pose, RULES.expression)
    emotion = None if reason else look.emotion
    x, y, half = 100.0 * pupil + 50, 300.0, look.size_px / 2
    return FaceSample(
        frame_index=frame,
        face_index=place,
        time_s=time,
        box=(x - half, y - half, x + half, y + half),
        confidence=look.confidence,
        quality=FaceQuality(look.size_px, 100.0),
        pose=pose,
        emotion=emotion,
        abstained_because=reason or abstains_after(look.emotion, RULES.expression),
    )


def cells(
    orientation: Floats, probabilities: Floats, tasks: Sequence[Task], end_s: float, *, pupils: int | None = None
) -> TrackBins:
    """Track-bins straight from matrices [T, B] and [T, B, 8]; every face was readable."""
    valid = ~np.isnan(probabilities[..., 0])
    groups = np.zeros((*valid.shape, 4), dtype=np.int64)
    groups[..., 0] = np.where(valid, 10, 0)
    return TrackBins(
        grid=make_grid(tasks, 0.0, end_s, RULES.bins.seconds),
        simultaneous=pupils or len(orientation),
        seen=np.where(valid | ~np.isnan(orientation), 10, 0),
        orientation=orientation,
        probabilities=probabilities,
        votes=probabilities,
        groups=groups,
        readable=valid,
        expression=expression_values(probabilities, RULES.weights()),
    )


def noisy_cells(
    rng: np.random.Generator, tracks: int, tasks: Sequence[Task], end_s: float, shift: Floats | None = None
) -> TrackBins:
    """Pupils with levels of their own and autocorrelated noise (r = .5 from bin to bin), a fifth of the bins unseen.

    ``shift`` [B] is added to everybody's orientation: the true change of the class.
    """
    bins = make_grid(tasks, 0.0, end_s, RULES.bins.seconds).size

    def wander(sd_between: float, sd_within: float) -> Floats:
        noise = rng.normal(0, sd_within, (tracks, bins))
        for b in range(1, bins):
            noise[:, b] = 0.5 * noise[:, b - 1] + math.sqrt(0.75) * noise[:, b]
        return rng.normal(0, sd_between, (tracks, 1)) + noise

    facing = np.clip(0.65 + wander(0.15, 0.2) + (0 if shift is None else shift), 0, 1)
    neutral = np.clip(0.75 + wander(0.1, 0.12), 0, 1)
    probabilities = np.zeros((tracks, bins, len(EMOTIONS)))
    probabilities[..., 0], probabilities[..., 1] = neutral, 1 - neutral
    facing[rng.random((tracks, bins)) < 0.2] = np.nan
    probabilities[rng.random((tracks, bins)) < 0.2] = np.nan
    return cells(facing, probabilities, tasks, end_s)
