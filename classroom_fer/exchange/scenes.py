"""PySceneDetect's list of scenes; a row "Timecode List" may come before its header."""

from __future__ import annotations

from collections.abc import Mapping

from classroom_fer.exchange.reading import Found, FoundRow, name_of, time_in, written
from classroom_fer.exchange.source import Table
from classroom_fer.lesson.tasks import Part

TASK, START, END = NEEDED = ("scene number", "start time (seconds)", "end time (seconds)")
COLUMNS: Mapping[Part, str] = {"task": TASK, "start": START, "end": END}


def read(table: Table) -> Found:
    """Every scene as "Scene 1", "Scene 2" ..."""
    header = table.header(*NEEDED) or 0
    rows = []
    for number, cells in table.rows_below(header):
        row = FoundRow(number)
        name = name_of(row, cells.get(TASK, ""))
        row.name = f"Scene {name}"
        row.start_s = time_in(row, "start", cells.get(START, ""), written(table))
        row.end_s = time_in(row, "end", cells.get(END, ""), written(table))
        rows.append(row)
    return Found(tuple(rows), COLUMNS, numbered=True)
