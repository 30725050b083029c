"""The class second by second, with every gap filled, as BORIS draws external data.

BORIS loads a column with NumPy, so an empty cell is an error, and it joins what it is given by straight lines. The same
is done here, and a column beside each says which seconds were measured.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import BinaryIO

import numpy as np

from classroom_fer.exchange.table_formats import separated
from classroom_fer.lesson.records import TimelineBin

CURVES: dict[str, Callable[[TimelineBin], float | None]] = {
    "engagement": lambda bin_: None if bin_.engagement is None else bin_.engagement.value,
    "coverage": lambda bin_: bin_.coverage,
    "orientation": lambda bin_: bin_.orientation,
    "expression": lambda bin_: bin_.expression,
}
UNITS = {"engagement": "0-100", "coverage": "0-1", "orientation": "0-1", "expression": "0-1"}
DIGITS = 6


def curves_shown(bins: Sequence[TimelineBin]) -> list[str]:
    """The curves of which at least one bin has a value."""
    return [name for name, value in CURVES.items() if any(value(bin_) is not None for bin_ in bins)]


def timeline_header(bins: Sequence[TimelineBin]) -> list[str]:
    """Column names: the time, then each curve and whether it was measured."""
    return ["time", *(column for name in curves_shown(bins) for column in (name, f"{name}_measured"))]


def write_timeline(file: BinaryIO, bins: Sequence[TimelineBin]) -> None:
    """A row for each second of these bins, which are in order of time. At least one curve has a value."""
    seconds = np.arange(math.ceil(bins[0].start_s), math.ceil(bins[-1].end_s))
    behind = np.searchsorted([bin_.start_s for bin_ in bins], seconds, side="right") - 1
    columns = [[f"{second:.3f}" for second in seconds]]
    for name in curves_shown(bins):
        values = np.array([math.nan if (v := CURVES[name](bin_)) is None else v for bin_ in bins])[behind]
        known = ~np.isnan(values)
        filled = np.interp(seconds, seconds[known], values[known]) if known.any() else values
        columns.append([f"{value:.{DIGITS}f}" for value in filled])
        columns.append([str(int(one)) for one in known])
    separated(file, timeline_header(bins), list(zip(*columns, strict=True)))
