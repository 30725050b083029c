"""A SessionResult to rows and back."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sqlalchemy as sa

from classroom_fer.lesson.records import (
    Comparison,
    Estimate,
    ExpressionShares,
    Moment,
    NotShown,
    SessionResult,
    SizeClass,
    Task,
    TaskSummary,
    TimelineBin,
    Track,
    TrackSummary,
    Visibility,
)
from classroom_fer.lesson.span import to_milliseconds
from classroom_fer.store import schema
from classroom_fer.store.columns import plain
from classroom_fer.store.rows import P_COLUMNS, Row, task_record, task_row

_TRACK = ("samples", "median_size_px", "seat_x_px", "seat_y_px", "yaw0_deg", "pitch0_deg", "baseline")
_BIN = ("frames", "faces", "n", "coverage", "orientation", "expression", "synchrony", "synchrony_chance")
_MOMENT = ("change", "change_orientation", "change_expression", "t", "n")
_VISIBILITY = (
    *("frames_sampled", "frames_lost", "faces", "tracks", "simultaneous_p95", "coverage"),
    *("cuts", "camera_away"),
)
_SUMMARY = ("bins", "n", "coverage", "grade", "readable")
_SUMMARY_ESTIMATES = ("engagement", "orientation", "expression")
_NOT_SHOWN = ("code", "seen", "needed")
_SHARES = ("neutral", "smiling", "surprised", "other")


def shuffled_ids(result: SessionResult, tracks: Sequence[Track]) -> dict[int, int]:
    """The tracker's id -> a random id of 1..n, so that the order of ids says nothing about a person.

    Raises:
        ValueError: the result describes other tracks than ``tracks``, or one twice.
    """
    given = sorted(summary.track_id for summary in result.tracks)
    if given != sorted(track.track_id for track in tracks) or len(set(given)) != len(given):
        raise ValueError("the result's tracks are not the tracks that were given")
    fresh = list(range(1, len(given) + 1))
    secrets.SystemRandom().shuffle(fresh)
    return dict(zip(given, fresh, strict=True))


def task_indices(tasks: Sequence[Task], result: SessionResult) -> dict[str, int]:
    """Name of each of the result's tasks -> its place among the session's ``tasks``.

    Raises:
        ValueError: the result is about other tasks.
    """
    wanted = sorted((plain(t.name), to_milliseconds(t.start_s), to_milliseconds(t.end_s), t.mode) for t in tasks)
    given = [summary.task for summary in result.tasks]
    if wanted != sorted((plain(t.name), to_milliseconds(t.start_s), to_milliseconds(t.end_s), t.mode) for t in given):
        raise ValueError("the result's tasks are not the session's tasks: call set_tasks first")
    places = {task.name: index for index, task in enumerate(tasks)}
    return {task.name: places[plain(task.name)] for task in given}


def result_rows(
    session_id: int, result: SessionResult, ids: Mapping[int, int], indices: Mapping[str, int]
) -> dict[sa.Table, list[Row]]:
    """Rows of the derived tables, parents first; tracks in the order of their new ids."""
    tracks = sorted((_track_row(track, ids[track.track_id]) for track in result.tracks), key=lambda r: r["track_id"])
    bins = [_bin_row(index, bin_, indices) for index, bin_ in enumerate(result.bins)]
    moments = [
        {"moment_index": index, "time_s": to_milliseconds(moment.time_s), **_same(moment, _MOMENT)}
        for index, moment in enumerate(result.moments)
    ]
    comparisons = [_comparison_row(index, pair, indices) for index, pair in enumerate(result.comparisons)]
    tables = {
        schema.visibility: [_visibility_row(result.visibility)],
        schema.track: tracks,
        schema.bin_: bins,
        schema.moment: moments,
        schema.comparison: comparisons,
    }
    return {table: [{"session_id": session_id, **_native(row)} for row in rows] for table, rows in tables.items()}


def summary_row(summary: TaskSummary) -> Row:
    """Columns of ``task`` that hold results."""
    row = _same(summary, _SUMMARY)
    for name in _SUMMARY_ESTIMATES:
        row.update(_estimate_columns(name, getattr(summary, name)))
    for name in _NOT_SHOWN:
        why = summary.not_shown_because
        row[f"not_shown_{name}"] = None if why is None else getattr(why, name)
    for name in _SHARES:
        row[f"share_{name}"] = None if summary.shares is None else getattr(summary.shares, name)
    return _native(row)


NO_SUMMARY: Row = {
    **dict.fromkeys(_SUMMARY),
    **{f"{name}{end}": None for name in _SUMMARY_ESTIMATES for end in ("", "_low", "_high")},
    **{f"share_{name}": None for name in _SHARES},
    **{f"not_shown_{name}": None for name in _NOT_SHOWN},
}
"""The columns of ``summary_row`` while there are no results."""


def _same(record: object, names: Iterable[str]) -> Row:
    return {name: getattr(record, name) for name in names}


def _native(row: Row) -> Row:
    """sqlite3 would store NumPy's numbers as bytes."""
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in row.items()}


