"""Lessons beside each other -> everything that their page prints. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from classroom_fer.lesson.across import Across, Effect, Row, Summary
from classroom_fer.report.formatting import plain
from classroom_fer.report.view import LIMITS, utc
from classroom_fer.report.view_records import IntervalMark
from classroom_fer.report.wording import Wording

ROWS, GROUPS = 22, 10
"""Rows for single lessons and for groups that the page has room for at most (choice)."""
NAME = 44
"""Characters of a name that a line holds (choice)."""


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One line of the summary, finished."""

    number: int
    group: str
    mode: str
    lessons: str
    seen: str
    index: str
    mark: IntervalMark | None
    note: str
    """Why there is no value, or which lessons are not behind it."""


@dataclass(frozen=True, slots=True)
class LessonLine:
    """One task of one lesson, finished."""

    lesson: str
    school_class: str
    group: str
    faces: str
    seen: str
    index: str


@dataclass(frozen=True, slots=True)
class AcrossView:
    """Everything that the page prints."""

    lang: str
    direction: str
    title: str
    created: str
    by: str
    cautions: tuple[str, ...]
    groups: tuple[GroupLine, ...]
    notes: tuple[str, ...]
    lines: tuple[LessonLine, ...]
    with_class: bool
    more: str
    ticks: tuple[str, str, str]
    scale_alt: str
    limits: tuple[str, ...]
    forbidden: str


@dataclass(frozen=True, slots=True)
class Room:
    """How many rows the page shows at most."""

    groups: int = GROUPS
    rows: int = ROWS

    def less(self) -> Room:
        """Fewer rows of single lessons; where there are none left, fewer groups."""
        if self.rows:
            return Room(self.groups, max(0, self.rows - FEWER))
        return Room(max(1, self.groups - FEWER_GROUPS), 0)


WHOLE = Room()
FEWER, FEWER_GROUPS = 6, 2
"""Rows that go at once where the page is too full (choice)."""
NOTE = 2
"""Rows of single lessons whose place a note under a group takes (choice)."""


def likely_room(across: Across) -> Room:
    """What the page holds where no name is long."""
    shown = across.summaries[:GROUPS]
    noted = sum(summary.left_out > 0 for summary in shown)
    return Room(rows=max(0, ROWS + 1 - len(shown) - NOTE * noted))


def across_view(across: Across, made_at: datetime, needed: int, say: Wording, room: Room = WHOLE) -> AcrossView:
    """Args: ``needed`` lessons for a mixed model (``study.random_effects.MODEL_FROM``)."""
    hidden = max(0, len(across.rows) - room.rows) + max(0, len(across.summaries) - room.groups)
    return AcrossView(
        lang=say.language.code,
        direction=say.language.direction,
        title=say.plural("across_title", across.lessons),
        created=utc(made_at),
        by=say(f"across_by_{across.by}"),
        cautions=(say("read_first"), say("across_read_first")),
        groups=tuple(_group_line(at, one, across, say) for at, one in enumerate(across.summaries[: room.groups], 1)),
        notes=tuple(_notes(across, needed, say, room)),
        lines=tuple(_lesson_line(row, across, say) for row in across.rows[: room.rows]),
        with_class=any(row.task.school_class for row in across.rows),
        more=say.plural("across_more", hidden) if hidden else "",
        ticks=(say.whole(0), say.whole(50), say.whole(100)),
        scale_alt=say("scale_alt"),
        limits=tuple(say(f"limit_{name}") for name in LIMITS),
        forbidden=say("forbidden"),
    )


def _named(group: str, mode: str, across: Across, say: Wording) -> str:
    if across.by == "mode":
        return say(f"mode_{mode}")
    if across.by == "position":
        return say("across_place", number=say.whole(int(group)))
    if across.by == "class" and group == "-":
        return say("across_no_class")
    return plain(group, NAME)


def _group_line(number: int, summary: Summary, across: Across, say: Wording) -> GroupLine:
    index, seen, note, mark = "", "", "", None
    if summary.index is not None:
        index = say.interval(summary.index)
        mark = IntervalMark(
            say("mark_alt", index=index), summary.index.value, summary.index.low, summary.index.high, weak=False
        )
        note = say.plural("across_left_out", summary.left_out) if summary.left_out else ""
    elif summary.why:
        note = say(f"across_{summary.why}")
    if summary.coverage is not None:
        low, high = (say.share(part) for part in summary.coverage)
        seen = low if low == high else say("across_seen_range", low=low, high=high)
    return GroupLine(
        number=number,
        group=_named(summary.group, summary.mode, across, say),
        mode=say(f"mode_{summary.mode}"),
        lessons=say.whole(summary.lessons),
        seen=seen,
        index=index,
        mark=mark,
        note=note,
    )


def _lesson_line(row: Row, across: Across, say: Wording) -> LessonLine:
    task = row.task
    index = say.interval(task.index) if task.index is not None else "–"
    return LessonLine(
        lesson=plain(task.lesson, NAME),
        school_class=plain(task.school_class or "", NAME),
        group=plain(task.task, NAME),
        faces=say.whole(task.n) if task.n is not None else "–",
        seen=say.share(task.coverage) if task.coverage is not None and task.index is not None else "–",
        index=index if row.counts or task.index is None else f"({index})",
    )


def _notes(across: Across, needed: int, say: Wording, room: Room) -> Iterator[str]:
    if across.lesson_sd is not None:
        yield say("across_mixed", points=say.whole(across.lesson_sd))
        yield _effect(across.time, "across_time", "across_no_time", say)
        yield _effect(across.order, "across_order", "across_no_order", say)
    else:
        yield say(
            f"across_{across.no_model}", **({"needed": say.whole(needed)} if across.no_model == "few_lessons" else {})
        )
    if any(not row.counts and row.task.index is not None for row in across.rows[: room.rows]):
        yield say("across_unused")


def _effect(effect: Effect | None, known: str, unknown: str, say: Wording) -> str:
    if effect is None:
        return say(unknown)
    points = effect.points
    return say(known, points=say.change(points.value), low=say.change(points.low), high=say.change(points.high))
