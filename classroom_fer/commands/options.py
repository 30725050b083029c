"""Options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.lesson.timecode import REMEDY, parse_time

CONFIG_FILE = Path("classroom-fer.toml")
"""Read from the working folder where no --config is given; ``init`` writes it."""


DbOption = Annotated[
    str,
    typer.Option(
        "--db",
        metavar="PATH|URL",
        envvar="CLASSROOM_FER_DB",
        help="SQLite file, or a URL such as postgresql+psycopg://user@host/name.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")]
LangOption = Annotated[
    str | None,
    typer.Option("--lang", metavar="LANG", help="Language of the PDF: en, de, fr, es, zh or ar. [default: en]"),
]
MinFaceOption = Annotated[
    int | None, typer.Option("--min-face", help="Longer side of the smallest face that counts, pixels. [default: 20]")
]
DetectorOption = Annotated[
    str | None,
    typer.Option("--detector", metavar="NAME", help="What finds faces: centerface, mtcnn. [default: centerface]"),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help=f"TOML file with settings. [default: {CONFIG_FILE}, if there is one]",
    ),
]
ProfileOption = Annotated[
    str | None,
    typer.Option("--profile", metavar="NAME", help="research, teacher or presence. [default: research]"),
]
TierOption = Annotated[
    str | None, typer.Option("--tier", metavar="NAME", help="Of ELAN's tiers, the one that holds the tasks.")
]
AggregationOption = Annotated[
    str | None,
    typer.Option("--aggregation", "--name", metavar="NAME", help="A result that aggregate --name made."),
]
SessionArgument = Annotated[str, typer.Argument(metavar="SESSION", help="Session number, film name, or 'latest'.")]


def read_time(text: str) -> float:
    """Seconds of a time of the film as a user types it; for ``parser`` of an option."""
    try:
        return parse_time(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} {error}; {REMEDY}") from error
