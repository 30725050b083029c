"""What may be shown to observers: every seat of a lesson in every bin, and what the program says of each.

A clip is one place in the picture for one base bin (10 s): the unit that O, E and the index are made of. What is
left out is stated in ``lesson_clips``; docs/validation.md says why a clip is not the whole class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from classroom_fer.lesson.records import TaskMode
from classroom_fer.measurement.bins import OUTSIDE, SLACK_S
from classroom_fer.measurement.lesson_bins import LessonBins
from classroom_fer.measurement.sample_table import Ints
from classroom_fer.settings.rules import EvidenceRules
from classroom_fer.study.seats import Seat, find_seats

Coverage: TypeAlias = Literal["valued", "seen", "unseen"]
"""valued: the seat has a value of O (in group and move: of E) in the bin; seen: faces, but no value; unseen: none."""


@dataclass(frozen=True, slots=True)
class Clip:
    """One place for one bin."""

    session_id: int
    start_s: float
    end_s: float
    task: str
    mode: TaskMode
    x_px: float
    """Where the face is, or was last, or will be next."""
    y_px: float
    seat: Seat
    coverage: Coverage

    @property
    def seat_key(self) -> tuple[int, int]:
        """Names the seat among several lessons; means nothing outside of one run."""
        return self.session_id, self.seat.track


def lesson_clips(session_id: int, bins: LessonBins, rules: EvidenceRules) -> list[Clip]:
    """Every clip of a lesson that could be drawn, seat by seat, in order of time.

    Left out: bins between tasks and bins of another length than the base bin; tracks that were seen in fewer than
    ``track_min_bins`` bins (passers-by and false faces); a seat before its first face and after its last one, because
    somebody whom another track follows may have sat there then.
    """
    grid, cells = bins.grid, bins.cells
    whole = np.abs(grid.length_s() - np.median(grid.length_s())) < SLACK_S
    usable = whole & (grid.task != OUTSIDE)
    clips = []
    for seat in find_seats(bins, rules.track_min_bins):
        seen, rows = np.flatnonzero(cells.seen[seat.track] > 0), np.flatnonzero(bins.table.track == seat.track)
        for b in np.flatnonzero(usable[seen[0] : seen[-1] + 1]) + seen[0]:
            task = grid.tasks[grid.task[b]]
            x_px, y_px = _where(bins, rows, int(b))
            times = float(grid.edges_s[b]), float(grid.edges_s[b + 1])
            clips.append(
                Clip(session_id, *times, task.name, task.mode, x_px, y_px, seat, _coverage(bins, seat.track, int(b)))
            )
    return clips


def _coverage(bins: LessonBins, track: int, b: int) -> Coverage:
    cells = bins.cells
    value = cells.orientation if cells.grid.oriented()[b] else cells.expression
    if not np.isnan(value[track, b]):
        return "valued"
    return "seen" if cells.seen[track, b] else "unseen"


def _where(bins: LessonBins, rows: Ints, b: int) -> tuple[float, float]:
    """The median place of the face in the bin; where it was not seen there, that of its sample nearest in time.

    Args: ``rows`` of the table that are its track's.
    """
    table, edges = bins.table, bins.grid.edges_s
    times = table.time_s[rows]
    inside = rows[(times >= edges[b]) & (times < edges[b + 1])]
    if not len(inside):
        inside = rows[[int(np.abs(times - (edges[b] + edges[b + 1]) / 2).argmin())]]
    return float(np.median(table.x_px[inside])), float(np.median(table.y_px[inside]))
