"""Follows pupils through a lesson from boxes, confidence and times alone.

A lesson is sampled about once a second, where trackers that need overlapping boxes break. Pupils sit, so the seat is
what is tracked: faces go to tracks by distance in face sizes and size ratio (``association``), a track keeps
its free seat for minutes, and at the end tracklets of one seat that never show together are joined
(``seats``). Constants: ``settings.rules.TrackingRules``; docs/measurement.md, section 8.
"""

from __future__ import annotations

from collections.abc import Sequence

from classroom_fer.lesson.records import FaceSample, FrameSample, Track
from classroom_fer.settings.rules import TrackingRules
from classroom_fer.tracking.association import associate
from classroom_fer.tracking.geometry import face_set
from classroom_fer.tracking.seats import SeatPart, adopt, join_seats, seat_part


class SeatTracker:
    """Implements ``protocols.Tracker``; deterministic, offline, no pixels.

    A face stays without a track if it repeats a surer box of the same face, if it is an unsure detection where nobody
    is followed, if fewer than ``min_samples`` such faces belong together, or if the detector is seldom sure of them.
    """

    def __init__(self, rules: TrackingRules) -> None:
        self.rules = rules

    def track(self, frames: Sequence[FrameSample]) -> list[Track]:
        """Every face in at most one track, at most one face a frame; ids 1..n by first appearance, then position."""
        rules = self.rules
        ordered = sorted(frames, key=lambda frame: (frame.time_s, frame.frame_index))
        tracklets = associate([face_set(frame, rules) for frame in ordered], rules)
        parts = [seat_part(tracklet) for tracklet in tracklets]
        seats = join_seats([part for part in parts if len(part.faces) >= rules.min_samples], rules)
        seats = [seat for seat in seats if _is_face(_samples(seat, ordered), rules)]
        seats = adopt(seats, [part for part in parts if len(part.faces) < rules.min_samples], rules)
        found = [_samples(seat, ordered) for seat in seats]
        found.sort(key=_first_appearance)
        return [Track(track_id=number, samples=samples) for number, samples in enumerate(found, start=1)]


def _samples(seat: SeatPart, frames: Sequence[FrameSample]) -> tuple[FaceSample, ...]:
    return tuple(frames[position].faces[key] for position, key in seat.faces)


def _is_face(samples: tuple[FaceSample, ...], rules: TrackingRules) -> bool:
    """False for what the detector finds again and again without being sure of it."""
    sure = sum(sample.confidence >= rules.sure_confidence for sample in samples)
    return sure >= rules.min_sure_share * len(samples)


def _first_appearance(samples: tuple[FaceSample, ...]) -> tuple[float, int, tuple[float, float, float, float]]:
    return samples[0].time_s, samples[0].frame_index, samples[0].box
