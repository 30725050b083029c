"""BORIS's projects (``.boris``, ``.boris.gz``): behaviors, observations and their events, as records and as bytes.

A project is JSON of format 7.0, read off BORIS 8.27 and 10.0 (``project_functions.open_project_json``, ``config.py``).
A state event is written twice, where it starts and where it stops; which of both it is follows from the order
(``events_start_stop``). Times are those of the observation: film time plus its time offset.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

FORMAT = "7.0"
"""Of projects since BORIS 7 (2018); 10.0 still writes it."""
STATE, POINT = "State event", "Point event"
MEDIA, LIVE = "MEDIA", "LIVE"
UNKNOWN_FPS = 0
"""BORIS's own value; without one its exports of events end in an error."""
FORBIDDEN_IN_MODIFIERS = "(|),`~"


@dataclass(frozen=True, slots=True)
class Behavior:
    """One code of the ethogram."""

    code: str
    is_state: bool = True
    """Whether it lasts; else it is a point event."""
    category: str = ""
    description: str = ""
    key: str = ""
    """That the coder presses."""
    choices: tuple[str, ...] = ()
    """Of which BORIS asks for one with each event (a set of modifiers, single selection)."""


@dataclass(frozen=True, slots=True)
class Event:
    """One press of a key."""

    time_s: float
    """On the observation's clock."""
    code: str
    subject: str = ""
    modifier: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A film of an observation."""

    name: str
    length_s: float | None = None
    fps: float | None = None


@dataclass(frozen=True, slots=True)
class ExternalData:
    """A column of a CSV file that BORIS draws beside the film."""

    file_name: str
    """Beside the project."""
    column: int
    """From 1; time is column 1."""
    title: str
    unit: str
    window_s: int = 120
    """Seconds that are drawn at once."""


@dataclass(frozen=True, slots=True)
class Player:
    """Films that are played one after the other."""

    files: tuple[MediaFile, ...]
    offset_s: float = 0.0
    """How much later than player 1 it begins."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one coder saw of one recording."""

    name: str
    players: tuple[Player, ...] = ()
    """They run at the same time; none: a live observation."""
    events: tuple[Event, ...] = ()
    """In order of time."""
    offset_s: float | None = 0.0
    """Is in each event's time; None where BORIS added the creation times of several films."""
    description: str = ""
    external: tuple[ExternalData, ...] = ()
    interval_s: tuple[float, float] = (0, 0)
    """To which BORIS limits the observation; (0, 0) = the whole film."""


@dataclass(frozen=True, slots=True)
class BorisProject:
    """What a ``.boris`` holds."""

    name: str
    behaviors: tuple[Behavior, ...]
    observations: tuple[Observation, ...]
    description: str = ""
    subjects: tuple[str, ...] = ()

    @property
    def states(self) -> frozenset[str]:
        """Codes of the behaviors that last."""
        return frozenset(behavior.code for behavior in self.behaviors if behavior.is_state)


def project_bytes(project: BorisProject, date: datetime, *, compressed: bool = False) -> bytes:
    """The project as BORIS opens it; the same bytes for the same project and date.

    Raises:
        ValueError: a choice holds a character that BORIS forbids there.
    """
    stamp = date.replace(tzinfo=None).isoformat(timespec="seconds")
    categories = sorted({behavior.category for behavior in project.behaviors if behavior.category})
    document = {
        "time_format": "hh:mm:ss",
        "project_date": stamp,
        "project_name": project.name,
        "project_description": project.description,
        "project_format_version": FORMAT,
        "subjects_conf": _numbered({"key": "", "name": name, "description": ""} for name in project.subjects),
        "behaviors_conf": _numbered(_behavior(behavior) for behavior in project.behaviors),
        "observations": {one.name: _observation(one, stamp) for one in project.observations},
        "behavioral_categories": categories,
        "behavioral_categories_config": _numbered({"name": name, "color": ""} for name in categories),
        "independent_variables": {},
        "coding_map": {},
        "behaviors_coding_map": [],
        "converters": {},
    }
    text = json.dumps(document, indent=1).encode("ascii")  # BORIS reads it in the system's own encoding
    return gzip.compress(text, mtime=0) if compressed else text


def _numbered(values: Iterable[Any]) -> dict[str, Any]:
    return {str(number): value for number, value in enumerate(values)}


def _behavior(behavior: Behavior) -> dict[str, Any]:
    wrong = [choice for choice in behavior.choices if set(choice) & set(FORBIDDEN_IN_MODIFIERS)]
    if wrong:
        raise ValueError(f"behavior {behavior.code!r}: the choice {wrong[0]!r} has one of {FORBIDDEN_IN_MODIFIERS}")
    choices = {"name": "", "description": "", "type": 0, "ask at stop": False, "values": list(behavior.choices)}
    return {
        "type": STATE if behavior.is_state else POINT,
        "key": behavior.key,
        "code": behavior.code,
        "description": behavior.description,
        "color": "",
        "category": behavior.category,
        "modifiers": {"0": choices} if behavior.choices else {},
        "excluded": "",
        "coding map": "",
    }


def _observation(observation: Observation, stamp: str) -> dict[str, Any]:
    files = [file for player in observation.players for file in player.files]
    numbered = list(enumerate(observation.players, start=1))
    return {
        "file": {str(number): [file.name for file in player.files] for number, player in numbered},
        "type": MEDIA if observation.players else LIVE,
        "date": stamp,
        "description": observation.description,
        "time offset": observation.offset_s or 0.0,
        "events": [_event(event, live=not observation.players) for event in observation.events],
        "observation time interval": list(observation.interval_s),
        "independent_variables": {},
        "visualize_spectrogram": False,
        "visualize_waveform": False,
        "media_creation_date_as_offset": False,
        "close_behaviors_between_videos": False,
        "media_info": {
            "length": {file.name: file.length_s for file in files if file.length_s is not None},
            "fps": {file.name: file.fps or UNKNOWN_FPS for file in files},
            "hasVideo": {file.name: True for file in files},
            "hasAudio": {file.name: False for file in files},
            "offset": {str(number): player.offset_s for number, player in numbered},
        },
        "plot_data": _numbered(_plot(data) for data in observation.external),
    }


def _event(event: Event, *, live: bool) -> list[Any]:
    frame = [] if live else ["NA"]
    return [round(event.time_s, 3), event.subject, event.code, event.modifier, event.comment, *frame]


def _plot(data: ExternalData) -> dict[str, Any]:
    """BORIS's own spelling of the fields (``DATA_PLOT_FIELDS``); numbers are text there."""
    return {
        "file_path": data.file_name,
        "columns": f"1,{data.column}",
        "title": data.title,
        "variable_name": data.unit,
        "converters": {},
        "time_interval": str(data.window_s),
        "time_offset": "0",
        "substract_first_value": "False",
        "color": "b-",
    }
