"""What the program says of a clip: the values that observers' codes are compared with, and in their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classroom_fer.measurement.directions import make_directions
from classroom_fer.measurement.engagement import Floats, index_points
from classroom_fer.measurement.lesson_bins import LessonBins
from classroom_fer.measurement.sample_table import Ints
from classroom_fer.measurement.session_result import looked_at
from classroom_fer.settings.rules import Rules
from classroom_fer.study.clips import Clip, Coverage

UNKNOWN = -1
"""Number of a code that is not known."""
FRONT, PARTLY, AWAY = 0, 1, 2
"""Answers of ``codebook.FACING`` by number."""


@dataclass(frozen=True, slots=True)
class ProgramValues:
    """Of one clip. NaN and UNKNOWN where the program has none."""

    orientation: float
    expression: float
    index: float
    facing: int
    """FRONT, PARTLY or AWAY by the median yaw; the rules' angles are those of the code book."""
    head_down: int
    """0 yes, 1 no, as in ``codebook.HEAD_DOWN``; by most samples."""
    group: int
    """Of ``codebook.EXPRESSION``; that of most samples."""
    coverage: Coverage
    faces: float
    """Mean number of followed faces in the picture."""


def program_values(clips: Sequence[Clip], bins: LessonBins, rules: Rules) -> list[ProgramValues]:
    """One for each of ``clips``, which are all of the lesson ``bins``."""
    table, cells, edges = bins.table, bins.cells, bins.grid.edges_s
    directions = make_directions(table, bins.baselines, rules.pose)
    yaw = np.where(directions.known, np.abs(directions.yaw_deg), np.nan)
    faces = looked_at(bins.lesson, bins.grid).faces
    found = []
    for clip in clips:
        track, b = clip.seat.track, int(np.searchsorted(edges, clip.start_s + 1e-6)) - 1
        mine = (table.track == track) & (table.time_s >= edges[b]) & (table.time_s < edges[b + 1])
        known = mine & directions.known
        o, e = float(cells.orientation[track, b]), float(cells.expression[track, b])
        found.append(
            ProgramValues(
                orientation=o,
                expression=e,
                index=float(index_points(o, e, rules.alpha_orientation)),
                facing=_facing(yaw[known], rules.pose.yaw_full, rules.pose.yaw_zero),
                head_down=int(not directions.down[known].mean() > 0.5) if known.any() else UNKNOWN,
                group=_group(cells.groups[track, b]) if cells.readable[track, b] else UNKNOWN,
                coverage=clip.coverage,
                faces=float(faces[b]),
            )
        )
    return found


def _facing(yaw_deg: Floats, full: float, zero: float) -> int:
    if not len(yaw_deg):
        return UNKNOWN
    turned = float(np.median(yaw_deg))
    return FRONT if turned <= full else PARTLY if turned <= zero else AWAY


def _group(counts: Ints) -> int:
    return int(counts.argmax())
