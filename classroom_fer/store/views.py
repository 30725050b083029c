"""The views that researchers may rely on: their columns, in order, each with its description.

Their SQL stands in the migrations. A test compares the columns of both.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from classroom_fer.lesson.records import EMOTIONS
from classroom_fer.store import schema
from classroom_fer.store.columns import maybe, real, text, whole

ViewColumn = tuple[str, sa.Column[Any]]
"""Name in the view, and the column whose type, unit and description it shares: a table's, or one of views alone."""

_P = tuple(f"p_{name}" for name in EMOTIONS)
_VOTES = tuple(f"votes_{name}" for name in EMOTIONS)


def _own(table: sa.Table, names: Sequence[str]) -> list[ViewColumn]:
    return [(name, table.c[name]) for name in names]


def _split(names: str) -> list[str]:
    return names.replace(",", " ").split()


VIEW_COMMENTS: dict[str, str] = {
    "v_session": "One row per analysed film. While status is 'running' the counts are those so far, the rest is NULL.",
    "v_task": "The class during each task of a session. Where not_shown_because is set every class value is NULL.",
    "v_timeline": "The class in each bin of time (default 10 s). Missing is NULL, never 0.",
    "v_face": "Each face in each sampled frame: numbers only. Frames without faces have no row here.",
    "v_track": "One person-sized thing followed through one session. Empty where the profile teacher deleted it.",
    "v_moment": "Times at which the class changed. Empty where too few pupils were seen.",
    "v_comparison": "Two tasks of the same mode. Pairs that may not be compared have no row.",
    "v_frame": "Each sampled frame, also where nobody was seen, and how the camera had moved since the one before.",
    "v_size": "How many faces were how large in a session. Empty where too few pupils were seen.",
    "v_abstention": "How many faces of a session have no usable expression, by reason. Empty where too few were seen.",
    "v_aggregation": "One row per result of a session: its own, which is called default, and those with a name.",
    "v_aggregated_task": "As v_task, for every result of a session: choose one by aggregation.",
    "v_aggregated_timeline": "As v_timeline, for every result of a session that shows everything.",
    "v_label": "The free labels of sessions, one row each.",
}

_TASK_OF_MOMENT = text("task", "The task during which it was; NULL between tasks.", nullable=True)
_FIRST_TASK = text("first_task", "The earlier task.")
_SECOND_TASK = text("second_task", "The later task, of the same mode.")
_SIZES = (
    real("from_px", "px", "Shortest shorter side of a face box of this size class."),
    maybe("below_px", "px", "The boxes are shorter than this; NULL = no end."),
    whole("faces", "Faces of this size in all sampled frames.", "faces"),
)
_ABSTENTIONS = (
    text("reason", "As v_face.abstained_because; none = the expression is usable."),
    whole("faces", "Faces with this reason in all sampled frames.", "faces"),
)

_TASK: tuple[ViewColumn, ...] = (
    ("task", schema.task.c.name),
    *_own(schema.task, _split("mode start_s end_s n coverage grade engagement engagement_low engagement_high")),
    *_own(schema.task, _split("orientation expression share_neutral share_smiling share_surprised share_other")),
    ("not_shown_because", schema.task.c.not_shown_code),
)
_TIMELINE: tuple[ViewColumn, ...] = (
    ("task", schema.task.c.name),
    *_own(schema.bin_, _split("start_s end_s faces coverage engagement engagement_low engagement_high")),
    *_own(schema.bin_, _split("orientation expression")),
    *_own(schema.bin_, _P),
    *_own(schema.bin_, ["synchrony", "synchrony_chance"]),
)
_WHICH = _own(schema.aggregation, ["session_id", "aggregation"])

VIEWS: dict[str, tuple[ViewColumn, ...]] = {
    "v_session": (
        *_own(schema.session, _split("session_id video video_sha256 recorded_on analyzed_at duration_s sample_fps")),
        *_own(schema.visibility, _split("frames_sampled frames_lost faces tracks simultaneous_p95 coverage")),
        *_own(schema.session, _split("profile status model_sha256 settings_sha256 film_repairs result_version")),
        *_own(schema.visibility, _split("cuts camera_away")),
    ),
    "v_task": (("session_id", schema.task.c.session_id), *_TASK),
    "v_timeline": (("session_id", schema.bin_.c.session_id), *_TIMELINE),
    "v_face": (
        *_own(schema.face, _split("session_id frame_index")),
        ("time_s", schema.frame.c.time_s),
        *_own(schema.face, _split("track_id x1 y1 x2 y2 confidence yaw_deg pitch_deg roll_deg")),
        *_own(schema.face, _P),
        *_own(schema.face, _split("emotion emotion_confidence abstained_because held frontal")),
        *_own(schema.face, _VOTES),
    ),
    "v_track": tuple(_own(schema.track, schema.track.c.keys())),
    "v_moment": (
        *_own(schema.moment, _split("session_id time_s")),
        ("task", _TASK_OF_MOMENT),
        *_own(schema.moment, _split("change change_orientation change_expression t n")),
    ),
    "v_comparison": (
        ("session_id", schema.comparison.c.session_id),
        ("first_task", _FIRST_TASK),
        ("second_task", _SECOND_TASK),
        *_own(schema.comparison, _split("difference difference_low difference_high p_holm n verdict")),
    ),
    "v_frame": tuple(_own(schema.frame, [name for name in schema.frame.c.keys() if name != "chunk_index"])),  # noqa: SIM118
    "v_size": (("session_id", schema.visibility.c.session_id), *((one.name, one) for one in _SIZES)),
    "v_abstention": (("session_id", schema.visibility.c.session_id), *((one.name, one) for one in _ABSTENTIONS)),
    "v_aggregation": (
        *_WHICH,
        *_own(schema.aggregation, _split("made_at shows left_out settings settings_sha256 result_version")),
    ),
    "v_aggregated_task": (*_WHICH, *_TASK),
    "v_aggregated_timeline": (*_WHICH, *_TIMELINE),
    "v_label": (*_own(schema.label, ["session_id", "label", "value"]),),
}
