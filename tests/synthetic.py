"""Made-up classes: streams of FrameSample with the person behind every face.

    frames, truth = make_frames(12, duration_s=120, fps=1, seed=3, miss=0.1, absences={3: (40, 80)})

``truth`` maps (frame_index, face_index) to the person: 0..n-1 the seats' pupils, n.. newcomers, then walkers, and None
for a false detection or the second box of one face.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from classroom_fer.lesson.records import FaceQuality, FaceSample, FrameSample, HeadPose

WIDTH_PX, HEIGHT_PX = 1920.0, 1080.0
SOURCE_FPS = 25
Truth = dict[tuple[int, int], int | None]
Shown = tuple[int | None, float, float, float]
"""Person, middle (x, y), size; pixels."""


@dataclass(frozen=True)
class Seat:
    """Where a pupil's face rests, pixels."""

    x: float
    y: float
    size: float


@dataclass(frozen=True)
class Walker:
    """Someone who crosses the picture in a straight line."""

    start_s: float
    end_s: float
    start: tuple[float, float]
    end: tuple[float, float]
    size: float
    hides: bool = True
    """Faces nearer than one size to the walker are not detected."""


@dataclass(frozen=True)
class Habits:
    """What pupils do besides swaying. Lengths in face sizes; shares of time."""

    shift: float = 0.0
    """SD of where a posture rests, sideways; half as much up and down."""
    lean: float = 0.0
    """SD of the log of a face's size, from posture to posture."""
    posture_s: float = 120.0
    """Mean time in a posture."""
    hidden: float = 0.0
    """Share of the time in which a face is not found: turned away, behind a hand."""
    hidden_s: float = 20.0
    """Mean length of such a stretch."""
    covers: float = 1.0
    """Of two faces that overlap by more than this (IoU), the smaller one is not found."""


QUIET = Habits()


