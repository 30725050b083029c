"""The tables. The comments here are the one source of every description of the data: the ``data_dictionary`` table,
``docs/data-dictionary.md`` and PostgreSQL's own column comments (see ``dictionary.py``).

``migrations/`` builds the same tables and imports nothing from here; a test compares the two.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import MetaData, Table, types

from classroom_fer.lesson.runs import RUN_STATES, RUN_WISHES
from classroom_fer.store.columns import (
    UtcDateTime,
    again,
    belongs,
    column,
    interval,
    key,
    maybe,
    probabilities,
    real,
    session_key,
    text,
    votes,
    whole,
)

HEAD = "0011"
"""Newest revision in ``migrations/versions``; a test compares. Lets a current database open without Alembic."""


def _one_of(name: str, values: tuple[str, ...]) -> str:
    return f"{name} IN ({', '.join(repr(value) for value in values)})"


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

session = Table(
    "session",
    metadata,
    whole("session_id", "The session; joins every table and view. Never used twice.", primary_key=True),
    text("video", "File name of the film, without its folder."),
    text("video_sha256", "SHA-256 of the film's bytes."),
    real("duration_s", "s", "Length that the film's container declares."),
    whole("width_px", "Width of the upright picture.", "px"),
    whole("height_px", "Height of the upright picture.", "px"),
    maybe("source_fps", "1/s", "Average frame rate of the film; NULL where the container does not say."),
    column("recorded_on", UtcDateTime, "UTC", "Creation time in the container; NULL if it has none.", nullable=True),
    real("sample_fps", "1/s", "Sampled frames per second of film (--fps)."),
    real("start_s", "s", "Start of the analysed part, from media start."),
    real("end_s", "s", "End of the analysed part (not included), from media start."),
    real("chunk_s", "s", "Film time that is analysed and committed at once."),
    text(
        "profile",
        "Privacy profile: 'research' keeps numeric rows per face until the session expires; 'teacher' deletes them "
        "once the class values exist; 'presence' infers nothing about anybody.",
    ),
    text("model_sha256", "SHA-256 of the expression model; 'none' where none ran (profile presence)."),
    text("observation_sha256", "Hash of the settings that change face rows."),
    text("settings_sha256", "Hash of every setting that can change a printed number."),
    column("settings", types.JSON, None, "The resolved settings."),
    column("versions", types.JSON, None, "Package name and version of what made the rows."),
    column("expires_on", UtcDateTime, "UTC", "purge --expired removes the session from then on.", nullable=True),
    text("status", "'running' until the results are written, then 'finished'."),
    column("analyzed_at", UtcDateTime, "UTC", "When the results were written; while running, when the run began."),
    text("jurisdiction", "Declared: ISO 3166 code of the country, or EU; NULL if not declared.", nullable=True),
    text("setting", "Declared: education, workplace, laboratory or other; NULL if not declared.", nullable=True),
    text("purpose", "Declared: what the analysis is for; NULL if not declared.", nullable=True),
    text("legal_basis", "Declared: legal basis; NULL if not declared.", nullable=True),
    text("dpia", "Declared: reference of the data protection impact assessment; NULL if not declared.", nullable=True),
    whole("regions", "Opt-out regions that were blacked out before faces were looked for.", server_default="0"),
    column(
        "faces_deleted_at",
        UtcDateTime,
        "UTC",
        "When the profile teacher deleted the rows of face and track; NULL while they are there.",
        nullable=True,
    ),
    column(
        "film_repairs",
        types.JSON,
        None,
        "What was repaired in the film's time stamps: list of {code, count, seconds}; empty where nothing was.",
        server_default="[]",
    ),
    whole(
        "result_version",
        "Version of the tracking and measurement rules that made the results; 0 = before they were counted.",
        server_default="0",
    ),
    sa.CheckConstraint("status IN ('running', 'finished')", name="status"),
    comment="One analysed film with one set of settings.",
    sqlite_autoincrement=True,
)

chunk = Table(
    "chunk",
    metadata,
    session_key(),
    key("chunk_index", "Chunk k covers film time [k * chunk_s, (k + 1) * chunk_s)."),
    real("start_s", "s", "Start of the chunk's film time."),
    real("end_s", "s", "End of the chunk's film time (not included)."),
    whole("frames_lost", "Source frames in this chunk that did not decode.", "frames"),
    belongs("session_id", parent="session"),
    comment="A stretch of film that was analysed and committed as a whole.",
    sqlite_with_rowid=False,
)

HELD = (
    "Sampling intervals that the picture had stood for already: 0 = it came in this one; more where a recorder wrote "
    "no new frame because nothing moved, or where more samples than frames were asked for."
)

frame = Table(
    "frame",
    metadata,
    session_key(),
    key("frame_index", "Source frame number in presentation order, from 0."),
    key("held", HELD, server_default="0"),
    whole("chunk_index", "The chunk that it belongs to."),
    real("time_s", "s", "Presentation time from media start."),
    text(
        "camera",
        "Its view against that of the frame before: same; moved (see the next columns); cut: another view, since the "
        "film is cut or the camera moved further than can be followed, so every track ends. NULL if not looked at.",
        nullable=True,
    ),
    maybe("camera_x_px", "px", "What stands still in the room was so much further right in the frame before."),
    maybe("camera_y_px", "px", "The same, further down."),
    maybe(
        "camera_zoom",
        None,
        "Place before = camera_zoom * (place turned by camera_turn_deg) + (camera_x_px, camera_y_px).",
    ),
    maybe("camera_turn_deg", "deg", "See camera_zoom; + = clockwise in the picture."),
    belongs("session_id", "chunk_index", parent="chunk"),
    comment="A frame that was looked at, also when nobody was seen in it.",
    sqlite_with_rowid=False,
)

face = Table(
    "face",
    metadata,
    session_key(),
    key("frame_index", "The sampled frame (source frame number)."),
    key("held", HELD, server_default="0"),
    key("face_index", "Position within its frame, from 0."),
    whole(
        "track_id",
        "Random number of the person-sized track within this session; means nothing outside it. NULL until the "
        "results are written, and for a face that was joined to no track.",
        nullable=True,
    ),
    real("x1", "px", "Left edge of the face box in the upright frame."),
    real("y1", "px", "Top edge of the face box."),
    real("x2", "px", "Right edge of the face box."),
    real("y2", "px", "Bottom edge of the face box."),
    real(
        "confidence",
        "0-1",
        "The detector's score that this is a face. Compare within one detector only (settings: detector).",
    ),
    real("size_px", "px", "Shorter side of the face box."),
    real("blur", None, "Variance of the Laplacian of the grey crop; small = blurred."),
    maybe("yaw_deg", "deg", "Head turned sideways, + = to the image's right; NULL if the pose is unknown."),
    maybe("pitch_deg", "deg", "Head tilted, + = down; NULL if the pose is unknown. Compare within a track only."),
    maybe("roll_deg", "deg", "Head rolled, + = clockwise in the image; NULL if the pose is unknown."),
    *probabilities("Calibrated probability, both heads of the classifier together,"),
    text(
        "emotion",
        "Most probable class within the most probable of the four groups; NULL if the face has no usable expression.",
        nullable=True,
    ),
    maybe("emotion_confidence", "0-1", "Largest of the eight probabilities; NULL if the classifier did not run."),
    text(
        "abstained_because",
        "Why the face has no usable expression (too small, turned away, pose unknown, unsure detection, which is a low "
        "frontal: not classified; uncertain: classified, but no class is sure enough; not inferred: profile presence); "
        "NULL if it has one.",
        nullable=True,
    ),
    maybe(
        "frontal",
        "0-1",
        "How frontal and clear the face is: O-Net's score. Low for far turned, deeply bowed, covered and blurred "
        "faces, and where there is none. NULL in sessions of before this column.",
    ),
    *votes(),
    belongs("session_id", "frame_index", "held", parent="frame"),
    comment="One face in one sampled frame: numbers only, no picture.",
    sqlite_with_rowid=False,
)

track = Table(
    "track",
    metadata,
    session_key(),
    key("track_id", "Random number within this session; means nothing outside it."),
    real("first_s", "s", "Time of its first face."),
    real("last_s", "s", "Time of its last face."),
    whole("samples", "Faces joined to it.", "faces"),
    real("median_size_px", "px", "Median of the shorter side of its boxes."),
    real("seat_x_px", "px", "Median horizontal centre of its boxes."),
    real("seat_y_px", "px", "Median vertical centre of its boxes."),
    maybe("yaw0_deg", "deg", "Baseline yaw; NULL if the track was left out of orientation."),
    maybe("pitch0_deg", "deg", "Baseline pitch; NULL if the track was left out of orientation."),
    text(
        "baseline",
        "Where the baseline comes from: own = its own median, line = a line over the other tracks, zero = too few "
        "tracks for a line, dropped = too far from the line.",
    ),
    belongs("session_id", parent="session"),
    comment="One person-sized thing followed through one session.",
    sqlite_with_rowid=False,
)

task = Table(
    "task",
    metadata,
    session_key(),
    key("task_index", "Position in the list of tasks, from 0."),
    text("name", "The teacher's name for the task."),
    real("start_s", "s", "Start of the task, from media start."),
    real("end_s", "s", "End of the task (not included)."),
    text("mode", "board (listen, watch), desk (read, write), group or move."),
    whole("bins", "Bins in the task; NULL until the results are written.", "bins", nullable=True),
    whole(
        "n",
        "Pupils behind the values: the smaller of qualified tracks and simultaneous_p95; NULL where they are fewer "
        "than min_group, and until the results are written.",
        "pupils",
        nullable=True,
    ),
    maybe(
        "coverage",
        "0-1",
        "Valid track-bins over (simultaneous_p95 x bins): how much was seen of the task; NULL with n.",
    ),
    text("grade", "Strength of the evidence: A, B or C; NULL if nothing is shown.", nullable=True),
    *interval("engagement", "0-100", "Visible engagement index; NULL if not shown or the mode has no orientation."),
    *interval("orientation", "0-1", "Share of faces turned to where the task is; NULL if not shown."),
    *interval("expression", "0-1", "Weighted expression value; NULL if not shown."),
    maybe(
        "share_neutral",
        "0-1",
        "Share of readable faces that looked neutral; 0 = 5 % or less (then counted in other), 1 = 95 % or more.",
    ),
    maybe("share_smiling", "0-1", "Share of readable faces that smiled; 0 = 5 % or less, 1 = 95 % or more."),
    maybe(
        "share_surprised", "0-1", "Share of readable faces that looked surprised; 0 = 5 % or less, 1 = 95 % or more."
    ),
    maybe(
        "share_other",
        "0-1",
        "Share of readable faces with another, an uncertain or a rare (see above) expression; 0 = 5 % or less.",
    ),
    maybe("readable", "0-1", "Share of seen faces whose expression could be judged at all."),
    text(
        "not_shown_code",
        "Why the class values are missing; NULL if they are shown. outside: not in the analysed part; short: shorter "
        "than task_min_s; partly_analysed: less of it than task_min_s; nobody: no face was seen well enough; few: "
        "fewer than min_group were; coverage: seen for too small a share; not_inferred: profile presence; unknown: an "
        "earlier version did not say.",
        nullable=True,
    ),
    maybe(
        "not_shown_seen",
        None,
        "What there was: seconds of the task (short), of its analysed part (partly_analysed), share seen (coverage).",
    ),
    maybe("not_shown_needed", None, "What was needed: seconds, pupils (few) or the share (coverage)."),
    belongs("session_id", parent="session"),
    sa.CheckConstraint("mode IN ('board', 'desk', 'group', 'move')", name="mode"),
    comment="A part of the lesson that the teacher marked, and the class during it.",
    sqlite_with_rowid=False,
)

bin_ = Table(
    "bin",
    metadata,
    session_key(),
    key("bin_index", "Position in time, from 0."),
    whole("task_index", "The task that it belongs to; NULL between tasks.", nullable=True),
    real("start_s", "s", "Start of the bin."),
    real("end_s", "s", "End of the bin (not included)."),
    whole("frames", "Sampled frames in the bin; 0 = the film was not seen here.", "frames"),
    maybe(
        "faces",
        "faces",
        "Mean number of faces visible at once; NULL where no frame was sampled or fewer than min_group were seen.",
    ),
    whole("n", "Tracks behind the values; NULL if hidden.", "tracks", nullable=True),
    maybe("coverage", "0-1", "Part of the class that was seen; NULL where unknown or of fewer than min_group."),
    *interval("engagement", "0-100", "Track-centred visible engagement index; NULL where too few were seen."),
    maybe("orientation", "0-1", "Mean orientation of the class; NULL where too few were seen."),
    maybe("expression", "0-1", "Mean expression value of the class; NULL where too few were seen."),
    *probabilities("Mean probability over the class"),
    maybe(
        "synchrony",
        "0-1",
        "Share of the tracks seen in this bin and the one before whose orientation changed the same way; NULL in the "
        "first bin of a task, where too few were seen, and in results by older rules. Not part of engagement.",
    ),
    maybe(
        "synchrony_chance",
        "0-1",
        "What synchrony exceeds in one bin of twenty if everybody turns as often, but at times of their own: the 95th "
        "percentile under circular shifts of each track. The same in all bins of a task.",
    ),
    belongs("session_id", parent="session"),
    belongs("session_id", "task_index", parent="task"),
    comment="The class in one bin of time (default 10 s). Missing is NULL, never 0.",
    sqlite_with_rowid=False,
)

moment = Table(
    "moment",
    metadata,
    session_key(),
    key("moment_index", "Position in the list of moments, from 0."),
    real("time_s", "s", "When the class changed."),
    real("change", "points", "Engagement points, after minus before."),
    real("change_orientation", "points", "Its orientation part."),
    real("change_expression", "points", "Its expression part."),
    real("t", None, "t statistic of the paired change."),
    whole("n", "Tracks behind it.", "tracks"),
    belongs("session_id", parent="session"),
    comment="A time at which the class changed.",
    sqlite_with_rowid=False,
)

comparison = Table(
    "comparison",
    metadata,
    session_key(),
    key("comparison_index", "Position in the list of comparisons, from 0."),
    whole("first_task_index", "The earlier task."),
    whole("second_task_index", "The later task, of the same mode."),
    real("difference", "points", "Engagement points, second minus first, paired by track."),
    real("difference_low", "points", "Lower end of the 95 % interval of difference."),
    real("difference_high", "points", "Upper end of the 95 % interval of difference."),
    real("p_holm", "0-1", "p value after Holm's correction over all pairs."),
    whole("n", "Tracks behind it.", "tracks"),
    text("verdict", "Of the second against the first: higher, lower, no_clear_difference, not_separable_from_time."),
    belongs("session_id", parent="session"),
    belongs("session_id", "first_task_index", parent="task", to=("session_id", "task_index")),
    belongs("session_id", "second_task_index", parent="task", to=("session_id", "task_index")),
    comment="Two tasks of the same mode.",
    sqlite_with_rowid=False,
)

visibility = Table(
    "visibility",
    metadata,
    session_key(),
    whole("frames_sampled", "Frames that were looked at.", "frames"),
    whole("frames_lost", "Source frames that did not decode.", "frames"),
    real("unseen_s", "s", "Part of the declared duration in which nothing decoded."),
    whole("faces", "Faces in all sampled frames.", "faces"),
    whole("tracks", "Tracks found.", "tracks"),
    whole("simultaneous_p95", "95th percentile of faces visible at once.", "faces"),
    maybe(
        "coverage",
        "0-1",
        "Track-bins with a face over (simultaneous_p95 x bins); NULL when nobody or fewer than min_group were seen.",
    ),
    column(
        "sizes",
        types.JSON,
        None,
        "Faces per size class: list of [from px, to px (null = no end), faces], small to large; empty below min_group.",
    ),
    column(
        "abstentions", types.JSON, None, "Faces per reason to abstain: list of [reason, faces]; empty below min_group."
    ),
    whole(
        "cuts",
        "Times at which the view changed so that nobody could be followed (the film is cut, or the camera was turned). "
        "NULL if that was not looked at.",
        nullable=True,
    ),
    maybe(
        "camera_away",
        "0-1",
        "Share of the sampled frames in which the camera looked elsewhere than it mostly did between two cuts: their "
        "directions are not used. NULL if that was not looked at.",
    ),
    belongs("session_id", parent="session"),
    comment="What the camera saw of a session; written with its results.",
    sqlite_with_rowid=False,
)

label = Table(
    "label",
    metadata,
    session_key(),
    text("label", "What it is about, e.g. class.", primary_key=True),
    text("value", "What the user wrote, e.g. 7b."),
    belongs("session_id", parent="session"),
    comment="Free labels of a session, by which sessions are found and grouped. They go with the session.",
    sqlite_with_rowid=False,
)

aggregation = Table(
    "aggregation",
    metadata,
    session_key(),
    text("aggregation", "Its name within the session; views call the session's own result default.", primary_key=True),
    column(
        "made_at",
        UtcDateTime,
        "UTC",
        "When its values were computed; NULL once the session's own results changed: they have to be computed again.",
        nullable=True,
    ),
    text(
        "shows",
        "everything: as the session's own result, of the same tasks, bins and min_group; tasks: the values of tasks "
        "alone, so that nobody can be worked out from both (docs/small-groups.md).",
    ),
    whole("left_out", "Pupils that none of its values are about, for the same reason.", "pupils"),
    column("settings", types.JSON, None, "The resolved settings."),
    text("settings_sha256", "Hash of every setting that can change a printed number."),
    column("versions", types.JSON, None, "Package name and version of what made the values."),
    whole("result_version", "Version of the tracking and measurement rules that made the values."),
    belongs("session_id", parent="session"),
    sa.CheckConstraint("shows IN ('everything', 'tasks')", name="shows"),
    comment="A further result of a session's face rows, beside its own: other tasks, weights, bins or min_group.",
    sqlite_with_rowid=False,
)


def _named(table: Table) -> Table:
    """The rows of ``table`` that belong to a named aggregation; the session's own stay where they always were."""
    columns = [again(source) for source in table.columns if source.name != "session_id"]
    name = text("aggregation", "Name of the aggregation.", primary_key=True)
    return Table(
        f"aggregation_{table.name}",
        metadata,
        session_key(),
        name,
        *columns,
        belongs("session_id", "aggregation", parent="aggregation"),
        comment=f"Rows like those of the table {table.name}, of the named aggregations.",
        sqlite_with_rowid=False,
    )


