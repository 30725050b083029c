"""The rules that a stored session was computed with, read back from its settings."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from classroom_fer.errors import ReportError
from classroom_fer.settings.config import SECTIONS
from classroom_fer.settings.rules import Rules


def recorded_rules(settings: Mapping[str, Any]) -> Rules:
    """The rules inside ``Config.as_dict()``.

    Raises:
        ReportError: the settings are not those of this version; a report with other rules would be wrong.
    """
    try:
        table = settings["rules"]
        sections: dict[str, Any] = {}
        for name, kind in SECTIONS.items():
            sections[name] = kind(**{f.name: table[name][f.name] for f in dataclasses.fields(kind)})
        return Rules(
            profile=str(table["profile"]),
            alpha_orientation=float(table["alpha_orientation"]),
            profiles={name: dict(weights) for name, weights in table["profiles"].items()},
            **sections,
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReportError(
            f"the session's recorded settings cannot be read ({error!r})",
            hint="run `classroom-fer aggregate SESSION` to compute it again with this version",
        ) from error


def calibration(settings: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """(temperature T, expected calibration error) of the model, where the settings carry its manifest as ``model``."""
    model = settings.get("model")
    if not isinstance(model, Mapping):
        return None, None
    metrics = model.get("metrics")
    ece = model.get("ece", metrics.get("ece") if isinstance(metrics, Mapping) else None)
    return _number(model.get("temperature")), _number(ece)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
