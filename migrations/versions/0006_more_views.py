"""Views of what stood in tables only: tracks, moments, comparisons, frames, and the counts by size and by reason."""

from alembic import op

revision = "0006"
down_revision = "0005"

VIEWS = (
    """
CREATE VIEW v_track AS
SELECT session_id, track_id, first_s, last_s, samples, median_size_px, seat_x_px, seat_y_px, yaw0_deg, pitch0_deg,
    baseline
FROM track
""",
    """
CREATE VIEW v_moment AS
SELECT m.session_id, m.time_s, t.name AS task, m.change, m.change_orientation, m.change_expression, m.t, m.n
FROM moment m
    LEFT JOIN task t ON t.session_id = m.session_id AND t.start_s <= m.time_s AND m.time_s < t.end_s
""",
    """
CREATE VIEW v_comparison AS
SELECT c.session_id, a.name AS first_task, b.name AS second_task, c.difference, c.difference_low, c.difference_high,
    c.p_holm, c.n, c.verdict
FROM comparison c
    JOIN task a ON a.session_id = c.session_id AND a.task_index = c.first_task_index
    JOIN task b ON b.session_id = c.session_id AND b.task_index = c.second_task_index
""",
    """
CREATE VIEW v_frame AS
SELECT session_id, frame_index, held, time_s, camera, camera_x_px, camera_y_px, camera_zoom, camera_turn_deg
FROM frame
""",
)
FROM_LISTS = {
    "sqlite": (
        """
CREATE VIEW v_size AS
SELECT v.session_id, json_extract(size.value, '$[0]') AS from_px, json_extract(size.value, '$[1]') AS below_px,
    json_extract(size.value, '$[2]') AS faces
FROM visibility v, json_each(v.sizes) size
""",
        """
CREATE VIEW v_abstention AS
SELECT v.session_id, json_extract(one.value, '$[0]') AS reason, json_extract(one.value, '$[1]') AS faces
FROM visibility v, json_each(v.abstentions) one
""",
    ),
    "postgresql": (
        """
CREATE VIEW v_size AS
SELECT v.session_id, CAST(size.value ->> 0 AS double precision) AS from_px,
    CAST(size.value ->> 1 AS double precision) AS below_px, CAST(size.value ->> 2 AS integer) AS faces
FROM visibility v, json_array_elements(v.sizes) size
""",
        """
CREATE VIEW v_abstention AS
SELECT v.session_id, one.value ->> 0 AS reason, CAST(one.value ->> 1 AS integer) AS faces
FROM visibility v, json_array_elements(v.abstentions) one
""",
    ),
}
"""Lists in JSON columns as rows: each database has its own functions for that."""


def upgrade() -> None:
    for view in (*VIEWS, *FROM_LISTS[op.get_bind().dialect.name]):
        op.execute(view)
