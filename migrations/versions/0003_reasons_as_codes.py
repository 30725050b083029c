"""What was mended in the film's time stamps; which rules made the results; samples of pictures shown for long;
what names the database.

A picture that is shown for long gives a sample in every interval: `held` tells its samples apart.
"""

import secrets
from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0003"
down_revision = "0002"

FRAME_OF_FACE = "fk_face_frame_session_id_frame_index"
FRAME_KEY = ["session_id", "frame_index", "held"]
V_FACE = """
CREATE VIEW v_face AS
SELECT f.session_id, f.frame_index, r.time_s, f.track_id, f.x1, f.y1, f.x2, f.y2, f.confidence,
    f.yaw_deg, f.pitch_deg, f.roll_deg,
    f.p_neutral, f.p_happiness, f.p_surprise, f.p_sadness, f.p_anger, f.p_disgust, f.p_fear, f.p_contempt,
    f.emotion, f.emotion_confidence, f.abstained_because, f.held
FROM face f JOIN frame r ON r.session_id = f.session_id AND r.frame_index = f.frame_index AND r.held = f.held
"""
V_SESSION = """
CREATE VIEW v_session AS
SELECT s.session_id, s.video, s.video_sha256, s.recorded_on, s.analyzed_at, s.duration_s, s.sample_fps,
    COALESCE(v.frames_sampled,
        (SELECT COUNT(*) FROM frame WHERE frame.session_id = s.session_id)) AS frames_sampled,
    COALESCE(v.frames_lost,
        (SELECT SUM(chunk.frames_lost) FROM chunk WHERE chunk.session_id = s.session_id), 0) AS frames_lost,
    COALESCE(v.faces,
        (SELECT COUNT(*) FROM face WHERE face.session_id = s.session_id)) AS faces,
    v.tracks, v.simultaneous_p95, v.coverage, s.profile, s.status, s.model_sha256, s.settings_sha256,
    s.film_repairs, s.result_version
FROM session s LEFT JOIN visibility v ON v.session_id = s.session_id
"""


def upgrade() -> None:
    _hold_pictures()
    op.execute("DROP VIEW v_session")
    op.add_column("session", sa.Column("film_repairs", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("session", sa.Column("result_version", sa.Integer(), nullable=False, server_default="0"))
    op.execute(V_SESSION)
    named = op.create_table(
        "database",
        sa.Column("database_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("database_id", name="pk_database"),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(named, [{"database_id": secrets.token_hex(16)}])
    op.drop_index("ix_session_video_sha256_model_sha256_observation_sha256", "session")  # no query used it


def _hold_pictures() -> None:
    op.execute("DROP VIEW v_face")
    others = _views_of_sqlite()
    for name in others:
        op.execute(f"DROP VIEW {name}")
    with _table("face") as face:
        face.drop_constraint(FRAME_OF_FACE, type_="foreignkey")
    for table, key in (("frame", FRAME_KEY), ("face", [*FRAME_KEY, "face_index"])):
        with _table(table) as change:
            change.add_column(sa.Column("held", sa.Integer(), nullable=False, server_default="0"))
            change.drop_constraint(f"pk_{table}", type_="primary")
            change.create_primary_key(f"pk_{table}", key)
    with _table("face") as face:
        face.create_foreign_key(f"{FRAME_OF_FACE}_held", "frame", FRAME_KEY, FRAME_KEY, ondelete="CASCADE")
    for sql in others.values():
        op.execute(sql)
    op.execute(V_FACE)


def _table(name: str) -> AbstractContextManager[BatchOperations]:
    return op.batch_alter_table(name, table_kwargs={"sqlite_with_rowid": False})


def _views_of_sqlite() -> dict[str, str]:
    """SQLite builds a changed table anew, and meanwhile no view may name it."""
    if op.get_bind().dialect.name != "sqlite":
        return {}
    views = op.get_bind().execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'view'"))
    return {row.name: row.sql for row in views}
