"""Records of a validation: a sample of clips that observers coded, and how far their codes agree with the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Statistic: TypeAlias = Literal[
    "kappa", "weighted_kappa", "icc", "auc", "rank", "task_rank", "recall", "share", "difference"
]
"""kappa, weighted_kappa, icc: two observers with each other. auc, rank: a value with the observed share of pupils on
task, clip by clip; task_rank: the same, task by task. recall: unweighted average recall of what observers saw. share
and difference: shares of clips or of pupils, 0-1."""
Cluster: TypeAlias = Literal["lesson", "seat"]


@dataclass(frozen=True, slots=True)
class SampleClip:
    """One drawn clip: a place in a film for 10 s."""

    number: int
    """From 1, in order of session and time."""
    session_id: int
    start_s: float
    end_s: float
    x_px: float
    y_px: float
    size_px: float
    """Median face of the seat."""
    row: int
    """From the camera, from 1."""
    place: int
    """From the left, from 1."""
    places: int
    """Seats of the row."""
    stratum: str
    probability: float
    """Of being drawn."""


@dataclass(frozen=True, slots=True)
class ClipSample:
    """A sample as it is stored."""

    sample_id: str
    seed: int
    drawn_at: datetime
    drawn: int
    """Clips that were drawn; more than ``clips`` where a session was deleted since."""
    clips: tuple[SampleClip, ...]
    """In order of their numbers."""


@dataclass(frozen=True, slots=True)
class Part:
    """The clips that a figure is about: all (no ends), or faces of these sizes or rows, ends included."""

    kind: Literal["all", "size_px", "row"] = "all"
    low: float | None = None
    high: float | None = None
    """None with a ``low`` = no upper end. Sizes end before it, rows with it."""


ALL = Part()


@dataclass(frozen=True, slots=True)
class Agreement:
    """One figure of a validation with its 95 % interval."""

    statistic: Statistic
    about: str
    """A question of the code book, a value (orientation, expression, index), or what a share is of."""
    value: float
    low: float | None
    """None where too few lessons or seats were coded for an interval."""
    high: float | None
    clips: int
    """Behind it."""
    part: Part = ALL


@dataclass(frozen=True, slots=True)
class Validation:
    """What two observers' codes say of the numbers of some lessons."""

    sample_id: str
    scored_at: datetime
    drawn: int
    """Clips of the sample."""
    coded: int
    """Clips that at least one observer coded."""
    observers: int
    lessons: int
    """Sessions of which clips were coded."""
    seats: int
    """Whose clips were coded."""
    cluster: Cluster
    """What the intervals take as drawn: other lessons, or other seats of these lessons."""
    agreements: tuple[Agreement, ...]

    def find(self, statistic: Statistic, about: str) -> Agreement | None:
        """The figure about all clips."""
        return next((a for a in self.agreements if (a.statistic, a.about, a.part) == (statistic, about, ALL)), None)
