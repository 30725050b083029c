"""What the pure half says in English or in numbers, as keys and words of the report's language. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from classroom_fer.lesson.records import Moment, Task
from classroom_fer.report.formatting import plain
from classroom_fer.report.wording import Wording
from classroom_fer.settings.rules import EvidenceRules

_SIZES = (
    ("size_under", re.compile(r"under (?P<high>[\d.]+) px")),
    ("size_between", re.compile(r"(?P<low>[\d.]+) to (?P<high>[\d.]+) px")),
    ("size_over", re.compile(r"(?P<low>[\d.]+) px and more")),
)
_REASONS = (
    ("reason_outside", re.compile(r"it lies outside of what was analysed")),
    ("reason_short", re.compile(r"it is shorter than (?P<seconds>[\d.]+) s")),
    (
        "reason_part",
        re.compile(r"only (?P<analysed>\d+) s of it were analysed; at least (?P<needed>[\d.]+) s are needed"),
    ),
    ("reason_nobody", re.compile(r"no face was seen well enough")),
    ("reason_coverage", re.compile(r"seen only (?P<seen>\d+) % of the time; at least (?P<needed>\d+) % are needed")),
    ("reason_few", re.compile(r"fewer than (?P<few>\d+) faces were seen well enough")),
    # as versions before wrote it: how few is not printed any more (safeguard S3)
    ("reason_few", re.compile(r"only \d+ faces? w\w+ seen well enough; at least (?P<few>\d+) are needed")),
)


def change_name(moment: Moment, tasks: Sequence[Task]) -> str:
    """What changed most at a moment, as the end of a key: ``fewer_front``, ``higher_look`` ..."""
    if abs(moment.change_orientation) < abs(moment.change_expression):
        return "higher_look" if moment.change > 0 else "lower_look"
    task = next((t for t in tasks if t.start_s <= moment.time_s < t.end_s), None)
    place = "work" if task is not None and task.mode == "desk" else "front"
    return f"more_{place}" if moment.change > 0 else f"fewer_{place}"


def size_label(label: str, say: Wording) -> str:
    """A size class of ``visibility.size_classes`` in words."""
    for key, pattern in _SIZES:
        if found := pattern.fullmatch(label):
            return say(key, **{name: say.whole(float(px)) for name, px in found.groupdict().items()})
    return plain(label)


def reason(text: str, rules: EvidenceRules, say: Wording) -> str:
    """Why a task has no number (``TaskSummary.not_shown_because``) in words; a reason unknown here stays as it is.

    >>> from classroom_fer.settings.config import default_config
    >>> reason("only 1 face was seen well enough; at least 5 are needed", default_config().rules.evidence, Wording())
    'fewer than 5 faces were seen well enough'
    """
    for key, pattern in _REASONS:
        if found := pattern.fullmatch(text):
            values = {name: float(value) for name, value in found.groupdict().items()}
            if key == "reason_coverage":
                return say(key, seen=say.percent(values["seen"] / 100), needed=say.percent(rules.c_min))
            return say(key, **{name: say.whole(value) for name, value in values.items()})
    return plain(text)
