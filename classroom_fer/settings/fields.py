"""Records of settings: type, default, limits, unit and source stand beside each field; refusals are worded here.

A record is a pydantic dataclass that inherits from `Checked`, each of whose fields is made by `setting`. It is checked
whenever it is made, `dataclasses.replace` included. Whoever reads values from a file or a command line makes the record
from them; `settings_of` tells the same to help texts and command-line options.
"""

from __future__ import annotations

import dataclasses
import difflib
import types
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

import pydantic.dataclasses
from pydantic import (
    ConfigDict,
    Field,
    Strict,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from classroom_fer.errors import ConfigError

STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)
"""For every record of settings: what it does not know is refused, and so are infinities and NaN."""
WRONG_TYPES = {"float_type": "a number", "finite_number": "a number", "dict_type": "a table"}
"""What is expected inside a table of tables, by pydantic's name of the mistake."""
NOTHING = "none"
"""How None is written as text."""
REQUIRED: Any = ...
"""Default of a setting that has none in the record: its value stands elsewhere, such as in ``rules.toml``."""
PLURALS = {int: "whole numbers", float: "numbers", Path: "paths"}
SINGULARS = {int: "a whole number", float: "a number", bool: "true or false", Path: "a path", str: "text"}


NO_VALUE = object()
"""Stands for "no value", where None is one."""
Number = Annotated[float, Strict()]
"""A float that no text and no truth value becomes; a whole number does."""
Whole = Annotated[int, Strict()]
YesNo = Annotated[bool, Strict()]


def setting(
    default: Any,
    about: str = "",
    *,
    limits: tuple[float | None, float | None] = (None, None),
    unit: str = "",
    source: str = "",
) -> Any:
    """A field of a record of settings.

    Args:
        about: what it does; the help of its option.
        limits: smallest and largest value, both allowed; None is no limit.
        unit: of its numbers.
        source: where the default is from: a paper, a measurement, or "choice".
    """
    low, high = limits
    more: JsonDict = {"unit": unit, "source": source, "low": low, "high": high}
    return Field(default=default, ge=low, le=high, description=about, json_schema_extra=more)


def came_later(field: Any, before: Any) -> Any:
    """``field``, made by `setting`, of a setting that came after the first release.

    Args: ``before`` is the value that equals what was done before there was the setting. Tables that were stored then
    are read with it (`completed`); it stays as it is when the default changes.
    """
    field.json_schema_extra["before"] = before
    return field


def renamed(field: Any, *former: str) -> Any:
    """``field``, made by `setting`, of a setting that was called otherwise; tables with a ``former`` name are read."""
    field.json_schema_extra["former"] = list(former)
    return field


@dataclass(frozen=True, slots=True)
class Setting:
    """What a record says of one field."""

    name: str
    kind: Any
    """The type, as annotated."""
    default: Any
    about: str
    limits: tuple[float | None, float | None]
    unit: str
    source: str
    before: Any = NO_VALUE
    """See `came_later`."""
    former: tuple[str, ...] = ()
    """See `renamed`."""

    @property
    def is_later(self) -> bool:
        """Did it come after the first release, so that older tables lack it?"""
        return self.before is not NO_VALUE

    @property
    def is_optional(self) -> bool:
        """May it be None?"""
        return get_origin(self.kind) in {Union, types.UnionType}

    @property
    def plain(self) -> Any:
        """The type without None."""
        return get_args(self.kind)[0] if self.is_optional else self.kind

    @property
    def is_list(self) -> bool:
        """Has it several values?"""
        return get_origin(self.plain) is tuple

    @property
    def words(self) -> tuple[str, ...]:
        """The words it is one of; empty where any will do."""
        return get_args(self.plain) if get_origin(self.plain) is Literal else ()

    @property
    def expected(self) -> str:
        """What is to be given, for a hint.

        >>> Setting("limit", int | None, None, "", (1, None), "faces", "").expected
        'a whole number or none'
        """
        if self.words:
            return f"one of {', '.join(self.words)}"
        if self.is_list:
            return f"{PLURALS.get(get_args(self.plain)[0], 'words')} with commas between"
        return SINGULARS.get(self.plain, "a word") + (" or none" if self.is_optional else "")


def settings_of(record: type) -> dict[str, Setting]:
    """The settings of a record by name; a record inside it is one of them."""
    kinds = get_type_hints(record)
    found: dict[str, Setting] = {}
    for field in dataclasses.fields(record):
        info = field.default
        if isinstance(info, FieldInfo) and isinstance(info.json_schema_extra, dict):
            more: Mapping[str, Any] = info.json_schema_extra
            limits, about = (more["low"], more["high"]), info.description or ""
            found[field.name] = Setting(
                field.name,
                kinds[field.name],
                info.default,
                about,
                limits,
                more["unit"],
                more["source"],
                more.get("before", NO_VALUE),
                tuple(more.get("former", ())),
            )
    return found


def from_text(one: Setting, text: str) -> Any:
    """The value that ``text`` means; its limits are left to the record.

    >>> from_text(Setting("widths", tuple[int, ...], (), "", (None, None), "", ""), "16, 32")
    (16, 32)

    Raises:
        ConfigError: a value of another kind.
    """
    if one.is_optional and text.lower() == NOTHING:
        return None
    value: Any = [part.strip() for part in text.split(",") if part.strip()] if one.is_list else text
    kind = str if one.words else one.plain
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise ConfigError(f"{one.name}={text} is not {one.expected}", hint=f"expected {one.expected}") from error


