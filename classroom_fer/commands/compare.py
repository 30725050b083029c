"""``classroom-fer compare``: lessons beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import DbOption, JsonOption, LangOption
from classroom_fer.store.place import DEFAULT_DB


class Grouping(StrEnum):
    """What --by knows."""

    task = "task"
    school_class = "class"
    mode = "mode"
    position = "position"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareOptions:
    """What ``compare`` is given."""

    sessions: Annotated[
        list[str] | None, typer.Argument(metavar="SESSION", show_default=False, help="Two sessions or more.")
    ] = None
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="LABEL=VALUE", help="All finished sessions with this label; repeatable."),
    ] = None
    by: Annotated[Grouping, typer.Option("--by", help="What lessons are grouped by.")] = Grouping.task
    pdf: Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write the page as PDF.")] = None
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write a row for each task of each lesson.")
    ] = None
    lang: LangOption = None
    db: DbOption = DEFAULT_DB
    as_json: JsonOption = False


@takes(CompareOptions)
def compare(options: CompareOptions) -> None:
    """Lessons beside each other: values with intervals and coverage, and what lessons have in common.

    It refuses lessons of one film, lessons that were measured differently, and groups whose lessons were seen too
    unequally. It compares neither teachers nor children.

    Examples:

      classroom-fer compare 3 4 7 --by task

      classroom-fer compare --where class=7b --by position --pdf 7b.pdf --csv 7b.csv
    """
    from classroom_fer.commands.compare_sessions import run

    run(options)
