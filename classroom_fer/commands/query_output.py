"""An answer as a table, CSV or JSON on stdout; what is stored cannot control the terminal or a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import math
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice

from classroom_fer.errors import QueryError
from classroom_fer.exchange.harmless import harmless
from classroom_fer.store.asking.answer import Answer, Row
from classroom_fer.terminal import escaped, say, show
from classroom_fer.text.columns import cell_len, filled, fitted

GAP = "  "
_WRITTEN_AS_THEY_ARE = (int, float, type(None))
LINES_AT_ONCE = 500
"""Lines that are written together (choice)."""
NARROWEST = 6
"""Cells that a column keeps where a table is wider than the terminal (choice)."""


def write_csv(answer: Answer) -> None:
    """A header and a line per row (RFC 4180, but for the line's end)."""
    _show_all(_csv_lines(chain([answer.columns], answer.rows)))


def _csv_lines(rows: Iterable[Row]) -> Iterator[str]:
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="")
    for row in rows:
        writer.writerow([cell if isinstance(cell, _WRITTEN_AS_THEY_ARE) else _csv_cell(cell) for cell in row])
        yield line.getvalue()
        line.seek(0)
        line.truncate()


def _csv_cell(cell: object) -> object:
    return harmless(cell) if isinstance(cell, str) else _plain(cell)


def write_json(answer: Answer) -> None:
    """A list with an object per row. QueryError where two columns have one name."""
    names = answer.columns
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise QueryError(
            f"two columns are called {twice[0]}: an object has room for one", hint="give one another name: ... AS other"
        )
    _show_all(_json_lines(names, answer.rows))


def _json_lines(names: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    yield "["
    before = ""
    for row in rows:
        if before:
            yield before + ","
        before = "  " + json.dumps({name: _json_value(cell) for name, cell in zip(names, row, strict=True)})
    if before:
        yield before
    yield "]"


def _json_value(cell: object) -> object:
    if isinstance(cell, float) and not math.isfinite(cell):
        return None  # JSON knows no infinity
    return cell if isinstance(cell, (str, int, float, bool, list, dict)) or cell is None else _plain(cell)


def _show_all(lines: Iterator[str]) -> None:
    """Many at once: writing each by itself takes longer than reading it from the database."""
    while some := list(islice(lines, LINES_AT_ONCE)):
        show("\n".join(some))


def write_table(answer: Answer) -> None:
    """Columns for reading; on a terminal cut to its width."""
    rows = list(answer.rows)
    cells = [[_table_cell(cell) for cell in row] for row in rows]
    numbers = [all(isinstance(row[at], (int, float, type(None))) for row in rows) for at in range(len(answer.columns))]
    columns = [escaped(name) for name in answer.columns]
    widths = [max(map(cell_len, (name, *(row[at] for row in cells)))) for at, name in enumerate(columns)]
    if sys.stdout.isatty():
        widths = narrowed(widths, shutil.get_terminal_size().columns)
    if columns:
        show(_line(columns, widths, numbers))
        show(GAP.join("-" * width for width in widths))
    for row in cells:
        show(_line(row, widths, numbers))
    if not rows:
        say("no row answers this")


def narrowed(widths: Sequence[int], room: int) -> list[int]:
    """Widths that fit into ``room`` cells, the widest cut first; a column keeps NARROWEST cells.

    >>> narrowed([40, 5, 30], 60), narrowed([8, 8], 60)
    ([25, 5, 26], [8, 8])
    """
    room -= len(GAP) * (len(widths) - 1)
    fitting = list(widths)
    while sum(fitting) > room and max(fitting) > NARROWEST:
        widest = max(range(len(fitting)), key=fitting.__getitem__)
        fitting[widest] -= 1
    return fitting


def _line(cells: Sequence[str], widths: Sequence[int], numbers: Sequence[bool]) -> str:
    parts = []
    for cell, width, number in zip(cells, widths, numbers, strict=True):
        shown = cell if cell_len(cell) <= width else fitted(cell, width - 1) + "…"
        parts.append(" " * (width - cell_len(shown)) + shown if number else filled(shown, width))
    return GAP.join(parts).rstrip()


def _table_cell(cell: object) -> str:
    """A cell in one line; decimals beyond the fourth are left out.

    >>> _table_cell(None), _table_cell(0.65), _table_cell(71.66666), _table_cell(1e-9), _table_cell("a\\nb")
    ('NULL', '0.65', '71.6667', '1e-09', 'a\\\\nb')
    """
    if cell is None:
        return "NULL"
    if isinstance(cell, float):
        small = cell and abs(cell) < 1e-3
        return f"{cell:.3g}" if small else f"{cell:.4f}".rstrip("0").rstrip(".")
    return escaped(str(_plain(cell))).replace("\n", "\\n")


def _plain(cell: object) -> object:
    """A cell as text or number: bytes in hexadecimal, lists and objects as JSON."""
    if isinstance(cell, (bytes, memoryview)):
        return bytes(cell).hex()
    if isinstance(cell, (datetime, date)):
        return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()
    return json.dumps(cell) if isinstance(cell, (list, dict)) else cell
