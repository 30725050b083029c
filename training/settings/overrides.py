"""Settings given as text on the command line: ``key=value`` for every field of a config."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from classroom_fer.errors import ConfigError
from training.settings.config import Augmentation, TrainConfig

NOTHING = "none"
PREFIX = "augmentation."
WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
PLURALS = {int: "whole numbers", float: "numbers", Path: "paths"}


def parse_settings(pairs: Iterable[str]) -> dict[str, Any]:
    """Typed values by field name; ``augmentation.KEY`` for the nested ones; ``augmentation=none`` switches all off.

    >>> parse_settings(["epochs=3", "widths=16,32", "limit=none", "augmentation.flip=0"])
    {'epochs': 3, 'widths': (16, 32), 'limit': None, 'augmentation.flip': 0.0}

    Raises:
        ConfigError: no ``=``, an unknown key, or a value of another kind.
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not equals:
            raise ConfigError(f"{pair!r} is not a setting", hint="write --set key=value")
        values[key.strip()] = parse_value(key.strip(), text.strip())
    return values


def parse_value(key: str, text: str) -> Any:
    """The value of one setting.

    Raises:
        ConfigError: an unknown key, or a value of another kind.
    """
    if key == "augmentation":
        if text != NOTHING:
            raise ConfigError(f"augmentation={text} is not known", hint="augmentation=none, or augmentation.KEY=VALUE")
        return Augmentation.nothing()
    hints = field_types()
    if key not in hints:
        raise ConfigError(f"unknown setting {key!r}", hint=f"known: {', '.join(hints)}")
    try:
        return _typed(hints[key], text)
    except ValueError as error:
        raise ConfigError(f"{key}={text}: {error}", hint=f"expected {_words(hints[key])}") from error


def field_types() -> dict[str, Any]:
    """The type of every setting, the nested ones as ``augmentation.KEY``."""
    own = {key: hint for key, hint in get_type_hints(TrainConfig).items() if key != "augmentation"}
    return own | {PREFIX + key: hint for key, hint in get_type_hints(Augmentation).items()}


def with_settings(config: TrainConfig, values: Mapping[str, Any]) -> TrainConfig:
    """``config`` with ``values``, nested ones included.

    Raises:
        ConfigError: a value out of its range.
    """
    nested = {key.removeprefix(PREFIX): value for key, value in values.items() if key.startswith(PREFIX)}
    own = {key: value for key, value in values.items() if not key.startswith(PREFIX)}
    changed = dataclasses.replace(config, **own)
    if nested:
        changed = dataclasses.replace(changed, augmentation=dataclasses.replace(changed.augmentation, **nested))
    return changed


def _typed(hint: Any, text: str) -> Any:
    if get_origin(hint) in {Union, types.UnionType}:
        return None if text.lower() == NOTHING else _typed(get_args(hint)[0], text)
    if get_origin(hint) is tuple:
        return tuple(_typed(get_args(hint)[0], part.strip()) for part in text.split(",") if part.strip())
    if hint is bool:
        if text.lower() not in WORDS:
            raise ValueError("neither yes nor no")
        return WORDS[text.lower()]
    if hint in {int, float, str, Path}:
        return hint(text)
    raise ValueError(f"cannot be given as text ({hint})")


def _words(hint: Any) -> str:
    if get_origin(hint) in {Union, types.UnionType}:
        return f"{_words(get_args(hint)[0])} or none"
    if get_origin(hint) is tuple:
        return f"{PLURALS.get(get_args(hint)[0], 'words')} with commas between"
    return {int: "a whole number", float: "a number", bool: "yes or no", Path: "a path"}.get(hint, "a word")
