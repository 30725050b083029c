"""`systems`, `smoke`: parse, call, show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from classroom_fer.commands.options import JsonOption
from classroom_fer.terminal import say, show
from training.commands.frame import frame
from training.runs.progress import TrainingProgress
from training.settings.config import DEFAULT_DATA
from training.settings.systems import SYSTEMS, System, default_config

if TYPE_CHECKING:
    from training.search.smoke import SmokeResult

HEADER = f"{'system':22}{'protocol':10}{'parameters':>12}  {'weights':10}{'seconds':>9}{'loss':>9}{'accuracy':>10}"


def register(app: typer.Typer) -> None:
    """Adds the commands of this module to ``app``."""
    app.command("systems")(systems_command)
    app.command("smoke")(smoke_command)


def systems_command(as_json: JsonOption = False) -> None:
    """List the systems: protocol, figure that their authors print, what is our choice.

    Examples:

        python -m training systems

        python -m training systems --json
    """
    with frame(keras=False):
        if as_json:
            show(json.dumps([_as_table(system) for system in SYSTEMS.values()], indent=2))
            return
        for system in SYSTEMS.values():
            row = "planned by the projects, built here" if system.row is None else f"row {system.row}"
            show(f"{system.name}  ({system.protocol}, {row}, {default_config(system.name).epochs} epochs)")
            show(f"    authors: {system.printed}")
            show(f"    {system.note}")


def smoke_command(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="The data set.")] = DEFAULT_DATA,
    systems: Annotated[
        str, typer.Option("--systems", metavar="NAME,NAME...", help="Which, instead of all of them.")
    ] = "",
    faces: Annotated[int, typer.Option("--faces", min=8, help="Faces of each split.")] = 2000,
    as_json: JsonOption = False,
) -> None:
    """Train every system for one epoch on a part of the data: does each work here, what does it cost?

    Its accuracy says little yet: averaged weights and batch statistics settle over more steps. Nothing is kept.

    Examples:

        python -m training smoke --data DIR

        python -m training smoke --data DIR --systems baseline-cnn,ours --faces 500
    """
    with frame():
        from training.search.smoke import smoke

        names = tuple(name.strip() for name in systems.split(",") if name.strip()) or tuple(SYSTEMS)
        results: list[SmokeResult] = []
        with TrainingProgress(epochs=1) as progress:
            for result in smoke(data, names, faces=faces, on_start=progress.run, on_note=say, on_step=progress.step):
                if not as_json:
                    show(_line(result) if results else f"{HEADER}\n{_line(result)}")
                results.append(result)
        if as_json:
            show(json.dumps([asdict(result) for result in results], indent=2, allow_nan=False))


def _as_table(system: System) -> dict[str, Any]:
    config = default_config(system.name).as_dict()
    settings: Mapping[str, Any] = {key: config[key] for key in system.settings}
    return {
        "name": system.name, "row": system.row, "protocol": system.protocol, "printed": system.printed,
        "note": system.note, "settings": settings,
    }  # fmt: skip


def _line(result: SmokeResult) -> str:
    loss, accuracy = ("-" if value is None else f"{value:.3f}" for value in (result.loss, result.accuracy))
    return (
        f"{result.system:22}{result.protocol:10}{result.parameters:>12,}  {result.weights:10}{result.seconds:>9.1f}"
        f"{loss:>9}{accuracy:>10}"
    )
