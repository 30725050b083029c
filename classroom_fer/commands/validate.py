"""``classroom-fer validate``: do human observers see what the numbers say?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import DbOption, JsonOption
from classroom_fer.errors import ConfigError
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.terminal import user_errors

CLIPS = 200
LARGEST_SEED = 2**31 - 1
SheetFormatOption = Annotated[
    str, typer.Option("--format", metavar="NAME", help="Form of the sheets: csv, boris or elan.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleOptions:
    """What ``validate sample`` is given."""

    sessions: Annotated[
        list[str], typer.Argument(metavar="SESSION...", help="Session numbers, film names or 'latest'.")
    ]
    clips: Annotated[int, typer.Option("--n", min=1, max=5000, help="Clips to draw.")] = CLIPS
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", min=0, max=LARGEST_SEED, help="Draws the same clips again. [default: a new one, which is told]"
        ),
    ] = None
    form: SheetFormatOption = "csv"
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the sheets.")] = Path("validation")
    db: DbOption = DEFAULT_DB
    as_json: JsonOption = False


@takes(SampleOptions)
def sample(options: SampleOptions) -> None:
    """Draw a stratified random sample of 10 s clips and write blind coding sheets for two observers.

    A clip is one place in the picture for one base bin: no film is copied, the sheet says where and when to look.
    Sheets hold no value of the program. They are research material about single pupils: owner-only files, to be kept
    and deleted with the films. docs/validation.md has the whole way.

    Examples:

      classroom-fer validate sample 1 2 3 --n 200 --seed 7 --out coding

      classroom-fer validate sample latest --format boris
    """
    from classroom_fer.commands.validate_sample import run

    run(options)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreOptions:
    """What ``validate score`` is given."""

    sheets: Annotated[list[Path], typer.Argument(metavar="SHEET...", help="The filled sheets of both observers.")]
    also: Annotated[
        list[str] | None,
        typer.Option("--also", metavar="SESSION", help="Another session of the class, to print it too; repeatable."),
    ] = None
    db: DbOption = DEFAULT_DB
    as_json: JsonOption = False


@takes(ScoreOptions)
def score(options: ScoreOptions) -> None:
    """Read the filled sheets: how far the observers agree with each other, and the numbers with what they saw.

    The figures are stored and printed on the method page of later reports of the sampled sessions, and of those named
    by --also. The codes themselves are not stored. With one sheet only the numbers are compared. Needs scikit-learn:
    pip install "classroom-fer[research]".

    Examples:

      classroom-fer validate score coding/sheet-A.csv coding/sheet-B.csv

      classroom-fer validate score A.boris B.boris --also 7 --json
    """
    with user_errors():
        try:
            from classroom_fer.commands.validate_score import run
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "sklearn":
                raise
            raise ConfigError("scikit-learn is not installed", hint='pip install "classroom-fer[research]"') from error
    run(options)
