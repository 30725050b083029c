"""Tasks as files of other programs: what ``tasks convert`` writes."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from classroom_fer.errors import ConfigError
from classroom_fer.exchange.bids_files import write_tasks
from classroom_fer.exchange.boris_project import BorisProject, MediaFile, Observation, Player, project_bytes
from classroom_fer.exchange.eaf import ElanDocument, Media, eaf_bytes
from classroom_fer.exchange.harmless import harmless
from classroom_fer.exchange.session_files import task_states, task_tiers
from classroom_fer.exchange.table_formats import separated
from classroom_fer.lesson.records import Task


@dataclass(frozen=True, slots=True)
class FilmOf:
    """The film that tasks are about, as far as it is known."""

    name: str | None = None
    duration_s: float | None = None
    fps: float | None = None


def as_csv(tasks: Sequence[Task], film: FilmOf, _date: datetime) -> bytes:
    """Our own table; with a film also the column ``video``."""
    video = [harmless(film.name)] if film.name else []
    rows = ([harmless(t.name), f"{t.start_s:.3f}", f"{t.end_s:.3f}", t.mode, *video] for t in tasks)
    file = io.BytesIO()
    separated(file, ["task", "start", "end", "mode", *(["video"] if video else [])], rows)
    return file.getvalue()


def as_bids(tasks: Sequence[Task], _film: FilmOf, _date: datetime) -> bytes:
    """``*_events.tsv``, the mode in a column of its own."""
    file = io.BytesIO()
    write_tasks(file, tasks)
    return file.getvalue()


def as_boris(tasks: Sequence[Task], film: FilmOf, date: datetime) -> bytes:
    """A project with the tasks as state events; a live observation where no film is known."""
    behaviors, events = task_states(tasks)
    players = (Player((MediaFile(film.name, film.duration_s, film.fps),)),) if film.name else ()
    observation = Observation(film.name or "tasks", players, events)
    return project_bytes(BorisProject(film.name or "tasks", behaviors, (observation,)), date)


def as_elan(tasks: Sequence[Task], film: FilmOf, date: datetime) -> bytes:
    """A document with the tiers Task and Mode."""
    return eaf_bytes(ElanDocument(task_tiers(tasks), (Media(film.name),) if film.name else ()), date)


Written = Callable[[Sequence[Task], FilmOf, datetime], bytes]
FORMATS: dict[str, Written] = {"csv": as_csv, "bids": as_bids, "boris": as_boris, "elan": as_elan}
ENDINGS = {".csv": "csv", ".tsv": "bids", ".boris": "boris", ".eaf": "elan"}


def target_format(out: Path, name: str | None) -> str:
    """The format that is named, else the one of the file's ending. ConfigError if there is none."""
    found = name or ENDINGS.get(out.suffix.lower())
    if found not in FORMATS:
        known = ", ".join(f"{ending} ({form})" for ending, form in ENDINGS.items())
        problem = f"there is no format {name!r}" if name else f"{out}: the ending does not say which format is meant"
        raise ConfigError(problem, hint=f"known are {known}; name one with --format {'|'.join(FORMATS)}")
    return found
