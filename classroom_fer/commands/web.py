"""``classroom-fer web``: the lessons of a database in the browser of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import ConfigOption, DbOption
from classroom_fer.errors import WebError
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.terminal import user_errors

PORT = 8501
EXTRA = ("starlette", "uvicorn", "websockets", "plotly", "tomli_w", "markdown_it")
"""Packages of the extra ``web``, as they are imported."""
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 = one that is free.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """Where a page is served, and to whom."""

    port: PortOption = PORT
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Serve other machines too, at this address of this one.")
    ] = "127.0.0.1"
    token: Annotated[
        str | None,
        typer.Option(
            "--token", envvar="CLASSROOM_FER_TOKEN", help="What opens the page. [default: a new one that is printed]"
        ),
    ] = None
    certificate: Annotated[
        Path | None,
        typer.Option("--certificate", metavar="FILE", help="Encrypt the connection (TLS), with --key."),
    ] = None
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="The key of --certificate (PEM).")] = None
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the page's address.")] = False
    config: ConfigOption = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions(ServeOptions):
    """What ``web`` is given."""

    db: DbOption = DEFAULT_DB
    root: Annotated[
        list[Path],
        typer.Option("--root", metavar="DIR", help="Show and analyse films that lie below this folder; repeatable."),
    ] = field(default_factory=list)


@takes(WebOptions)
def web(options: WebOptions) -> None:
    """Look at the lessons in a browser, on this machine; nothing leaves it.

    The address that is printed opens the page: it ends in a token that nobody else has. Without --host no other
    machine can reach it. Ctrl+C ends it. Needs the packages of the extra: pip install 'classroom-fer[web]'

    Examples:

      classroom-fer web

      classroom-fer web --db study.sqlite --root films
    """
    with user_errors(), extra_needed():
        from classroom_fer.commands.web_server import run

        run(options)


@contextmanager
def extra_needed() -> Iterator[None]:
    """WebError where a package of the extra is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        raise WebError(
            f"the browser app needs packages that are not installed ({error.name})",
            hint="pip install 'classroom-fer[web]'",
        ) from error
