"""``classroom-fer web``: the lessons of a database in the browser of this machine."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True, kw_only=True)
class WebOptions:
    """What ``web`` is given."""

    db: DbOption = DEFAULT_DB
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port; 0 = one that is free.")] = PORT
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Serve other machines too, at this address of this one.")
    ] = "127.0.0.1"
    token: Annotated[
        str | None,
        typer.Option(
            "--token", envvar="CLASSROOM_FER_TOKEN", help="What opens the page. [default: a new one that is printed]"
        ),
    ] = None
    root: Annotated[
        list[Path],
        typer.Option(
            "--root", metavar="DIR", help="Show films that lie below this folder; may be given several times."
        ),
    ] = field(default_factory=list)
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the page's address.")] = False
    config: ConfigOption = None


@takes(WebOptions)
def web(options: WebOptions) -> None:
    """Look at the lessons in a browser, on this machine; nothing leaves it.

    The address that is printed opens the page: it ends in a token that nobody else has. Without --host no other
    machine can reach it. Ctrl+C ends it. Needs the packages of the extra: pip install 'classroom-fer[web]'

    Examples:

      classroom-fer web

      classroom-fer web --db study.sqlite --root films
    """
    with user_errors():
        try:
            from classroom_fer.commands.web_server import run
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in ("starlette", "uvicorn"):
                raise
            raise WebError(
                f"the browser app needs packages that are not installed ({error.name})",
                hint="pip install 'classroom-fer[web]'",
            ) from error
        run(options)
