"""Which files an export makes: the formats, what each can hold, and the bundle of files for given sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from classroom_fer import __version__
from classroom_fer.errors import ConfigError, ExchangeError, PolicyError, StoreError
from classroom_fer.exchange import bids_files, legends
from classroom_fer.exchange.boris_project import project_bytes
from classroom_fer.exchange.eaf import eaf_bytes
from classroom_fer.exchange.levels import AGGREGATED, LEVELS, Level, columns, rows
from classroom_fer.exchange.outputs import Bundle, Output, identity_of
from classroom_fer.exchange.session_files import boris_project, elan_document, write_openface
from classroom_fer.exchange.table_formats import TABLE_FORMATS
from classroom_fer.exchange.timeline_file import curves_shown, write_timeline
from classroom_fer.lesson.records import SessionResult, StoredSession
from classroom_fer.store.store import SqlStore
from classroom_fer.text.file_names import film_stem

TABLES = ("csv", "parquet", "xlsx", "json")
AS_CLASS = "export --level task, bin or session"
SEVERAL = "sessions"
"""Name of a table of several sessions."""
NUMBERS_IN_A_NAME = 8
"""Session numbers that such a name says (choice)."""
_HOLDS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(TABLES, tuple(LEVELS)),
    "bids": ("task", "bin"),
    "boris": ("task", "bin"),
    "elan": ("task", "bin"),
    "openface": ("face",),
}
FORMATS = tuple(_HOLDS)
_WHY = {
    "bids": "events are tasks or bins of time",
    "boris": "a project of BORIS holds the tasks and the bins of time, both in one",
    "elan": "a document of ELAN holds the tasks and the bins of time, both in one",
    "openface": "OpenFace's table has a row for each face",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be exported."""

    format: str
    level: Level
    everything: bool = False
    """Every session of the database, whichever these are: a table of them is the same export when there are more."""
    aggregation: str | None = None
    """The named result that stands in the place of each session's own."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A session, and what names its work in this database."""

    session: StoredSession
    identity: str
    result: SessionResult | None = None
    """The named one; None = the session's own."""


def wanted(
    format_name: str, level_name: str | None, *, everything: bool = False, aggregation: str | None = None
) -> Wanted:
    """The format and level of these names; without a level the format's own. ConfigError if they do not go together."""
    if format_name not in _HOLDS:
        raise ConfigError(f"there is no format {format_name!r}", hint=f"use one of {', '.join(FORMATS)}")
    holds = _HOLDS[format_name]
    name = level_name or ("task" if "task" in holds else holds[0])
    if name not in LEVELS:
        raise ConfigError(f"there is no level {name!r}", hint=f"use one of {', '.join(LEVELS)}")
    if name not in holds:
        raise ConfigError(
            f"--format {format_name} does not go with --level {name}: {_WHY[format_name]}",
            hint=f"give --format {', '.join(TABLES[:-1])} or {TABLES[-1]} for rows per {name}, or leave --level out",
        )
    if aggregation is None:
        return Wanted(format_name, LEVELS[name], everything)
    if name not in AGGREGATED:
        raise ConfigError(
            f"--level {name} does not go with --name: what the camera saw is the same in every result of a session",
            hint="leave --name out, or give --level task or bin",
        )
    return Wanted(format_name, AGGREGATED[name], everything, aggregation)


def check_may_leave(what: Wanted, session: StoredSession, store: SqlStore) -> None:
    """Nothing, if the session's rows of this kind may be exported; call it before anything is written.

    Raises:
        StoreError: the rows were deleted.
        PolicyError: the named result shows no bins of time beside the session's own; pseudonyms hide nobody in a class
            of fewer than ``min_group`` (safeguard S3).
        ExchangeError: the format needs what the session's profile does not infer.
    """
    name = f"session {session.session_id} ({session.start.video_name})"
    if what.aggregation is not None and what.level.name == "bin" and what.format in (*TABLES, "bids"):
        if store.aggregations.named(session.session_id, what.aggregation).shows == "tasks":
            raise PolicyError(
                f"{name}: aggregation {what.aggregation!r} shows the values of its tasks alone, so that nobody can be "
                "worked out from it and the session's own result",
                hint="export --level task",
            )
        return
    if not what.level.of_single_faces:
        return
    if session.faces_deleted_at is not None:
        raise StoreError(f"{name}: the rows per face were deleted (profile teacher)", hint=AS_CLASS)
    if not store.result(session.session_id).visibility.enough_seen:
        raise PolicyError(
            f"{name}: fewer than min_group pupils were seen, and rows of single faces are not exported of so few",
            hint=AS_CLASS,
        )
    if what.format == "openface" and session.start.profile == "presence":
        raise ExchangeError(
            f"{name} has the profile presence: no head pose was looked at",
            hint="give --format csv --level face for where and when faces were seen",
        )


def together(what: Wanted, subjects: Sequence[Subject]) -> list[Sequence[Subject]]:
    """The sessions of each bundle: a table holds all of them, other programs take a file for each."""
    return [subjects] if what.format in TABLES else [[subject] for subject in subjects]


def bundle(what: Wanted, subjects: Sequence[Subject], store: SqlStore) -> Bundle:
    """The files for sessions that go ``together``."""
    if what.format in TABLES:
        return _table(what, subjects, store)
    (subject,) = subjects
    return {"bids": _bids, "boris": _boris, "elan": _elan, "openface": _openface}[what.format](what, subject, store)


