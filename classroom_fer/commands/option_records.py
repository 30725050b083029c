"""A command's options as one record: a command takes a value with names and types, not a dozen parameters."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import typing
from collections.abc import Callable
from typing import Any, TypeVar

Options = TypeVar("Options")


def takes(record: type[Options]) -> Callable[[Callable[[Options], None]], Callable[..., None]]:
    """Gives a command that takes the dataclass ``record`` the options that the record's fields declare.

    A field is annotated as a parameter of a Typer command would be: ``Annotated[str, typer.Option("--db")]``. The order
    of the fields is the order in the help; a default factory is called anew for each call of the command.

    >>> @dataclasses.dataclass(frozen=True)
    ... class Greeting:
    ...     name: str
    ...     times: int = 1
    >>> @takes(Greeting)
    ... def greet(greeting: Greeting) -> None:
    ...     print(greeting)
    >>> inspect.signature(greet)
    <Signature (*, name: str, times: int = 1) -> None>
    >>> greet(name="Ada")
    Greeting(name='Ada', times=1)
    """
    annotations = typing.get_type_hints(record, include_extras=True)
    parameters = [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=_default(field), annotation=annotations[field.name]
        )
        for field in dataclasses.fields(record)  # type: ignore[arg-type]  # Options cannot say "a dataclass"
    ]

    def expand(command: Callable[[Options], None]) -> Callable[..., None]:
        @functools.wraps(command)
        def expanded(**values: Any) -> None:
            command(record(**values))

        expanded.__signature__ = inspect.Signature(parameters, return_annotation=None)  # type: ignore[attr-defined]
        expanded.__annotations__ = {p.name: p.annotation for p in parameters}
        return expanded

    return expand


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return inspect.Parameter.empty
