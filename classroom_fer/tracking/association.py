"""Forward pass of the seat tracker: frame by frame, faces are given to tracks (Hungarian, two passes)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linear_sum_assignment

from classroom_fer.tracking.geometry import FaceSet, Floats, Ints, TrackerSettings, distance, size_change


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
    spread: float = 0.0
    """Slow mean distance from the seat, in face sizes."""
    frames: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    centres: list[Floats] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)

    def add(self, position: int, faces: FaceSet, row: int, settings: TrackerSettings) -> None:
        """Takes face ``row`` of the frame; the seat follows slowly (plain mean at first)."""
        centre, size = faces.centres[row], float(faces.sizes[row])
        count = len(self.frames) + 1
        step_s = max(faces.time_s - self.last_s, 0.0)
        weight = max(1.0 / count, 1.0 - float(np.exp(-min(step_s, 2.0) / settings.seat_time_s)))
        off = float(np.hypot(*(centre - self.seat))) / self.size
        self.spread += weight * (off - self.spread)
        self.seat = self.seat + weight * (centre - self.seat)
        self.size = float(np.exp(np.log(self.size) + weight * np.log(size / self.size)))
        self.last, self.last_s = centre, faces.time_s
        self.frames.append(position)
        self.keys.append(int(faces.keys[row]))
        self.centres.append(centre)
        self.sizes.append(size)


def associate(frames: Sequence[FaceSet], settings: TrackerSettings) -> list[Tracklet]:
    """Tracklets of frames that are in order of time. Every face is in at most one, at most one face per frame."""
    step_s = _usual_step_s(frames)
    live: list[Tracklet] = []
    done: list[Tracklet] = []
    for position, faces in enumerate(frames):
        live, gone = _remembered(live, faces.time_s, step_s, settings)
        done += gone
        if len(faces.keys) == 0:
            continue
        free = np.arange(len(live), dtype=np.int64)
        free, new_rows = _extend(live, free, position, faces, np.flatnonzero(faces.sure), step_s, settings)
        _extend(live, free, position, faces, np.flatnonzero(~faces.sure), step_s, settings)
        live += [_begin(position, faces, int(row), settings) for row in new_rows]
    return done + live


def _extend(
    live: list[Tracklet],
    free: Ints,
    position: int,
    faces: FaceSet,
    rows: Ints,
    step_s: float,
    settings: TrackerSettings,
) -> tuple[Ints, Ints]:
    """Gives faces ``rows`` to the ``free`` tracks; returns the tracks and the rows that are left."""
    pairs = _assign(_costs(live, free, faces, rows, step_s, settings), settings)
    for track, face in pairs:
        live[free[track]].add(position, faces, int(rows[face]), settings)
    return np.delete(free, pairs[:, 0]), np.delete(rows, pairs[:, 1])


def _begin(position: int, faces: FaceSet, row: int, settings: TrackerSettings) -> Tracklet:
    centre, size = faces.centres[row], float(faces.sizes[row])
    tracklet = Tracklet(seat=centre, size=size, last=centre, last_s=faces.time_s)
    tracklet.add(position, faces, row, settings)
    return tracklet


def _usual_step_s(frames: Sequence[FaceSet]) -> float:
    steps = np.diff([faces.time_s for faces in frames])
    return float(np.median(steps)) if len(steps) else 1.0


def _active_s(step_s: float, settings: TrackerSettings) -> float:
    return max(settings.active_s + step_s / 2, settings.active_steps * step_s)


def _remembered(
    live: list[Tracklet], now_s: float, step_s: float, settings: TrackerSettings
) -> tuple[list[Tracklet], list[Tracklet]]:
    """The tracks that may still get a face at ``now_s``, and those that may not."""
    keep: list[Tracklet] = []
    gone: list[Tracklet] = []
    for tracklet in live:
        if len(tracklet.frames) < settings.min_samples:
            memory_s = max(settings.young_memory_s + step_s / 2, _active_s(step_s, settings))
        elif tracklet.spread > settings.seated_spread:
            memory_s = _active_s(step_s, settings)
        else:
            memory_s = settings.seat_memory_s + step_s / 2
        (keep if now_s - tracklet.last_s <= memory_s else gone).append(tracklet)
    return keep, gone


def _costs(
    live: list[Tracklet], tracks: Ints, faces: FaceSet, rows: Ints, step_s: float, settings: TrackerSettings
) -> Floats:
    """[T, F] cost of giving face to track: distance + |log size ratio|; infinite outside the gates.

    The distance is the smaller one of that to the last place (in view lately: gate grows with the time since) and that
    to the seat, so a track that followed a passer-by for a moment finds its pupil again.
    """
    if len(tracks) == 0 or len(rows) == 0:
        return np.full((len(tracks), len(rows)), np.inf)
    chosen = [live[i] for i in tracks]
    size = np.array([tracklet.size for tracklet in chosen])
    unseen_s = faces.time_s - np.array([tracklet.last_s for tracklet in chosen])
    centres, sizes = faces.centres[rows], faces.sizes[rows]
    to_last = distance(np.array([tracklet.last for tracklet in chosen]), size, centres, sizes)
    to_seat = distance(np.array([tracklet.seat for tracklet in chosen]), size, centres, sizes)
    gate = np.clip(settings.gate_per_s * unseen_s, settings.gate_floor, settings.gate_ceiling)
    active = unseen_s <= _active_s(step_s, settings)
    to_last[(to_last > gate[:, None]) | ~active[:, None]] = np.inf
    to_seat[to_seat > settings.seat_gate] = np.inf
    change = size_change(size, sizes)
    change[change > settings.size_gate] = np.inf
    return np.minimum(to_last, to_seat) + change + np.where(active, 0.0, settings.resting_cost)[:, None]


def _assign(costs: Floats, settings: TrackerSettings) -> Ints:
    """[P, 2] pairs (track, face) of least total cost, where an unpaired row or column costs ``unmatched_cost``."""
    gain = np.minimum(costs - settings.unmatched_cost, 0.0)
    if not (gain < 0).any():
        return np.empty((0, 2), dtype=np.int64)
    rows, columns = linear_sum_assignment(gain)
    return np.stack([rows, columns], axis=1)[gain[rows, columns] < 0].astype(np.int64)
