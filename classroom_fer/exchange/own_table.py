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
_NUMBER = re.compile(r"\d+(?:[.,](\d+))?")
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
    for column in ("start", "end"):
        numbers = [match for row in rows if (match := _NUMBER.fullmatch(row.get(column, "")))]
        values = [float(match.group().replace(",", ".")) for match in numbers if len(match.group()) < 30]
        long = [match.group() for match in numbers if len(match.group(1) or "") >= DAY_DIGITS]
        if long and max(values, default=2.0) <= 1:
            seconds = round(float(long[0].replace(",", ".")[:30]) * 86_400)
            yield (
                column,
                f"the times are parts of a day, as Excel keeps them ({long[0][:20]} is {seconds // 60}:"
                f"{seconds % 60:02d}); {SPREADSHEET}",
            )


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