@pydantic.dataclasses.dataclass(frozen=True, slots=True, config=STRICT)
class Checked:
    """Base of a record of settings: a value that its field does not allow is a ConfigError."""

    SECTION: ClassVar[str] = ""
    """Stands before the names of its settings in messages, with its dot."""

    @model_validator(mode="wrap")
    @classmethod
    def _in_our_words(cls, values: Any, check: ValidatorFunctionWrapHandler) -> Any:
        try:
            return check(values)
        except ValidationError as error:
            raise _refusal(error.errors()[0], cls, cls.SECTION) from error


def _refusal(detail: ErrorDetails, record: type, section: str) -> ConfigError:
    """What pydantic refused, with the setting's name, its value and what to do."""
    known = settings_of(record)
    if not detail["loc"]:
        table = section.rstrip(".") or "the settings"
        return ConfigError(
            f"{table} = {detail['input']!r} is not a table of settings", hint=f"write [{table}] and its keys below"
        )
    name = str(detail["loc"][0])
    if name not in known:
        return unknown_setting(f"{section}{name}", [f"{section}{key}" for key in known])
    one, value, limits = known[name], detail["input"], detail.get("ctx", {})
    if detail["type"] == "greater_than_equal":
        return ConfigError(f"{section}{name} = {value} is too small", hint=f"at least {limits['ge']:g}{_unit(one)}")
    if detail["type"] == "less_than_equal":
        return ConfigError(f"{section}{name} = {value} is too large", hint=f"at most {limits['le']:g}{_unit(one)}")
    if detail["type"] == "literal_error":
        near = nearest(str(value), one.words)
        return ConfigError(
            f"{section}{name} = {value!r} is not known",
            hint=f"did you mean {near}? It is {one.expected}" if near else one.expected,
        )
    if get_origin(one.plain) is dict:
        place, kind = ".".join(map(str, detail["loc"])), WRONG_TYPES.get(detail["type"], "what is needed here")
        return ConfigError(f"{section}{place} = {value!r} is not {kind}", hint=f"expected {kind}")
    return ConfigError(f"{section}{name} = {value!r} is not {one.expected}", hint=f"expected {one.expected}")


def _unit(one: Setting) -> str:
    return f" {one.unit}" if one.unit else ""


def check_order(record: Checked, smaller: str, larger: str) -> None:
    """For ``__post_init__``: ConfigError unless the first of two settings is the smaller one."""
    low, high = getattr(record, smaller), getattr(record, larger)
    if not low < high:
        names = f"{record.SECTION}{smaller}", f"{record.SECTION}{larger}"
        raise ConfigError(
            f"{names[0]} = {low:g} must be below {names[1]} = {high:g}", hint=f"lower {smaller} or raise {larger}"
        )


def completed(record: type, stored: Mapping[str, Any], shipped: Mapping[str, Any]) -> dict[str, Any]:
    """A table that was stored, with today's keys: what a release of its time went by where it lacks one.

    What today's record does not know is left out.

    Args: ``shipped`` has today's values of settings that every release has stored.
    """
    table: dict[str, Any] = {}
    for name, one in settings_of(record).items():
        if is_table(one):
            table[name] = completed(one.plain, _table(stored.get(name)), _table(shipped.get(name)))
        elif name in stored:
            table[name] = stored[name]
        elif one.before is not NO_VALUE:
            table[name] = one.before
        elif name in shipped:
            table[name] = shipped[name]
    return table


def with_present_names(record: type[Checked], given: Mapping[str, Any]) -> dict[str, Any]:
    """``given`` with every setting, also in the tables inside it, under the name that it has today.

    Raises:
        ConfigError: a setting stands there under two of its names.
    """
    table = dict(given)
    for name, one in settings_of(record).items():
        for former in set(one.former) & set(table):
            if name in table:
                raise ConfigError(
                    f"{record.SECTION}{former} is the former name of {record.SECTION}{name}, and both are given",
                    hint=f"keep {name}",
                )
            table[name] = table.pop(former)
        if is_table(one) and isinstance(table.get(name), Mapping):
            table[name] = with_present_names(one.plain, table[name])
    return table


def is_table(one: Setting) -> bool:
    """Is it a record of settings, which a file gives as a table?"""
    return isinstance(one.plain, type) and issubclass(one.plain, Checked)


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a mistyped one may stand for.

    >>> nearest("presense", ["research", "presence"])
    'presence'
    """
    near = difflib.get_close_matches(word, list(known), n=1)
    return near[0] if near else None


def unknown_setting(name: str, known: list[str]) -> ConfigError:
    """The error of a setting that does not exist, with the nearest that does.

    >>> unknown_setting("epoch", ["batch", "epochs"]).hint
    'did you mean epochs?'
    """
    near = nearest(name, known)
    hint = f"did you mean {near}?" if near else f"known: {', '.join(known)}"
    return ConfigError(f"unknown setting {name!r}", hint=hint)
