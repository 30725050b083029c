"""The places of a lesson in words that an observer can follow: which row from the camera, which place from the left."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from classroom_fer.measurement.lesson_bins import LessonBins

ROW_GAP = 0.75
"""Two seats are of different rows if one stands higher in the picture by this share of a face's size (choice: rows of
the sample lesson lie two faces and more apart, seats within a row differ by less than .2)."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Where one track mostly is."""

    track: int
    """Number of the track in its lesson's ``LessonBins``; means nothing outside of it."""
    size_px: float
    """Median of the shorter side of its boxes."""
    row: int
    """From the camera, from 1: the lowest row in the picture is the nearest one."""
    place: int
    """From the left of the picture, from 1."""
    places: int
    """Seats of the row."""


def find_seats(bins: LessonBins, min_bins: int) -> list[Seat]:
    """The seats of all tracks that were seen in at least ``min_bins`` bins, from the camera, then from the left."""
    kept = np.flatnonzero((bins.cells.seen > 0).sum(axis=1) >= min_bins)
    table = bins.table
    middle = {int(t): np.median(np.stack([table.x_px, table.y_px, table.size_px])[:, table.track == t], axis=1)
              for t in kept}  # fmt: skip
    ordered = sorted(middle, key=lambda t: -middle[t][1])
    rows: list[list[int]] = [ordered[:1]] if ordered else []
    for near, far in itertools.pairwise(ordered):
        gap = ROW_GAP * (middle[near][2] + middle[far][2]) / 2
        if middle[near][1] - middle[far][1] > gap:
            rows.append([])
        rows[-1].append(far)
    return [
        Seat(track, float(middle[track][2]), number, place, len(row))
        for number, row in enumerate(rows, start=1)
        for place, track in enumerate(sorted(row, key=lambda t: middle[t][0]), start=1)
    ]