def _estimate_columns(name: str, estimate: Estimate | None) -> Row:
    values = (None, None, None) if estimate is None else (estimate.value, estimate.low, estimate.high)
    return dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))


def _track_row(track: TrackSummary, new_id: int) -> Row:
    times = {"first_s": to_milliseconds(track.first_s), "last_s": to_milliseconds(track.last_s)}
    return {"track_id": new_id, **times, **_same(track, _TRACK)}


def _bin_row(index: int, bin_: TimelineBin, indices: Mapping[str, int]) -> Row:
    probabilities = bin_.probabilities or (None,) * len(P_COLUMNS)
    return {
        "bin_index": index,
        "task_index": None if bin_.task is None else indices[bin_.task],
        "start_s": to_milliseconds(bin_.start_s),
        "end_s": to_milliseconds(bin_.end_s),
        **_same(bin_, _BIN),
        **_estimate_columns("engagement", bin_.engagement),
        **dict(zip(P_COLUMNS, probabilities, strict=True)),
    }


def _comparison_row(index: int, pair: Comparison, indices: Mapping[str, int]) -> Row:
    return {
        "comparison_index": index,
        "first_task_index": indices[pair.first],
        "second_task_index": indices[pair.second],
        **_estimate_columns("difference", pair.difference),
        **_same(pair, ("p_holm", "n", "verdict")),
    }


def _visibility_row(visibility: Visibility) -> Row:
    return {
        **_same(visibility, _VISIBILITY),
        "unseen_s": to_milliseconds(visibility.unseen_s),
        "sizes": [[size.low_px, size.high_px, int(size.faces)] for size in visibility.sizes],
        "abstentions": [[reason, int(faces)] for reason, faces in visibility.abstentions],
    }


def named_rows(
    session_id: int, name: str, result: SessionResult, indices: Mapping[str, int]
) -> dict[sa.Table, list[Row]]:
    """Rows of the tables of named aggregations, tasks first. Tracks and what the camera saw are the session's own."""
    tasks = {indices[summary.task.name]: summary for summary in result.tasks}
    own = {
        schema.task: [
            {**task_row(session_id, index, summary.task), **summary_row(summary)}
            for index, summary in sorted(tasks.items())
        ],
        **result_rows(session_id, replace(result, tracks=()), {}, indices),
    }
    return {table: [{**row, "aggregation": name} for row in own[original]] for original, table in schema.NAMED.items()}


