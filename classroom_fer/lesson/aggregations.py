"""Further results of one session beside its own, each under a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import Task

DEFAULT = "default"
"""Stands for the session's own result, which reports show."""
NAME = re.compile(r"\w[\w.-]{0,39}")
"""A letter or digit, then up to 39 letters, digits, points, hyphens or underscores (choice)."""

Shows = Literal["everything", "tasks"]
"""tasks: the values of tasks alone, no curve and no moments (docs/small-groups.md)."""


@dataclass(frozen=True, slots=True)
class Aggregation:
    """What a named result was made of."""

    name: str
    tasks: tuple[Task, ...]
    settings: dict[str, Any]
    """The resolved configuration, JSON-able."""
    settings_sha256: str
    versions: dict[str, str]
    result_version: int
    shows: Shows = "everything"
    left_out: int = 0
    """Pupils that none of its values are about, so that nobody can be worked out from several results."""
    made_at: datetime | None = None
    """None: not computed yet, or the session's own results changed since."""


def read_name(text: str) -> str:
    """The name of an aggregation as a user types it. ConfigError if it may not be one."""
    if text == DEFAULT:
        raise ConfigError(
            f"{DEFAULT!r} is the session's own result", hint="choose another name, or leave --name out to replace it"
        )
    if not NAME.fullmatch(text):
        raise ConfigError(
            f"{text!r} cannot be the name of an aggregation",
            hint="up to 40 letters, digits, points, hyphens or underscores, e.g. flat or group-of-8",
        )
    return text
