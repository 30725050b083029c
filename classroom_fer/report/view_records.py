"""What a report prints: frozen records of finished text and of numbers for the charts; no sums after this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Series: TypeAlias = tuple[float | None, ...]
"""One value per bin; None = nothing to draw."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of film, seconds from media start."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class TaskSpan:
    """A task on a time axis. ``left``/``width`` are per cent of the axis, for the strip of names above the chart."""

    number: int
    name: str
    span: Stretch
    shaded: bool
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without values and the words to write into it."""

    span: Stretch
    label: str


@dataclass(frozen=True, slots=True)
class CameraFigure:
    """Faces visible at once and coverage, one value per bin."""

    title: str
    alt: str
    axis: Stretch
    bins: tuple[Stretch, ...]
    faces: Series
    coverage: Series
    """Per cent."""
    faces_top: float
    """Upper end of the axis of faces."""
    faces_label: str
    faces_ceiling: str
    """The printed number at the upper end; likewise for the coverage."""
    coverage_label: str
    coverage_ceiling: str


@dataclass(frozen=True, slots=True)
class BarFigure:
    """Shares of face samples: (label, per cent, printed share)."""

    title: str
    alt: str
    bars: tuple[tuple[str, float, str], ...]


@dataclass(frozen=True, slots=True)
class TimelineFigure:
    """The index and its orientation part over the lesson, 0-100, smoothed for display."""

    title: str
    alt: str
    axis: Stretch
    tasks: tuple[TaskSpan, ...]
    bins: tuple[Stretch, ...]
    engagement: Series
    low: Series
    high: Series
    orientation: Series
    gaps: tuple[Gap, ...]
    moments: tuple[tuple[int, float], ...]
    """(number, seconds)."""
    engagement_label: str
    orientation_label: str
    ticks: tuple[tuple[float, str], ...]
    """(value, printed) of the upright scale."""


@dataclass(frozen=True, slots=True)
class ExpressionFigure:
    """Four groups as layers over time, one step per task: (span, per cent of each group), then the groups' labels."""

    title: str
    alt: str
    axis: Stretch
    steps: tuple[tuple[Stretch, tuple[float, float, float, float]], ...]
    gaps: tuple[Gap, ...]
    labels: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class IntervalMark:
    """One task's dot and interval on a 0-100 scale; no figure where there is none."""

    alt: str
    value: float
    low: float
    high: float
    weak: bool


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One line of the task table, finished."""

    number: int
    name: str
    when: str
    mode: str
    minutes: str
    faces: str
    seen: str
    grade: str
    index: str
    mark: IntervalMark | None
    sentence: str
    """What stands instead of numbers; empty where there are numbers."""
    reason: str


@dataclass(frozen=True, slots=True)
class MomentNote:
    """A numbered moment: what changed, and room to write."""

    number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Header:
    """The head of page 1."""

    lesson: str
    facts: tuple[tuple[str, str], ...]
    """(what, value)."""


@dataclass(frozen=True, slots=True)
class Camera:
    """Section: what the camera saw."""

    title: str
    figure: CameraFigure | None
    sizes: BarFigure | None
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tasks:
    """Section: tasks in lesson order and their comparison."""

    title: str
    rows: tuple[TaskRow, ...]
    compact: bool
    """Many tasks: one line each."""
    ticks: tuple[str, str, str] | None
    """The scale of the marks; None where there are none."""
    scale_alt: str
    scale: tuple[str, ...]
    """What the columns mean; empty where no task has a number."""
    comparisons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Expressions:
    """Section: the four expression groups."""

    title: str
    figure: ExpressionFigure | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What human observers saw, beside the numbers."""

    note: str
    interval_note: str
    columns: tuple[tuple[tuple[str, str], ...], ...]
    """Side by side: rows of (figure, value with its interval)."""


@dataclass(frozen=True, slots=True)
class Method:
    """The method page: paragraphs under headings and tables of (what, value)."""

    formulas: tuple[tuple[str, str], ...]
    weights: tuple[tuple[str, str], ...]
    """Empty in the presence profile."""
    weights_note: str
    bounds: tuple[tuple[str, str, str, str], ...]
    """Task number, name, seen value, bounds."""
    bounds_note: str
    abstentions: tuple[tuple[str, str], ...]
    abstentions_note: str
    checked: Checked | None
    """None where no observers coded lessons of the class."""
    provenance: tuple[tuple[str, str], ...]
    versions: str


@dataclass(frozen=True, slots=True)
class Table:
    """A plain table: heads of its columns and rows of finished cells; the first cell of a row names it."""

    kind: str
    """A class of report.css: values, sizes, steps, settings."""
    title: str
    note: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    spans: tuple[int, ...] = ()
    """Columns that each head covers; empty = one each."""


@dataclass(frozen=True, slots=True)
class School:
    """Who prints."""

    name: str = ""
    has_logo: bool = False
    """Templates name the checked picture ``classroom-fer:logo``."""


@dataclass(frozen=True, slots=True)
class ReportView:
    """A whole report."""

    lang: str
    direction: str
    """ltr or rtl."""
    title: str
    created: str
    """ISO 8601, for the PDF's metadata."""
    header: Header
    cautions: tuple[str, ...]
    """Read this first."""
    camera: Camera
    with_index: bool
    """False in the presence profile: no timeline, no moments, no expressions."""
    dense: bool
    """Much to print: less room for writing."""
    timeline: TimelineFigure | None
    timeline_title: str
    timeline_note: str
    tasks: Tasks
    moments_title: str
    moments: tuple[MomentNote, ...]
    moments_none: str
    """What stands where there are no moments."""
    expressions: Expressions
    questions: tuple[str, ...]
    limits: tuple[str, ...]
    method: Method
    appendix: tuple[Table, ...]
    """Empty unless asked for."""
    forbidden: str
