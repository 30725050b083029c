"""Long tables as files: CSV, JSON, Excel and Parquet. Every format holds the same values."""

from __future__ import annotations

import csv
import io
import itertools
import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

from classroom_fer.errors import ExchangeError
from classroom_fer.exchange.cells import cell, moment_text
from classroom_fer.exchange.levels import SECONDS_DIGITS, Row, is_seconds
from classroom_fer.store.dictionary import Entry

ROWS_AT_ONCE = 10_000
"""Rows of a Parquet file that are in memory together (choice)."""
EXCEL_ROWS = 1_048_576
EXCEL_TEXT = 32_767
"""What Excel takes: rows of a sheet, characters of a cell."""
Writer = Callable[[BinaryIO, Sequence[Entry], Iterable[Row]], None]


@dataclass(frozen=True, slots=True)
class TableFormat:
    """One way to write a table."""

    suffix: str
    missing: str
    """What stands for a missing value, in words."""
    write: Writer


def write_csv(file: BinaryIO, columns: Sequence[Entry], rows: Iterable[Row]) -> None:
    """Comma separated, UTF-8; an empty cell is missing."""
    separated(
        file,
        [entry.column for entry in columns],
        ([cell(*pair) for pair in zip(row, columns, strict=True)] for row in rows),
    )


def separated(file: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",") -> None:
    """Lines of cells that are text already."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    text.flush()
    text.detach()


def write_json(file: BinaryIO, columns: Sequence[Entry], rows: Iterable[Row]) -> None:
    """A list of objects, one in a line."""
    names = [entry.column for entry in columns]
    file.write(b"[")
    for number, row in enumerate(rows):
        values = [moment_text(value) if isinstance(value, datetime) else value for value in row]
        line = json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False)
        file.write((",\n" if number else "\n").encode() + line.encode())
    file.write(b"\n]\n")


def write_xlsx(file: BinaryIO, columns: Sequence[Entry], rows: Iterable[Row]) -> None:
    """A workbook with the rows in one sheet and the dictionary in another; text is never a formula.

    Raises:
        ExchangeError: more rows than a sheet can hold.
    """
    import xlsxwriter

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:  # rows lie there until the end
        book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder})
        book.set_properties({"created": datetime(2000, 1, 1, tzinfo=UTC)})  # the same rows, the same bytes
        seconds = book.add_format({"num_format": f"0.{'0' * SECONDS_DIGITS}"})
        styles = [seconds if is_seconds(entry) else None for entry in columns]
        _fill(book.add_worksheet("rows"), [[entry.column for entry in columns]], rows, styles)
        legend = [("column", "type", "unit", "description"), *map(_described, columns)]
        _fill(book.add_worksheet("dictionary"), legend, (), styles)
        book.close()


def _fill(sheet: Any, header: Sequence[Sequence[str]], rows: Iterable[Row], styles: Sequence[Any]) -> None:
    """Writes lines of text, then rows of values with a style for each column."""
    for number, row in enumerate(itertools.chain(header, rows)):
        if number >= EXCEL_ROWS:
            raise ExchangeError(
                f"a sheet of Excel holds {EXCEL_ROWS} rows, and there are more",
                hint="give fewer sessions, or --format csv or parquet",
            )
        for index, value in enumerate(row):
            if isinstance(value, int | float):
                sheet.write_number(number, index, value, styles[index])
            elif value is not None:
                text = moment_text(value) if isinstance(value, datetime) else value
                sheet.write_string(number, index, text[:EXCEL_TEXT])


def _described(entry: Entry) -> tuple[str, str, str, str]:
    return entry.column, entry.type, entry.unit or "", entry.description


def write_parquet(file: BinaryIO, columns: Sequence[Entry], rows: Iterable[Row]) -> None:
    """Typed columns, each with its unit and description as metadata.

    Raises:
        ExchangeError: pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise ExchangeError(
            "Parquet files need pyarrow, which is not installed", hint='pip install "classroom-fer[exchange]"'
        ) from error
    kinds = {"integer": pyarrow.int64(), "real": pyarrow.float64(), "timestamp": pyarrow.timestamp("ms", tz="UTC")}
    fields = [
        pyarrow.field(
            entry.column,
            kinds.get(entry.type, pyarrow.string()),
            metadata={"description": entry.description, "unit": entry.unit or ""},
        )
        for entry in columns
    ]
    schema = pyarrow.schema(fields)
    with pyarrow.parquet.ParquetWriter(file, schema) as writer:
        remaining = iter(rows)
        while some := list(itertools.islice(remaining, ROWS_AT_ONCE)):
            arrays = [pyarrow.array(values, field.type) for values, field in zip(_turned(some), fields, strict=True)]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def _turned(rows: Sequence[Row]) -> list[list[Any]]:
    """Columns of these rows."""
    return [list(values) for values in zip(*rows, strict=True)]


TABLE_FORMATS: dict[str, TableFormat] = {
    "csv": TableFormat(".csv", "empty cell", write_csv),
    "json": TableFormat(".json", "null", write_json),
    "xlsx": TableFormat(".xlsx", "empty cell", write_xlsx),
    "parquet": TableFormat(".parquet", "null", write_parquet),
}
