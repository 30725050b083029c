"""The written schedule of the sample lesson: who sits where, and what each of the ten pupils does when.

Like a musical score: one line a pupil and task, one character every STEP_S seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

STEP_S = 5
SECONDS = 360
CHANGE_S = 0.5  # a turn of the head or a change of expression
LEAVE_S = 1.0  # getting up or sitting down

Person = Literal["collins", "hopper"]
FACING = {"F": "front", "D": "down", "L": "left", "R": "right"}  # left and right of the image
EXPRESSION = {".": "neutral", "s": "smile", "o": "surprise"}


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    start_s: int
    end_s: int
    mode: str


TASKS = (
    Task("Watching the demonstration", 5, 90, "board"),
    Task("Fractions at desks", 95, 180, "desk"),
    Task("Explaining to each other", 185, 270, "group"),
    Task("Talking it over at the board", 275, 360, "board"),
)


@dataclass(frozen=True, slots=True)
class Seat:
    """One place: who, where (midpoint of the eyes, pixels), how large, and in which tones."""

    seat: int
    person: Person
    x_px: int
    y_px: int
    px_per_cm: float
    mirror: bool
    stretch: float
    """Width of the head over its width in the photograph."""
    brightness: float
    tint: tuple[float, float, float]
    """RGB gains of the face."""
    hair: tuple[float, float, float]
    """RGB gains of hair or hat."""
    clothes: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Bearing:
    """Angles of the model, found by trying what MTCNN's landmarks then read.

    Collins looks up a little when she looks ahead, so that "down" is a clear change. Hopper turns
    seldom, and to one side only (the photograph's right): her glasses mislead the landmarks.
    """

    ahead_deg: float
    left_deg: float
    right_deg: float
    down_deg: float


BEARINGS: dict[Person, Bearing] = {
    "collins": Bearing(ahead_deg=-16, left_deg=-48, right_deg=54, down_deg=32),
    "hopper": Bearing(ahead_deg=0, left_deg=-42, right_deg=42, down_deg=33),
}


SEATS = (
    Seat(1, "collins", 262, 158, 2.55, False, 1.00, 0.96, (1.00, 0.97, 0.94), (0.55, 0.45, 0.38), (92, 116, 150)),
    Seat(2, "collins", 640, 152, 3.40, True, 1.00, 0.94, (1.00, 0.95, 0.90), (0.85, 0.80, 0.80), (150, 104, 88)),
    Seat(3, "hopper", 1012, 156, 2.65, True, 1.00, 1.02, (0.92, 1.05, 1.12), (0.55, 0.62, 0.85), (120, 136, 108)),
    Seat(4, "hopper", 112, 268, 4.30, True, 0.97, 0.95, (0.92, 1.00, 1.05), (0.80, 0.45, 0.40), (74, 92, 84)),
    Seat(5, "collins", 440, 262, 4.20, True, 1.00, 1.02, (1.03, 1.00, 0.96), (1.00, 0.85, 0.62), (158, 86, 78)),
    Seat(6, "hopper", 842, 264, 4.40, False, 1.03, 1.06, (0.94, 1.06, 1.10), (0.90, 0.78, 0.48), (86, 84, 122)),
    Seat(7, "collins", 1172, 266, 4.60, False, 1.03, 0.90, (0.97, 0.95, 0.95), (0.72, 0.50, 0.36), (180, 158, 112)),
    Seat(8, "hopper", 262, 438, 6.40, False, 0.98, 1.00, (0.93, 1.04, 1.08), (0.42, 0.68, 0.66), (70, 106, 110)),
    Seat(9, "collins", 648, 420, 7.00, False, 0.97, 0.86, (1.00, 0.92, 0.84), (0.36, 0.34, 0.36), (132, 126, 140)),
    Seat(10, "collins", 1034, 396, 7.80, True, 1.02, 0.96, (1.02, 0.98, 0.94), (0.80, 0.62, 0.52), (108, 76, 104)),
)  # fmt: skip

# 72 steps: one before the first task, 17 a task, one between tasks.  F front, D down, L / R turned, - not there.
FACING_SCORE = {
    1: "F FFFFFFFDFFFFFFFFF F DDDDDLDDRDDLDDDDL F RRFRRFFRRFRFFRRFF F FFFFFFFFFFFFDFFFF",
    2: "F FFFFFFFFFFFDFFFFF F DDFDDDDRDDDLDDRDD F FFRRFFRRRFFRFFRRF F FLLFLFLLFRRLFLLFL",
    3: "F FFFLFFFFFFFFFFFFF F DDDDFDLDDLDDDLDDD F LLFFLL------LLFFL F FFFFFFFFFDFFFFFFF",
    4: "F FFFFFDFFFFFFFFFFF F DDDDDDDLDDFDDFDDD F FLLFFDFFLLFFFFFFF F FFFFFFFFFFFFFFFFF",
    5: "F FFFFFFFFFFFFFLFFF F FDDDDRDDDLDDLDDDD F LLFFLLFLLFFLLFFLF F RRFRFRRLFRFRRFRRF",
    6: "F FFFFFFFFFFFFFFFFF F DDDDDRDDFDDDDDDDF F RRFFFFFRRFFFFDFFF F FFFFF--------FFFF",
    7: "F FFFFFFFFFDFFFFFFF F DDDFDDLDDDRDDDLDD F LFFLLFLLFFLFLLFFL F LFLLFLRRFLLFLFLLF",
    8: "F FFFFFFFFFFFFFFFFF F DDDDDFDDDFDDDDDDD F FFFFDFFFFFFFFDFFF F FFFFFFFFFFFFFFDFF",
    9: "F FFFFFFFFFFFFFFDFF F DDDD------DDRDDLD F LLFFRRFFLLFFRRFLF F FRRFLLRFRRFLFRRFR",
    10: "F FFFFFFFFRFFFFFFFF F DDFDDDLDDRDDDDLDD F LFLLFFLLFFLLFLFFL F FFFFFFFFFFFFFFFFF",
}
EXPRESSION_SCORE = {
    1: ". ...........s..... . ................. . s.ss..sss.s.ss..s . ............s....",
    2: ". .......o......... . ................. . ss..ss...ss.ss..s . ...s.............",
    3: ". .s............... . ................. . ..ss........ss.ss . ........o........",
    4: ". ................. . .............s... . s..s..ss..ss..s.s . .................",
    5: ". .........ss...... . ................. . ..ss..s..ss..ss.o . ..s..............",
    6: ". .......o......... . ................. . ..s..ss.s..ss..ss . .s...............",
    7: ". .......o......... . .........s....... . .ss..s..ss.s..ss. . ....s............",
    8: ". ............s.... . ................. . s..s.ss...ss..ss. . ..........s......",
    9: ". .......o......... . ................. . ..ss..so..ss..s.s . .................",
    10: ". .....s........... . ................. . s.s..ss..ss..s.ss . ......s..........",
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A seat is in one state from ``start_s`` to ``end_s``; changes take CHANGE_S (LEAVE_S) from ``start_s`` on."""

    seat: int
    start_s: int
    end_s: int
    present: bool
    facing: str
    expression: str


def intervals(seat: int) -> list[Interval]:
    """The seat's states in order, without gaps, from 0 to SECONDS. Facing and expression are "" while away."""
    result: list[Interval] = []
    faces, looks = (score[seat].replace(" ", "") for score in (FACING_SCORE, EXPRESSION_SCORE))
    for step, (face, look) in enumerate(zip(faces, looks, strict=True)):
        here = face != "-"
        state = (here, FACING[face] if here else "", EXPRESSION[look] if here else "")
        start, end = step * STEP_S, (step + 1) * STEP_S
        if result and (result[-1].present, result[-1].facing, result[-1].expression) == state:
            start = result.pop().start_s
        result.append(Interval(seat, start, end, *state))
    if result[-1].end_s != SECONDS:
        raise ValueError(f"the score of seat {seat} ends at {result[-1].end_s} s, not {SECONDS}")
    return result
