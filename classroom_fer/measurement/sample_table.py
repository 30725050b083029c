"""All face samples of all tracks as flat columns, so that the pure half is arithmetic on arrays.

Tracks come in order of their first sample, (frame_index, held, face_index), which no other sample shares: nothing below
depends on the order in which tracks were given or on their ids, down to the last bit.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.camera import UNMOVED, Similarity
from classroom_fer.lesson.expression_groups import OTHER_GROUP, group_probabilities
from classroom_fer.lesson.records import EMOTIONS, Abstention, FaceSample, Lesson, Probabilities, Track
from classroom_fer.lesson.shots import FrameKey
from classroom_fer.measurement.engagement import Floats

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
UNREADABLE = -1
"""Group of a sample whose expression could not be judged for a geometric reason."""
ANSWERED: tuple[Abstention | None, ...] = (None, "uncertain")
"""Why a face that the classifier was shown may lack a class."""


@dataclass(frozen=True, slots=True, eq=False)
class SampleTable:
    """Columns of length N (samples), sorted by track and then by time."""

    track_ids: tuple[int, ...]
    """Id of track number 0, 1, ...; at most one row per track and frame."""
    track: Ints
    """[N] number of the track, not its id."""
    time_s: Floats
    x_px: Floats
    """Centre of the box."""
    y_px: Floats
    steady_y_px: Floats
    """The same, where the camera stood still between two cuts."""
    size_px: Floats
    yaw_deg: Floats
    """NaN where the pose is unknown."""
    pitch_deg: Floats
    frontal: Floats
    """How frontal and clear the face is, 0-1; NaN where that is unknown."""
    group: Ints
    """[N] index into engagement.GROUPS (abstained as "uncertain" is other), or UNREADABLE."""
    probabilities: Floats
    """[N, 8] how probable each class is; NaN where the classifier gave no answer."""
    votes: Floats
    """[N, 8] how often people would give each name, from which E is made; NaN as above."""


def sample_table(
    tracks: Sequence[Track],
    away: Collection[FrameKey] = (),
    places: Mapping[FrameKey, Similarity] = MappingProxyType({}),
) -> SampleTable:
    """The columns of ``tracks``; a track without samples is left out. In the frames ``away`` no pose is known.

    Args: ``places`` as of `shots.steadied`; in a frame that it lacks the camera has not moved.
    """
    listed = [(t.track_id, sorted(t.samples, key=_place)) for t in tracks if t.samples]
    listed.sort(key=lambda entry: _place(entry[1][0]))
    samples = [s for _, rows in listed for s in rows]
    boxes = np.array([s.box for s in samples], dtype=np.float64).reshape(-1, 4)
    known = [s.pose if (s.frame_index, s.held) not in away else None for s in samples]
    angles = [(pose.yaw_deg, pose.pitch_deg) if pose else (np.nan, np.nan) for pose in known]
    pose = np.array(angles, dtype=np.float64).reshape(-1, 2)
    probabilities = _rows([s.emotion for s in samples], samples)
    return SampleTable(
        track_ids=tuple(track_id for track_id, _ in listed),
        track=np.repeat(np.arange(len(listed)), [len(rows) for _, rows in listed]),
        time_s=np.array([s.time_s for s in samples], dtype=np.float64),
        x_px=boxes[:, [0, 2]].mean(axis=1),
        y_px=boxes[:, [1, 3]].mean(axis=1),
        steady_y_px=np.array([_steady_y(s, places) for s in samples], dtype=np.float64),
        size_px=np.array([s.quality.size_px for s in samples], dtype=np.float64),
        yaw_deg=pose[:, 0],
        pitch_deg=pose[:, 1],
        frontal=np.array([np.nan if s.frontal is None else s.frontal for s in samples], dtype=np.float64),
        group=_groups(samples, probabilities),
        probabilities=probabilities,
        votes=_rows([s.votes or s.emotion for s in samples], samples),
    )


def _rows(given: Sequence[Probabilities | None], samples: Sequence[FaceSample]) -> Floats:
    """[N, 8]; NaN where the classifier gave no answer, sure or not."""
    missing = (np.nan,) * len(EMOTIONS)
    kept = [row if s.abstained_because in ANSWERED and row else missing for row, s in zip(given, samples, strict=True)]
    return np.array(kept, dtype=np.float64).reshape(-1, len(EMOTIONS))


def tracked_per_frame(lesson: Lesson) -> Ints:
    """[F] faces that belong to a track, for every sampled frame, empty ones included."""
    number = {(frame.frame_index, frame.held): row for row, frame in enumerate(lesson.frames)}
    rows = [number[sample.frame_index, sample.held] for track in lesson.tracks for sample in track.samples]
    return np.bincount(np.array(rows, dtype=np.int64), minlength=len(lesson.frames)).astype(np.int64)


def _steady_y(sample: FaceSample, places: Mapping[FrameKey, Similarity]) -> float:
    x1, y1, x2, y2 = sample.box
    return places.get((sample.frame_index, sample.held), UNMOVED)(complex(x1 + x2, y1 + y2) / 2).imag


def _place(sample: FaceSample) -> tuple[int, int, int]:
    return sample.frame_index, sample.held, sample.face_index


def _groups(samples: Sequence[FaceSample], probabilities: Floats) -> Ints:
    reasons = [s.abstained_because for s in samples]
    uncertain = np.array([reason == "uncertain" for reason in reasons], dtype=bool)
    sure = np.array([reason is None for reason in reasons], dtype=bool) & ~np.isnan(probabilities).any(axis=1)
    named = group_probabilities(np.where(sure[:, None], probabilities, 0.0)).argmax(axis=1)
    return np.where(sure, named, np.where(uncertain, OTHER_GROUP, UNREADABLE)).astype(np.int64)
