"""Where settings come from: the shipped file, a user's file, options, a stored session. Each gives the same table.

The table has the shape of ``config.Config``. A TOML file differs from it in a few names, so that a user need not know
the record: ``[weight_sets]``, ``weight_set`` and ``alpha_orientation`` stand at its top, declaration and privacy
profile in ``[policy]``, the report's style in ``[report]``, and ``regions`` names a file.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import Declaration
from classroom_fer.lesson.regions import read_regions, restored
from classroom_fer.settings.fields import completed, settings_of, unknown_setting, with_present_names
from classroom_fer.settings.report_style import PATHS, ReportStyle
from classroom_fer.settings.rules import Rules

RULES_FILE = Path(__file__).with_name("rules.toml")
AT_THE_TOP = ("weight_set", "alpha_orientation", "weight_sets")
"""Rules that stand outside ``[rules]`` in a file."""
DECLARED_KEYS = ("profile", *(field.name for field in dataclasses.fields(Declaration)))
"""Keys of the table ``[policy]``."""
FORMER_AT_THE_TOP = {former: name for name in AT_THE_TOP for former in settings_of(Rules)[name].former}
"""Former names of the rules at the top of a file. There they are an error that names the present one, because "profile"
now means the privacy profile only; in stored sessions, and below ``[rules]``, former names are read."""
FORMER_DECLARATION = "policy"
"""What sessions of an early release call the declaration."""
STYLE_KEYS = tuple(field.name for field in dataclasses.fields(ReportStyle))
"""Options that are about the report's style."""
SPELLED_OTHERWISE = frozenset({"rules", "declaration", "profile", "regions", "report_style"})
"""Fields of ``Config`` that a file spells in another way than by their name at its top."""

Table = dict[str, Any]


@cache
def _shipped_text() -> str:
    return RULES_FILE.read_text(encoding="utf-8")


def shipped() -> Table:
    """The defaults of the constants."""
    return _rules_inside(tomllib.loads(_shipped_text()))


def from_file(path: Path, record: type[Any]) -> Table:
    """What a user's file says.

    Args: ``record`` is ``Config``, for the keys that it has.

    Raises:
        ConfigError: it cannot be read, a key at its top is not known, a table is none, a declaration that is wrong.
    """
    given = read_toml(path)
    plain = {field.name for field in dataclasses.fields(record)} - SPELLED_OTHERWISE
    _check_top(given, plain | {*AT_THE_TOP, "rules", "policy", "report", "regions"}, path)
    declaration = _table_of(given, "policy", path)
    style = _table_of(given, "report", path)
    _check_keys(declaration, DECLARED_KEYS, path, "policy.")
    rules = _present(_table_of(given, "rules", path), path)
    _check_keys(rules, {field.name for field in dataclasses.fields(Rules)} - {*AT_THE_TOP}, path, "rules.")
    table = _rules_inside({**given, "rules": rules})
    if "profile" in declaration:
        table["profile"] = declaration.pop("profile")
    table["declaration"] = declaration
    if "regions" in table:
        table["regions"] = read_regions(_beside(table["regions"], path))
    if style:
        inside = {key: path.parent / value for key, value in style.items() if key in PATHS and isinstance(value, str)}
        table["report_style"] = style | inside
    return table


RULE_OPTIONS: dict[str, tuple[str, ...]] = {
    "weights": ("weight_set",),
    "alpha": ("alpha_orientation",),
    "bin_s": ("bins", "seconds"),
    "min_group": ("evidence", "min_group"),
}
"""Option -> where its value stands among the rules."""


def from_options(flags: Mapping[str, Any]) -> Table:
    """What the command line says; None = not given."""
    table: Table = {key: value for key, value in flags.items() if value is not None}
    style = {key: table.pop(key) for key in STYLE_KEYS if key in table}
    if style:
        table["report_style"] = style
    for name, path in RULE_OPTIONS.items():
        if name in table:
            value: Any = table.pop(name)
            for key in reversed(path):
                value = {key: value}
            table["rules"] = merged(table.get("rules", {}), value)
    if "regions" in table:
        table["regions"] = read_regions(table["regions"])
    return table


def from_session(settings: Mapping[str, Any], record: type[Any]) -> Table:
    """What a session was stored with (``Config.as_dict``), whatever release stored it.

    A setting that it lacks has the value of its time (``fields.completed``); one that is gone is left out.

    Args: ``record`` is ``Config``.
    """
    rules = with_present_names(Rules, settings.get("rules") or {})
    table = completed(record, {**settings, "rules": rules}, shipped())
    table.pop("report_style", None)
    declaration = settings.get("declaration", settings.get(FORMER_DECLARATION)) or {}
    table["declaration"] = {key: declaration[key] for key in DECLARED_KEYS if key in declaration}
    table["regions"] = restored(settings.get("regions") or [])
    return table


def merged(base: Mapping[str, Any], extra: Mapping[str, Any]) -> Table:
    """``base`` with the values of ``extra`` in their place; tables in both are merged in the same way."""
    table = dict(base)
    for key, value in extra.items():
        both = isinstance(table.get(key), Mapping) and isinstance(value, Mapping)
        table[key] = merged(table[key], value) if both else value
    return table


def _rules_inside(given: Mapping[str, Any]) -> Table:
    """A file's table with all rules in one place, as the record has them."""
    table = {key: value for key, value in given.items() if key not in AT_THE_TOP}
    top = {key: given[key] for key in AT_THE_TOP if key in given}
    return {**table, "rules": {**table.get("rules", {}), **top}}


def _check_top(given: Mapping[str, Any], known: set[str], path: Path) -> None:
    for key in given:
        if key in FORMER_AT_THE_TOP:
            raise ConfigError(
                f"{path}: {key} at the top of a settings file is now called {FORMER_AT_THE_TOP[key]}",
                hint=f"rename it to {FORMER_AT_THE_TOP[key]}; the privacy profile stands below [policy]",
            )
    _check_keys(given, known, path)


def _check_keys(given: Mapping[str, Any], known: Collection[str], path: Path, prefix: str = "") -> None:
    for key in given:
        if key not in known:
            error = unknown_setting(prefix + key, [prefix + name for name in known])
            raise ConfigError(f"{path}: {error}", hint=error.hint)


def _present(rules: Mapping[str, Any], path: Path) -> Table:
    """The table ``[rules]`` of a file, with today's names."""
    try:
        return with_present_names(Rules, rules)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}", hint=error.hint) from error


def read_toml(path: Path) -> Table:
    """The tables of a settings file. ConfigError if it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such config file", hint="check the path given to --config") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error})", hint="save it as UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}", hint="see https://toml.io for the syntax") from error


def _table_of(given: Table, name: str, path: Path) -> Table:
    """Takes a table out of a settings file; empty if it is not there."""
    value = given.pop(name, {})
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: {name} must be a table", hint=f"write [{name}] and its keys below")
    return value


def _beside(value: Any, config: Path) -> Path:
    """A config file names its regions file relative to itself."""
    if not isinstance(value, str):
        raise ConfigError(f"{config}: regions must be a file's name, not {value!r}", hint='regions = "regions.json"')
    return config.parent / value
