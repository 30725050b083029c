"""A small session with every kind of row, for tests of stores: made up, exact to three decimals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from classroom_fer.lesson.camera import CUT, SAME, CameraStep
from classroom_fer.lesson.records import (
    ChunkResult,
    Comparison,
    Estimate,
    ExpressionShares,
    FaceQuality,
    FaceSample,
    FrameSample,
    HeadPose,
    Moment,
    NotShown,
    SessionResult,
    SessionStart,
    SizeClass,
    Task,
    TaskSummary,
    TimelineBin,
    Track,
    TrackSummary,
    Visibility,
)

CHUNK_S = 10.0
PUPILS = 4
SURE = (0.1, 0.55, 0.05, 0.05, 0.05, 0.05, 0.05, 0.1)
UNSURE = (0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05)
CAMERA = (None, SAME, CameraStep("moved", -3.125, 0.5, 1.0625, -0.25), SAME, CUT)
TASKS = (
    Task("Fractions 分数 🙂", 0.0, 10.0, "desk"),
    Task("<b>Board</b>; DROP TABLE face; --", 10.0, 20.125, "board"),
    Task("=SUM(A1)", 20.125, 30.0, "group"),
)


def session_start(**changes: Any) -> SessionStart:
    start = SessionStart(
        video_name="Größe 6b.mp4",
        video_sha256="a" * 64,
        duration_s=31.5,
        width_px=1280,
        height_px=720,
        source_fps=29.97,
        recorded_on=datetime(2026, 3, 4, 8, 15, tzinfo=UTC),
        sample_fps=1.0,
        start_s=0.0,
        end_s=30.0,
        chunk_s=CHUNK_S,
        profile="research",
        model_sha256="b" * 64,
        observation_sha256="c" * 64,
        settings_sha256="d" * 64,
        settings={"fps": 1.0, "rules": {"bins": {"seconds": 10.0}}, "lang": "en", "end_s": None},
        versions={"numpy": "2.0"},
        expires_on=datetime(2027, 3, 4, 8, 15, 0, 250000, tzinfo=UTC),
        result_version=3,
    )
    return replace(start, **changes)


def face(frame_index: int, number: int, time_s: float) -> FaceSample:
    """Seat ``number``; seats 1, 2 and 3 show each way in which values may be missing."""
    x = 100.0 * number + frame_index / 3
    common: dict[str, Any] = {
        "frame_index": frame_index,
        "face_index": number,
        "time_s": time_s,
        "box": (x, 50.0, x + 40.1, 95.7),
        "confidence": 0.987654321,
        "quality": FaceQuality(40.1, 123.456),
    }
    if number == 1:
        return FaceSample(**common, pose=None, emotion=None, abstained_because="pose unknown")
    pose = HeadPose(-12.5 + number, 3.25, 0.125)
    if number == 2:
        return FaceSample(**common, pose=pose, emotion=UNSURE, abstained_because="uncertain")
    if number == 3:
        return FaceSample(**common, pose=pose, emotion=None, abstained_because="too small")
    return FaceSample(**common, pose=pose, emotion=SURE, abstained_because=None)


def chunk(index: int, *, pupils: int = PUPILS, seconds: int = int(CHUNK_S), lost: int = 0) -> ChunkResult:
    """One frame a second; nobody is there in the first frame of each chunk."""
    frames = []
    for second in range(seconds):
        frame_index, time_s = 30 * (index * seconds + second), float(index * seconds + second)
        seen = range(pupils) if second else range(0)
        faces = tuple(face(frame_index, n, time_s) for n in seen)
        frames.append(FrameSample(frame_index, time_s, faces, camera=CAMERA[second % len(CAMERA)]))
    return ChunkResult(index, index * CHUNK_S, (index + 1) * CHUNK_S, tuple(frames), lost)


def tracks_of(frames: Sequence[FrameSample]) -> list[Track]:
    """A track per seat, numbered from 1."""
    numbers = sorted({sample.face_index for frame in frames for sample in frame.faces})
    return [
        Track(n + 1, tuple(sample for frame in frames for sample in frame.faces if sample.face_index == n))
        for n in numbers
    ]


def session_result(tracks: Sequence[Track], tasks: Sequence[Task] = TASKS) -> SessionResult:
    """Three tasks, the last hidden, and four bins, the last between tasks and unseen."""
    first, second, hidden = tasks
    shares = ExpressionShares(0.7, 0.2, 0.04, 0.06)
    return SessionResult(
        visibility=Visibility(
            frames_sampled=30, frames_lost=3, unseen_s=1.5, faces=108, tracks=len(tracks), simultaneous_p95=4,
            coverage=0.9, sizes=(SizeClass(0, 36, 0), SizeClass(36, 72, 100), SizeClass(72, None, 8)),
            abstentions=(("too small", 27), ("pose unknown", 27), ("uncertain", 27)), cuts=6, camera_away=0.25,
        ),
        tracks=tuple(_track_summary(track) for track in tracks),
        bins=(
            _bin(first.name, 0.0, 10.0, faces=3.6, n=4, coverage=0.9, engagement=Estimate(64.5, 58.25, 70.75),
                 orientation=0.5, expression=0.25, probabilities=SURE, synchrony=0.75, synchrony_chance=0.5),
            _bin(second.name, 10.0, 20.125, faces=3.6, n=None, coverage=None),
            _bin(hidden.name, 20.125, 30.0, faces=0.0, n=0, coverage=0.0),
            _bin(None, 30.0, 31.5, frames=0, faces=None, n=None, coverage=None),
        ),
        tasks=(
            TaskSummary(first, 1, 4, 0.9, "C", Estimate(64.5, 58.25, 70.75), Estimate(0.7, 0.6, 0.8),
                        Estimate(0.5, 0.4, 0.6), shares, 0.75, None),
            TaskSummary(second, 1, 4, 0.5, "C", None, Estimate(0.7, 0.6, 0.8), None, shares, 0.5, None),
            TaskSummary(hidden, 1, 0, 0.0, None, None, None, None, None, None, NotShown("coverage", 0.125, 0.25)),
        ),
        moments=(Moment(14.2, -11.5, -9.5, -2.0, -4.25, 4), Moment(21.0, 8.5, 8.0, 0.5, 4.5, 4)),
        comparisons=(Comparison(first.name, second.name, Estimate(-6.0, -9.0, -3.0), 0.01, 4, "lower"),),
    )  # fmt: skip


def _track_summary(track: Track) -> TrackSummary:
    dropped = track.track_id == 2
    return TrackSummary(
        track_id=track.track_id,
        first_s=track.samples[0].time_s,
        last_s=track.samples[-1].time_s,
        samples=len(track.samples),
        median_size_px=40.1,
        seat_x_px=100.0 * track.track_id,
        seat_y_px=72.85,
        yaw0_deg=None if dropped else -1.5,
        pitch0_deg=None if dropped else 2.5,
        baseline="dropped" if dropped else "own",
    )


def _bin(task: str | None, start_s: float, end_s: float, *, frames: int = 10, **values: Any) -> TimelineBin:
    missing = dict.fromkeys(("engagement", "orientation", "expression", "probabilities"))
    return TimelineBin(task=task, start_s=start_s, end_s=end_s, frames=frames, **(missing | values))


def without_ids(result: SessionResult) -> SessionResult:
    """The result with its tracks in order of seat and without their random ids."""
    tracks = sorted((replace(track, track_id=0) for track in result.tracks), key=lambda track: track.seat_x_px)
    return replace(result, tracks=tuple(tracks))
