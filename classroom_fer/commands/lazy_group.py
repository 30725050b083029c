"""Groups of commands that are listed without loading them: a command's module is imported when the command is called.

So a module of a command imports what it needs at its top, and ``--help`` still answers at once. Contexts are ``Any``
here: Typer overrides Click's class of them in a private module, and no public type is accepted in its place.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup


class LazyCommand(TyperCommand):
    """Stands for a command in lists and completions; gives way to the real one when that is called.

    Args:
        where: the command's function, as ``"package.module:function"``; its docstring is the help.
        summary: the first paragraph of that docstring, for lists (``tests/test_cli.py`` compares them).
    """

    def __init__(self, where: str, summary: str) -> None:
        super().__init__(name=None, help=summary)
        self.module, _, self._function = where.partition(":")

    def load(self, name: str | None) -> TyperCommand:
        """The real command under this name; its module is imported."""
        callback = getattr(importlib.import_module(self.module), self._function)
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(name)(callback)
        command = typer.main.get_command(app)
        assert isinstance(command, TyperCommand), "an app with one command and no callback is that command"
        return command

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The real command's context: whatever goes on from it goes on with the real command."""
        return self.load(info_name).make_context(info_name, args, parent, **extra)


class LazyGroup(TyperGroup):
    """A group whose commands stand in ``lazy``, in the order in which they are listed."""

    lazy: ClassVar[Mapping[str, LazyCommand]] = {}

    def __init__(self, *, commands: Mapping[str, Any] | None = None, **settings: Any) -> None:
        super().__init__(commands={**self.lazy, **(commands or {})}, **settings)
