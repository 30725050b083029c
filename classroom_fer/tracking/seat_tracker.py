"""Follows pupils through a lesson from boxes, confidence and times alone.

A lesson is sampled about once a second, where trackers that need overlapping boxes break. Pupils sit, so the seat is
what is tracked: faces go to tracks by distance in face sizes and size ratio (``association``), a track keeps
its free seat for minutes, and at the end tracklets of one seat that hardly ever show together are joined
(``seats``). Constants: ``settings.rules.TrackingRules``; docs/measurement.md, section 8.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classroom_fer.lesson.camera import to_first
from classroom_fer.lesson.records import FaceSample, FrameSample, Track
from classroom_fer.lesson.shots import shots
from classroom_fer.settings.rules import TrackingRules
from classroom_fer.tracking.association import associate
from classroom_fer.tracking.geometry import face_set, face_sizes, is_sure
from classroom_fer.tracking.seats import SeatPart, adopt, join_seats, seat_part


class SeatTracker:
    """Implements ``protocols.Tracker``; deterministic, offline, no pixels.

    A cut ends every track: who is seen after it may be anybody. Where the camera moved, a seat is a place in the room,
    by way of the movement that was measured (``film.camera``).

    A face stays without a track if it repeats a surer box of the same face, if it is an unsure detection where nobody
    is followed, if fewer than ``min_samples`` such faces belong together, or if the detector is seldom sure of them.
    """

    def __init__(self, rules: TrackingRules) -> None:
        self.rules = rules

    def track(self, frames: Sequence[FrameSample]) -> list[Track]:
        """Every face in at most one track, at most one face a frame; ids 1..n by first appearance, then position."""
        ordered = sorted(frames, key=lambda frame: (frame.time_s, frame.frame_index))
        found = [track for shot in shots(ordered) for track in self._follow(shot)]
        found.sort(key=_first_appearance)
        return [Track(track_id=number, samples=samples) for number, samples in enumerate(found, start=1)]

    def _follow(self, shot: Sequence[FrameSample]) -> list[tuple[FaceSample, ...]]:
        """The tracks of frames in order, between which is no cut."""
        rules, places = self.rules, to_first(frame.camera for frame in shot)
        sets = [face_set(frame, rules, place) for frame, place in zip(shot, places, strict=True)]
        tracklets = associate(sets, rules)
        parts = [seat_part(tracklet, rules) for tracklet in tracklets]
        seats = join_seats([part for part in parts if len(part.faces) >= rules.min_samples], rules)
        seats = [seat for seat in seats if _is_face(_samples(seat, shot), rules)]
        seats = adopt(seats, [part for part in parts if len(part.faces) < rules.min_samples], rules)
        return [_samples(seat, shot) for seat in seats]


def _samples(seat: SeatPart, frames: Sequence[FrameSample]) -> tuple[FaceSample, ...]:
    return tuple(frames[position].faces[key] for position, key in seat.faces)


def _is_face(samples: tuple[FaceSample, ...], rules: TrackingRules) -> bool:
    """False for what the detector finds again and again without being sure of it."""
    sizes = face_sizes(np.array([sample.box for sample in samples]))
    sure = is_sure(np.array([sample.confidence for sample in samples]), sizes, rules)
    return float(sure.sum()) >= rules.min_sure_share * len(samples)


def _first_appearance(samples: tuple[FaceSample, ...]) -> tuple[float, int, tuple[float, float, float, float]]:
    return samples[0].time_s, samples[0].frame_index, samples[0].box
