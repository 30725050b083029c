"""``classroom-fer export``: stored sessions as tables and as files of other programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import AggregationOption, ConfigOption, DbOption
from classroom_fer.store.place import DEFAULT_DB


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """What ``export`` is given."""

    sessions: Annotated[
        list[str] | None,
        typer.Argument(metavar="SESSION", show_default=False, help="Session numbers, film names, or 'latest'."),
    ] = None
    everything: Annotated[bool, typer.Option("--all", help="Every finished session.")] = False
    form: Annotated[
        str,
        typer.Option("--format", metavar="NAME", help="csv, parquet, xlsx, json, bids, boris, elan or openface."),
    ] = "csv"
    level: Annotated[
        str | None,
        typer.Option("--level", metavar="NAME", help="Rows per session, task, bin, track or face. [default: task]"),
    ] = None
    aggregation: AggregationOption = None
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder.")] = Path("exports")
    config: ConfigOption = None
    db: DbOption = DEFAULT_DB


@takes(ExportOptions)
def export(options: ExportOptions) -> None:
    """Write stored sessions as tables, or as files that BORIS, ELAN and others open.

    csv, parquet, xlsx and json hold all sessions in one table; the others are one file per session. A data dictionary
    lies beside each. docs/export.md says what is in them.

    Examples:

      classroom-fer export latest

      classroom-fer export 3 4 5 --format parquet --level bin --out study

      classroom-fer export --all --format xlsx

      classroom-fer export lesson.mp4 --format boris

      classroom-fer export --all --name flat
    """
    from classroom_fer.commands.export_sessions import run

    run(options)
