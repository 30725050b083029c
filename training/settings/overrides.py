"""Settings given as text on the command line: ``key=value`` for every field of a config."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from classroom_fer.errors import ConfigError
from classroom_fer.settings.fields import NOTHING, Setting, from_text, settings_of, unknown_setting
from training.settings.config import Augmentation, TrainConfig

PREFIX = Augmentation.SECTION
NESTED = PREFIX.rstrip(".")


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
    """The value of one setting; whether it is within its limits is left to the config.

    Raises:
        ConfigError: an unknown key, or a value of another kind.
    """
    if key == NESTED:
        if text != NOTHING:
            raise ConfigError(f"augmentation={text} is not known", hint="augmentation=none, or augmentation.KEY=VALUE")
        return Augmentation.nothing()
    return from_text(setting_named(key), text)


def setting_named(key: str) -> Setting:
    """What the config says of a setting.

    Raises:
        ConfigError: an unknown key.
    """
    known = all_settings()
    if key not in known:
        raise unknown_setting(key, list(known))
    return known[key]


def all_settings() -> dict[str, Setting]:
    """Every setting by the name that --set knows, the nested ones as ``augmentation.KEY``."""
    own = {name: one for name, one in settings_of(TrainConfig).items() if name != NESTED}
    nested = [dataclasses.replace(one, name=f"{PREFIX}{name}") for name, one in settings_of(Augmentation).items()]
    return own | {one.name: one for one in nested}


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
