"""What the data dictionaries beside exports say; what the database holds is described by its own dictionary."""

from __future__ import annotations

from collections.abc import Sequence

from classroom_fer.exchange.levels import LEVELS, columns
from classroom_fer.exchange.timeline_file import UNITS
from classroom_fer.store.dictionary import Entry

Legend = dict[str, dict[str, str]]
OPENFACE: Legend = {
    "frame": {"description": "Source frame number, from 1."},
    "face_id": {"description": "Random number of the track within this session; means nothing outside it."},
    "timestamp": {"unit": "s", "description": "When the frame is shown, from media start."},
    "confidence": {
        "unit": "0-1",
        "description": "The detector's score that this is a face; not OpenFace's confidence.",
    },
    "success": {"description": "1 = the head pose is known."},
    "pose_Rx": {"unit": "rad", "description": "Pitch, + = down."},
    "pose_Ry": {"unit": "rad", "description": "Yaw, + = to the image's left."},
    "pose_Rz": {"unit": "rad", "description": "Roll, + = clockwise in the image."},
}
"""OpenFace's columns as they are filled here."""


def of_columns(described: Sequence[Entry]) -> Legend:
    """Type, unit and meaning of each column."""
    return {entry.column: _entry(entry.description, entry.unit, entry.type) for entry in described}


def timeline(shown: Sequence[str]) -> Legend:
    """Of the file that BORIS draws."""
    meaning = _bin_columns()
    found = {"time": _entry("From media start.", "s")}
    for name in shown:
        filled = f"1 = {name} is of that second's bin; 0 = nothing is shown there, a straight line fills the gap."
        found |= {name: _entry(meaning[name], UNITS[name]), f"{name}_measured": _entry(filled)}
    return found


def elan_tiers() -> Legend:
    """Of the document's tiers."""
    meaning = _bin_columns()
    change = "When the class changed: engagement after minus before, and the tracks behind it."
    return {
        "Task": _entry("The teacher's name for the task."),
        "Mode": _entry("board (listen, watch), desk (read, write), group or move."),
        "Coverage": _entry(meaning["coverage"], UNITS["coverage"]),
        "Engagement": _entry(meaning["engagement"], UNITS["engagement"]),
        "Moments": _entry(change, "points"),
    }


def _bin_columns() -> dict[str, str]:
    return {entry.column: entry.description for entry in columns(LEVELS["bin"])}


def _entry(description: str, unit: str | None = None, kind: str | None = None) -> dict[str, str]:
    return {**({"type": kind} if kind else {}), **({"unit": unit} if unit else {}), "description": description}
