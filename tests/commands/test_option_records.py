"""Options of a command as a record."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from typer.testing import CliRunner

from classroom_fer.commands.option_records import takes


@dataclass(frozen=True, kw_only=True)
class Options:
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who.")]
    out: Annotated[Path | None, typer.Option("--out", help="Where.")] = None
    times: Annotated[int, typer.Option("--times", "-t", min=1, help="How often.")] = 2
    tags: Annotated[list[str], typer.Option("--tag")] = field(default_factory=list)
    loud: Annotated[bool, typer.Option("--loud")] = False


received: list[Options] = []


@takes(Options)
def greet(options: Options) -> None:
    """Greets somebody."""
    received.append(options)


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer(rich_markup_mode=None)
    app.command()(greet)
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.output


def test_what_is_typed_arrives_as_the_record() -> None:
    assert run("Ada", "--out", "a/b", "-t", "3", "--tag", "x", "--tag", "y", "--loud") == (0, "")
    assert received.pop() == Options(name="Ada", out=Path("a/b"), times=3, tags=["x", "y"], loud=True)


def test_what_is_not_typed_has_the_default_of_its_field() -> None:
    assert run("Ada") == (0, "")
    assert received.pop() == Options(name="Ada")


def test_the_fields_are_checked_and_explained_like_parameters() -> None:
    assert run()[0] == 2
    code, text = run("Ada", "--times", "0")
    assert code == 2 and "--times" in text
    text = run("--help")[1]
    assert "Greets somebody." in text and "Who." in text and "-t, --times" in text
    assert text.index("--out") < text.index("--times") < text.index("--loud")
