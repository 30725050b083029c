"""``classroom-fer aggregate``: other tasks or weights for a stored session; no film, no model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import ConfigOption, DbOption, JsonOption, SessionArgument, TierOption
from classroom_fer.store.place import DEFAULT_DB


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateOptions:
    """What ``aggregate`` is given."""

    session: SessionArgument
    tasks: Annotated[Path | None, typer.Option("--tasks", help="Other tasks. [default: the stored ones]")] = None
    tier: TierOption = None
    weights: Annotated[
        str | None, typer.Option("--weights", metavar="NAME", help="Set of weights: sharma2019, flat, or your own.")
    ] = None
    config: ConfigOption = None
    db: DbOption = DEFAULT_DB
    as_json: JsonOption = False


@takes(AggregateOptions)
def aggregate(options: AggregateOptions) -> None:
    """Compute a session's results again from its stored face rows: other tasks, other weights, no film.

    Examples:

      classroom-fer aggregate latest --tasks corrected.csv

      classroom-fer aggregate 3 --weights flat
    """
    from classroom_fer.commands.aggregate_session import run

    run(options)