def read_result(connection: sa.Connection, session_id: int, aggregation: str | None = None) -> SessionResult:
    """The stored result; tracks in the order of their (random) ids, tasks in lesson order.

    ``aggregation``: that of this name; it has no tracks, and what the camera saw is the session's own.
    """

    def rows(table: sa.Table) -> list[Mapping[str, Any]]:
        if aggregation is not None:
            table = schema.NAMED.get(table, table)
        query = sa.select(table).where(table.c.session_id == session_id).order_by(*table.primary_key)
        if "aggregation" in table.c:
            query = query.where(table.c.aggregation == aggregation)
        return [dict(row) for row in connection.execute(query).mappings()]

    tasks = rows(schema.task)
    names = {row["task_index"]: row["name"] for row in tasks}
    summaries = sorted((_summary(row) for row in tasks), key=lambda summary: summary.task.start_s)
    return SessionResult(
        visibility=_visibility(rows(schema.visibility)[0]),
        tracks=tuple(_track(row) for row in rows(schema.track) if aggregation is None),
        bins=tuple(_bin(row, names) for row in rows(schema.bin_)),
        tasks=tuple(summaries),
        moments=tuple(Moment(time_s=row["time_s"], **{n: row[n] for n in _MOMENT}) for row in rows(schema.moment)),
        comparisons=tuple(_comparison(row, names) for row in rows(schema.comparison)),
    )


def read_summaries(connection: sa.Connection, session_ids: Sequence[int]) -> dict[int, list[TaskSummary]]:
    """The stored tasks of many sessions, each in lesson order."""
    found: dict[int, list[TaskSummary]] = {session_id: [] for session_id in session_ids}
    table = schema.task
    wanted: sa.BindParameter[Any] = sa.bindparam("wanted", expanding=True, value=list(session_ids))
    query = sa.select(table).where(table.c.session_id.in_(wanted)).order_by(table.c.session_id, table.c.start_s)
    for row in connection.execute(query).mappings():
        found[row["session_id"]].append(_summary(dict(row)))
    return found


def _estimate(row: Mapping[str, Any], name: str) -> Estimate | None:
    value = row[name]
    return None if value is None else Estimate(value, row[f"{name}_low"], row[f"{name}_high"])


def _visibility(row: Mapping[str, Any]) -> Visibility:
    return Visibility(
        unseen_s=row["unseen_s"],
        sizes=tuple(SizeClass(low, high, faces) for low, high, faces in row["sizes"]),
        abstentions=tuple((reason, faces) for reason, faces in row["abstentions"]),
        **{name: row[name] for name in _VISIBILITY},
    )


def _track(row: Mapping[str, Any]) -> TrackSummary:
    return TrackSummary(**{name: row[name] for name in ("track_id", "first_s", "last_s", *_TRACK)})


def _bin(row: Mapping[str, Any], names: Mapping[int, str]) -> TimelineBin:
    index = row["task_index"]
    return TimelineBin(
        task=None if index is None else names[index],
        start_s=row["start_s"],
        end_s=row["end_s"],
        engagement=_estimate(row, "engagement"),
        probabilities=None if row[P_COLUMNS[0]] is None else tuple(row[name] for name in P_COLUMNS),
        **{name: row[name] for name in _BIN},
    )


def _summary(row: Mapping[str, Any]) -> TaskSummary:
    shares = None
    if row["share_neutral"] is not None:
        shares = ExpressionShares(**{name: row[f"share_{name}"] for name in _SHARES})
    estimates: dict[str, Any] = {name: _estimate(row, name) for name in _SUMMARY_ESTIMATES}
    why = {name: row[f"not_shown_{name}"] for name in _NOT_SHOWN}
    return TaskSummary(
        task=task_record(row),
        shares=shares,
        not_shown_because=None if why["code"] is None else NotShown(**why),
        **estimates,
        **{name: row[name] for name in _SUMMARY},
    )


def _comparison(row: Mapping[str, Any], names: Mapping[int, str]) -> Comparison:
    return Comparison(
        first=names[row["first_task_index"]],
        second=names[row["second_task_index"]],
        difference=Estimate(row["difference"], row["difference_low"], row["difference_high"]),
        p_holm=row["p_holm"],
        n=row["n"],
        verdict=row["verdict"],
    )
