"""What was declared, opt-out regions, when rows per face were deleted; where the audit chain ends.

v_session takes the number of tracks from ``visibility``: with the profile teacher the rows of ``track`` are gone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

V_SESSION = """
CREATE VIEW v_session AS
SELECT s.session_id, s.video, s.video_sha256, s.recorded_on, s.analyzed_at, s.duration_s, s.sample_fps,
    COALESCE(v.frames_sampled,
        (SELECT COUNT(*) FROM frame WHERE frame.session_id = s.session_id)) AS frames_sampled,
    COALESCE(v.frames_lost,
        (SELECT SUM(chunk.frames_lost) FROM chunk WHERE chunk.session_id = s.session_id), 0) AS frames_lost,
    COALESCE(v.faces,
        (SELECT COUNT(*) FROM face WHERE face.session_id = s.session_id)) AS faces,
    v.tracks, v.simultaneous_p95, v.coverage, s.profile, s.status, s.model_sha256, s.settings_sha256
FROM session s LEFT JOIN visibility v ON v.session_id = s.session_id
"""

FILL_HEAD = """
INSERT INTO audit_head (head_id, entries, sha256)
SELECT 1, (SELECT COUNT(*) FROM audit),
    COALESCE((SELECT sha256 FROM audit ORDER BY audit_id DESC LIMIT 1),
        '0000000000000000000000000000000000000000000000000000000000000000')
"""


def upgrade() -> None:
    for name in ("jurisdiction", "setting", "purpose", "legal_basis", "dpia"):
        op.add_column("session", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("session", sa.Column("regions", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("session", sa.Column("faces_deleted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "audit_head",
        sa.Column("head_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("head_id", name="pk_audit_head"),
    )
    op.execute(FILL_HEAD)
    op.execute("DROP VIEW v_session")
    op.execute(V_SESSION)
