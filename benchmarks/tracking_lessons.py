"""Made-up lessons of boxes, one for each situation in which following a seat is hard; no film, no detector.

How pupils move and are missed are choices, meant to be harder than a class that sits still: they lean and slump, are
out of sight for stretches, and sit two face sizes apart or nearer (``tests/synthetic.py`` makes the boxes).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from classroom_fer.lesson.records import FrameSample
from tests.synthetic import Habits, Seat, Truth, Walker, grid, make_frames

RESTLESS = Habits(shift=0.25, lean=0.08, posture_s=90, hidden=0.12, hidden_s=20)
MISS, FALSE_RATE = 0.05, 0.1
"""Single faces that are not found; false ones a frame, a third of them sure: as CenterFace on photographs (57 wrong
boxes in 277 pictures, 21 of them with a score of .50; docs/measurement.md, section 11)."""


@dataclass(frozen=True, slots=True)
class MadeLesson:
    """Frames and whom each face shows: the pupil of a seat (0 to ``seats`` - 1), another person, None for no face."""

    frames: Sequence[FrameSample]
    truth: Truth
    seats: int
    hours: float


def restless(fps: float, seed: int) -> MadeLesson:
    """Twenty pupils two sizes apart, ten minutes."""
    return _lesson(grid(20), 600, fps, seed)


def touching(fps: float, seed: int) -> MadeLesson:
    """Five pairs, and five heads right behind others, that touch; of two that overlap the smaller is missed."""
    pairs = [Seat(260 + 330 * pair + 66 * side, 250 + 5 * side, 60 - 3 * side) for pair in range(5) for side in (0, 1)]
    rows = [Seat(300 + 310 * (i % 5) + 20 * row, 600 + 84 * row, 62 + 12 * row) for row in (0, 1) for i in range(5)]
    habits = replace(RESTLESS, shift=0.12, covers=0.3)
    return _lesson(pairs + rows, 600, fps, seed, habits=habits, sway=0.12)


def teacher(fps: float, seed: int) -> MadeLesson:
    """A teacher walks along every row in turn, in front of the faces, all of ten minutes, and stops on the way."""
    seats = grid(20)
    rows = sorted({seat.y for seat in seats})
    rng = np.random.default_rng([seed, 2])
    walks = []
    for start in range(20, 580, 40):
        y = float(rng.choice(rows)) + float(rng.uniform(-20, 20))
        size = 1.3 * next(seat.size for seat in seats if abs(seat.y - y) <= 20)
        stop = float(rng.uniform(700, 1200))
        ends = (500.0, 1420.0) if rng.random() < 0.5 else (1420.0, 500.0)
        walks += [
            Walker(start, start + 8, (ends[0], y), (stop, y), size),
            Walker(start + 8, start + 20, (stop, y), (stop + 10, y), size),
            Walker(start + 20, start + 28, (stop + 10, y), (ends[1], y), size),
        ]
    return _lesson(seats, 600, fps, seed, walkers=walks, one_walker=3)


def swap(fps: float, seed: int) -> MadeLesson:
    """Two pairs of pupils change seats, seen on their way; right are as many tracks as seats."""
    seats = grid(20)
    swaps, walkers, absences = [], [], {}
    for a, b, at_s in ((2, 9, 200.0), (11, 13, 400.0)):
        swaps.append((a, b, at_s + 4))
        for one, other in ((a, b), (b, a)):
            absences[one] = (at_s, at_s + 8)
            start, end = ((seats[i].x, seats[i].y) for i in (one, other))
            walkers.append(Walker(at_s, at_s + 8, start, end, seats[one].size, hides=False))
    return _lesson(seats, 600, fps, seed, swaps=swaps, walkers=walkers, absences=absences)


def long(fps: float, seed: int) -> MadeLesson:
    """Fifty minutes, 24 seats nearer to each other, six pupils who are out for minutes, a teacher, posters."""
    seats = grid(24, columns=6, pitch=1.8)
    rng = np.random.default_rng([seed, 3])
    absences = {int(i): (s := float(rng.uniform(300, 2000)), s + 300) for i in rng.choice(24, 6, replace=False)}
    walkers = []
    for start in range(60, 2940, 120):
        y = float(rng.choice([seat.y for seat in seats]))
        walkers.append(Walker(start, start + 20, (400.0, y), (1500.0, y + 20), 1.4 * 70))
    return _lesson(seats, 3000, fps, seed, absences=absences, walkers=walkers, unsure_rate=0.15)


SITUATIONS: dict[str, Callable[[float, int], MadeLesson]] = {
    "restless class": restless,
    "heads touch": touching,
    "teacher in front": teacher,
    "pupils swap seats": swap,
    "50 minutes": long,
}


def _lesson(
    seats: Sequence[Seat],
    duration_s: float,
    fps: float,
    seed: int,
    *,
    habits: Habits = RESTLESS,
    swaps: Sequence[tuple[int, int, float]] = (),
    one_walker: int = 1,
    **more: Any,
) -> MadeLesson:
    """Args: ``one_walker`` walks in a row are the same person; ``more`` as in ``make_frames``."""
    defaults: dict[str, Any] = {"miss": MISS, "false_rate": FALSE_RATE}
    frames, truth = make_frames(seats, duration_s, fps, seed, habits=habits, swaps=swaps, **(defaults | more))
    times = {frame.frame_index: frame.time_s for frame in frames}
    seat_of = partial(_seat_of, seats=len(seats), swaps=swaps, one_walker=one_walker)
    seated = {key: None if who is None else seat_of(who, times[key[0]]) for key, who in truth.items()}
    return MadeLesson(frames, seated, len(seats), duration_s / 3600)


def _seat_of(person: int, time_s: float, seats: int, swaps: Sequence[tuple[int, int, float]], one_walker: int) -> int:
    """The seat in which a person sits then; somebody on the way keeps a number of his or her own."""
    if person >= seats:
        return seats + (person - seats) // one_walker
    for a, b, at_s in swaps:
        if time_s >= at_s and person in (a, b):
            return b if person == a else a
    return person
