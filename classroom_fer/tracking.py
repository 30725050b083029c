"""Follows pupils through a lesson from boxes, confidence and times alone.

A lesson is sampled about once a second, where trackers that need overlapping boxes break. Pupils sit, so the seat is
what is tracked: faces go to tracks by distance in face sizes and size ratio (``tracking_association``), a track keeps
its free seat for minutes, and at the end tracklets of one seat that never show together are joined
(``tracking_seats``). Design: performance.md, "Low sampling rate breaks IoU trackers".
"""

from __future__ import annotations

from collections.abc import Sequence

from classroom_fer.tracking_association import associate
from classroom_fer.tracking_geometry import TrackerSettings, face_set
from classroom_fer.tracking_seats import join_seats, seat_part
from classroom_fer.types import FaceSample, FrameSample, Track


class SeatTracker:
    """Implements ``protocols.Tracker``; deterministic, offline, no pixels.

    A face stays without a track if it repeats a surer box of the same face, if it is an unsure detection where nobody
    is followed, or if fewer than ``min_samples`` such faces belong together.
    """

    def __init__(self, settings: TrackerSettings | None = None) -> None:
        self.settings = settings if settings is not None else TrackerSettings()

    def track(self, frames: Sequence[FrameSample]) -> list[Track]:
        """Every face in at most one track, at most one face a frame; ids 1..n by first appearance, then position."""
        settings = self.settings
        ordered = sorted(frames, key=lambda frame: (frame.time_s, frame.frame_index))
        tracklets = associate([face_set(frame, settings) for frame in ordered], settings)
        long_enough = [seat_part(t) for t in tracklets if len(t.frames) >= settings.min_samples]
        found = [
            tuple(ordered[position].faces[key] for position, key in part.faces)
            for part in join_seats(long_enough, settings)
        ]
        found.sort(key=_first_appearance)
        return [Track(track_id=number, samples=samples) for number, samples in enumerate(found, start=1)]


def _first_appearance(samples: tuple[FaceSample, ...]) -> tuple[float, int, tuple[float, float, float, float]]:
    return samples[0].time_s, samples[0].frame_index, samples[0].box
