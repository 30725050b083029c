"""How the camera's view changed from frame to frame."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

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
    s.film_repairs, s.result_version, v.cuts, v.camera_away
FROM session s LEFT JOIN visibility v ON v.session_id = s.session_id
"""


def upgrade() -> None:
    op.execute("DROP VIEW v_session")
    op.add_column("frame", sa.Column("camera", sa.Text(), nullable=True))
    for name in ("camera_x_px", "camera_y_px", "camera_zoom", "camera_turn_deg"):
        op.add_column("frame", sa.Column(name, sa.Double(), nullable=True))
    op.add_column("visibility", sa.Column("cuts", sa.Integer(), nullable=True))
    op.add_column("visibility", sa.Column("camera_away", sa.Double(), nullable=True))
    op.execute(V_SESSION)
