"""Our own table of tasks: ``task,start,end[,mode][,video]``, typed by a person, often into a spreadsheet."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence

from classroom_fer.exchange.films import Film
from classroom_fer.exchange.reading import Found, FoundRow, name_of, refuse, time_in, typed
from classroom_fer.exchange.source import Table
from classroom_fer.lesson.records import TASK_MODES
from classroom_fer.lesson.tasks import Part, TaskNotice, task_mode

NEEDED = ("task", "start", "end")
KNOWN = (*NEEDED, "mode", "video")
COLUMNS: Mapping[Part, str] = {part: part for part in ("task", "start", "end", "mode")}
DAY_DIGITS = 4
"""Digits behind the point from which a number below 1 is no time that somebody typed: 1 s is .0000116 of a day."""
SPREADSHEET = "in the spreadsheet give both columns the format [h]:mm:ss, or text and type the times again; then save"
FIRST_DAY, LAST_DAY = 20_000, 80_000
"""Days from 1900 between which a spreadsheet's dates lie: 1954 to 2119 (choice)."""
_NUMBER = re.compile(r"\d+(?:[.,](\d+))?(?:[eE][+-]?\d{1,2})?")
_DATE = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}[ T]+\d.*")
_TIME_OF_DAY = re.compile(r".*\d\s*[AaPp]\.?[Mm]\.?")


def read(table: Table) -> Found:
    """The rows of our own table.

    Raises:
        TaskFileError: the header is wrong, or a spreadsheet turned the times into parts of a day.
    """
    header = table.lines[0]
    names = [name.lower() for name in header.cells]
    wrong = [f"{table.path}, line {header.number}, {text}" for text in _header_mistakes(names)]
    if wrong:
        refuse(wrong)
    cells = list(table.rows_below(0))
    wrong = [f"{table.path}, column {name!r}: {text}" for name, text in _parts_of_a_day([row for _, row in cells])]
    if wrong:
        refuse(wrong)
    rows = tuple(_row(number, row, table) for number, row in cells)
    ends = [row.end_s for row in rows if row.end_s is not None]
    tiny = bool(ends) and 0 < max(ends) <= 1 and any(not end.is_integer() for end in ends)
    return Found(rows, COLUMNS, notices=(TaskNotice("first_second", len(ends)),) if tiny else ())


def _header_mistakes(names: Sequence[str]) -> Iterator[str]:
    found = ", ".join(name[:40] for name in names)
    if not set(NEEDED) & set(names):
        yield (
            f"no header of a known table: the first line must be task,start,end (found: {found[:200]}); "
            "tables of BORIS, ELAN and PySceneDetect and BIDS events are known too"
        )
        return
    for name in NEEDED:
        if name not in names:
            yield f"column {name!r}: this column is missing (found: {found}); add it to the header"
    for index, name in enumerate(names):
        if name and name not in KNOWN:
            near = difflib.get_close_matches(name, KNOWN, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"remove it; known are {', '.join(KNOWN)}"
            yield f"column {name!r}: unknown column; {remedy}"
        elif name and name in names[:index]:
            yield f"column {name!r}: this column stands twice; remove one of them"


def _parts_of_a_day(rows: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """(column, what is wrong) where a spreadsheet wrote times as it keeps them: fractions of a day."""
    found = {column: _numbers(rows, column) for column in ("start", "end")}
    are_days = _are_days([value for numbers in found.values() for _, value in numbers])
    for column, numbers in found.items():
        biggest = max((value for _, value in numbers), default=0.0)
        for text, value in numbers:
            digits = _digits(text)
            if value and digits >= DAY_DIGITS and biggest <= 1:
                yield column, _kept_by_excel(text, "parts of a day", value * 86_400)
                break
            if digits and are_days:
                yield column, _kept_by_excel(text, "dates", value % 1 * 86_400)
                break


def _digits(text: str) -> int:
    """Digits behind the point of a number; many where it is written with an exponent, as nobody types times."""
    match = _NUMBER.fullmatch(text)
    return DAY_DIGITS if "e" in text.lower() else len((match and match.group(1)) or "")


def _numbers(rows: Sequence[Mapping[str, str]], column: str) -> list[tuple[str, float]]:
    """The cells of a column that are numbers, and what they mean."""
    cells = [row.get(column, "") for row in rows]
    return [(cell, float(cell.replace(",", "."))) for cell in cells if _NUMBER.fullmatch(cell)]


def _are_days(values: Sequence[float]) -> bool:
    """Whether all of them are times of one day, counted from 1900: nobody marks tasks within one second at hour 6."""
    if not values:
        return False
    return min(values) >= FIRST_DAY and max(values) <= LAST_DAY and max(values) - min(values) <= 1


def _kept_by_excel(text: str, what: str, seconds: float) -> str:
    whole = round(seconds)
    return f"the times are {what}, as Excel keeps them ({text[:20]} is {whole // 60}:{whole % 60:02d}); {SPREADSHEET}"


def _row(number: int, cells: Mapping[str, str], table: Table) -> FoundRow:
    row = FoundRow(number)
    row.name = name_of(row, cells.get("task", ""))
    row.start_s, row.end_s = (_time(row, part, cells.get(part, ""), table) for part in ("start", "end"))
    wanted = cells.get("mode", "")
    mode = task_mode(wanted)
    if mode is None:
        near = difflib.get_close_matches(wanted.lower(), TASK_MODES, n=1)
        remedy = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(TASK_MODES)}"
        row.says("mode", f"wrong mode {wanted[:40]!r}", remedy)
    else:
        row.mode = mode
    video = cells.get("video", "")
    row.films = (Film(video),) if video else ()
    return row


def _time(row: FoundRow, part: Part, text: str, table: Table) -> float | None:
    if _DATE.fullmatch(text):
        row.says(part, f"{text[:40]!r} is a date: the spreadsheet took the time for one", SPREADSHEET)
        return None
    if _TIME_OF_DAY.fullmatch(text):
        row.says(part, f"{text[:40]!r} is a time of day: the spreadsheet took the time for one", SPREADSHEET)
        return None
    return time_in(row, part, text, typed(table))
