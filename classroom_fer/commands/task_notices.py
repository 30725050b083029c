"""What is said about a table of tasks that is no mistake: the codes of a reader as lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from classroom_fer.lesson.tasks import NoticeCode, TaskNotice
from classroom_fer.terminal import counted

NAMES_SHOWN = 5
"""Names that one line lists (choice)."""
SENTENCES: dict[NoticeCode, str] = {
    "other_films": "{rows} left out: about other films ({names})",
    "film_called": "the table calls this film {names}; its rows are taken",
    "instants": "{rows} left out: an instant has no length and is no task",
    "unknown_length": "{rows} left out: no end or no length is noted there",
    "unnamed": "{rows} left out: no name is noted there",
    "before_film": "{rows} begin before the film: cut at its start, or left out if they end there",
    "encoding": "the table does not say how its letters are written and was read as {names} (Western European); "
    "if names look wrong, save it as 'CSV UTF-8'",
    "first_second": "all tasks lie within the first second of the film: has a spreadsheet written parts of a day? "
    "Then give the columns the format [h]:mm:ss, or text, and save again",
    "observations": "the rows come from {count} observations of this film ({names})",
}


def notice_lines(notices: Iterable[TaskNotice]) -> list[str]:
    """A line for each notice."""
    return [_line(notice) for notice in notices]


def notices_as_json(notices: Iterable[TaskNotice]) -> list[dict[str, Any]]:
    """The codes with their numbers, as ``--json`` prints them."""
    return [asdict(notice) for notice in notices]


def _line(notice: TaskNotice) -> str:
    more = len(notice.names) - NAMES_SHOWN
    names = ", ".join(notice.names[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return SENTENCES[notice.code].format(rows=counted(notice.count, "row"), count=notice.count, names=names)
