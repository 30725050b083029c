"""What a search may vary: settings of a config with their choices or ranges, written as text."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from classroom_fer.errors import ConfigError
from training.settings.overrides import NESTED, parse_value, setting_named


@dataclass(frozen=True, slots=True)
class Choices:
    """One of a few values, each the text of a setting."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Range:
    """A number between two ends, both included."""

    low: float
    high: float
    log: bool
    whole: bool


Space = dict[str, Choices | Range]


def parse_space(texts: Iterable[str]) -> Space:
    """``key=a,b,c`` (choices; between ``|`` where a value has commas itself), ``key=low..high``, ``key=low..high:log``.

    >>> parse_space(["batch=32,64", "learning_rate=1e-4..1e-1:log"])["learning_rate"]
    Range(low=0.0001, high=0.1, log=True, whole=False)

    Raises:
        ConfigError: nothing to vary, an unknown key, a value of another kind, an empty range.
    """
    space: Space = {}
    for text in texts:
        key, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not values:
            raise ConfigError(f"{text!r} is not a dimension of a search", hint="write --space key=a,b or key=low..high")
        space[key] = _range(key, values) if ".." in values else _choices(key, values)
    if not space:
        raise ConfigError("nothing to search", hint="add --space learning_rate=1e-4..1e-1:log, for example")
    return space


def _choices(key: str, values: str) -> Choices:
    between = "|" if "|" in values or (key != NESTED and setting_named(key).is_list) else ","
    texts = tuple(text.strip() for text in values.split(between) if text.strip())
    for text in texts:
        parse_value(key, text)
    return Choices(texts)


def _range(key: str, values: str) -> Range:
    ends, _, kind = values.partition(":")
    low_text, _, high_text = ends.partition("..")
    low, high = parse_value(key, low_text.strip()), parse_value(key, high_text.strip())
    if not all(isinstance(end, int | float) for end in (low, high)):
        raise ConfigError(f"{key}={values}: only numbers have ranges", hint=f"write {key}=a,b")
    if not all(math.isfinite(end) for end in (low, high)):
        raise ConfigError(f"{key}={values}: an end of a range is a finite number", hint=f"write {key}=low..high")
    if kind not in ("", "log") or low >= high or (kind == "log" and low <= 0):
        raise ConfigError(f"{key}={values} is not a range", hint="low..high with low < high; :log needs low > 0")
    return Range(float(low), float(high), kind == "log", isinstance(low, int) and isinstance(high, int))


def grid(space: Space) -> Iterator[dict[str, str]]:
    """Every combination of choices.

    Raises:
        ConfigError: a dimension is a range.
    """
    columns = []
    for key, dimension in space.items():
        if isinstance(dimension, Range):
            raise ConfigError(f"{key}: a grid has no ranges", hint=f"list its values: {key}=a,b,c; or --method random")
        columns.append([(key, text) for text in dimension.texts])
    return (dict(combination) for combination in itertools.product(*columns))


def settings_of(space: Space, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Typed settings of one trial's parameters: choices are texts, ranges are numbers already."""
    return {k: parse_value(k, v) if isinstance(space[k], Choices) else v for k, v in parameters.items()}
