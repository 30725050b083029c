"""Options of a command that are settings of a record: type, limits and meaning are the record's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, TypeAlias, TypeVar, get_args

import typer

from classroom_fer.settings.fields import Setting, settings_of

Given: TypeAlias = dict[str, Any]
"""Settings that the user gave, by name."""
Record = TypeVar("Record", bound="TakesSettings")


@dataclasses.dataclass(frozen=True, kw_only=True)
class TakesSettings:
    """Base of the options of a command that has settings among them."""

    SETTINGS: ClassVar[Mapping[str, str]] = {}
    """Names of the settings, with the fields that hold what the user gave."""

    def given(self) -> Given:
        """What the user gave; settings that were left out are not in it."""
        values = {name: getattr(self, field) for name, field in self.SETTINGS.items()}
        found = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        return {name: value for name, value in found.items() if value not in (None, ())}


def with_settings_of(
    record: type, *names: str, flags: Mapping[str, str] | None = None, prefix: str = ""
) -> Callable[[type[Record]], type[Record]]:
    """A class decorator: the options get a field for each of these settings, all of which may be left out.

    Args:
        flags: options that are not called as their setting is.
        prefix: stands before the names of the options; their help then names the record's defaults, which hold.
    """
    settings = {name: f"{prefix}_{name}" if prefix else name for name in names}
    known = settings_of(record)
    fields = [
        (
            field,
            _option(known[name], (flags or {}).get(name), shows_default=bool(prefix)),
            dataclasses.field(default=None),
        )
        for name, field in settings.items()
    ]

    def extended(options: type[Record]) -> type[Record]:
        more = {"SETTINGS": settings, "__module__": options.__module__, "__doc__": options.__doc__}
        return dataclasses.make_dataclass(
            options.__name__, fields, bases=(options,), namespace=more, frozen=True, kw_only=True
        )

    return extended


def _option(one: Setting, flag: str | None, *, shows_default: bool) -> Any:
    """The type of an option for a setting."""
    words = ", ".join(one.words)
    about = one.about + (f" [default: {one.default}]" if shows_default else "")
    shown: Any = str if words else list[get_args(one.plain)[0]] if one.is_list else one.plain  # type: ignore[misc]
    names = [flag] if flag else []  # with one name only, a yes or no is a flag without its opposite
    low, high = one.limits
    return Annotated[
        shown | None, typer.Option(*names, help=": ".join(filter(None, (words, about))), min=low, max=high)
    ]
