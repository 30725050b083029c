"""Offline pass of the seat tracker: tracklets of one seat that hardly ever appear together become one track."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from classroom_fer.settings.rules import TrackingRules
from classroom_fer.tracking.association import Tracklet
from classroom_fer.tracking.geometry import Floats, distance, size_change


@dataclass(frozen=True, slots=True, eq=False)
class SeatPart:
    """One or several joined tracklets, with robust statistics over all their faces."""

    frames: frozenset[int]
    faces: tuple[tuple[int, int], ...]
    """(frame position, face key), in order of frame."""
    centres: Floats
    """[N, 2] pixels, as ``faces``."""
    sizes: Floats
    seat: Floats
    """Median centre."""
    size: float
    """Median size."""
    spread: float
    """Distance from the seat within which ``rules.seated_share`` of the faces lie, in face sizes."""


def seat_part(tracklet: Tracklet, rules: TrackingRules) -> SeatPart:
    """The same faces with medians over all times."""
    faces = tuple(zip(tracklet.frames, tracklet.keys, strict=True))
    return _part(faces, np.array(tracklet.centres), np.array(tracklet.sizes), rules)


def _part(faces: tuple[tuple[int, int], ...], centres: Floats, sizes: Floats, rules: TrackingRules) -> SeatPart:
    seat, size = np.median(centres, axis=0), float(np.median(sizes))
    off = np.hypot(centres[:, 0] - seat[0], centres[:, 1] - seat[1])
    spread = float(np.quantile(off, rules.seated_share)) / size
    return SeatPart(frozenset(frame for frame, _ in faces), faces, centres, sizes, seat, size, spread)


def _joined(a: SeatPart, b: SeatPart, rules: TrackingRules) -> SeatPart:
    """Both as one; of two faces in one frame the one nearer to the longer part's seat."""
    seat = (a if len(a.faces) >= len(b.faces) else b).seat
    faces, centres = a.faces + b.faces, np.concatenate([a.centres, b.centres])
    off = np.hypot(*(centres - seat).T)
    order = np.lexsort((off, [frame for frame, _ in faces]))
    ordered = [faces[i][0] for i in order]
    kept = order[[i == 0 or frame != ordered[i - 1] for i, frame in enumerate(ordered)]]
    return _part(tuple(faces[i] for i in kept), centres[kept], np.concatenate([a.sizes, b.sizes])[kept], rules)


def join_seats(parts: Sequence[SeatPart], rules: TrackingRules) -> list[SeatPart]:
    """Joins, nearest first, parts that share a seat and hardly a frame; walkers own no seat and are left alone."""
    open_parts: dict[int, SeatPart] = {i: part for i, part in enumerate(parts) if part.spread <= rules.seated_spread}
    left_alone = [part for part in parts if part.spread > rules.seated_spread]
    heap: list[tuple[float, int, int]] = []
    for i in sorted(open_parts):
        _push(heap, open_parts, i, [j for j in open_parts if j > i], rules)
    next_id = len(parts)
    while heap:
        _, a, b = heapq.heappop(heap)
        if a not in open_parts or b not in open_parts:
            continue
        whole = _joined(open_parts.pop(a), open_parts.pop(b), rules)
        open_parts[next_id] = whole
        _push(heap, open_parts, next_id, [i for i in open_parts if i != next_id], rules)
        next_id += 1
    return left_alone + list(open_parts.values())


def adopt(parts: Sequence[SeatPart], strays: Sequence[SeatPart], rules: TrackingRules) -> list[SeatPart]:
    """Gives each stray (too short for a track of its own) to the nearest seat that is free in its frames, if any."""
    grown = list(parts)
    for stray in sorted(strays, key=lambda part: part.faces):
        costs = _join_costs(stray, grown, rules)
        costs[[part.spread > rules.seated_spread for part in grown]] = np.inf
        if len(costs) and np.isfinite(costs.min()):
            nearest = int(np.argmin(costs))
            grown[nearest] = _joined(grown[nearest], stray, rules)
    return grown


def _push(
    heap: list[tuple[float, int, int]],
    parts: Mapping[int, SeatPart],
    one: int,
    others: Sequence[int],
    rules: TrackingRules,
) -> None:
    costs = _join_costs(parts[one], [parts[i] for i in others], rules)
    for other, cost in zip(others, costs, strict=True):
        if np.isfinite(cost):
            heapq.heappush(heap, (float(cost), min(one, other), max(one, other)))


def _join_costs(part: SeatPart, others: Sequence[SeatPart], rules: TrackingRules) -> Floats:
    """[N] distance between seats + |log size ratio|; infinite where they cannot be one seat."""
    if not others:
        return np.empty(0)
    sizes = np.array([other.size for other in others])
    own = np.array([part.size])
    gap = distance(part.seat[None], own, np.stack([other.seat for other in others]), sizes)[0]
    change = size_change(own, sizes)[0]
    costs: Floats = np.where((gap <= rules.join_gate) & (change <= rules.size_gate), gap + change, np.inf)
    for i in np.flatnonzero(np.isfinite(costs)).tolist():
        shared = len(part.frames & others[i].frames)
        if shared > ceil(rules.join_shared * min(len(part.frames), len(others[i].frames))):
            costs[i] = np.inf
    return costs
