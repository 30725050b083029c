"""Values as the cells of a text table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
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


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of a CSV file: text harmless, None empty, numbers as they are.

    >>> csv_lines(["task", "value"], [["a,b", 1.5], ["@x", None]])
    ['task,value', '"a,b",1.5', "'@x,"]
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([harmless(part) if isinstance(part, str) else part for part in row])
    return out.getvalue().removesuffix("\n").split("\n")