NAMED = {table: _named(table) for table in (task, bin_, moment, comparison)}
"""Table of a session's own result -> that of its named aggregations."""
validation_sample = Table(
    "validation_sample",
    metadata,
    text("sample_id", "Stands on every coding sheet; the same clips have the same.", primary_key=True),
    whole("seed", "Of the draw."),
    column("drawn_at", UtcDateTime, "UTC", "When it was drawn first."),
    whole("clips", "Clips that were drawn; those of deleted sessions have no row in validation_clip.", "clips"),
    comment="A stratified random sample of clips of 10 s for human observers (validate sample).",
    sqlite_with_rowid=False,
)

validation_clip = Table(
    "validation_clip",
    metadata,
    text("sample_id", "The sample.", primary_key=True),
    key("clip", "Its number on the sheets, from 1."),
    whole("session_id", "The session; the row goes with it."),
    real("start_s", "s", "Start of the clip: of a base bin."),
    real("end_s", "s", "End of the clip (not included)."),
    real("x_px", "px", "The place in the picture: horizontal centre of the face, or of where it was or will be."),
    real("y_px", "px", "Its vertical centre."),
    real("size_px", "px", "Median face of the seat."),
    whole("row", "Row of the seat, from the camera, from 1."),
    whole("place", "Place in the row, from the left, from 1."),
    whole("places", "Seats of the row.", "seats"),
    text("stratum", "Session, task, coverage (valued, seen, unseen) and class of face size; not told to observers."),
    real("probability", "0-1", "Of being drawn: weighted by its inverse, clips stand for all of the sampled lessons."),
    belongs("sample_id", parent="validation_sample"),
    belongs("session_id", parent="session"),
    comment="One place in the picture for 10 s. Research material about single pupils.",
    sqlite_with_rowid=False,
)

