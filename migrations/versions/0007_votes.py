"""What people would call each face, beside how probable each class is."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

NAMES = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
V_FACE = """
CREATE VIEW v_face AS
SELECT f.session_id, f.frame_index, r.time_s, f.track_id, f.x1, f.y1, f.x2, f.y2, f.confidence,
    f.yaw_deg, f.pitch_deg, f.roll_deg,
    f.p_neutral, f.p_happiness, f.p_surprise, f.p_sadness, f.p_anger, f.p_disgust, f.p_fear, f.p_contempt,
    f.emotion, f.emotion_confidence, f.abstained_because, f.held, f.frontal,
    f.votes_neutral, f.votes_happiness, f.votes_surprise, f.votes_sadness, f.votes_anger, f.votes_disgust,
    f.votes_fear, f.votes_contempt
FROM face f JOIN frame r ON r.session_id = f.session_id AND r.frame_index = f.frame_index AND r.held = f.held
"""


def upgrade() -> None:
    op.execute("DROP VIEW v_face")
    for name in NAMES:
        op.add_column("face", sa.Column(f"votes_{name}", sa.Double(), nullable=True))
    op.execute(V_FACE)
