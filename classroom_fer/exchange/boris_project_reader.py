"""Reading BORIS's projects: a file from elsewhere, so every shape is checked before it becomes a record."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from classroom_fer.errors import ExchangeError
from classroom_fer.exchange.boris_project import MEDIA, Behavior, BorisProject, Event, MediaFile, Observation, Player
from classroom_fer.exchange.films import file_name
from classroom_fer.exchange.source import read_bytes

OLDEST, NEWEST = 4, 7
"""Project formats that are read; before 4, films and modifiers stand otherwise."""
SAVE_AGAIN = "open it in BORIS, see whether all is there, and save it again"
EVENT_PARTS = 5
"""Time, subject, code, modifier, comment; what follows is the picture's number."""


def _seconds(value: object) -> object:
    """``NA`` stands where there is no time."""
    return None if value in ("NA", "", None) else value


def _by_player(value: object) -> object:
    """Nothing may be any empty thing."""
    return {"1": value} if isinstance(value, list) and value else value or {}


_Seconds = Annotated[float | None, BeforeValidator(_seconds)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True, allow_inf_nan=False)


class _Behavior(_Part):
    code: str
    type: str
    category: str | None = ""
    description: str | None = ""
    key: str | None = ""


class _MediaInfo(_Part):
    length: dict[str, _Seconds] = Field(default_factory=dict)
    fps: dict[str, _Seconds] = Field(default_factory=dict)
    offset: dict[str, _Seconds] = Field(default_factory=dict)
    media_creation_time: dict[str, _Seconds] = Field(default_factory=dict)


class _Observation(_Part):
    type: str = MEDIA
    file: Annotated[dict[str, list[str]], BeforeValidator(_by_player)] = Field(default_factory=dict)
    offset_s: _Seconds = Field(0.0, alias="time offset")
    description: str | None = ""
    media_info: _MediaInfo = Field(default_factory=_MediaInfo)
    media_creation_date_as_offset: bool = False
    events: list[list[Any]] = Field(default_factory=list)


class _Project(_Part):
    project_name: str | None = ""
    project_description: str | None = ""
    subjects_conf: dict[str, dict[str, Any]] = Field(default_factory=dict)
    behaviors_conf: dict[str, _Behavior]
    observations: dict[str, _Observation]


def read_project(path: Path) -> BorisProject:
    """A project, compressed or not, without observations of single pictures. ExchangeError if it cannot be read."""
    return parse_project(read_bytes(path), path)


def parse_project(data: bytes, path: Path) -> BorisProject:
    """The project in these bytes, which are unpacked already.

    Args: ``path`` names it in errors.

    Raises:
        ExchangeError: damaged, no project of BORIS, or of a format that is not known.
    """
    document = _document(data, path)
    _check_format(document, path)
    try:
        project = _Project.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = " > ".join(str(part) for part in first["loc"])[:200]
        raise ExchangeError(f"{path}, {place}: not as BORIS writes it ({first['msg']})", hint=SAVE_AGAIN) from error
    behaviors = tuple(
        Behavior(
            one.code,
            one.type.casefold().startswith("state"),
            one.category or "",
            one.description or "",
            one.key or "",
        )
        for one in project.behaviors_conf.values()
    )
    timed = ((name, one) for name, one in project.observations.items() if one.type != "IMAGES")
    observations = tuple(_observation(name, one, path) for name, one in timed)
    subjects = tuple(str(one.get("name", "")) for one in project.subjects_conf.values())
    name, description = project.project_name or "", project.project_description or ""
    return BorisProject(name, behaviors, observations, description, subjects)


def _document(text: bytes, path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(text.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        where = f"{path}, line {error.lineno}, column {error.colno}"
        raise ExchangeError(f"{where}: the project is cut off or damaged here", hint=SAVE_AGAIN) from error
    except (UnicodeDecodeError, RecursionError, ValueError) as error:  # ValueError: a number of 5000 digits
        raise ExchangeError(f"{path}: the project is damaged ({type(error).__name__})", hint=SAVE_AGAIN) from error
    if not isinstance(document, dict) or "behaviors_conf" not in document:
        raise ExchangeError(f"{path}: this is no project of BORIS (it has no behaviors_conf)", hint=SAVE_AGAIN)
    return document


def _check_format(document: Mapping[str, Any], path: Path) -> None:
    version = str(document.get("project_format_version", "0"))[:20]
    major = version.partition(".")[0]
    number = int(major) if major.isascii() and major.isdecimal() else 0
    if number > NEWEST:
        raise ExchangeError(
            f"{path}: this project has BORIS's format {version}, which is newer than {NEWEST}.0, the newest known",
            hint="in BORIS choose Observations > Export events > Aggregated events, as TSV, and give that",
        )
    if number < OLDEST:
        raise ExchangeError(
            f"{path}: this project has BORIS's old format {version}; known are {OLDEST}.0 to {NEWEST}.0",
            hint="open it in BORIS 7 or later and save it",
        )


def _observation(name: str, found: _Observation, path: Path) -> Observation:
    info = found.media_info
    players = tuple(
        Player(
            tuple(MediaFile(file, info.length.get(file), info.fps.get(file) or None) for file in files),
            info.offset.get(number) or 0.0,
        )
        for number, files in sorted(found.file.items())
        if files
    )
    events = sorted(_events(name, found, path), key=lambda event: event.time_s)
    return Observation(
        name,
        players,
        tuple(events),
        _offset(found, [file for player in players for file in player.files]),
        found.description or "",
    )


def _offset(found: _Observation, files: list[MediaFile]) -> float | None:
    """Seconds that are in each event's time besides the film's own."""
    offset_s = found.offset_s or 0.0
    if not found.media_creation_date_as_offset:
        return offset_s
    created = found.media_info.media_creation_time
    by_name = {file_name(name): seconds for name, seconds in created.items()}
    created_s = by_name.get(file_name(files[0].name)) if len(files) == 1 else None
    return None if created_s is None else offset_s + created_s


def _events(name: str, found: _Observation, path: Path) -> Iterator[Event]:
    for number, parts in enumerate(found.events, start=1):
        where = f"{path}, observation {name[:60]!r}, event {number}"
        if len(parts) < EVENT_PARTS:
            raise ExchangeError(f"{where}: not as BORIS writes it (only {len(parts)} parts)", hint=SAVE_AGAIN)
        time_s = parts[0]
        if isinstance(time_s, bool) or not isinstance(time_s, int | float) or not math.isfinite(time_s):
            raise ExchangeError(
                f"{where}: {str(time_s)[:40]!r} is no time",
                hint=SAVE_AGAIN,
            )
        subject, code, modifier, comment = (str(part) for part in parts[1:EVENT_PARTS])
        yield Event(float(time_s), code, subject, modifier, comment)
