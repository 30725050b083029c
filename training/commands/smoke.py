"""`smoke`: parse, call, show."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer.commands.options import JsonOption
from classroom_fer.terminal import show, user_errors
from training.commands.progress import AGAIN, TrainingProgress
from training.search.smoke import FACES, SmokeResult
from training.search.smoke import smoke as smoked
from training.settings.config import DEFAULT_DATA
from training.settings.systems import SYSTEMS

HEADER = f"{'system':22}{'protocol':10}{'parameters':>12}  {'weights':10}{'seconds':>9}{'loss':>9}{'accuracy':>10}"


def smoke(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="The data set.")] = DEFAULT_DATA,
    names: Annotated[
        str, typer.Option("--systems", metavar="NAME,NAME...", help="Which, instead of all of them.")
    ] = "",
    faces: Annotated[int, typer.Option("--faces", min=8, help="Faces of each split.")] = FACES,
    as_json: JsonOption = False,
) -> None:
    """Train every system for one epoch on a part of the data: does each work here, what does it cost?

    Its accuracy says little yet: averaged weights and batch statistics settle over more steps. Nothing is kept.

    Examples:

        python -m training smoke --data DIR

        python -m training smoke --data DIR --systems baseline-cnn,ours --faces 500
    """
    with user_errors(interrupted=AGAIN):
        chosen = tuple(name.strip() for name in names.split(",") if name.strip()) or tuple(SYSTEMS)
        results: list[SmokeResult] = []
        with TrainingProgress(epochs=1) as progress:
            for result in smoked(data, chosen, faces=faces, watch=progress.watch):
                if not as_json:
                    show(_line(result) if results else f"{HEADER}\n{_line(result)}")
                results.append(result)
        if as_json:
            show(json.dumps([asdict(result) for result in results], indent=2, allow_nan=False))


def _line(result: SmokeResult) -> str:
    loss, accuracy = ("-" if value is None else f"{value:.3f}" for value in (result.loss, result.accuracy))
    return (
        f"{result.system:22}{result.protocol:10}{result.parameters:>12,}  {result.weights:10}{result.seconds:>9.1f}"
        f"{loss:>9}{accuracy:>10}"
    )
