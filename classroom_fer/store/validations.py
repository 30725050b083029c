"""Samples for observers and validations to rows and back; each function runs in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields
from typing import Any

import sqlalchemy as sa

from classroom_fer.lesson.validation import Agreement, ClipSample, Part, SampleClip, Validation
from classroom_fer.store import schema
from classroom_fer.store.rows import Row

_CLIP = tuple(field.name for field in fields(SampleClip) if field.name != "number")
_VALIDATION = ("sample_id", "scored_at", "drawn", "coded", "observers", "lessons", "seats", "cluster")


def write_sample(connection: sa.Connection, sample: ClipSample) -> None:
    """Adds a sample; one of the same id is replaced by it, and keeps its date."""
    table = schema.validation_sample
    known = sa.select(table.c.drawn_at).where(table.c.sample_id == sample.sample_id)
    drawn_at = connection.execute(known).scalar_one_or_none() or sample.drawn_at
    connection.execute(sa.delete(table).where(table.c.sample_id == sample.sample_id))
    row = {"sample_id": sample.sample_id, "seed": sample.seed, "drawn_at": drawn_at, "clips": sample.drawn}
    connection.execute(sa.insert(table), row)
    clips = [
        {"sample_id": sample.sample_id, "clip": clip.number, **{name: getattr(clip, name) for name in _CLIP}}
        for clip in sample.clips
    ]
    _insert(connection, schema.validation_clip, clips)


def read_sample(connection: sa.Connection, sample_id: str) -> ClipSample | None:
    """The sample of that id, without the clips of sessions that were deleted."""
    table, clip = schema.validation_sample, schema.validation_clip
    found = connection.execute(sa.select(table).where(table.c.sample_id == sample_id)).mappings().one_or_none()
    if found is None:
        return None
    rows = connection.execute(sa.select(clip).where(clip.c.sample_id == sample_id).order_by(clip.c.clip)).mappings()
    clips = tuple(SampleClip(number=row["clip"], **{name: row[name] for name in _CLIP}) for row in rows)
    return ClipSample(sample_id, found["seed"], found["drawn_at"], found["clips"], clips)


def write_validation(
    connection: sa.Connection, validation: Validation, sampled: Sequence[int], also: Sequence[int]
) -> int:
    """Adds a validation and names the sessions whose reports print it; its number."""
    row = {name: getattr(validation, name) for name in _VALIDATION}
    key = connection.execute(sa.insert(schema.validation), row).inserted_primary_key
    if key is None:
        raise AssertionError("an INSERT of one row has a key")
    number = int(key[0])
    figures = [_figure_row(number, place, one) for place, one in enumerate(validation.agreements)]
    _insert(connection, schema.validation_figure, figures)
    links = dict.fromkeys(also, 0) | dict.fromkeys(sampled, 1)
    sessions = [{"validation_id": number, "session_id": s, "sampled": flag} for s, flag in links.items()]
    _insert(connection, schema.validation_session, sessions)
    return number


def _insert(connection: sa.Connection, table: sa.Table, values: Sequence[Row]) -> None:
    if values:
        connection.execute(sa.insert(table), values)


def newest(connection: sa.Connection, sessions: sa.Select[tuple[int]]) -> dict[int, Validation]:
    """The newest validation that the reports of each of ``sessions`` print, by session."""
    link = schema.validation_session
    query = sa.select(link.c.session_id, sa.func.max(link.c.validation_id)).where(link.c.session_id.in_(sessions))
    numbers = {int(session): int(number) for session, number in connection.execute(query.group_by(link.c.session_id))}
    found = {number: _read_validation(connection, number) for number in sorted(set(numbers.values()))}
    return {session: found[number] for session, number in numbers.items()}


def _read_validation(connection: sa.Connection, number: int) -> Validation:
    table, figure = schema.validation, schema.validation_figure
    row = connection.execute(sa.select(table).where(table.c.validation_id == number)).mappings().one()
    query = sa.select(figure).where(figure.c.validation_id == number).order_by(figure.c.figure)
    agreements = tuple(_agreement(dict(found)) for found in connection.execute(query).mappings())
    return Validation(**{name: row[name] for name in _VALIDATION}, agreements=agreements)


def _figure_row(number: int, place: int, one: Agreement) -> Row:
    return {
        "validation_id": number,
        "figure": place,
        "statistic": one.statistic,
        "about": one.about,
        **dict(zip(("part", "part_low", "part_high"), astuple(one.part), strict=True)),
        "value": float(one.value),
        "value_low": one.low,
        "value_high": one.high,
        "clips": one.clips,
    }


def _agreement(row: Mapping[str, Any]) -> Agreement:
    return Agreement(
        statistic=row["statistic"],
        about=row["about"],
        value=row["value"],
        low=row["value_low"],
        high=row["value_high"],
        clips=row["clips"],
        part=Part(row["part"], row["part_low"], row["part_high"]),
    )
