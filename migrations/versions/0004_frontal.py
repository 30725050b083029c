"""How frontal and clear each face is."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

V_FACE = """
CREATE VIEW v_face AS
SELECT f.session_id, f.frame_index, r.time_s, f.track_id, f.x1, f.y1, f.x2, f.y2, f.confidence,
    f.yaw_deg, f.pitch_deg, f.roll_deg,
    f.p_neutral, f.p_happiness, f.p_surprise, f.p_sadness, f.p_anger, f.p_disgust, f.p_fear, f.p_contempt,
    f.emotion, f.emotion_confidence, f.abstained_because, f.held, f.frontal
FROM face f JOIN frame r ON r.session_id = f.session_id AND r.frame_index = f.frame_index AND r.held = f.held
"""


def upgrade() -> None:
    op.execute("DROP VIEW v_face")
    op.add_column("face", sa.Column("frontal", sa.Double(), nullable=True))
    op.execute(V_FACE)
