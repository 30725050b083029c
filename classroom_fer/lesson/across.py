"""Lessons beside each other: the records that ``study`` makes and ``report`` prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from classroom_fer.lesson.records import Estimate, Grade, NotShown, TaskMode

By = Literal["task", "class", "mode", "position"]
"""What lessons are grouped by. Never teachers, never children."""


@dataclass(frozen=True, slots=True)
class LessonTask:
    """One task of one lesson."""

    session_id: int
    lesson: str
    """Name of the film, without its ending."""
    school_class: str | None
    """The label ``class``."""
    order: float | None
    """Which lesson it was: by the label ``lesson`` or the date; None where neither is known for all."""
    task: str
    mode: TaskMode
    position: int
    """1 = the lesson's first task."""
    minute: float
    """Middle of the task, minutes from the lesson's start."""
    index: Estimate | None
    n: int | None
    coverage: float | None
    grade: Grade | None
    not_shown: NotShown | None


@dataclass(frozen=True, slots=True)
class Row:
    """A task in its group."""

    task: LessonTask
    group: str
    counts: bool
    """Whether it is behind the summary: it has an index, and about as much of it was seen as of the others."""


Method = Literal["mixed", "means", "none"]
"""mixed: a mixed model with the lesson as random effect; means: the mean of the lessons' means with a t-interval;
none: no summary."""
Why = Literal["", "one_lesson", "coverage", "no_index"]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the lessons of a group have in common."""

    group: str
    mode: TaskMode
    lessons: int
    """Behind the summary."""
    left_out: int
    """Lessons that are not behind it because more or less was seen of them."""
    method: Method
    index: Estimate | None
    coverage: tuple[float, float] | None
    """Smallest and largest of the tasks behind it."""
    why: Why = ""
    """Why there is no summary."""


@dataclass(frozen=True, slots=True)
class Effect:
    """A slope: points of the index per unit."""

    points: Estimate


NoModel = Literal["", "few_lessons", "singular", "not_separable"]


@dataclass(frozen=True, slots=True)
class Across:
    """Lessons beside each other."""

    by: By
    rows: tuple[Row, ...]
    """In order of lessons, then of time."""
    summaries: tuple[Summary, ...]
    lessons: int
    lesson_sd: float | None
    """SD between lessons, points; None where it cannot be known."""
    time: Effect | None
    """Per ten minutes later in the lesson."""
    order: Effect | None
    """Per later lesson."""
    no_model: NoModel
    """Why there is no mixed model."""

    @property
    def coverage_gap(self) -> float:
        """Largest coverage minus smallest, of all tasks with an index."""
        seen = [row.task.coverage for row in self.rows if row.task.index is not None and row.task.coverage is not None]
        return max(seen) - min(seen) if seen else 0.0
