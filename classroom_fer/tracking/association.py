"""Forward pass of the seat tracker: frame by frame, faces are given to tracks (Hungarian, two passes)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from classroom_fer.settings.rules import TrackingRules
from classroom_fer.tracking.geometry import FaceSet, Floats, Ints, distance, size_change

LONGEST_STEP_S = 2.0
"""A face moves its seat as if it stood for no longer than this, however long nobody was seen (choice)."""


@dataclass(slots=True)
class Tracklet:
    """A track in the making. ``frames`` are positions in the sorted list of frames, ``keys`` faces within them."""

    seat: Floats
    """Slow centroid, pixels [2]."""
    size: float
    """Slow face size, pixels."""
    last: Floats
    """Last centre, pixels [2]."""
    last_s: float
    velocity: Floats = field(default_factory=lambda: np.zeros(2))
    """Between the last two faces, pixels per second [2]."""
    spread: float = 0.0
    """Slow mean distance from the seat, in face sizes."""
    frames: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    centres: list[Floats] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)

    def add(self, position: int, faces: FaceSet, row: int, rules: TrackingRules) -> None:
        """Takes face ``row`` of the frame; the seat follows slowly (plain mean at first)."""
        centre, size = faces.centres[row], float(faces.sizes[row])
        count = len(self.frames) + 1
        step_s = max(faces.time_s - self.last_s, 0.0)
        weight = max(1.0 / count, 1.0 - float(np.exp(-min(step_s, LONGEST_STEP_S) / rules.seat_time_s)))
        off = float(np.hypot(*(centre - self.seat))) / self.size
        self.spread += weight * (off - self.spread)
        self.seat = self.seat + weight * (centre - self.seat)
        self.size = float(np.exp(np.log(self.size) + weight * np.log(size / self.size)))
        if step_s > 0:
            self.velocity = (centre - self.last) / step_s
        self.last, self.last_s = centre, faces.time_s
        self.frames.append(position)
        self.keys.append(int(faces.keys[row]))
        self.centres.append(centre)
        self.sizes.append(size)


def associate(frames: Sequence[FaceSet], rules: TrackingRules) -> list[Tracklet]:
    """Tracklets of frames that are in order of time. Every face is in at most one, at most one face per frame."""
    forward = _ForwardPass(_usual_step_s(frames), rules)
    for position, faces in enumerate(frames):
        forward.see(position, faces)
    return forward.done + forward.live


def _usual_step_s(frames: Sequence[FaceSet]) -> float:
    steps = np.diff([faces.time_s for faces in frames])
    return float(np.median(steps)) if len(steps) else 1.0


class _ForwardPass:
    """The tracks at one time of the lesson: those that may still get a face, and those that may not."""

    def __init__(self, step_s: float, rules: TrackingRules) -> None:
        """Args: ``step_s`` is the usual time between two sampled frames."""
        self.step_s, self.rules = step_s, rules
        self.active_s = max(rules.active_s + step_s / 2, rules.active_steps * step_s)
        """A track unseen for longer has no place but its seat."""
        self.live: list[Tracklet] = []
        self.done: list[Tracklet] = []

    def see(self, position: int, faces: FaceSet) -> None:
        """The next frame: sure faces first, then the others; sure ones that are left begin tracks."""
        self._forget(faces.time_s)
        if len(faces.keys) == 0:
            return
        free = np.arange(len(self.live), dtype=np.int64)
        free, new_rows = self._extend(free, position, faces, np.flatnonzero(faces.sure))
        self._extend(free, position, faces, np.flatnonzero(~faces.sure))
        self.live += [self._begin(position, faces, int(row)) for row in new_rows]

    def _forget(self, now_s: float) -> None:
        """Closes the tracks that may not get a face any more."""
        keep: list[Tracklet] = []
        for tracklet in self.live:
            (keep if now_s - tracklet.last_s <= self._memory_s(tracklet) else self.done).append(tracklet)
        self.live = keep

    def _memory_s(self, tracklet: Tracklet) -> float:
        """How long the track is remembered: a seat for minutes, a walker or a new track for seconds."""
        if len(tracklet.frames) < self.rules.min_samples:
            return max(self.rules.young_memory_s + self.step_s / 2, self.active_s)
        if tracklet.spread > self.rules.seated_spread:
            return self.active_s
        return self.rules.seat_memory_s + self.step_s / 2

    def _extend(self, free: Ints, position: int, faces: FaceSet, rows: Ints) -> tuple[Ints, Ints]:
        """Gives faces ``rows`` to the ``free`` tracks; returns the tracks and the rows that are left."""
        pairs = _assign(self._costs(free, faces, rows), self.rules)
        for track, face in pairs:
            self.live[free[track]].add(position, faces, int(rows[face]), self.rules)
        return np.delete(free, pairs[:, 0]), np.delete(rows, pairs[:, 1])

    def _begin(self, position: int, faces: FaceSet, row: int) -> Tracklet:
        centre, size = faces.centres[row], float(faces.sizes[row])
        tracklet = Tracklet(seat=centre, size=size, last=centre, last_s=faces.time_s)
        tracklet.add(position, faces, row, self.rules)
        return tracklet

    def _costs(self, tracks: Ints, faces: FaceSet, rows: Ints) -> Floats:
        """[T, F] cost of giving face to track: distance + |log size ratio|; infinite outside the gates.

        The distance is the smaller one of that to the last place (in view lately: gate grows with the time since) and
        that to the seat, so a track that followed a passer-by for a moment finds its pupil again. A track that walks
        has no seat; it is looked for where it would be at the pace of its last step.
        """
        if len(tracks) == 0 or len(rows) == 0:
            return np.full((len(tracks), len(rows)), np.inf)
        rules, chosen = self.rules, [self.live[i] for i in tracks]
        size = np.array([tracklet.size for tracklet in chosen])
        unseen_s = faces.time_s - np.array([tracklet.last_s for tracklet in chosen])
        centres, sizes = faces.centres[rows], faces.sizes[rows]
        walks = np.array([tracklet.spread > rules.seated_spread for tracklet in chosen])
        pace = np.array([tracklet.velocity for tracklet in chosen]) * (walks * unseen_s)[:, None]
        to_last = distance(np.array([tracklet.last for tracklet in chosen]) + pace, size, centres, sizes)
        to_seat = distance(np.array([tracklet.seat for tracklet in chosen]), size, centres, sizes)
        gate = np.clip(rules.gate_per_s * unseen_s, rules.gate_floor, rules.gate_ceiling)
        active = unseen_s <= self.active_s
        to_last[(to_last > gate[:, None]) | ~active[:, None]] = np.inf
        to_seat[(to_seat > rules.seat_gate) | walks[:, None]] = np.inf
        change = size_change(size, sizes)
        change[change > rules.size_gate] = np.inf
        return np.minimum(to_last, to_seat) + change + np.where(active, 0.0, rules.resting_cost)[:, None]


def _assign(costs: Floats, rules: TrackingRules) -> Ints:
    """[P, 2] pairs (track, face) of least total cost, where an unpaired row or column costs ``unmatched_cost``."""
    gain = np.minimum(costs - rules.unmatched_cost, 0.0)
    if not (gain < 0).any():
        return np.empty((0, 2), dtype=np.int64)
    rows, columns = linear_sum_assignment(gain)
    return np.stack([rows, columns], axis=1)[gain[rows, columns] < 0].astype(np.int64)
