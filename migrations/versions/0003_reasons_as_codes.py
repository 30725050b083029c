"""What was mended in the film's time stamps; which rules made the results."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

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
    op.execute("DROP VIEW v_session")
    op.add_column("session", sa.Column("film_repairs", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("session", sa.Column("result_version", sa.Integer(), nullable=False, server_default="0"))
    op.execute(V_SESSION)
    op.drop_index("ix_session_video_sha256_model_sha256_observation_sha256", "session")  # no query used it
