"""Reasons, verdicts and size classes as codes and numbers; what was mended in a film; which rules made the results;
samples of pictures shown for long; what names the database.

Earlier versions stored why a task has no values as an English sentence. What no code stands for becomes 'unknown'.
They could also hold numbers of small groups that the report kept back; today nothing is kept back after the results are
made (safeguard S3), so what it kept back is removed here.

A picture that is shown for long gives a sample in every interval: `held` tells its samples apart.
"""

import re
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

V_TASK = """
CREATE VIEW v_task AS
SELECT session_id, name AS task, mode, start_s, end_s, n, coverage, grade,
    engagement, engagement_low, engagement_high, orientation, expression,
    share_neutral, share_smiling, share_surprised, share_other, not_shown_code AS not_shown_because
FROM task
"""

NUMBER = r"([0-9.]+(?:e[+-]?[0-9]+)?)"
REASONS = (
    (r"it lies outside of what was analysed", "outside", ()),
    (rf"it is shorter than {NUMBER} s", "short", ("needed",)),
    (rf"only {NUMBER} s of it were analysed; at least {NUMBER} s are needed", "partly_analysed", ("seen", "needed")),
    (r"no face was seen well enough", "nobody", ()),
    (rf"fewer than {NUMBER} faces were seen(?: well enough)?", "few", ("needed",)),
    (rf"only [0-9]+ faces? w\w+ seen well enough; at least {NUMBER} are needed", "few", ("needed",)),
    (rf"seen only {NUMBER} % of the time; at least {NUMBER} % are needed", "coverage", ("seen", "needed")),
    (r"(?:the profile presence infers nothing; .*|nothing is inferred in the profile presence)", "not_inferred", ()),
)
SIZES = (
    (rf"under {NUMBER} px", (0.0, 1)),
    (rf"{NUMBER}(?: to |-){NUMBER} px", (1, 2)),
    (rf"{NUMBER} px and more", (1, None)),
)
VERDICTS = (("no clear difference", "no_clear_difference"), ("not separable from time", "not_separable_from_time"))

task = sa.table(
    "task", *map(sa.column, ("session_id", "task_index", "start_s", "end_s", "n", "coverage", "grade")),
    *map(sa.column, ("not_shown_code", "not_shown_seen", "not_shown_needed", "readable")),
    *map(sa.column, ("engagement", "engagement_low", "engagement_high", "orientation", "orientation_low")),
    *map(sa.column, ("orientation_high", "expression", "expression_low", "expression_high")),
    *map(sa.column, ("share_neutral", "share_smiling", "share_surprised", "share_other")),
)  # fmt: skip
VALUES = ("engagement", "orientation", "expression", "share", "readable")
VALUES_OF_TASK = tuple(column.name for column in task.c if column.name.startswith(VALUES))
P_COLUMNS = tuple(
    f"p_{name}" for name in ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
)
VALUES_OF_BIN = ("n", "engagement", "engagement_low", "engagement_high", "orientation", "expression", *P_COLUMNS)
bin_ = sa.table("bin", *map(sa.column, ("session_id", "task_index", "faces", "coverage", *VALUES_OF_BIN)))
visibility = sa.table(
    "visibility", *map(sa.column, ("session_id", "simultaneous_p95", "coverage")),
    sa.column("sizes", sa.JSON), sa.column("abstentions", sa.JSON),
)  # fmt: skip
moment = sa.table("moment", *map(sa.column, ("session_id", "n")))
comparison = sa.table(
    "comparison", *map(sa.column, ("session_id", "first_task_index", "second_task_index", "n", "verdict"))
)
session = sa.table("session", sa.column("session_id"), sa.column("settings", sa.JSON))


