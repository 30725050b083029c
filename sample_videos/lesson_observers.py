"""Fills the coding sheets of the sample lesson as two observers would who see the schedule and now and then err.

    classroom-fer validate sample lesson --db demo/lesson.sqlite --n 200 --seed 1 --out demo/coding
    python sample_videos/lesson_observers.py demo/coding/sheet-A.csv demo/coding/sheet-B.csv
    classroom-fer validate score demo/coding/sheet-A.csv demo/coding/sheet-B.csv --db demo/lesson.sqlite

The observers know what the pupils of the film do (lesson.truth.csv). On task is: in an explanation who looks ahead or
down (notes), at the desks who looks down or ahead, in a discussion who looks ahead or to a neighbour, because heads
turn to whoever speaks. Each answer is replaced by another one with probability --error.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
from collections.abc import Mapping
from pathlib import Path

from lesson_room import HEIGHT, WIDTH
from lesson_score import Seat, State, read_truth

CLIP_S = 10
ON_TASK = {
    "Explaining": {"front", "down"},
    "Fractions": {"down", "front"},
    "Discussing": {"front", "left", "right"},
}
OTHERS = {
    "present": ("yes", "no"),
    "on_task": ("yes", "no"),
    "facing": ("front", "partly", "away"),
    "head_down": ("yes", "no"),
    "expression": ("neutral", "smiling", "surprised"),
}


def nearest(seats: tuple[Seat, ...], x_px: float, y_px: float) -> Seat:
    return min(seats, key=lambda seat: (seat.x_px - x_px) ** 2 + (seat.y_px - y_px) ** 2)


def mostly(seat: Seat, start_s: float) -> State:
    """The state that lasts longest in the clip."""
    states = [seat.state(start_s + second + 0.5) for second in range(CLIP_S)]
    return max(states, key=lambda state: states.count(state))


def truth(state: State, task: str) -> dict[str, str]:
    """The answers of somebody who sees everything."""
    if not state.present:
        return {"present": "no"}
    fitting = ON_TASK[task.split()[0]]
    return {
        "present": "yes",
        "on_task": "yes" if state.facing in fitting else "no",
        "facing": "away" if state.facing in {"left", "right"} else "front",
        "head_down": "yes" if state.facing == "down" else "no",
        "expression": state.expression,
    }


def answers(row: Mapping[str, str], seats: tuple[Seat, ...], error: float, chance: random.Random) -> dict[str, str]:
    """What the observer writes into one line of the sheet."""
    x, y = float(row["from_left_percent"]) / 100 * WIDTH, float(row["from_top_percent"]) / 100 * HEIGHT
    start = float(row["start_s"])
    given = truth(mostly(nearest(seats, x, y), start), row["task"])
    for key, others in OTHERS.items():
        if key in given and key != "present" and chance.random() < error:
            given[key] = chance.choice([other for other in others if other != given[key]])
    there = sum(mostly(seat, start).present for seat in seats)
    given["pupils"] = str(there - (chance.random() < error))
    return given


def fill(sheet: Path, error: float, seed: int) -> None:
    """Fills the sheet in."""
    seats, chance = read_truth(), random.Random(seed)
    text = sheet.read_text(encoding="utf-8-sig")
    reader = csv.DictReader(io.StringIO(text))
    out = io.StringIO()
    writer = csv.DictWriter(out, reader.fieldnames or [], lineterminator="\r\n")
    writer.writeheader()
    for row in reader:
        writer.writerow({**row, **answers(row, seats, error, chance)})
    sheet.write_text(out.getvalue(), encoding="utf-8-sig", newline="")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheets", type=Path, nargs="+", help="CSV sheets; each gets an observer of its own")
    parser.add_argument("--error", type=float, default=0.08, help="share of wrong answers")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for number, sheet in enumerate(options.sheets):
        fill(sheet, options.error, options.seed + number)


if __name__ == "__main__":
    main()
