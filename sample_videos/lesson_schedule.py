"""The written schedule of the sample lesson: who sits where, and what each of the sixteen pupils does when.

Like a musical score: one line a pupil and task, one character every STEP_S seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

STEP_S = 5
SECONDS = 720
CHANGE_S = 0.5  # a turn of the head or a change of expression
LEAVE_S = 1.0  # getting up or sitting down

Person = Literal["collins", "hopper"]
Facing = Literal["front", "left", "right", "down"]
"""Left and right of the image."""
Expression = Literal["neutral", "smiling", "surprised"]
"""Named as the report's groups (classroom_fer/measurement/engagement.py)."""


@dataclass(frozen=True, slots=True)
class Task:
    name: str
    start_s: int
    end_s: int
    mode: str


TASKS = (
    Task("Explaining 1", 5, 125, "board"),
    Task("Discussing 1", 130, 250, "board"),
    Task("Fractions at desks", 260, 460, "desk"),
    Task("Explaining 2", 470, 590, "board"),
    Task("Discussing 2", 595, 715, "board"),
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
    """Degrees by which a head turns from looking ahead, found by trying what the landmarks then read.

    Hopper turns to one side only (the photograph's right) and less: her glasses mislead the landmarks.
    """

    ahead_deg: float
    """Pitch of the model when the pupil looks ahead: the photograph of Collins reads as tilted down without it."""
    left_deg: float
    right_deg: float
    down_deg: float


BEARINGS: dict[Person, Bearing] = {
    "collins": Bearing(ahead_deg=-16, left_deg=-48, right_deg=54, down_deg=48),
    "hopper": Bearing(ahead_deg=0, left_deg=-42, right_deg=42, down_deg=33),
}


SEATS = (
    Seat(1, "collins", 128, 118, 2.45, False, 1.00, 0.96, (1.00, 0.97, 0.94), (0.55, 0.45, 0.38), (92, 116, 150)),
    Seat(2, "collins", 448, 116, 2.60, True, 1.00, 0.94, (1.00, 0.95, 0.90), (0.85, 0.80, 0.80), (150, 104, 88)),
    Seat(3, "hopper", 752, 120, 2.55, False, 1.00, 1.02, (0.92, 1.05, 1.12), (0.55, 0.62, 0.85), (120, 136, 108)),
    Seat(4, "collins", 1058, 118, 2.50, True, 0.98, 0.88, (0.98, 0.94, 0.90), (0.40, 0.36, 0.34), (168, 140, 96)),
    Seat(5, "hopper", 290, 206, 3.30, False, 0.97, 0.95, (0.92, 1.00, 1.05), (0.80, 0.45, 0.40), (74, 92, 84)),
    Seat(6, "collins", 600, 204, 3.45, True, 1.00, 1.02, (1.03, 1.00, 0.96), (1.00, 0.85, 0.62), (158, 86, 78)),
    Seat(7, "collins", 902, 206, 3.40, False, 1.03, 0.86, (1.00, 0.92, 0.84), (0.36, 0.34, 0.36), (112, 120, 150)),
    Seat(8, "collins", 1196, 208, 3.40, True, 1.03, 1.02, (0.98, 0.97, 0.97), (0.62, 0.40, 0.28), (86, 84, 122)),
    Seat(9, "collins", 112, 322, 4.50, False, 0.98, 0.90, (0.97, 0.95, 0.95), (0.72, 0.50, 0.36), (180, 158, 112)),
    Seat(10, "hopper", 424, 320, 4.40, True, 0.98, 1.00, (0.93, 1.04, 1.08), (0.42, 0.68, 0.66), (70, 106, 110)),
    Seat(11, "collins", 742, 318, 4.60, False, 1.02, 0.98, (1.02, 0.98, 0.94), (0.95, 0.70, 0.50), (92, 128, 92)),
    Seat(12, "collins", 1052, 320, 4.50, True, 0.97, 0.92, (1.00, 0.94, 0.88), (0.48, 0.42, 0.40), (146, 96, 128)),
    Seat(13, "collins", 262, 500, 6.00, True, 0.97, 0.86, (1.00, 0.92, 0.84), (0.36, 0.34, 0.36), (132, 126, 140)),
    Seat(14, "collins", 580, 498, 5.80, True, 1.00, 0.98, (1.02, 1.00, 0.97), (0.98, 0.88, 0.70), (104, 92, 70)),
    Seat(15, "collins", 900, 496, 6.10, False, 1.02, 0.96, (1.02, 0.98, 0.94), (0.80, 0.62, 0.52), (108, 76, 104)),
    Seat(16, "hopper", 1186, 498, 5.90, True, 1.02, 1.03, (0.92, 1.02, 1.06), (0.50, 0.62, 0.44), (84, 98, 132)),
)  # fmt: skip

STATES: dict[str, tuple[Facing, Expression]] = {
    "F": ("front", "neutral"), "D": ("down", "neutral"), "L": ("left", "neutral"), "R": ("right", "neutral"),
    "f": ("front", "smiling"), "l": ("left", "smiling"), "r": ("right", "smiling"),
    "S": ("front", "surprised"),
}  # fmt: skip
"""What a character of the score says; "-" = not there."""

# A line a seat: the steps before the task, the task's steps, and at the end of the film one more.
SCORE = {
    "Explaining 1": """
     1 F FFFFFRFFFFFFFFFFFFFDFFFF
     2 F FFFFFFFFFSDFFFFDFFFFFFFF
     3 F FFFFDFFFFfFFFFFFFFFFFFFF
     4 F FFFFFFFFFFFFFFFFFFDFFFFF
     5 F FFFDFFFFFFFFFFDFFFFFFFFF
     6 F FFFFFFFFDSFFFFFFFFfFFLFF
     7 F FFLFFFFFFSFFFFFFFFFFFFFF
     8 F FFFFFFFFFFFFFDFFFFFFFFFF
     9 F FDFfFFFFFSFFFFFFFFFFLFFF
    10 F FFFFFFLFFFFFFFFFDFFFFFFF
    11 F DFFFFFFFFSFFFFFFFFFFFFFF
    12 F FFFFFFFFFFFFfFFFFFFLFFFF
    13 F FFFFFFFFFSRFFFFDFFFFFFFF
    14 F FFFFDFFFFFFFFFFFFFFFFFDF
    15 F FFFFFFFFFDFFFFFFFFFFFfFF
    16 F FFFFFFFFFFFFFFDFFFFFFFFF
    """,
    "Discussing 1": """
     1 F LFfLLFlFFLrFRFfRLFlFFRrF
     2 F LfLLFrRFRrFLRfRRFlRFLlFL
     3 F fDDDRDFDDDRDfDDDRDFDDDRD
     4 F LFFrLLFrRFFlLLFlLFFlLLFr
     5 F DDDFRDDDDfRDDDDFRDDDDfRD
     6 F RrFRRfLLFlRFRrFLRfRRFlRF
     7 F fLLFfLLFfLLFfRRFfLLFfRLF
     8 F LFFrRRFlRFFrLLFlRFFrLLFl
     9 F LFrFFLlFLFfLRFrFFLrFRFfR
    10 F DDDLDDDlDDDLDDDLDDDLDDDl
    11 F fLLFfLLFfLLFfRRFfRLFfRLF
    12 F RFFlLLFrLFFlLLFlLFFrRRFl
    13 F RFfLLFlFFLrFLFfRRFrFFRrF
    14 F LfLLFlLFRrFLRfLLFlLFLlFR
    15 F fRRFfLLFfLLFfRRFfLLFfRLF
    16 F FLDFDDfLDFDDFlDFDDFLDfDD
    """,
    "Fractions at desks": """
     1 FF DDDDRDDDDDDDDDFDDDDDLlFLDlRRfRDRlLDLDDDD
     2 FF DDDDDDDFDDDDDDDDDRDDfLLlLDFrRRlDFLDDfDDD
     3 FF DFDDDDDDDDRDDDDDDDDDDRRrRRDrRRrRDRDDDrDD
     4 FF DDDDRDDDDDDDDFDDDDDDDLrFLlDRRfLLDlDDDDFD
     5 FF DDDDDDDFDDDDDDDDRDDDrRDRrRRrDRRrRRDDDDDr
     6 FF DDDDDDDDDDRDDDDDDDDFRRrDFRrRLDfLRrFDDDDD
     7 FF DDDLDDDDDDDDDFDDDDDDRrDRLfRRDrLFlLDRDDDD
     8 FF DDDDDDFDDDDDDDDDRDDDrFRrDLRfLLDlRFDDfDDD
     9 FF DDDDDDDDDLDDDDDDDDDFDRLlFLDrLLfLDRDDDrDD
    10 FF DDDLDDDDDDDDFDDDDDDDLlLDLlLLlDLLlLDDDDFD
    11 FF DDDD--------DDDRDDDDDrRFrRDLlFRrDLDDDDDL
    12 FF DDDDDDDDDRDDDDDDDDFDRRDlLFrRDLlFLlFDDDDD
    13 FF DDLDDDDDDDDDFDDDDDDDLlFRDrLLfLDRlLDRDDDD
    14 FF DDDDDFDDDDDDDDDRDDDDfLLlRDFrLLrDFRDDfDDD
    15 FF DDDDDDDDRDDDDDDDDDFDLFlLDLlFLlDRLfDDDLDD
    16 FF DDLDDDDDDDDFDDDDDDDDLlLDLlLLlDLLlLDDDDFD
    """,
    "Explaining 2": """
     1 FF FRFFFFFFFFFFFDFFFFFFFFFF
     2 FF FFFFFFDFFFFFFFFFFFFFFFFF
     3 FF FFFFFFFFFFFFFFfFRFFFFFFF
     4 FF FFFFFR------------------
     5 FF FFFFFFFFFFDFFFFFFFFDFFFF
     6 FF FFFFDFFFFFFFFFFFFFFFFFFf
     7 FF FFFFFFFFFFFFFFFFFFFFFFDF
     8 FF FFFDFFFFFFFFFFFFFFDFFFFF
     9 FF FFFFFFFFDFFFFFLFFFFFFFFF
    10 FF FFLFFFFFFFFFFFFFFFFFFFFF
    11 FF FFFFFFFFFFFFFFFFFDFFFFFF
    12 FF FDFFFFFFFFFFFLFFFfFFFFFF
    13 FF FFFFFFRFFFFFFFFFFFFFDFFF
    14 FF DFFFFFFFFFFFFFFFFFFFFFFF
    15 FF FFfFFFFFFFFFLFFFFFFFFFFF
    16 FF FFFFFFFFFFLFFFFFFFFDFFFF
    """,
    "Discussing 2": """
     1 F FRrFLLfLRFrRFLrFRRfRLFrR F
     2 F LfFRRfFLRfFLLfFRLfFLRfFL F
     3 F DDfRDFDDFrDFDDFRDfDDFRDF F
     4 - ------------------------ -
     5 F DRDDDRDDDrDDDRDDDRDDDRDD F
     6 F RfFRRfFRLfFLRfFLRfFLLfFL F
     7 F fLLFfLLLfRRFfRLLfRLFfRLL F
     8 F FRLfRFFlRFRfFLLfLFFlLFLf F
     9 F RRfLRFrRFLlFLLfLLFlLFLlF F
    10 F DDLDfDDDLDFDDDLDfDDDLDFD F
    11 F fRRFfLRRfRLFfLRRfLLFfLRR F
    12 F RFLfFRLfLFFrLFLfFLRfLFFl F
    13 F FLlFLLfLLFrRFLlFLLfRLFlL F
    14 F RfFRRfFRRfFRLfFRLfFLLfFL F
    15 F fRRFfRRRfRLFfLLLfLRFfLRR F
    16 F LDDDDFLDDDDfLDDDDFLDDDDf F
    """,
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A seat is in one state from ``start_s`` to ``end_s``; changes take CHANGE_S (LEAVE_S) from ``start_s`` on."""

    seat: int
    start_s: int
    end_s: int
    present: bool
    facing: Facing | None
    """None while away, as ``expression``."""
    expression: Expression | None


def intervals(seat: int) -> list[Interval]:
    """The seat's states in order, without gaps, from 0 to SECONDS."""
    result: list[Interval] = []
    for step, character in enumerate(_steps(seat)):
        state = (False, None, None) if character == "-" else (True, *STATES[character])
        start = step * STEP_S
        if result and (result[-1].present, result[-1].facing, result[-1].expression) == state:
            start = result.pop().start_s
        result.append(Interval(seat, start, (step + 1) * STEP_S, *state))
    if result[-1].end_s != SECONDS:
        raise ValueError(f"the score of seat {seat} ends at {result[-1].end_s} s, not {SECONDS}")
    return result


def _steps(seat: int) -> str:
    """One character for each step of the lesson."""
    lines = [line.split() for task in TASKS for line in SCORE[task.name].splitlines()]
    return "".join("".join(steps) for number, *steps in filter(None, lines) if int(number) == seat)


def turn(seat: Seat, facing: Facing) -> tuple[float, float]:
    """Degrees from looking ahead: yaw (+ = to the image's right) and pitch (+ = down)."""
    bearing = BEARINGS[seat.person]
    left, right = bearing.left_deg, bearing.right_deg
    if seat.mirror:
        left, right = -right, -left
    return {"left": left, "right": right}.get(facing, 0.0), bearing.down_deg if facing == "down" else 0.0
