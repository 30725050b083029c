"""How much of the class turned together in each bin, and what chance alone would give."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

NEW = ("synchrony", "synchrony_chance")
BIN = """t.name AS task, b.start_s, b.end_s, b.faces, b.coverage,
    b.engagement, b.engagement_low, b.engagement_high, b.orientation, b.expression,
    b.p_neutral, b.p_happiness, b.p_surprise, b.p_sadness, b.p_anger, b.p_disgust, b.p_fear, b.p_contempt,
    b.synchrony, b.synchrony_chance"""
V_TIMELINE = f"""
CREATE VIEW v_timeline AS
SELECT b.session_id, {BIN}
FROM bin b LEFT JOIN task t ON t.session_id = b.session_id AND t.task_index = b.task_index
"""
V_AGGREGATED_TIMELINE = f"""
CREATE VIEW v_aggregated_timeline AS
SELECT b.session_id, 'default' AS aggregation, {BIN}
FROM bin b LEFT JOIN task t ON t.session_id = b.session_id AND t.task_index = b.task_index
UNION ALL
SELECT b.session_id, b.aggregation, {BIN}
FROM aggregation_bin b LEFT JOIN aggregation_task t
    ON t.session_id = b.session_id AND t.aggregation = b.aggregation AND t.task_index = b.task_index
"""


def upgrade() -> None:
    for view in ("v_timeline", "v_aggregated_timeline"):
        op.execute(f"DROP VIEW {view}")
    for table in ("bin", "aggregation_bin"):
        for name in NEW:
            op.add_column(table, sa.Column(name, sa.Double(), nullable=True))
    op.execute(V_TIMELINE)
    op.execute(V_AGGREGATED_TIMELINE)
