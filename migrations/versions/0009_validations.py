"""Samples of clips for human observers, and what their codes said of the numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    _make_samples()
    _make_validations()


def _make_samples() -> None:
    op.create_table(
        "validation_sample",
        sa.Column("sample_id", sa.Text(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clips", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sample_id", name="pk_validation_sample"),
    )
    op.create_table(
        "validation_clip",
        sa.Column("sample_id", sa.Text(), nullable=False),
        sa.Column("clip", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("start_s", sa.Double(), nullable=False),
        sa.Column("end_s", sa.Double(), nullable=False),
        sa.Column("x_px", sa.Double(), nullable=False),
        sa.Column("y_px", sa.Double(), nullable=False),
        sa.Column("size_px", sa.Double(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("sample_id", "clip", name="pk_validation_clip"),
        sa.ForeignKeyConstraint(
            ["sample_id"],
            ["validation_sample.sample_id"],
            name="fk_validation_clip_validation_sample_sample_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.session_id"], name="fk_validation_clip_session_session_id", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )


def _make_validations() -> None:
    op.create_table(
        "validation",
        sa.Column("validation_id", sa.Integer(), nullable=False),
        sa.Column("sample_id", sa.Text(), nullable=False),
        sa.Column("scored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("coded", sa.Integer(), nullable=False),
        sa.Column("observers", sa.Integer(), nullable=False),
        sa.Column("lessons", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("cluster", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("validation_id", name="pk_validation"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "validation_figure",
        sa.Column("validation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("figure", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("statistic", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("part_low", sa.Double(), nullable=True),
        sa.Column("part_high", sa.Double(), nullable=True),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("value_low", sa.Double(), nullable=True),
        sa.Column("value_high", sa.Double(), nullable=True),
        sa.Column("clips", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("validation_id", "figure", name="pk_validation_figure"),
        sa.ForeignKeyConstraint(
            ["validation_id"],
            ["validation.validation_id"],
            name="fk_validation_figure_validation_validation_id",
            ondelete="CASCADE",
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "validation_session",
        sa.Column("validation_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("session_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sampled", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("validation_id", "session_id", name="pk_validation_session"),
        sa.ForeignKeyConstraint(
            ["validation_id"],
            ["validation.validation_id"],
            name="fk_validation_session_validation_validation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.session_id"], name="fk_validation_session_session_session_id", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
