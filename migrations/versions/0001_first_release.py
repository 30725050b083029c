"""First release: tables, views for researchers, append-only audit.

Imports nothing from the package. Column comments come from the schema after the migration (see dictionary.py).
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

V_SESSION = """
CREATE VIEW v_session AS
SELECT s.session_id, s.video, s.video_sha256, s.recorded_on, s.analyzed_at, s.duration_s, s.sample_fps,
    COALESCE(v.frames_sampled,
        (SELECT COUNT(*) FROM frame WHERE frame.session_id = s.session_id)) AS frames_sampled,
    COALESCE(v.frames_lost,
        (SELECT SUM(chunk.frames_lost) FROM chunk WHERE chunk.session_id = s.session_id), 0) AS frames_lost,
    COALESCE(v.faces,
        (SELECT COUNT(*) FROM face WHERE face.session_id = s.session_id)) AS faces,
    CASE WHEN v.session_id IS NOT NULL
        THEN (SELECT COUNT(*) FROM track WHERE track.session_id = s.session_id) END AS tracks,
    v.simultaneous_p95, v.coverage, s.profile, s.status, s.model_sha256, s.settings_sha256
FROM session s LEFT JOIN visibility v ON v.session_id = s.session_id
"""

V_TASK = """
CREATE VIEW v_task AS
SELECT session_id, name AS task, mode, start_s, end_s, n, coverage, grade,
    engagement, engagement_low, engagement_high, orientation, expression,
    share_neutral, share_smiling, share_surprised, share_other, not_shown_because
FROM task
"""

V_TIMELINE = """
CREATE VIEW v_timeline AS
SELECT b.session_id, t.name AS task, b.start_s, b.end_s, b.faces, b.coverage,
    b.engagement, b.engagement_low, b.engagement_high, b.orientation, b.expression,
    b.p_neutral, b.p_happiness, b.p_surprise, b.p_sadness, b.p_anger, b.p_disgust, b.p_fear, b.p_contempt
FROM bin b LEFT JOIN task t ON t.session_id = b.session_id AND t.task_index = b.task_index
"""

V_FACE = """
CREATE VIEW v_face AS
SELECT f.session_id, f.frame_index, r.time_s, f.track_id, f.x1, f.y1, f.x2, f.y2, f.confidence,
    f.yaw_deg, f.pitch_deg, f.roll_deg,
    f.p_neutral, f.p_happiness, f.p_surprise, f.p_sadness, f.p_anger, f.p_disgust, f.p_fear, f.p_contempt,
    f.emotion, f.emotion_confidence, f.abstained_because
