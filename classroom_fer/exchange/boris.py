"""BORIS's exports of events: aggregated (a row for each state) and tabular (a row for each START and STOP).

Read off BORIS 8.27, ``export_observation.py``. Columns of modifiers and variables differ from project to project and
names changed between versions, so columns are found by their names. A behavior's category may be a mode (board, desk,
group, move). A time there is film time plus the observation's
offset plus the films that were queued before (``write_event.py``).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

from classroom_fer.exchange.films import Film, file_name
from classroom_fer.exchange.reading import Found, FoundRow, name_of, time_in, written
from classroom_fer.exchange.source import Table
from classroom_fer.lesson.tasks import Part, task_mode
from classroom_fer.lesson.timecode import parse_seconds

BEHAVIOR, START, STOP, TIME = "behavior", "start (s)", "stop (s)", "time"
TYPES = ("behavior type", "status")
"""The second is the name in versions before 8."""
SOURCES = ("source", "media file path", "media file(s)", "media file")
LENGTHS = ("media duration (s)", "total length")
NOTHING = ("", "na", "nan", "n/a", "none", "not found")
OVERLAP = (
    "tasks may not overlap: export one subject, one observation of the film and only the behaviors that are tasks "
    "(Observations > Export events)"
)
UNPAIRED = "correct it in BORIS (Observations > Close open events, or edit the event) and export again"
_PLAYER = re.compile(r"\s*player #\d+:\s*", re.IGNORECASE)
AGGREGATED: Mapping[Part, str] = {"task": "Behavior", "start": "Start (s)", "end": "Stop (s)"}
TABULAR: Mapping[Part, str] = {"task": "Behavior", "start": "Time", "end": "Time"}


def aggregated_header(table: Table) -> int | None:
    """Where the header of aggregated events is, None in any other table."""
    return table.header(BEHAVIOR, START, STOP)


def tabular_header(table: Table) -> int | None:
    """Where the header of tabular events is, None in any other table."""
    return next((at for name in TYPES if (at := table.header(BEHAVIOR, TIME, name)) is not None), None)


def read_aggregated(table: Table) -> Found:
    """Every STATE; a POINT is an instant."""
    header = aggregated_header(table) or 0
    rows = (_state(number, cells, table) for number, cells in table.rows_below(header))
    return Found(tuple(rows), AGGREGATED, numbered=True, overlap_remedy=OVERLAP)


def read_tabular(table: Table) -> Found:
    """Every START with the STOP that comes next of the same observation, subject, behavior and modifiers."""
    rows: list[FoundRow] = []
    opened: dict[tuple[str, ...], FoundRow] = {}
    for number, cells in table.rows_below(tabular_header(table) or 0):
        kind = _first(cells, TYPES).upper()
        of = (cells.get("observation id", ""), cells.get("subject", ""), cells.get(BEHAVIOR, ""))
        key = (*of, *(text for name, text in cells.items() if name.startswith("modifier")))
        if kind == "STOP" and key in opened:
            row = opened.pop(key)
            row.end_s = _shifted(row, "end", cells.get(TIME, ""), cells, table)
            continue
        row = _event(number, cells)
        rows.append(row)
        if kind == "POINT":
            row.kind = "instant"
            continue
        if kind == "START" and key in opened:
            row.says("start", "it starts again before it stopped", UNPAIRED)
        elif kind == "STOP":
            row.says("end", "it stops and never started", UNPAIRED)
        elif kind != "START":
            row.says("task", f"{kind[:20]!r} is none of START, STOP, POINT", "export it again from BORIS")
        row.name = name_of(row, cells.get(BEHAVIOR, ""))
        row.start_s = _shifted(row, "start", cells.get(TIME, ""), cells, table)
        opened[key] = row
    for row in opened.values():
        if not row.mistakes:
            row.says("end", "it starts and never stops", UNPAIRED)
    return Found(tuple(rows), TABULAR, numbered=True, overlap_remedy=OVERLAP)


def _state(number: int, cells: Mapping[str, str], table: Table) -> FoundRow:
    row = _event(number, cells)
    start, stop = cells.get(START, ""), cells.get(STOP, "")
    if _first(cells, TYPES).upper() == "POINT" or (start == stop and start.lower() not in NOTHING):
        row.kind = "instant"
    elif stop.lower() in NOTHING:
        row.kind = "unknown"
    else:
        row.name = name_of(row, cells.get(BEHAVIOR, ""))
        row.start_s = _shifted(row, "start", start, cells, table)
        row.end_s = _shifted(row, "end", stop, cells, table)
    return row


def _event(number: int, cells: Mapping[str, str]) -> FoundRow:
    row = FoundRow(number, films=tuple(_films(cells)), group=cells.get("observation id", ""))
    row.mode = task_mode(cells.get("behavioral category", "")) or row.mode
    return row


def _shifted(row: FoundRow, part: Part, text: str, cells: Mapping[str, str], table: Table) -> float | None:
    """A time without the observation's offset: on the clock on which the first film begins at 0."""
    time_s = time_in(row, part, text, written(table))
    offset = cells.get("time offset (s)", "")
    if time_s is None or offset.lower() in NOTHING:
        return time_s
    offset_s = time_in(row, part, offset, written(table))
    return None if offset_s is None else time_s - offset_s


def _films(cells: Mapping[str, str]) -> Iterator[Film]:
    """The films of a row's observation: players run at the same time, the films of one player after each other."""
    source, at_start = _first(cells, SOURCES), cells.get("media file name", "")
    players = [part for part in source.split("|") if part.strip()] if source.lower() not in NOTHING else []
    if not players:
        if at_start.lower() not in NOTHING:
            yield Film(at_start)
        return
    lengths = [part.split(";") for part in _first(cells, LENGTHS).split("|")]
    for number, player in enumerate(players):
        names = [name.strip() for name in _PLAYER.sub("", player, count=1).split(";") if name.strip()]
        known = _lengths(lengths[number] if number < len(lengths) else [])
        if len(names) == 1:
            yield Film(names[0])
        elif len(known) == len(names):
            ends = list(itertools.accumulate(known))
            for name, begin, end in zip(names, [0.0, *ends], [*ends[:-1], None], strict=False):
                yield Film(name, begin, end, queued=begin > 0)
        else:  # the row says in which film it begins, not when that film began: lengths are not noted
            here = [name for name in names if file_name(name).casefold() == file_name(at_start).casefold()] or names
            yield from (Film(name, 0.0 if name == names[0] else None) for name in here)


def _lengths(texts: list[str]) -> list[float]:
    try:
        return [parse_seconds(text) for text in texts]
    except ValueError:
        return []


def _first(cells: Mapping[str, str], names: tuple[str, ...]) -> str:
    """The cell of the first of these columns that the table has."""
    return next((cells[name] for name in names if name in cells), "")
