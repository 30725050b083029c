"""What a validation against human observers gave, as the method page prints it. Pure.

Printed are figures of agreement, never the share of pupils on task: that is for research, not for a report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from classroom_fer.lesson.records import SizeClass
from classroom_fer.lesson.validation import Agreement, Part, Validation
from classroom_fer.report.view_records import Checked
from classroom_fer.report.wording import Wording

SEEN: tuple[tuple[str, str], ...] = (
    ("kappa", "on_task"),
    ("weighted_kappa", "facing"),
    ("icc", "pupils"),
    ("recall", "facing"),
    ("recall", "head_down"),
    ("recall", "expression"),
    ("share", "missed"),
)
"""What people saw: with each other, and found by the program. (statistic, about) in the order of the page;
``checked_<statistic>_<about>`` names the text."""
VALUES: tuple[tuple[str, str], ...] = (
    ("auc", "orientation"),
    ("auc", "expression"),
    ("auc", "index"),
    ("task_rank", "index"),
)
"""The values beside it."""
BY_PART = ("auc", "orientation")
"""The figure that is printed by face size and by row too."""


def checked_by_observers(validation: Validation, say: Wording) -> Checked:
    """The paragraph and its two columns of (figure, value with interval)."""
    observers = "two" if validation.observers > 1 else "one"
    note = say(
        f"checked_note_{observers}",
        clips=say.count("clips", validation.coded),
        lessons=say.count("lessons", validation.lessons),
        date=say.day(validation.scored_at),
    )
    columns = tuple(tuple(_rows(validation, wanted, say)) for wanted in (SEEN, VALUES))
    return Checked(note, say(f"checked_interval_{validation.cluster}"), tuple(rows for rows in columns if rows))


def _rows(validation: Validation, wanted: Iterable[tuple[str, str]], say: Wording) -> Iterator[tuple[str, str]]:
    for statistic, about in wanted:
        for one in validation.agreements:
            if (one.statistic, one.about) != (statistic, about):
                continue
            if one.part.kind == "all":
                yield say(f"checked_{statistic}_{about}"), _figure(one, say)
            elif (statistic, about) == BY_PART:
                yield _part(one.part, say), _figure(one, say)


def _figure(one: Agreement, say: Wording) -> str:
    show = say.percent if one.statistic == "share" else say.decimal  # of the camera, no share of pupils to protect
    if one.low is None or one.high is None:
        return show(one.value)
    return f"{show(one.value)} ({show(one.low)} – {show(one.high)})"


def _part(part: Part, say: Wording) -> str:
    low = part.low or 0.0
    if part.kind == "size_px":
        return say("checked_part_size", size=say.size(SizeClass(low, part.high, 0)))
    if part.low == part.high:
        return say("checked_part_row", row=say.whole(low))
    return say("checked_part_rows", first=say.whole(low), last=say.whole(part.high or low))