FROM face f JOIN frame r ON r.session_id = f.session_id AND r.frame_index = f.frame_index
"""

SQLITE_TRIGGERS = (
    """
    CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit table is append-only'); END
    """,
    """
    CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit table is append-only'); END
    """,
    # INSERT OR REPLACE deletes without firing the trigger above
    """
    CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE audit_id = NEW.audit_id)
    BEGIN SELECT RAISE(ABORT, 'the audit table is append-only'); END
    """,
)
POSTGRES_TRIGGERS = (
    """
    CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit table is append-only'; END $$
    """,
    """
    CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()
    """,
)


def upgrade() -> None:
    _tables()
    for view in (V_SESSION, V_TASK, V_TIMELINE, V_FACE):
        op.execute(view)
    for trigger in SQLITE_TRIGGERS if op.get_bind().dialect.name == "sqlite" else POSTGRES_TRIGGERS:
        op.execute(trigger)


def _tables() -> None:
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous_sha256", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name="pk_audit"),
    )
    op.create_table(
        "data_dictionary",
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("object", "column", name="pk_data_dictionary"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "session",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("video", sa.Text(), nullable=False),
        sa.Column("video_sha256", sa.Text(), nullable=False),
        sa.Column("duration_s", sa.Double(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("source_fps", sa.Double(), nullable=True),
        sa.Column("recorded_on", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sample_fps", sa.Double(), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("chunk_s", sa.Double(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("model_sha256", sa.Text(), nullable=False),
        sa.Column("observation_sha256", sa.Text(), nullable=False),
        sa.Column("settings_sha256", sa.Text(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("expires_on", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("analyzed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('running', 'finished')", name="ck_session_status"),
        sa.PrimaryKeyConstraint("session_id", name="pk_session"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_session_video_sha256_model_sha256_observation_sha256",
        "session",
        ["video_sha256", "model_sha256", "observation_sha256"],
    )
    op.create_table(
        "chunk",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("chunk_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("frames_lost", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.session_id"], name="fk_chunk_session_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "chunk_index", name="pk_chunk"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "moment",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("moment_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time_s", sa.Double(), nullable=False),
        sa.Column("change", sa.Double(), nullable=False),
        sa.Column("change_orientation", sa.Double(), nullable=False),
        sa.Column("change_expression", sa.Double(), nullable=False),
        sa.Column("t", sa.Double(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.session_id"], name="fk_moment_session_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "moment_index", name="pk_moment"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "task",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("task_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("bins", sa.Integer(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("coverage", sa.Double(), nullable=True),
        sa.Column("grade", sa.Text(), nullable=True),
        sa.Column("engagement", sa.Double(), nullable=True),
        sa.Column("engagement_low", sa.Double(), nullable=True),
        sa.Column("engagement_high", sa.Double(), nullable=True),
        sa.Column("orientation", sa.Double(), nullable=True),
        sa.Column("orientation_low", sa.Double(), nullable=True),
        sa.Column("orientation_high", sa.Double(), nullable=True),
        sa.Column("expression", sa.Double(), nullable=True),
        sa.Column("expression_low", sa.Double(), nullable=True),
        sa.Column("expression_high", sa.Double(), nullable=True),
        sa.Column("share_neutral", sa.Double(), nullable=True),
        sa.Column("share_smiling", sa.Double(), nullable=True),
        sa.Column("share_surprised", sa.Double(), nullable=True),
        sa.Column("share_other", sa.Double(), nullable=True),
        sa.Column("readable", sa.Double(), nullable=True),
        sa.Column("not_shown_because", sa.Text(), nullable=True),
        sa.CheckConstraint("mode IN ('board', 'desk', 'group', 'move')", name="ck_task_mode"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.session_id"], name="fk_task_session_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "task_index", name="pk_task"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "track",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("track_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_s", sa.Double(), nullable=False),
        sa.Column("last_s", sa.Double(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("median_size_px", sa.Double(), nullable=False),
        sa.Column("seat_x_px", sa.Double(), nullable=False),
        sa.Column("seat_y_px", sa.Double(), nullable=False),
        sa.Column("yaw0_deg", sa.Double(), nullable=True),
        sa.Column("pitch0_deg", sa.Double(), nullable=True),
        sa.Column("baseline", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.session_id"], name="fk_track_session_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "track_id", name="pk_track"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "visibility",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("frames_sampled", sa.Integer(), nullable=False),
        sa.Column("frames_lost", sa.Integer(), nullable=False),
        sa.Column("unseen_s", sa.Double(), nullable=False),
        sa.Column("faces", sa.Integer(), nullable=False),
        sa.Column("tracks", sa.Integer(), nullable=False),
        sa.Column("simultaneous_p95", sa.Integer(), nullable=False),
        sa.Column("coverage", sa.Double(), nullable=True),
        sa.Column("sizes", sa.JSON(), nullable=False),
        sa.Column("abstentions", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.session_id"], name="fk_visibility_session_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", name="pk_visibility"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bin",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bin_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("task_index", sa.Integer(), nullable=True),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("frames", sa.Integer(), nullable=False),
        sa.Column("faces", sa.Double(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("coverage", sa.Double(), nullable=True),
        sa.Column("engagement", sa.Double(), nullable=True),
        sa.Column("engagement_low", sa.Double(), nullable=True),
        sa.Column("engagement_high", sa.Double(), nullable=True),
        sa.Column("orientation", sa.Double(), nullable=True),
        sa.Column("expression", sa.Double(), nullable=True),
        sa.Column("p_neutral", sa.Double(), nullable=True),
        sa.Column("p_happiness", sa.Double(), nullable=True),
        sa.Column("p_surprise", sa.Double(), nullable=True),
        sa.Column("p_sadness", sa.Double(), nullable=True),
        sa.Column("p_anger", sa.Double(), nullable=True),
        sa.Column("p_disgust", sa.Double(), nullable=True),
        sa.Column("p_fear", sa.Double(), nullable=True),
        sa.Column("p_contempt", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id", "task_index"],
            ["task.session_id", "task.task_index"],
            name="fk_bin_task_session_id_task_index",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.session_id"], name="fk_bin_session_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "bin_index", name="pk_bin"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "comparison",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("comparison_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_task_index", sa.Integer(), nullable=False),
        sa.Column("second_task_index", sa.Integer(), nullable=False),
        sa.Column("difference", sa.Double(), nullable=False),
        sa.Column("difference_low", sa.Double(), nullable=False),
        sa.Column("difference_high", sa.Double(), nullable=False),
        sa.Column("p_holm", sa.Double(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id", "first_task_index"],
            ["task.session_id", "task.task_index"],
            name="fk_comparison_task_session_id_first_task_index",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id", "second_task_index"],
            ["task.session_id", "task.task_index"],
            name="fk_comparison_task_session_id_second_task_index",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.session_id"], name="fk_comparison_session_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "comparison_index", name="pk_comparison"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "frame",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("frame_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("chunk_index", sa.Integer(), nullable=False),
        sa.Column("time_s", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id", "chunk_index"],
            ["chunk.session_id", "chunk.chunk_index"],
            name="fk_frame_chunk_session_id_chunk_index",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "frame_index", name="pk_frame"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "face",
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("frame_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("face_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("track_id", sa.Integer(), nullable=True),
        sa.Column("x1", sa.Double(), nullable=False),
        sa.Column("y1", sa.Double(), nullable=False),
        sa.Column("x2", sa.Double(), nullable=False),
        sa.Column("y2", sa.Double(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("size_px", sa.Double(), nullable=False),
        sa.Column("blur", sa.Double(), nullable=False),
        sa.Column("yaw_deg", sa.Double(), nullable=True),
        sa.Column("pitch_deg", sa.Double(), nullable=True),
        sa.Column("roll_deg", sa.Double(), nullable=True),
        sa.Column("p_neutral", sa.Double(), nullable=True),
        sa.Column("p_happiness", sa.Double(), nullable=True),
        sa.Column("p_surprise", sa.Double(), nullable=True),
        sa.Column("p_sadness", sa.Double(), nullable=True),
        sa.Column("p_anger", sa.Double(), nullable=True),
        sa.Column("p_disgust", sa.Double(), nullable=True),
        sa.Column("p_fear", sa.Double(), nullable=True),
        sa.Column("p_contempt", sa.Double(), nullable=True),
        sa.Column("emotion", sa.Text(), nullable=True),
        sa.Column("emotion_confidence", sa.Double(), nullable=True),
        sa.Column("abstained_because", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id", "frame_index"],
            ["frame.session_id", "frame.frame_index"],
            name="fk_face_frame_session_id_frame_index",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "frame_index", "face_index", name="pk_face"),
        sqlite_with_rowid=False,
    )
