"""The coding sheet as a table for a spreadsheet, and the table as it comes back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from classroom_fer.errors import SheetError
from classroom_fer.lesson.timecode import format_time
from classroom_fer.study.codebook import QUESTIONS
from classroom_fer.study.sheets import OPEN, CodedClip, FoundCodes, Sheet, SheetClip

SHOWN_COLUMNS = (
    "sheet", "clip", "film", "start", "end", "start_s", "task", "mode", "row", "place", "from_left_percent",
    "from_top_percent",
)  # fmt: skip
ASKED_COLUMNS = tuple(question.key for question in QUESTIONS)
NEEDED = ("sheet", "clip", *ASKED_COLUMNS)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is a formula to a spreadsheet (safeguard S12)."""
REMEDY = "give the sheet that `validate sample` wrote, filled in and saved as CSV"


def sheet_csv(sheet: Sheet) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need to read names of films and tasks rightly."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*SHOWN_COLUMNS, *ASKED_COLUMNS])
    for clip in sheet.clips:
        writer.writerow([*_shown(sheet, clip), *[OPEN] * len(ASKED_COLUMNS)])
    return out.getvalue().encode("utf-8-sig")


def _shown(sheet: Sheet, clip: SheetClip) -> list[str]:
    times = [format_time(clip.start_s), format_time(clip.end_s), f"{clip.start_s:.3f}"]
    place = [str(clip.row), f"{clip.place} of {clip.places}", f"{clip.x_percent:.0f}", f"{clip.y_percent:.0f}"]
    cells = [sheet.sheet_id, str(clip.number), clip.film, *times, clip.task, clip.mode, *place]
    return [f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell for cell in cells]


def is_csv(data: bytes) -> bool:
    """Whether these bytes are text that begins with our header, whatever a spreadsheet put between its names."""
    return data[:200].removeprefix(b"\xef\xbb\xbf").lstrip(b'"').startswith(b"sheet")


def read_csv(data: bytes, path: Path) -> FoundCodes:
    """The codes of a table. SheetError if it is no table of ours or lacks a column."""
    lines = list(_rows(data, path))
    header = [cell.strip().lower() for cell in lines[0]] if lines else []
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise SheetError(f"{path}, line 1: no column {', '.join(missing)}", hint=REMEDY)
    found = FoundCodes(path)
    for number, cells in enumerate(lines[1:], start=2):
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        if not any(row.values()):
            continue
        _read_row(row, f"line {number}", len(cells) < len(header), found)
    return found


def _read_row(row: Mapping[str, str], where: str, cut_off: bool, found: FoundCodes) -> None:
    found.sheet_ids.add(row.get("sheet", ""))
    if cut_off:
        found.mistakes.append(f"{where}: the line is cut off; is the file whole?")
        return
    clip = row["clip"]
    if not (clip.isascii() and clip.isdecimal()):
        found.mistakes.append(f"{where}: {clip[:20]!r} is no number of a clip")
        return
    found.clips.append(CodedClip(int(clip), {key: _code(row[key]) for key in ASKED_COLUMNS}, where))


def _code(cell: str) -> str:
    """Spreadsheets write whole numbers as they like, and people capitals."""
    return cell.lower().removesuffix(".0").replace(" ", "_")


def _rows(data: bytes, path: Path) -> Iterator[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")  # what Excel saves as plain CSV; codes are ASCII anyway
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise SheetError(f"{path}: this table is damaged or cut off ({error})", hint=REMEDY) from error
