"""What the program stored of the sample lesson, against the schedule that the lesson was made from.

    python sample_videos/lesson_score.py demo/lesson.sqlite

Seconds within SETTLE_S of a change are left out: turns take half a second and leaving one, and a sample lies anywhere
in its second. Angles count from the track's own zero, as in the measurement (docs/measurement.md, section 2).
"""

from __future__ import annotations

import argparse
import csv
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

from classroom_fer.lesson.records import EMOTIONS
from classroom_fer.measurement.engagement import expression_values, index_points, orientation_values
from classroom_fer.settings.config import default_config
from classroom_fer.settings.rules import Rules

TRUTH = Path(__file__).with_name("lesson.truth.csv")
TASKS = Path(__file__).with_name("tasks.csv")
SETTLE_S = 1.5
TURNED_DEG = 20.0  # between looking ahead and what is read of heads turned by 42 to 54 degrees: 25 to 45
SHOWN_AS = {"neutral": "neutral", "smiling": "happiness", "surprised": "surprise"}
"""The class that a face of each group would have, if its expression were shown and read perfectly."""


@dataclass(frozen=True, slots=True)
class State:
    """What one seat's pupil does from ``start_s`` to ``end_s``; "" and NaN while nobody is there."""

    start_s: float
    end_s: float
    present: bool
    facing: str
    yaw_deg: float
    pitch_deg: float
    expression: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A place and its states in order of time."""

    number: int
    x_px: float
    y_px: float
    face_px: float
    states: tuple[State, ...]

    def state(self, time_s: float) -> State:
        return next(state for state in self.states if state.start_s <= time_s < state.end_s)

    def settled(self, time_s: float) -> State | None:
        """The state; None near a change of it."""
        state = self.state(time_s)
        return None if state.start_s > 0 and time_s < state.start_s + SETTLE_S else state

    def holds(self, x_px: float, y_px: float) -> bool:
        """Whether a face at this point sits here: within one face width."""
        return abs(x_px - self.x_px) < self.face_px and abs(y_px - self.y_px) < self.face_px


@dataclass(frozen=True, slots=True)
class Face:
    """One stored face; angles from its track's zero, None where face or track has none."""

    time_s: float
    track_id: int | None
    x_px: float
    y_px: float
    yaw_deg: float | None
    pitch_deg: float | None
    emotion: str | None
    p_happiness: float | None


@dataclass(frozen=True, slots=True)
class Look:
    """What the schedule says of one seat at one sampled time, and the face that was found there."""

    seat: Seat
    time_s: float
    state: State
    face: Face | None


def read_truth(path: Path = TRUTH) -> tuple[Seat, ...]:
    """The seats of lesson.truth.csv."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    seats = {int(row["seat"]): (float(row["x_px"]), float(row["y_px"]), float(row["face_px"])) for row in rows}
    return tuple(
        Seat(number, *where, tuple(_state(row) for row in rows if int(row["seat"]) == number))
        for number, where in seats.items()
    )


def _state(row: dict[str, str]) -> State:
    yaw, pitch = (float(row[name] or "nan") for name in ("yaw_deg", "pitch_deg"))
    times = float(row["start_s"]), float(row["end_s"])
    return State(*times, row["present"] == "1", row["facing"], yaw, pitch, row["expression"])


def read_faces(database: Path) -> list[Face]:
    """All faces of a database that holds the sample lesson alone."""
    query = (
        "SELECT f.time_s, f.track_id, (f.x1 + f.x2) / 2, (f.y1 + f.y2) / 2, f.yaw_deg - t.yaw0_deg, "
        "f.pitch_deg - t.pitch0_deg, f.emotion, f.p_happiness FROM v_face f "
        "LEFT JOIN track t ON t.session_id = f.session_id AND t.track_id = f.track_id"
    )
    return [Face(*row) for row in _rows(database, query)]


def _rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def read_looks(seats: tuple[Seat, ...], faces: tuple[Face, ...], times_s: list[float]) -> Iterator[Look]:
    """Every seat at every sampled time at which its state is settled."""
    for seat in seats:
        found = {face.time_s: face for face in faces if seat.holds(face.x_px, face.y_px)}
        for time_s in times_s:
            state = seat.settled(time_s)
            if state is not None:
                yield Look(seat, time_s, state, found.get(time_s))


@dataclass(frozen=True, slots=True)
class Score:
    """The stored lesson beside the schedule."""

    seats: tuple[Seat, ...]
    faces: tuple[Face, ...]
    looks: tuple[Look, ...]

    def seen(self) -> float:
        """Share of the pupils who are there in whose place a tracked face was found."""
        there = [look.face for look in self.looks if look.state.present]
        return mean(face is not None and face.track_id is not None for face in there)

    def seen_at_empty_seats(self) -> int:
        return sum(look.face is not None for look in self.looks if not look.state.present)

    def strays(self) -> list[Face]:
        """Tracked faces where nobody sits."""
        return [f for f in self.faces if f.track_id and not any(seat.holds(f.x_px, f.y_px) for seat in self.seats)]

    def posed(self) -> list[tuple[State, float, float]]:
        """(truth, yaw, pitch) of every face with a direction."""
        found = [(look.state, look.face) for look in self.looks if look.state.present and look.face is not None]
        return [
            (state, face.yaw_deg, face.pitch_deg)
            for state, face in found
            if face.yaw_deg is not None and face.pitch_deg is not None
        ]

    def yaw_error_deg(self, facing: str) -> float:
        """Median of the yaw that was read minus the model's, towards the side of the turn."""
        return median(
            (yaw - state.yaw_deg) * (-1 if facing == "left" else 1)
            for state, yaw, _ in self.posed()
            if state.facing == facing
        )

    def facing_found(self, facing: str, rules: Rules) -> float:
        """Recall of one direction."""
        return mean(
            facing_of(yaw, pitch, rules) == facing for state, yaw, pitch in self.posed() if state.facing == facing
        )

    def facing_right(self, facing: str, rules: Rules) -> float:
        """Precision of one direction."""
        return mean(
            state.facing == facing for state, yaw, pitch in self.posed() if facing_of(yaw, pitch, rules) == facing
        )

    def called(self, emotion: str, expression: str) -> float:
        """Share of ``emotion`` among the read faces that look ahead with ``expression``."""
        return mean(
            look.face.emotion == emotion
            for look in self.looks
            if look.face is not None
            and look.face.p_happiness is not None
            and (look.state.facing, look.state.expression) == ("front", expression)
        )


