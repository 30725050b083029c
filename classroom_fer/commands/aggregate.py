"""``classroom-fer aggregate``: other tasks, weights, alpha or bins for a stored session; no film, no model."""

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
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Keep it beside the session's own result, which stays.")
    ] = None
    tasks: Annotated[Path | None, typer.Option("--tasks", help="Other tasks. [default: the stored ones]")] = None
    tier: TierOption = None
    weights: Annotated[
        str | None, typer.Option("--weights", metavar="NAME", help="Set of weights: sharma2019, flat, or your own.")
    ] = None
    alpha: Annotated[
        float | None, typer.Option("--alpha", help="Part of orientation in the index, 0-1. [default: the stored one]")
    ] = None
    bin_s: Annotated[
        float | None, typer.Option("--bin-s", help="Length of a time step, seconds. [default: the stored one]")
    ] = None
    min_group: Annotated[
        int | None, typer.Option("--min-group", help="Show nothing of fewer pupils. [default: the stored one]")
    ] = None
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="Print the tasks under all weights and alphas; store nothing.")
    ] = False
    listed: Annotated[bool, typer.Option("--list", help="List the session's results.")] = False
    delete: Annotated[str | None, typer.Option("--delete", metavar="NAME", help="Delete this one.")] = None
    config: ConfigOption = None
    db: DbOption = DEFAULT_DB
    as_json: JsonOption = False
    as_csv: Annotated[bool, typer.Option("--csv", help="With --sensitivity: print CSV.")] = False

    @property
    def changes(self) -> dict[str, object]:
        """Settings that were given as options."""
        return {"weights": self.weights, "alpha": self.alpha, "bin_s": self.bin_s, "min_group": self.min_group}


@takes(AggregateOptions)
def aggregate(options: AggregateOptions) -> None:
    """Compute a session's results again from its stored face rows: other tasks, other weights, no film.

    With --name the result is kept beside the session's own: in the views v_aggregated_..., and for report,
    export and provenance --name. Without, it takes the place of the session's own.

    Examples:

      classroom-fer aggregate latest --tasks corrected.csv

      classroom-fer aggregate 3 --name flat --weights flat --alpha 0.5

      classroom-fer aggregate 3 --sensitivity

      classroom-fer aggregate 3 --delete flat
    """
    from classroom_fer.commands.aggregate_session import run

    run(options)
