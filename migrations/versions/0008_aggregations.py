"""Named aggregations beside a session's own result, and free labels of sessions.

What a session's own result is stays where it was, so that tables and views mean what they meant. The rows of named
aggregations stand in tables of their own; v_aggregated_task and v_aggregated_timeline hold both kinds.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

P_COLUMNS = tuple(
    f"p_{name}" for name in ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
)
ESTIMATES = ("engagement", "orientation", "expression")

TASK = """{key}, name AS task, mode, start_s, end_s, n, coverage, grade,
    engagement, engagement_low, engagement_high, orientation, expression,
    share_neutral, share_smiling, share_surprised, share_other, not_shown_code AS not_shown_because"""
BIN = """t.name AS task, b.start_s, b.end_s, b.faces, b.coverage,
    b.engagement, b.engagement_low, b.engagement_high, b.orientation, b.expression,
    b.p_neutral, b.p_happiness, b.p_surprise, b.p_sadness, b.p_anger, b.p_disgust, b.p_fear, b.p_contempt"""

V_AGGREGATION = """
CREATE VIEW v_aggregation AS
SELECT session_id, 'default' AS aggregation, CASE WHEN status = 'finished' THEN analyzed_at END AS made_at,
    'everything' AS shows, 0 AS left_out, settings, settings_sha256, result_version
FROM session
UNION ALL
SELECT session_id, aggregation, made_at, shows, left_out, settings, settings_sha256, result_version
FROM aggregation
"""
V_AGGREGATED_TASK = f"""
CREATE VIEW v_aggregated_task AS
SELECT {TASK.format(key="session_id, 'default' AS aggregation")}
FROM task
UNION ALL
SELECT {TASK.format(key="session_id, aggregation")}
FROM aggregation_task
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
V_LABEL = "CREATE VIEW v_label AS SELECT session_id, label, value FROM label"


def upgrade() -> None:
    op.create_table(
        "label",
        key("session_id"),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.session_id"], name="fk_label_session_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "label", name="pk_label"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "aggregation",
        key("session_id"),
        sa.Column("aggregation", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shows", sa.Text(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("settings_sha256", sa.Text(), nullable=False),
        sa.Column("versions", sa.JSON(), nullable=False),
        sa.Column("result_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("shows IN ('everything', 'tasks')", name="ck_aggregation_shows"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.session_id"], name="fk_aggregation_session_session_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "aggregation", name="pk_aggregation"),
        sqlite_with_rowid=False,
    )
    _named("task", *task_columns())
    _named("bin", *bin_columns())
    _named(
        "moment",
        *(real(name) for name in ("time_s", "change", "change_orientation", "change_expression", "t")),
        sa.Column("n", sa.Integer(), nullable=False),
    )
    _named(
        "comparison",
        *(sa.Column(f"{which}_task_index", sa.Integer(), nullable=False) for which in ("first", "second")),
        *(real(name) for name in ("difference", "difference_low", "difference_high", "p_holm")),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
    )
    for view in (V_AGGREGATION, V_AGGREGATED_TASK, V_AGGREGATED_TIMELINE, V_LABEL):
        op.execute(view)


def key(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def real(name: str) -> sa.Column:
    return sa.Column(name, sa.Double(), nullable=False)


def maybe(name: str) -> sa.Column:
    return sa.Column(name, sa.Double(), nullable=True)


def _named(table: str, *columns: sa.Column) -> None:
    name = f"aggregation_{table}"
    op.create_table(
        name,
        key("session_id"),
        sa.Column("aggregation", sa.Text(), nullable=False),
        key(f"{table}_index"),
        *columns,
        sa.ForeignKeyConstraint(
            ["session_id", "aggregation"],
            ["aggregation.session_id", "aggregation.aggregation"],
            name=f"fk_{name}_aggregation_session_id_aggregation",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "aggregation", f"{table}_index", name=f"pk_{name}"),
        sqlite_with_rowid=False,
    )


def task_columns() -> list[sa.Column]:
    return [
        sa.Column("name", sa.Text(), nullable=False),
        real("start_s"),
        real("end_s"),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("bins", sa.Integer(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=True),
        maybe("coverage"),
        sa.Column("grade", sa.Text(), nullable=True),
        *(maybe(f"{name}{end}") for name in ESTIMATES for end in ("", "_low", "_high")),
        *(maybe(f"share_{name}") for name in ("neutral", "smiling", "surprised", "other")),
        maybe("readable"),
        sa.Column("not_shown_code", sa.Text(), nullable=True),
        maybe("not_shown_seen"),
        maybe("not_shown_needed"),
    ]


def bin_columns() -> list[sa.Column]:
    return [
        sa.Column("task_index", sa.Integer(), nullable=True),
        real("start_s"),
        real("end_s"),
        sa.Column("frames", sa.Integer(), nullable=False),
        maybe("faces"),
        sa.Column("n", sa.Integer(), nullable=True),
        maybe("coverage"),
        *(maybe(name) for name in ("engagement", "engagement_low", "engagement_high", "orientation", "expression")),
        *(maybe(name) for name in P_COLUMNS),
    ]