validation = Table(
    "validation",
    metadata,
    whole("validation_id", "The validation.", primary_key=True),
    text("sample_id", "The sample that was coded."),
    column("scored_at", UtcDateTime, "UTC", "When the sheets were read."),
    whole("drawn", "Clips of the sample.", "clips"),
    whole("coded", "Clips that at least one observer coded.", "clips"),
    whole("observers", "1 or 2.", "observers"),
    whole("lessons", "Sessions of which clips were coded.", "sessions"),
    whole("seats", "Seats of which clips were coded, over all sessions.", "seats"),
    text("cluster", "What the intervals take as drawn: lesson, or seat where there are fewer than six lessons."),
    comment="What two observers' codes said of the numbers (validate score); the codes themselves are not kept.",
    sqlite_autoincrement=True,
)

validation_figure = Table(
    "validation_figure",
    metadata,
    key("validation_id", "The validation."),
    key("figure", "Position in the list of figures, from 0."),
    text(
        "statistic",
        "kappa, weighted_kappa, icc: the observers with each other; auc, rank, task_rank: a value with the observed "
        "share of pupils on task, by clip or by task; recall: unweighted average recall; share; difference.",
    ),
    text("about", "A question of the code book, a value (orientation, expression, index), or what a share is of."),
    text("part", "all, size_px or row: the clips that it is about."),
    maybe("part_low", None, "Smallest face size or row; NULL for all."),
    maybe("part_high", None, "End of the sizes (not included), NULL = none; last row; NULL for all."),
    real("value", None, "The figure."),
    maybe("value_low", None, "Lower end of its 95 % interval; NULL if there is none."),
    maybe("value_high", None, "Upper end of its 95 % interval."),
    whole("clips", "Behind it.", "clips"),
    belongs("validation_id", parent="validation"),
    comment="One figure of a validation. None is about fewer than min_group pupils.",
    sqlite_with_rowid=False,
)

