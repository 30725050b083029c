"""CSV tables with a header, read so that every complaint names file and line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from training.data.readers.faces import FER7, UNKNOWN, USAGES, VOTE_COLUMNS, DataError

Row = tuple[int, Mapping[str, str]]
"""Line number in the file, and the cells by column."""
NAME_THE_DATA = "name the folder of the data with --data"


@contextmanager
def opened(path: Path, *, absent: str = NAME_THE_DATA) -> Iterator[TextIO]:
    """The text of ``path``; not there (``absent`` is the hint), not text or not CSV is a DataError."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            yield file
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file", hint=absent) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: not a CSV text file ({error})", hint="copy or download the file again") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})", hint="check the file and its rights") from error


def rows_of(path: Path, columns: Sequence[str], *, absent: str = NAME_THE_DATA) -> Iterator[Row]:
    """Every row of a table that has at least ``columns``; spaces around column names do not count."""
    with opened(path, absent=absent) as file:
        reader = csv.reader(file)
        header = [name.strip() for name in next(reader, [])]
        missing = [name for name in columns if name not in header]
        if missing:
            raise DataError(
                f"{path}, line 1: missing column {', '.join(missing)}",
                hint=f"expected {', '.join(columns)}; the file has {', '.join(header[:15]) or 'nothing'}",
            )
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise DataError(
                    f"{path}, line {reader.line_num}: {len(cells)} cells under {len(header)} columns",
                    hint="copy the file again",
                )
            yield reader.line_num, dict(zip(header, cells, strict=True))


def header_of(path: Path) -> list[str]:
    """The column names of a table."""
    with opened(path) as file:
        return [name.strip() for name in next(csv.reader(file), [])]


def usage_of(path: Path, line: int, text: str) -> str:
    """The split of a row."""
    if text.strip() not in USAGES:
        raise DataError(f"{path}, line {line}: unknown Usage {text!r}", hint=f"use one of {', '.join(USAGES)}")
    return text.strip()


def fer7_of(path: Path, line: int, text: str) -> int:
    """FER2013's label of a row; an empty cell is UNKNOWN."""
    if not text.strip():
        return UNKNOWN
    if text.strip() not in {str(k) for k in range(len(FER7))}:
        known = ", ".join(f"{k} {name}" for k, name in enumerate(FER7))
        raise DataError(f"{path}, line {line}: unknown class {text!r} in column emotion", hint=f"known: {known}")
    return int(text)


def votes_of(path: Path, line: int, cells: Sequence[str]) -> list[int]:
    """Ten votes: whole numbers, none negative, not all of them 0."""
    try:
        ten = [int(cell) for cell in cells]
    except ValueError as error:
        raise DataError(f"{path}, line {line}: {error}", hint="the ten vote columns are whole numbers") from error
    if min(ten) < 0 or sum(ten) == 0:
        raise DataError(
            f"{path}, line {line}: votes {ten}", hint="none is negative and every face has at least one; copy again"
        )
    return ten


def vote_cells(row: Mapping[str, str]) -> list[str]:
    """The ten vote cells of a row, in the order of VOTE_COLUMNS."""
    return [row[name] for name in VOTE_COLUMNS]
