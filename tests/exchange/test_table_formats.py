"""Tables as files: limits of Excel, a library that is not there, and nothing left behind."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

import pytest

from classroom_fer.errors import ExchangeError
from classroom_fer.exchange import table_formats
from classroom_fer.exchange.levels import LEVELS, Row, columns
from classroom_fer.exchange.table_formats import TABLE_FORMATS, write_parquet, write_xlsx

COLUMNS = columns(LEVELS["bin"])[:4]
ROWS: list[Row] = [(1, "film.mp4", "Reading", float(second)) for second in range(5)]


@pytest.mark.parametrize("name", TABLE_FORMATS)
def test_the_same_rows_are_the_same_bytes(name: str) -> None:
    one, other = io.BytesIO(), io.BytesIO()
    TABLE_FORMATS[name].write(one, COLUMNS, ROWS)
    TABLE_FORMATS[name].write(other, COLUMNS, ROWS)
    assert one.getvalue() == other.getvalue() != b""


def test_more_rows_than_a_sheet_holds_are_an_error_and_leave_no_rows_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_formats, "EXCEL_ROWS", 6)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    write_xlsx(io.BytesIO(), COLUMNS, ROWS)
    with pytest.raises(ExchangeError, match="a sheet of Excel holds 6 rows") as caught:
        write_xlsx(io.BytesIO(), COLUMNS, [*ROWS, *ROWS])
    assert "--format csv or parquet" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_parquet_without_its_library_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ExchangeError, match="need pyarrow") as caught:
        write_parquet(io.BytesIO(), COLUMNS, ROWS)
    assert caught.value.hint == 'pip install "classroom-fer[exchange]"'
