"""`systems`: parse, call, show."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from classroom_fer.commands.options import JsonOption
from classroom_fer.terminal import show, user_errors
from training.commands.progress import AGAIN
from training.settings.systems import SYSTEMS, System, default_config


def systems(as_json: JsonOption = False) -> None:
    """List the systems: protocol, figure that their authors print, what is our choice.

    Examples:

        python -m training systems

        python -m training systems --json
    """
    with user_errors(interrupted=AGAIN):
        if as_json:
            show(json.dumps([_as_table(system) for system in SYSTEMS.values()], indent=2))
            return
        for system in SYSTEMS.values():
            row = "planned by the projects, built here" if system.row is None else f"row {system.row}"
            show(f"{system.name}  ({system.protocol}, {row}, {default_config(system.name).epochs} epochs)")
            show(f"    authors: {system.printed}")
            show(f"    {system.note}")


def _as_table(system: System) -> dict[str, Any]:
    config = default_config(system.name).as_dict()
    settings: Mapping[str, Any] = {key: config[key] for key in system.settings}
    return {
        "name": system.name, "row": system.row, "protocol": system.protocol, "printed": system.printed,
        "note": system.note, "settings": settings,
    }  # fmt: skip