def _table(what: Wanted, subjects: Sequence[Subject], store: SqlStore) -> Bundle:
    form, level = TABLE_FORMATS[what.format], what.level
    described, sessions = columns(level), [subject.session for subject in subjects]

    def write(file: BinaryIO, _name: str) -> None:
        form.write(file, described, rows(store, level, sessions))

    legend = _legend(f"{level.name} rows", form.missing, legends.of_columns(described))
    names = [f"{name}_{level.name}" for name in _table_names(what, sessions)]
    made = _bundle(what, subjects, names, [Output(form.suffix, write)], legend)
    return replace(made, identity=identity_of(what.format, names, store.database_id())) if what.everything else made


def _table_names(what: Wanted, sessions: Sequence[StoredSession]) -> list[str]:
    """A film's name for one session, ``sessions`` for all, ``sessions-3-4-5`` for some."""
    if what.everything:
        return ["-".join([SEVERAL, *([what.aggregation] if what.aggregation else [])])]
    if len(sessions) == 1:
        return _session_names(sessions[0])
    more = len(sessions) - NUMBERS_IN_A_NAME
    numbers = [str(session.session_id) for session in sessions[:NUMBERS_IN_A_NAME]]
    named = [what.aggregation] if what.aggregation else []
    return ["-".join([SEVERAL, *numbers, *([f"and-{more}-more"] if more > 0 else []), *named])]


def _bids(what: Wanted, subject: Subject, store: SqlStore) -> Bundle:
    described, session = columns(what.level), subject.session

    def write(file: BinaryIO, _name: str) -> None:
        bids_files.write_events(file, described, rows(store, what.level, [session]))

    own = bids_files.label(film_stem(session.start.video_name), f"film{session.session_id}")
    which = "" if what.aggregation is None else bids_files.label(what.aggregation, "named")
    described_as = which + ("" if what.level.name == "task" else "bins")
    part = f"_desc-{described_as}" if described_as else ""
    names = [f"sub-{label}_task-lesson{part}" for label in (own, f"{own}s{session.session_id}")]
    made = _bundle(what, [subject], names, [Output("_events.tsv", write)], bids_files.sidecar(described))
    return replace(made, own_dictionary_ending="_events.json")


def _boris(what: Wanted, subject: Subject, store: SqlStore) -> Bundle:
    session, bins = subject.session, _result(subject, store).bins

    def write_project(file: BinaryIO, name: str) -> None:
        project = boris_project(session.start, session.tasks, bins, f"{name}_timeline.csv")
        file.write(project_bytes(project, session.analyzed_at))

    def write_curves(file: BinaryIO, _name: str) -> None:
        write_timeline(file, bins)

    outputs = [Output(".boris", write_project)]
    if curves_shown(bins):
        outputs.append(Output("_timeline.csv", write_curves))
    what_it_is = "project with tasks as state events; timeline with a row a second"
    described = _legend(what_it_is, "filled, see the columns _measured", legends.timeline(curves_shown(bins)))
    return _bundle(what, [subject], _session_names(session), outputs, described)


def _elan(what: Wanted, subject: Subject, store: SqlStore) -> Bundle:
    session, result = subject.session, _result(subject, store)

    def write(file: BinaryIO, _name: str) -> None:
        file.write(eaf_bytes(elan_document(session.start, result), session.analyzed_at))

    legend = _legend("document with a tier for each of these", "no annotation", legends.elan_tiers())
    return _bundle(what, [subject], _session_names(session), [Output(".eaf", write)], legend)


def _openface(what: Wanted, subject: Subject, store: SqlStore) -> Bundle:
    session, described = subject.session, columns(what.level)

    def write(file: BinaryIO, _name: str) -> None:
        write_openface(file, [entry.column for entry in described], rows(store, what.level, [session]))

    legend = _legend("OpenFace's names and conventions", "empty cell", legends.OPENFACE)
    names = [f"{name}_openface" for name in _session_names(session)]
    return _bundle(what, [subject], names, [Output(".csv", write)], legend)


def _result(subject: Subject, store: SqlStore) -> SessionResult:
    return subject.result or store.result(subject.session.session_id)


def _session_names(session: StoredSession) -> list[str]:
    stem = film_stem(session.start.video_name)
    if session.aggregation is not None:
        stem = f"{stem}-{session.aggregation}"
    return [stem, f"{stem}-{session.session_id}"]


def _legend(what: str, missing: str, described: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {"content": what, "missing_values": missing, "columns": described}


def _bundle(
    what: Wanted,
    subjects: Sequence[Subject],
    names: Sequence[str],
    outputs: Sequence[Output],
    legend: Mapping[str, Any],
) -> Bundle:
    made_by = {
        "program": f"classroom-fer {__version__}",
        "format": what.format,
        "level": what.level.name,
        "sessions": [_provenance(subject.session) for subject in subjects],
    }
    identity = identity_of(what.format, what.level.name, [subject.identity for subject in subjects])
    return Bundle(names, outputs, legend, identity, made_by)


def _provenance(session: StoredSession) -> dict[str, Any]:
    start = session.start
    return {
        "session_id": session.session_id,
        "video": start.video_name,
        "video_sha256": start.video_sha256,
        "profile": start.profile,
        "delete_by": None if start.expires_on is None else start.expires_on.date().isoformat(),
        "model_sha256": start.model_sha256,
        "settings_sha256": start.settings_sha256,
        "result_version": start.result_version,
        **({} if session.aggregation is None else {"aggregation": session.aggregation}),
    }