def upgrade() -> None:
    _hold_pictures()
    op.execute("DROP VIEW v_session")
    op.execute("DROP VIEW v_task")
    op.add_column("session", sa.Column("film_repairs", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("session", sa.Column("result_version", sa.Integer(), nullable=False, server_default="0"))
    op.execute("ALTER TABLE task RENAME COLUMN not_shown_because TO not_shown_code")
    op.add_column("task", sa.Column("not_shown_seen", sa.Double(), nullable=True))
    op.add_column("task", sa.Column("not_shown_needed", sa.Double(), nullable=True))
    connection = op.get_bind()
    name_reasons(connection)
    number_sizes(connection)
    for words, code in VERDICTS:
        connection.execute(sa.update(comparison).where(comparison.c.verdict == words).values(verdict=code))
    hide_small_groups(connection)
    op.execute(V_SESSION)
    op.execute(V_TASK)
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


def name_reasons(connection: sa.Connection) -> None:
    query = sa.select(task.c.session_id, task.c.task_index, task.c.start_s, task.c.end_s, task.c.not_shown_code)
    for number, index, start_s, end_s, words in connection.execute(
        query.where(task.c.not_shown_code.is_not(None))
    ).all():
        code, seen, needed = reason(words)
        if code == "short":
            seen = round(end_s - start_s, 3)
        values = {"not_shown_code": code, "not_shown_seen": seen, "not_shown_needed": needed}
        where = sa.and_(task.c.session_id == number, task.c.task_index == index)
        connection.execute(sa.update(task).where(where).values(values))


def reason(words: str) -> tuple[str, float | None, float | None]:
    """(code, seen, needed) of a sentence."""
    for pattern, code, names in REASONS:
        if found := re.fullmatch(pattern, words):
            numbers = dict(zip(names, map(float, found.groups()), strict=True))
            scale = 100 if code == "coverage" else 1
            seen, needed = (numbers[name] / scale if name in numbers else None for name in ("seen", "needed"))
            return code, seen, needed
    return "unknown", None, None


def number_sizes(connection: sa.Connection) -> None:
    query = sa.select(visibility.c.session_id, visibility.c.sizes)
    for number, sizes in connection.execute(query).all():
        classes = [size_class(label, faces) for label, faces in sizes]
        known = [] if None in classes else classes  # counts of classes that nobody can name say nothing
        connection.execute(sa.update(visibility).where(visibility.c.session_id == number).values(sizes=known))


def size_class(label: str, faces: int) -> list[float | int | None] | None:
    """[from px, to px, faces] of a label; None for an unknown one."""
    for pattern, ends in SIZES:
        if found := re.fullmatch(pattern, label):
            low, high = (float(found.group(end)) if isinstance(end, int) else end for end in ends)
            return [low, high, faces]
    return None


def hide_small_groups(connection: sa.Connection) -> None:
    """For sessions whose settings say how small a group is hidden."""
    query = sa.select(session.c.session_id, session.c.settings, visibility.c.simultaneous_p95)
    query = query.join_from(session, visibility, session.c.session_id == visibility.c.session_id)
    for number, settings, simultaneous in connection.execute(query).all():
        rules = settings.get("rules") or {}
        group = (rules.get("evidence") or {}).get("min_group")
        if isinstance(group, (int, float)):
            _hide_class(connection, number, simultaneous < group)
            _hide_tasks(connection, number, group)
            _hide_bins(connection, number, group, simultaneous)


def _hide_class(connection: sa.Connection, number: int, small: bool) -> None:
    if small:
        hidden = {"coverage": None, "sizes": [], "abstentions": []}
        connection.execute(sa.update(visibility).where(visibility.c.session_id == number).values(hidden))
        connection.execute(sa.update(bin_).where(bin_.c.session_id == number).values(faces=None, coverage=None))


def _hide_tasks(connection: sa.Connection, number: int, group: float) -> None:
    small = sa.and_(task.c.session_id == number, task.c.n < group)
    nothing = dict.fromkeys(("coverage", "grade", "n", *VALUES_OF_TASK))
    told = sa.and_(small, task.c.not_shown_code.is_(None))
    connection.execute(sa.update(task).where(told).values(not_shown_code="few", not_shown_needed=group))
    connection.execute(sa.update(task).where(small).values(nothing))
    for table in (moment, comparison):
        connection.execute(sa.delete(table).where(table.c.session_id == number, table.c.n < group))
    hidden = sa.select(task.c.task_index).where(task.c.session_id == number, task.c.not_shown_code.is_not(None))
    either = sa.or_(comparison.c.first_task_index.in_(hidden), comparison.c.second_task_index.in_(hidden))
    connection.execute(sa.delete(comparison).where(comparison.c.session_id == number, either))


def _hide_bins(connection: sa.Connection, number: int, group: float, simultaneous: int) -> None:
    mine = bin_.c.session_id == number
    hidden = sa.select(task.c.task_index).where(task.c.session_id == number, task.c.n.is_(None))
    few = sa.or_(bin_.c.n < group, bin_.c.task_index.in_(hidden))
    connection.execute(sa.update(bin_).where(mine, few).values(dict.fromkeys(VALUES_OF_BIN)))
    some = sa.and_(mine, bin_.c.faces > 0, bin_.c.faces < group)
    connection.execute(sa.update(bin_).where(some).values(faces=None))
    seen = sa.func.round(bin_.c.coverage * simultaneous)
    connection.execute(sa.update(bin_).where(mine, seen > 0, seen < group).values(coverage=None))
