"""Observers of drawn lessons: they see the truth and err now and then."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from drawn_lessons import BIN_S, SIZES_PX, DrawnLesson, place

Row = dict[str, str]


def seat_of(row: Row) -> int:
    x, y = 12.8 * float(row["from_left_percent"]), 7.2 * float(row["from_top_percent"])
    seats = range(len(SIZES_PX) * 4)
    return min(seats, key=lambda seat: (place(seat)[0] - x) ** 2 + (place(seat)[1] - y) ** 2)


def truth(row: Row, lesson: DrawnLesson) -> Row:
    seat, b = seat_of(row), int(float(row["start_s"])) // BIN_S
    away, smiling = lesson.away[seat, b], lesson.smiling[seat, b]
    return {
        "present": "yes",
        "on_task": "no" if away else "yes",
        "facing": "away" if away else "front",
        "head_down": "no",
        "expression": "smiling" if smiling else "neutral",
        "pupils": str(len(lesson.away)),
    }


def fill(sheet: Path, lessons: dict[str, DrawnLesson], error: float, seed: int) -> None:
    """Answers every row of a CSV sheet; on_task is wrong with probability ``error``."""
    random = np.random.default_rng(seed)

    def answer(row: Row) -> Row:
        given = truth(row, lessons[row["film"]])
        if random.random() < error:
            given["on_task"] = "yes" if given["on_task"] == "no" else "no"
        return given

    change(sheet, lambda row: {**row, **answer(row)})


def change(sheet: Path, edit: Callable[[Row], Row | None]) -> None:
    """Every row of a CSV sheet edited; None takes it out."""
    reader = csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8-sig")))
    names = list(reader.fieldnames or [])
    edited = [new for row in reader if (new := edit(row)) is not None]
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(edited)
    sheet.write_text(out.getvalue(), encoding="utf-8-sig", newline="")
