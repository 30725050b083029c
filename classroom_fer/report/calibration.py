"""How well the model that a session ran was calibrated, read back from its stored settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


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
