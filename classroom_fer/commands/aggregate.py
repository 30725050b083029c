"""``classroom-fer aggregate``: other tasks or weights for a stored session; no film, no model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer import analysis
from classroom_fer.commands import summary
from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import DbOption, JsonOption, SessionArgument
from classroom_fer.commands.settings import ConfigOption, settings_for_stored
from classroom_fer.session_choice import find_session
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import open_store
from classroom_fer.terminal import show, user_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateOptions:
    """What ``aggregate`` is given."""

    session: SessionArgument
    tasks: Annotated[Path | None, typer.Option("--tasks", help="Other tasks. [default: the stored ones]")] = None
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
    with user_errors():
        with open_store(options.db, create=False) as store, store.exclusive():
            stored = find_session(options.session, store.sessions())
            settings = settings_for_stored(options.config, {"weights": options.weights}, stored.start.settings)
            outcome = analysis.aggregate(stored, options.tasks, settings, store)
        film = Path(stored.start.video_name)
        if options.as_json:
            show(json.dumps(summary.as_json(film, outcome, store.where), indent=2))
            return
        for line in summary.lines(film, outcome, store.where):
            show(line)
        show(f"  the PDF still shows the former values: classroom-fer report {stored.session_id}")