validation_session = Table(
    "validation_session",
    metadata,
    key("validation_id", "The validation."),
    key("session_id", "A session whose reports print it."),
    whole("sampled", "1 if its clips were coded, 0 if it was named by --also."),
    belongs("validation_id", parent="validation"),
    belongs("session_id", parent="session"),
    comment="Which sessions a validation is printed for.",
    sqlite_with_rowid=False,
)

run = Table(
    "run",
    metadata,
    whole("run_id", "The run. Never used twice.", primary_key=True),
    text("film", "Path of the film."),
    text("tasks", "Path of the tasks file; NULL if there is none.", nullable=True),
    text("settings_sha256", "Hash of every setting that can change a printed number."),
    column("arguments", types.JSON, None, "Of classroom-fer, by which the same run goes on."),
    text("state", "queued, running, paused, cancelled, failed or finished."),
    text("wanted", "What it is asked to do: run, pause or cancel. Its process looks every second or so."),
    column("asked_at", UtcDateTime, "UTC", "When it was asked for."),
    column("heard_at", UtcDateTime, "UTC", "When its process last said something."),
    text(
        "stage",
        "What it does: reading the file, loading the models, faces, tracks and timeline, report, waiting for another "
        "run.",
    ),
    maybe("done_s", "s", "Film time of the stage that is done; NULL where it has none."),
    maybe("total_s", "s", "Film time of the stage; NULL where it has none."),
    maybe("left_s", "s", "Real time until the stage ends, as estimated; NULL if unknown."),
    whole("pid", "Number of its process; NULL while it has none.", nullable=True),
    maybe("process_started_s", "s", "When that process began, since 1970: numbers are given again."),
    text("host", "Machine of the process; NULL while it has none.", nullable=True),
    whole("session_id", "The session of its results; NULL while there are none. It goes with it.", nullable=True),
    text("message", "Why it failed; empty if it did not."),
    text("hint", "What to do then."),
    belongs("session_id", parent="session"),
    sa.CheckConstraint(_one_of("state", RUN_STATES), name="state"),
    sa.CheckConstraint(_one_of("wanted", RUN_WISHES), name="wanted"),
    comment="One film's analysis under way, or how it ended; purge deletes those that ended.",
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    key("audit_id", "1, 2, 3 ... without gaps."),
    column("at", UtcDateTime, "UTC", "When it was done."),
    text("action", "What was done: analyze, export, purge ..."),
    whole("session_id", "The session it was done to; kept after the session is purged.", nullable=True),
    text("details", "Settings of the action as canonical JSON (keys sorted, ASCII)."),
    text("previous_sha256", "sha256 of the row before; 64 zeros for the first."),
    text("sha256", "SHA-256 of previous_sha256 and this row's canonical JSON: a changed row breaks the chain."),
    comment="Append-only log: triggers refuse UPDATE and DELETE, the hash chain shows what slipped past them.",
)

audit_head = Table(
    "audit_head",
    metadata,
    key("head_id", "Always 1: the table has one row."),
    whole("entries", "Rows of audit: shows when its last ones were cut off.", "rows"),
    text("sha256", "sha256 of the newest row of audit; 64 zeros while there is none."),
    comment="Where the audit chain ends, written together with each of its rows.",
)

database = Table(
    "database",
    metadata,
    text("database_id", "Random name that no other database has; its PDFs are known by it.", primary_key=True),
    comment="What names this database; one row.",
    sqlite_with_rowid=False,
)

data_dictionary = Table(
    "data_dictionary",
    metadata,
    text("object", "Table or view.", primary_key=True),
    text("column", "Column; empty for the table or view itself.", primary_key=True),
    whole("position", "Order of the column, from 1; 0 for the table or view itself."),
    text("type", "table, view, integer, real, text, timestamp or json."),
    text("unit", "Unit or range of the values; NULL if none.", nullable=True),
    text("description", "What it means."),
    comment="This description of every table, view and column.",
    sqlite_with_rowid=False,
)

DERIVED = (comparison, moment, bin_, track, visibility)
"""Tables that ``write_result`` fills besides columns of ``task`` and ``face.track_id``; children first."""