def facing_of(yaw_deg: float, pitch_deg: float, rules: Rules) -> str:
    """The direction in words; down first, as in the measurement."""
    if pitch_deg >= rules.pose.down:
        return "down"
    if abs(yaw_deg) >= TURNED_DEG:
        return "right" if yaw_deg > 0 else "left"
    return "front"


def read_score(database: Path) -> Score:
    """Everything that is compared."""
    seats, faces = read_truth(), tuple(read_faces(database))
    times = [time_s for (time_s,) in _rows(database, "SELECT time_s FROM frame ORDER BY time_s")]
    return Score(seats, faces, tuple(read_looks(seats, faces, times)))


def index_of_truth(seats: tuple[Seat, ...], rules: Rules) -> dict[str, float]:
    """Task -> the index if every direction and expression of the seats that can have one were read as it is."""
    with TASKS.open(newline="", encoding="utf-8") as file:
        tasks = list(csv.DictReader(file))
    large = [seat for seat in seats if seat.face_px >= rules.expression.min_face_px]
    return {
        task["task"]: mean(_index_of_seat(seat, range(int(task["start"]), int(task["end"])), task["mode"], rules)
                           for seat in large)
        for task in tasks
    }  # fmt: skip


def _index_of_seat(seat: Seat, seconds: range, mode: str, rules: Rules) -> float:
    states = [state for state in (seat.state(second) for second in seconds) if state.present]
    orientation = orientation_values([s.yaw_deg for s in states], [s.pitch_deg for s in states], mode, rules.pose)
    shown = [[float(name == SHOWN_AS[s.expression]) for name in EMOTIONS] for s in states]
    expression = expression_values(shown, rules.weights())
    return float(index_points(orientation.mean(), expression.mean(), rules.alpha_orientation))


def index_stored(database: Path) -> dict[str, float]:
    """Task -> the index that the program gave."""
    return dict(_rows(database, "SELECT task, engagement FROM v_task"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=Path, help="holds the sample lesson alone, as `make demo` leaves it")
    database = parser.parse_args().database
    rules, score = default_config().rules, read_score(database)
    print(f"pupils who are there and were seen: {score.seen():.3f}")
    print(f"faces at empty seats: {score.seen_at_empty_seats()}, where nobody sits: {len(score.strays())}")
    for facing in ("front", "left", "right", "down"):
        found, right = score.facing_found(facing, rules), score.facing_right(facing, rules)
        error = score.yaw_error_deg(facing)
        print(f"{facing}: found {found:.3f}, of those called so {right:.3f}; yaw off by {error:+.0f} degrees (median)")
    for expression in SHOWN_AS:
        shares = ", ".join(f"{e} {score.called(e, expression):.2f}" for e in (*SHOWN_AS.values(), "sadness"))
        print(f"{expression} faces ahead are called: {shares}")
    stored, truth = index_stored(database), index_of_truth(score.seats, rules)
    for task, points in truth.items():
        print(f"index of {task}: {stored[task]:.1f}, by the schedule {points:.1f}")


if __name__ == "__main__":
    main()
