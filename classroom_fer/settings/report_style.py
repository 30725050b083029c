"""How a report looks: the table ``[report]`` of the settings file and the options of the same names."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classroom_fer.errors import ConfigError
from classroom_fer.settings.languages import language

LONGEST_NAME = 80
"""Characters of a school's name; it is one line in the head of page 1 (choice)."""
PATHS = ("logo", "template_dir")


@dataclass(frozen=True, slots=True)
class Look:
    """None of this changes a number."""

    lang: str = "en"
    school: str = ""
    logo: Path | None = None
    """A local PNG or SVG."""
    template_dir: Path | None = None
    """A folder whose files stand in for the shipped ones of the same name."""
    appendix: bool = False


DEFAULT_LOOK = Look()
LOOK_KEYS = tuple(field.name for field in dataclasses.fields(Look))


def make_look(table: Mapping[str, Any], flags: Mapping[str, Any], *, where: Path | None) -> Look:
    """The look from a file's table ``[report]`` and from options (None = not given), which count more.

    Args: ``where`` is the file: paths in it are relative to its folder.

    Raises:
        ConfigError: an unknown key, a value of the wrong kind, or an unknown language.
    """
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in LOOK_KEYS:
            near = difflib.get_close_matches(key, LOOK_KEYS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known keys: {', '.join(LOOK_KEYS)}"
            raise ConfigError(f"{where}: unknown setting 'report.{key}'", hint=hint)
        kind: type = bool if key == "appendix" else str
        if not isinstance(value, kind):
            raise ConfigError(
                f"{where}: report.{key} must be {'true or false' if kind is bool else 'text'}, not {value!r}",
                hint="see docs/report.md",
            )
        values[key] = (where.parent if where else Path()) / str(value) if key in PATHS else value
    values |= {key: value for key, value in flags.items() if value is not None}
    look = Look(**values)
    language(look.lang)
    if len(look.school) > LONGEST_NAME:
        raise ConfigError(
            f"{where}: report.school has {len(look.school)} characters", hint=f"shorten it to {LONGEST_NAME}"
        )
    return look
