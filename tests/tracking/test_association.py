"""Which face goes to which track, frame by frame."""

from __future__ import annotations

import numpy as np

from classroom_fer.settings.config import default_config
from classroom_fer.tracking.association import associate
from classroom_fer.tracking.geometry import FaceSet

RULES = default_config().rules.tracking


def seen(time_s: float, *faces: tuple[float, float], sure: bool = True) -> FaceSet:
    """A frame with faces (x, size) at height 400."""
    return FaceSet(
        time_s=time_s,
        keys=np.arange(len(faces), dtype=np.int64),
        centres=np.array([[x, 400.0] for x, _ in faces]).reshape(-1, 2),
        sizes=np.array([size for _, size in faces], dtype=np.float64),
        sure=np.full(len(faces), sure),
    )


def places(frames: list[FaceSet]) -> list[list[float]]:
    """The x of every track's faces, in order of their first."""
    return [[float(centre[0]) for centre in track.centres] for track in associate(frames, RULES)]


def test_a_teacher_at_a_steady_pace_takes_no_face_of_a_seat_and_gives_none() -> None:
    """A step is 1.2 sizes, the seat only .7 away: who goes by places alone gives the teacher's face to the pupil."""
    walk = [100.0 + 90 * step for step in range(12)]
    pupil = (640.0, 60.0)
    frames = [
        seen(float(step), (x, 75.0), *([pupil] if abs(x - 640) > 75 else []))  # hidden behind the teacher
        for step, x in enumerate(walk)
    ]
    assert sorted(places(frames)) == sorted([walk, [640.0] * sum(abs(x - 640) > 75 for x in walk)])


def test_who_walks_has_no_seat_to_which_a_face_could_belong() -> None:
    walk = [100.0 + 60 * step for step in range(10)]
    frames = [seen(float(step), (x, 60.0)) for step, x in enumerate(walk)]
    later = [seen(14.0 + step, (370.0, 60.0)) for step in range(5)]  # where the walk's mean was
    assert places([*frames, *later]) == [walk, [370.0] * 5]


def test_unsure_faces_begin_no_track_and_lengthen_those_that_there_are() -> None:
    assert places([seen(float(step), (400.0, 60.0), sure=False) for step in range(5)]) == []
    assert places([seen(0.0, (400.0, 60.0)), seen(1.0, (405.0, 60.0), sure=False)]) == [[400.0, 405.0]]
