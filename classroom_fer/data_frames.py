"""Rows of a view as a pandas table whose dtypes follow from the data dictionary."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from pandas.api.types import pandas_dtype

from classroom_fer.store.asking.answer import Answer
from classroom_fer.store.dictionary import entries

DTYPES = {
    "integer": "Int64",
    "real": "float64",
    "text": "string",
    "timestamp": "datetime64[us, UTC]",
    "json": "object",
}
"""Type in the data dictionary -> dtype. Missing: pd.NA, NaN, pd.NA, NaT, None."""


def dtypes_of(view: str) -> dict[str, str]:
    """Column -> dtype, in the order of the view."""
    return {entry.column: DTYPES[entry.type] for entry in entries() if entry.object == view and entry.column}


def as_frame(view: str, answer: Answer) -> pd.DataFrame:
    """The answer to SELECT * FROM ``view``."""
    table = pd.DataFrame(list(answer.rows), columns=list(answer.columns), dtype="object")
    return table.assign(**{name: _typed(table[name], dtype) for name, dtype in dtypes_of(view).items()})


def _typed(column: pd.Series[Any], dtype: str) -> pd.Series[Any]:
    if dtype.startswith("datetime"):
        column = pd.to_datetime(column, utc=True, format="ISO8601")
    if dtype == "object":  # SQLite hands JSON out as text
        column = column.map(lambda cell: json.loads(cell) if isinstance(cell, str) else cell)
    typed: pd.Series[Any] = column.astype(pandas_dtype(dtype))
    return typed