def grid(count: int, *, columns: int = 5, pitch: float = 2.2, front_px: float = 70, back_px: float = 40) -> list[Seat]:
    """Rows of seats, small at the top; neighbours are ``pitch`` face sizes apart."""
    rows = -(-count // columns)
    seats: list[Seat] = []
    y = 120.0
    for row in range(rows):
        size = back_px + (front_px - back_px) * row / max(rows - 1, 1)
        seats += [
            Seat(WIDTH_PX / 2 + (column - (columns - 1) / 2) * pitch * size, y, size)
            for column in range(min(columns, count - row * columns))
        ]
        y += pitch * size
    return seats


def make_frames(
    seats: int | Sequence[Seat],
    duration_s: float = 60.0,
    fps: float = 1.0,
    seed: int = 0,
    *,
    jitter: float = 0.05,
    sway: float = 0.25,
    miss: float = 0.1,
    false_rate: float = 0.0,
    duplicate_rate: float = 0.0,
    unsure_rate: float = 0.0,
    absences: Mapping[int, tuple[float, float]] | None = None,
    newcomers: Mapping[int, float] | None = None,
    swaps: Sequence[tuple[int, int, float]] = (),
    walkers: Sequence[Walker] = (),
    unseen: Sequence[tuple[float, float]] = (),
    habits: Habits = QUIET,
) -> tuple[list[FrameSample], Truth]:
    """A class as a detector would see it; the same arguments give the same frames.

    Args:
        seats: how many (rows of five), or where.
        jitter: SD of the detector's noise; sway: how far heads move slowly; both in face sizes.
        miss: probability that a visible face is not found. false_rate: false detections a frame (mean).
        duplicate_rate: probability that a face has a second, less sure box. unsure_rate: of a confidence under .9.
        absences: person -> (from_s, to_s). newcomers: seat -> from_s; the seat's pupil is gone from then on.
        swaps: (person, person, at_s): change seats. unseen: stretches (from_s, to_s) without any frame.
        habits: postures and stretches out of sight, of all pupils alike.
    """
    places = grid(seats) if isinstance(seats, int) else list(seats)
    rng = np.random.default_rng(seed)
    rhythm = rng.uniform(0.02, 0.2, (len(places) * 2, 2)), rng.uniform(0, 2 * np.pi, (len(places) * 2, 2))
    first_walker = len(places) + len(newcomers or {})
    moved, hidden = _habits(habits, first_walker, round(duration_s * fps), fps, np.random.default_rng([seed, 1]))
    frames: list[FrameSample] = []
    truth: Truth = {}
    for step in range(round(duration_s * fps)):
        time_s = step / fps
        people = _seated(places, time_s, absences or {}, newcomers or {}, swaps)
        shown: list[Shown] = []
        for person, seat in people:
            if hidden[person, step]:
                continue
            swing = sway * np.sin(2 * np.pi * rhythm[0][person] * time_s + rhythm[1][person])
            right, down, larger = moved[person, step]
            x, y = seat.x + seat.size * float(swing[0] + right), seat.y + seat.size * float(swing[1] + down) * 0.5
            shown.append((person, x, y, seat.size * float(np.exp(larger))))
        shown = _uncovered(shown, habits.covers)
        for number, walker in enumerate(walkers):
            if walker.start_s <= time_s < walker.end_s:
                x, y = _on_the_way(walker, time_s)
                if walker.hides:
                    shown = [face for face in shown if np.hypot(face[1] - x, face[2] - y) > walker.size]
                shown.append((first_walker + number, x, y, walker.size))
        found = _detected(shown, rng, jitter, miss, false_rate, duplicate_rate, unsure_rate)
        if any(start <= time_s < end for start, end in unseen):
            continue
        index = round(time_s * SOURCE_FPS) if fps <= SOURCE_FPS else step
        order = rng.permutation(len(found))
        faces = tuple(_sample(index, face, time_s, found[i][1], found[i][2], rng) for face, i in enumerate(order))
        truth.update({(index, face): found[i][0] for face, i in enumerate(order)})
        frames.append(FrameSample(frame_index=index, time_s=time_s, faces=faces))
    return frames, truth


def people_of(samples: Sequence[FaceSample], truth: Truth) -> dict[int | None, int]:
    """How many of the samples show whom."""
    counts: dict[int | None, int] = {}
    for sample in samples:
        person = truth[sample.frame_index, sample.face_index]
        counts[person] = counts.get(person, 0) + 1
    return counts


def _seated(
    places: Sequence[Seat],
    time_s: float,
    absences: Mapping[int, tuple[float, float]],
    newcomers: Mapping[int, float],
    swaps: Sequence[tuple[int, int, float]],
) -> list[tuple[int, Seat]]:
    at = list(range(len(places)))
    for a, b, when_s in swaps:
        if time_s >= when_s:
            at[a], at[b] = at[b], at[a]
    guests = {seat: len(places) + number for number, seat in enumerate(sorted(newcomers))}
    people: list[tuple[int, Seat]] = []
    for person, place in enumerate(at):
        replaced = place in newcomers and time_s >= newcomers[place]
        start_s, end_s = absences.get(person, (0.0, 0.0))
        if replaced:
            people.append((guests[place], places[place]))
        elif not start_s <= time_s < end_s:
            people.append((person, places[place]))
    return people


def _habits(
    habits: Habits, people: int, steps: int, fps: float, rng: np.random.Generator
) -> tuple[np.ndarray[Any, np.dtype[np.float64]], np.ndarray[Any, np.dtype[np.bool_]]]:
    """[P, T, 3] how far right and down (face sizes) and how much larger (log) faces are; [P, T] who is out of sight."""
    moved = np.zeros((people, steps, 3))
    hidden = np.zeros((people, steps), dtype=bool)
    spread = np.array([habits.shift, habits.shift, habits.lean])
    seen_s = habits.hidden_s * (1 / habits.hidden - 1) if habits.hidden else np.inf
    for person in range(people if habits != QUIET else 0):
        for begin, end in _stretches(rng, steps, [habits.posture_s * fps]):
            moved[person, begin:end] = rng.normal(0, 1, 3) * spread
        for begin, end in list(_stretches(rng, steps, [seen_s * fps, habits.hidden_s * fps]))[1::2]:
            hidden[person, begin:end] = True
    return moved, hidden


def _stretches(rng: np.random.Generator, steps: int, means: Sequence[float]) -> Iterator[tuple[int, int]]:
    """Cuts ``steps`` into stretches of exponential length, whose means take turns."""
    begin, turn = 0, 0
    while begin < steps:
        mean = means[turn % len(means)]
        end = steps if np.isinf(mean) else min(steps, begin + 1 + int(rng.exponential(mean)))
        yield begin, end
        begin, turn = end, turn + 1


def _uncovered(shown: list[Shown], covers: float) -> list[Shown]:
    """Those that no larger face in front covers; faces count as squares."""
    kept: list[Shown] = []
    for face in sorted(shown, key=lambda face: -face[3]) if covers < 1 else []:
        if all(_overlap(face, other) <= covers for other in kept):
            kept.append(face)
    return kept if covers < 1 else shown


def _overlap(a: Shown, b: Shown) -> float:
    """IoU of two faces as squares."""
    side = (a[3] + b[3]) / 2
    common = max(0.0, min(a[3], b[3], side - abs(a[1] - b[1]))) * max(0.0, min(a[3], b[3], side - abs(a[2] - b[2])))
    return common / (a[3] ** 2 + b[3] ** 2 - common)


def _on_the_way(walker: Walker, time_s: float) -> tuple[float, float]:
    share = (time_s - walker.start_s) / (walker.end_s - walker.start_s)
    (x0, y0), (x1, y1) = walker.start, walker.end
    return x0 + share * (x1 - x0), y0 + share * (y1 - y0)


def _detected(
    shown: Sequence[Shown],
    rng: np.random.Generator,
    jitter: float,
    miss: float,
    false_rate: float,
    duplicate_rate: float,
    unsure_rate: float,
) -> list[tuple[int | None, tuple[float, float, float, float], float]]:
    found: list[tuple[int | None, tuple[float, float, float, float], float]] = []
    for person, x, y, size in shown:
        noise = rng.normal(0, jitter, 3)
        hit, unsure, second = rng.random(3)
        if hit < miss:
            continue
        confidence = rng.uniform(0.7, 0.9) if unsure < unsure_rate else rng.uniform(0.95, 1.0)
        x, y, size = x + noise[0] * size, y + noise[1] * size, size * float(np.exp(noise[2]))
        found.append((person, _box(x, y, size), confidence))
        if second < duplicate_rate:
            found.append((None, _box(x + 0.1 * size, y + 0.1 * size, 0.9 * size), confidence - 0.03))
    for _ in range(rng.poisson(false_rate)):
        box = _box(rng.uniform(0, WIDTH_PX), rng.uniform(0, HEIGHT_PX), rng.uniform(25, 90))
        found.append((None, box, rng.uniform(0.7, 1.0)))
    return found


def _box(x: float, y: float, size: float) -> tuple[float, float, float, float]:
    width, height = size * 0.9, size / 0.9
    return float(x - width / 2), float(y - height / 2), float(x + width / 2), float(y + height / 2)


def _sample(
    frame_index: int,
    face_index: int,
    time_s: float,
    box: tuple[float, float, float, float],
    confidence: float,
    rng: np.random.Generator,
) -> FaceSample:
    yaw, pitch, roll = rng.normal(0, 8, 3)
    chances = rng.dirichlet(np.array([8, 2, 1, 1, 0.5, 0.5, 0.5, 0.5]))
    return FaceSample(
        frame_index=frame_index,
        face_index=face_index,
        time_s=time_s,
        box=box,
        confidence=float(confidence),
        quality=FaceQuality(size_px=min(box[2] - box[0], box[3] - box[1]), blur=100.0),
        pose=HeadPose(yaw_deg=float(yaw), pitch_deg=float(pitch), roll_deg=float(roll)),
        emotion=tuple(float(p) for p in chances),
        abstained_because=None,
    )
