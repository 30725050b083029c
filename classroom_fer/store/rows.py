"""Session, task, chunk and face records to rows and back. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from classroom_fer.lesson.camera import CUT, SAME, CameraStep
from classroom_fer.lesson.expression_groups import class_of
from classroom_fer.lesson.labels import Labels
from classroom_fer.lesson.records import (
    EMOTIONS,
    ChunkResult,
    Declaration,
    FaceQuality,
    FaceSample,
    FilmRepair,
    FrameSample,
    HeadPose,
    SessionStart,
    StoredSession,
    Task,
)
from classroom_fer.lesson.span import to_milliseconds
from classroom_fer.lesson.validation import Validation
from classroom_fer.store import schema

Row = dict[str, Any]
P_COLUMNS = tuple(f"p_{name}" for name in EMOTIONS)
VOTE_COLUMNS = tuple(f"votes_{name}" for name in EMOTIONS)
_START_TIMES = ("duration_s", "start_s", "end_s", "chunk_s")
_START_SAME = (
    *("video_sha256", "width_px", "height_px", "source_fps", "recorded_on", "sample_fps", "profile"),
    *("model_sha256", "observation_sha256", "settings_sha256", "settings", "versions", "expires_on", "regions"),
    "result_version",
)
_DECLARATION = tuple(field.name for field in fields(Declaration))
FACE_COLUMNS: tuple[sa.Column[Any], ...] = tuple(
    schema.face.c[name]
    for name in (
        *("frame_index", "held", "face_index", "x1", "y1", "x2", "y2", "confidence", "size_px", "blur"),
        *("yaw_deg", "pitch_deg", "roll_deg", "frontal", "abstained_because", *P_COLUMNS, *VOTE_COLUMNS),
    )
)
"""What ``face_sample`` takes, in its order."""
_CAMERA = ("camera", "camera_x_px", "camera_y_px", "camera_zoom", "camera_turn_deg")
FRAME_COLUMNS: tuple[sa.Column[Any], ...] = tuple(
    schema.frame.c[name] for name in ("frame_index", "held", "time_s", *_CAMERA)
)


def start_row(start: SessionStart) -> Row:
    """Columns of ``session`` that come from ``start``."""
    row: Row = {name: getattr(start, name) for name in _START_SAME}
    row.update({name: to_milliseconds(getattr(start, name)) for name in _START_TIMES})
    repairs = [asdict(repair) for repair in start.film_repairs]
    return {"video": start.video_name, **row, **asdict(start.declaration), "film_repairs": repairs}


def stored_session(
    row: Mapping[str, Any], tasks: Iterable[Task], labels: Labels = (), validation: Validation | None = None
) -> StoredSession:
    """A row of ``session`` as a record."""
    declaration = Declaration(**{name: row[name] for name in _DECLARATION})
    known = {name: row[name] for name in (*_START_SAME, *_START_TIMES)}
    repairs = tuple(FilmRepair(**repair) for repair in row["film_repairs"])
    start = SessionStart(video_name=row["video"], declaration=declaration, film_repairs=repairs, **known)
    analyzed_at: datetime = row["analyzed_at"]
    return StoredSession(
        row["session_id"],
        start,
        row["status"],
        analyzed_at,
        tuple(tasks),
        faces_deleted_at=row["faces_deleted_at"],
        labels=labels,
        validation=validation,
    )


def task_rows(session_id: int, tasks: Sequence[Task]) -> list[Row]:
    """Rows of ``task`` without results."""
    return [task_row(session_id, index, task) for index, task in enumerate(tasks)]


def task_row(session_id: int, index: int, task: Task) -> Row:
    """The row of ``task`` without results."""
    return {
        "session_id": session_id,
        "task_index": index,
        "name": task.name,
        "start_s": to_milliseconds(task.start_s),
        "end_s": to_milliseconds(task.end_s),
        "mode": task.mode,
    }


def task_record(row: Mapping[str, Any]) -> Task:
    """The teacher's part of a row of ``task``."""
    return Task(row["name"], row["start_s"], row["end_s"], row["mode"])


def chunk_row(session_id: int, chunk: ChunkResult) -> Row:
    """The row of ``chunk``."""
    return {
        "session_id": session_id,
        "chunk_index": int(chunk.chunk_index),
        "start_s": to_milliseconds(chunk.start_s),
        "end_s": to_milliseconds(chunk.end_s),
        "frames_lost": int(chunk.frames_lost),
    }


