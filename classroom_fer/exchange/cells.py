"""Values as the cells of a text table."""

from __future__ import annotations

from datetime import datetime

from classroom_fer.exchange.harmless import harmless
from classroom_fer.exchange.levels import DIGITS, SECONDS_DIGITS, Value, is_seconds
from classroom_fer.store.dictionary import Entry


def cell(value: Value, entry: Entry, missing: str = "") -> str:
    """A value as text: seconds with three decimals, times in UTC, text harmless.

    Args: ``missing`` stands for None.
    """
    if value is None:
        return missing
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, datetime):
        return moment_text(value)
    if is_seconds(entry):
        return f"{value:.{SECONDS_DIGITS}f}"
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def moment_text(moment: datetime) -> str:
    """A time in UTC as every program reads it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
