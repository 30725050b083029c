"""ELAN's tab-delimited text: a row for each annotation, with the times in up to four formats each.

What a column is called depends on ELAN's language ("Begin Time - ss.msec", "Temps de départ - ss.msec"); the end of
the name does not. Without "separate column for each tier" there is no header at all: tier, participant, times, text.
Lines that begin with ``#`` name the media.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from classroom_fer.exchange.films import Film, listed
from classroom_fer.exchange.reading import Found, FoundRow, name_of, refuse, time_in
from classroom_fer.exchange.source import HEADER_LINES, Line, Table
from classroom_fer.lesson.tasks import Part
from classroom_fer.lesson.timecode import parse_seconds

UNITS_S = {"hh:mm:ss.ms": 1.0, "ss.msec": 1.0, "msec": 0.001}
"""Formats of times that are read, the best first, and their unit; frames depend on the film's rate and are not."""
SETTING = (
    "in ELAN choose File > Export as > Tab-delimited text, select the one tier that holds the tasks, tick begin time, "
    "end time and duration, and the format hh:mm:ss.ms"
)
CHOOSE = "say which one holds the tasks: --tier NAME"
SHIFTED = (
    "the export does not say whether this offset is in its times: give the ELAN document (.eaf) itself, whose offsets "
    "are taken into account"
)
BESIDE = ("tier", "participant", "annotator", "file", "file path", "file name", "")
"""Columns that hold no annotation."""
COLUMNS: Mapping[Part, str] = {"task": "annotation", "start": "begin time", "end": "end time"}
_TIME_COLUMN = re.compile(r"(?P<what>.+) - (?P<format>hh:mm:ss\.ms|ss\.msec|msec|hh:mm:ss:ff.*)", re.IGNORECASE)
_CLOCK = re.compile(r"\d{2,3}:\d{2}:\d{2}\.\d{3}")
_MEDIA_LINE = re.compile(r'"?#(?:file:/*)?(?P<path>.+?)(?:\s+--\s+offset:\s*(?P<offset>-?\d+)?.*)?"?')
BARE_CELLS = 5
"""Tier, participant, begin, end and text: what a row without a header has at least."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the values of a row are: indices of cells."""

    first: int
    """Of the lines: the first with an annotation."""
    begin: int
    end: int
    unit_s: float
    texts: Mapping[int, str]
    """Cells that hold annotations, with the tier's name where the header says it."""
    tier: int | None
    """The cell that holds the tier's name."""


def is_elan(table: Table) -> bool:
    """Whether ELAN exported the table."""
    return _header(table) is not None or _bare(table) is not None


def read(table: Table, tier: str | None = None) -> Found:
    """Every annotation of one tier in the table.

    Args: ``tier`` is needed where several were exported.

    Raises:
        TaskFileError: begin or end were not exported, several tiers were, or a film is shifted against the annotations.
    """
    layout = _with_header(table) if _header(table) is not None else _without_header(table)
    if layout is None:
        refuse([f"{table.path}: ELAN's export has no begin and end in a format that is read here"], SETTING)
    films = tuple(_films(table, layout.first))
    found = [pair for line in table.lines[layout.first :] for pair in _annotations(line, layout)]
    tiers = list(dict.fromkeys(name for name, _, _ in found))
    if tier is None and len(tiers) > 1:
        names = listed(tiers)
        refuse([f"{table.path}: annotations of {len(tiers)} tiers are in ELAN's export: {names}"], CHOOSE)
    if tier is not None and tier not in tiers:
        refuse([f"{table.path}: no annotation of the tier {tier[:60]!r} is in ELAN's export: {listed(tiers)}"], CHOOSE)
    rows = (_row(line, text, layout, films) for name, text, line in found if tier in (None, name))
    return Found(tuple(rows), COLUMNS, numbered=True, overlap_remedy=f"tasks may not overlap: {SETTING}")


def _header(table: Table) -> int | None:
    for index, line in enumerate(table.lines[:HEADER_LINES]):
        if any(_TIME_COLUMN.fullmatch(cell) for cell in line.cells):
            return index
    return None


def _bare(table: Table) -> int | None:
    """Index of the first annotation of an export without a header."""
    first = next((i for i, line in enumerate(table.lines[:HEADER_LINES]) if not _is_comment(line)), None)
    if first is None or table.delimiter != "\t":
        return None
    cells = table.lines[first].cells
    clocks = sum(1 for cell in cells if _CLOCK.fullmatch(cell))
    return first if clocks >= 3 or (clocks and len(cells) >= BARE_CELLS) else None


def _is_comment(line: Line) -> bool:
    return line.cells[0].startswith(("#", '"#'))


def _with_header(table: Table) -> _Layout | None:
    header = _header(table) or 0
    names = table.lines[header].cells
    times = [(index, match) for index, name in enumerate(names) if (match := _TIME_COLUMN.fullmatch(name))]
    kinds = list(dict.fromkeys(match["what"] for _, match in times))
    english = {kind.lower().split()[0]: kind for kind in kinds}
    begin, end = english.get("begin"), english.get("end")
    if begin is None and end is None and len(kinds) == 3:  # another language: the order is always the same
        begin, end = kinds[0], kinds[1]
    at = {(match["what"], match["format"].lower()): index for index, match in times}
    lower = [name.lower() for name in names]
    beside = {index for index, name in enumerate(lower) if name in BESIDE} | {index for index, _ in times}
    texts = {index: name for index, name in enumerate(names) if index not in beside}
    tier = lower.index("tier") if "tier" in lower else None
    for form, unit_s in UNITS_S.items():
        if begin and end and (begin, form) in at and (end, form) in at:
            return _Layout(header + 1, at[begin, form], at[end, form], unit_s, texts, tier)
    return None


def _without_header(table: Table) -> _Layout | None:
    first = _bare(table) or 0
    cells = table.lines[first].cells
    clocks = [index for index, cell in enumerate(cells) if _CLOCK.fullmatch(cell)]
    if len(clocks) != 3:
        return None
    begin, end, duration = clocks
    text = duration + (end - begin)  # every time takes as many cells
    return _Layout(first, begin, end, 1.0, {text: ""}, 0 if begin else None)


def _annotations(line: Line, layout: _Layout) -> Iterator[tuple[str, str, Line]]:
    """(tier, text, line) of each annotation in a line."""
    for index, name in layout.texts.items():
        if index < len(line.cells) and (line.cells[index] or len(layout.texts) == 1):
            yield line.cells[layout.tier] if layout.tier is not None else name, line.cells[index], line


def _row(line: Line, text: str, layout: _Layout, films: tuple[Film, ...]) -> FoundRow:
    row = FoundRow(line.number, films=films)
    row.name = name_of(row, text)
    parse = partial(_seconds, unit_s=layout.unit_s)
    row.start_s = time_in(row, "start", _cell(line, layout.begin), parse)
    row.end_s = time_in(row, "end", _cell(line, layout.end), parse)
    return row


def _cell(line: Line, index: int) -> str:
    return line.cells[index] if index < len(line.cells) else ""


def _seconds(text: str, *, unit_s: float) -> float:
    return unit_s * parse_seconds(text)


def _films(table: Table, first: int) -> Iterator[Film]:
    """The media that the lines before the table name."""
    for line in table.lines[:first]:
        match = _MEDIA_LINE.fullmatch("".join(line.cells)) if _is_comment(line) else None
        if match is None or match["path"].lower().endswith((".eaf", ".pfsx")):
            continue
        if int(match["offset"] or 0):
            refuse([f"{table.path}, line {line.number}: this film has an offset of {match['offset']} ms"], SHIFTED)
        yield Film(match["path"])