def frame_rows(session_id: int, chunk: ChunkResult) -> list[Row]:
    """Rows of ``frame``."""
    return [
        {
            "session_id": session_id,
            "frame_index": int(frame.frame_index),
            "held": int(frame.held),
            "chunk_index": int(chunk.chunk_index),
            "time_s": to_milliseconds(frame.time_s),
            **_camera_columns(frame.camera),
        }
        for frame in chunk.frames
    ]


def _camera_columns(step: CameraStep | None) -> Row:
    if step is None or step.change != "moved":
        return {**dict.fromkeys(_CAMERA), "camera": None if step is None else step.change}
    return dict(zip(_CAMERA, ("moved", step.x_px, step.y_px, step.zoom, step.turn_deg), strict=True))


def _camera_step(change: str | None, *movement: float) -> CameraStep | None:
    if change is None:
        return None
    return {"same": SAME, "cut": CUT}.get(change) or CameraStep("moved", *movement)


def face_rows(session_id: int, chunk: ChunkResult) -> list[Row]:
    """Rows of ``face``; their time is that of the frame."""
    return [_face_row(session_id, face) for frame in chunk.frames for face in frame.faces]


def _face_row(session_id: int, face: FaceSample) -> Row:
    # float() and int(): sqlite3 would store NumPy's numbers as bytes
    x1, y1, x2, y2 = face.box
    pose = face.pose
    row: Row = {
        "session_id": session_id,
        "frame_index": int(face.frame_index),
        "held": int(face.held),
        "face_index": int(face.face_index),
        "x1": float(x1),
        "y1": float(y1),
        "x2": float(x2),
        "y2": float(y2),
        "confidence": float(face.confidence),
        "size_px": float(face.quality.size_px),
        "blur": float(face.quality.blur),
        "yaw_deg": None if pose is None else float(pose.yaw_deg),
        "pitch_deg": None if pose is None else float(pose.pitch_deg),
        "roll_deg": None if pose is None else float(pose.roll_deg),
        "abstained_because": face.abstained_because,
        "frontal": None if face.frontal is None else float(face.frontal),
    }
    row.update(_emotion_columns(face))
    return row


def _emotion_columns(face: FaceSample) -> Row:
    if face.emotion is None:
        return dict.fromkeys((*P_COLUMNS, *VOTE_COLUMNS, "emotion", "emotion_confidence"))
    columns: Row = dict(zip(P_COLUMNS, map(float, face.emotion), strict=True))
    votes = (None,) * len(VOTE_COLUMNS) if face.votes is None else map(float, face.votes)
    columns |= dict(zip(VOTE_COLUMNS, votes, strict=True))
    columns["emotion"] = class_of(face)
    columns["emotion_confidence"] = float(max(face.emotion))
    return columns


def frame_samples(frames: Iterable[Sequence[Any]], faces: Iterable[Sequence[Any]]) -> list[FrameSample]:
    """Args: rows of FRAME_COLUMNS in order of time; rows of FACE_COLUMNS in order of their key."""
    by_frame: dict[tuple[int, int], list[Sequence[Any]]] = {}
    for row in faces:
        by_frame.setdefault((row[0], row[1]), []).append(row)
    return [
        FrameSample(
            index,
            time_s,
            tuple(_face_sample(row, time_s) for row in by_frame.get((index, held), ())),
            held,
            _camera_step(*camera),
        )
        for index, held, time_s, *camera in frames
    ]


def _face_sample(row: Sequence[Any], time_s: float) -> FaceSample:
    frame_index, held, face_index, x1, y1, x2, y2 = row[:7]
    confidence, size_px, blur, *pose, frontal, reason = row[7:15]
    classes, votes = tuple(row[15:23]), tuple(row[23:31])
    return FaceSample(
        frame_index=frame_index,
        face_index=face_index,
        time_s=time_s,
        box=(x1, y1, x2, y2),
        confidence=confidence,
        quality=FaceQuality(size_px, blur),
        pose=None if pose[0] is None else HeadPose(*pose),
        emotion=None if classes[0] is None else classes,
        abstained_because=reason,
        held=held,
        frontal=frontal,
        votes=None if votes[0] is None else votes,
    )
