"""A file from elsewhere: its bytes, its text, its table."""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from classroom_fer.errors import ExchangeError, TaskFileError
from classroom_fer.exchange.harmless import meant

HINT = "see docs/tasks.md for an example of each program's table; in Excel choose 'CSV UTF-8 (Comma delimited)'"
LARGEST_BYTES = 20_000_000
"""A lesson's table has some thousand bytes; a film has more than this (choice)."""
COMPRESS_AGAIN = "save or compress it again, or give the file that is inside"
HEADER_LINES = 100
"""A header stands within as many lines: some programs write the observation's facts before it (choice)."""
GZIP = b"\x1f\x8b"
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t|])"?', re.IGNORECASE)
_OTHER_FILES = (
    (re.compile(rb"PK\x03\x04|\xd0\xcf\x11\xe0"), "a workbook, not a CSV file", "save it as 'CSV UTF-8' and give that"),
    (
        re.compile(rb"(?i)\s*(?:<!doctype html|<html|<table|<meta)"),
        "a web page, not a table",
        "export it as TSV or CSV",
    ),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table that is not blank."""

    number: int
    """In the file, from 1."""
    cells: tuple[str, ...]
    """Without white space at both ends, and without the guard against formulas."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file of separated values as lines of cells."""

    path: Path
    lines: tuple[Line, ...]
    delimiter: str
    guessed_encoding: str = ""
    """What the bytes were taken for where they do not say it themselves and are not UTF-8."""

    @property
    def decimal_comma(self) -> bool:
        """Whether ``90,5`` can be a number: a comma in a table of commas may stand between thousands."""
        return self.delimiter != ","

    def header(self, *needed: str) -> int | None:
        """Index of the first line among the first that holds all these names (lower case), None without one."""
        for index, line in enumerate(self.lines[:HEADER_LINES]):
            if set(needed) <= {cell.lower() for cell in line.cells}:
                return index
        return None

    def rows_below(self, header: int) -> Iterator[tuple[int, dict[str, str]]]:
        """(line number, cells by their column's name in lower case) of every line below the header."""
        names = [name.lower() for name in self.lines[header].cells]
        for line in self.lines[header + 1 :]:
            yield line.number, dict(zip(names, line.cells, strict=False))


def read_bytes(path: Path) -> bytes:
    """The bytes of a file from elsewhere, unpacked where it is compressed (gzip).

    Raises:
        ExchangeError: it cannot be read, is damaged, or is too large for a lesson's table.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ExchangeError(
                f"{path}: too large for a table (over {LARGEST_BYTES // 1_000_000} MB)",
                hint="give the table here; a film is given as VIDEO",
            )
        return unpacked(path.read_bytes(), path)
    except FileNotFoundError as error:
        raise ExchangeError(f"{path}: no such file", hint="check the path") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise ExchangeError(f"{path}: cannot be read ({reason})", hint="give a file that can be read") from error


def unpacked(data: bytes, path: Path) -> bytes:
    """What these bytes hold if they are compressed (gzip), else the bytes themselves.

    Args: ``path`` names them in errors.

    Raises:
        ExchangeError: the compressed file is damaged, cut off, or holds too much.
    """
    if not data.startswith(GZIP):
        return data
    unpack = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        text = unpack.decompress(data, LARGEST_BYTES)
    except zlib.error as error:
        raise ExchangeError(f"{path}: the compressed file is damaged ({error})", hint=COMPRESS_AGAIN) from error
    if not unpack.eof:
        large = len(text) >= LARGEST_BYTES
        what = f"holds more than {LARGEST_BYTES // 1_000_000} MB" if large else "is cut off"
        raise ExchangeError(f"{path}: the compressed file {what}", hint=COMPRESS_AGAIN)
    return text


def parse_table(data: bytes, path: Path) -> Table:
    """The lines of a file of separated values, whatever spreadsheet wrote it.

    Args: ``path`` names it in errors.

    Raises:
        TaskFileError: it is empty, or no text.
    """
    for start, what, remedy in _OTHER_FILES:
        if start.match(data):
            raise TaskFileError(f"{path}: this is {what}", hint=remedy)
    if not data.strip():
        raise TaskFileError(f"{path}: the file is empty", hint="its first line must be: task,start,end")
    text, guessed = _text(data, path)
    lines = text.replace("\0", "").splitlines(keepends=True)
    match = _SEPARATOR_LINE.fullmatch(lines[0].strip("\r\n ")) if lines else None
    delimiter = match.group(1) if match else _delimiter(lines)
    body = "".join(["\n", *lines[1:]] if match else lines)
    return Table(path, tuple(_lines(body, delimiter, path)), delimiter, guessed)


def _text(data: bytes, path: Path) -> tuple[str, str]:
    """The text, and the encoding where it was guessed.

    UTF-8, then what Excel's "Unicode text" is (UTF-16), then what it saves as plain CSV in Western Europe.
    """
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encoding = "utf-16" if marked else _unmarked_utf16(data) or "utf-8-sig"
    try:
        return data.decode(encoding), ""
    except UnicodeDecodeError as error:
        if encoding == "utf-8-sig":
            text = _western(data)
            if text is not None:
                return text, "Windows-1252"
        line = data[: error.start].count(b"\n") + 1
        name = "UTF-8" if encoding == "utf-8-sig" else "UTF-16"
        raise TaskFileError(
            f"{path}, line {line}: the file is not {name} text (byte 0x{data[error.start]:02x})",
            hint="save it as 'CSV UTF-8' (Excel: Save as, CSV UTF-8)",
        ) from error


def _unmarked_utf16(data: bytes) -> str:
    """UTF-16 without its mark: every second byte of a table's ASCII is 0."""
    head = data[:200]
    if len(head) < 4 or len(data) % 2:
        return ""
    if not any(head[0::2]) and all(head[1::2]):
        return "utf-16-be"
    return "utf-16-le" if not any(head[1::2]) and all(head[0::2]) else ""


def _western(data: bytes) -> str | None:
    """Bytes as Windows-1252, None where they hold what no text does."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    return text if not any(ord(c) < 32 and c not in "\t\r\n" for c in text) else None


def _delimiter(lines: Sequence[str]) -> str:
    """What separates the cells of the first line that is neither blank nor a comment."""
    first = next((line for line in lines if line.strip() and not line.startswith(("#", '"#'))), "")
    return max(",;\t", key=first.count)


def _lines(text: str, delimiter: str, path: Path) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Line(number, tuple(meant(cell.strip()) for cell in cells))
            number = reader.line_num + 1
    except csv.Error as error:
        raise TaskFileError(f"{path}, line {reader.line_num}: {error}", hint=HINT) from error
