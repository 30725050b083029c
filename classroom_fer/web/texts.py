"""The app's own words; whatever stands in the PDF too comes from the report's. Catalogues are made from both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from classroom_fer.report.texts import Text
from classroom_fer.report.wording import TEXT, Wording

APP: Mapping[str, Text] = {
    "app_skip": "Skip to the content",
    "app_language": "Language",
    "app_theme": "Light or dark",
    "app_lessons": "Lessons",
    "app_all_lessons": "All lessons",
    "app_search": "Find a film or a task",
    "app_search_go": "Search",
    "app_show_all": "Show all lessons",
    "app_none_fits": "No lesson fits {text}.",
    "app_no_lesson": "No lesson has been analysed yet",
    "app_no_lesson_next": "Type this in a terminal, then load this page again:",
    "app_n_lessons": ("{count} lesson", "{count} lessons"),
    "app_n_tasks": ("{count} task", "{count} tasks"),
    "app_state": "State",
    "app_finished": "finished",
    "app_unfinished": "not finished",
    "app_unfinished_next": "Its analysis was cut off or still runs. The same command goes on where it was:",
    "app_lesson": "Lesson",
    "app_tasks": "Tasks",
    "app_pdf": "Download the PDF",
    "app_chart_help": "Draw a frame over a chart to see that part larger; a double click shows everything again.",
    "app_method": "How this was measured",
    "app_error": "That did not work",
    "app_not_found": "There is no such page",
    "app_bug": "This is a bug in classroom-fer ({kind}). The terminal names a file with its details.",
    "app_what_to_do": "What to do",
}


class AppWording(Wording):
    """The words of the report and of the app in one language.

    >>> AppWording("de")("app_lessons"), AppWording("de")("limits_title")
    ('Stunden', 'Grenzen')
    """

    texts: ClassVar[Mapping[str, Text]] = {**TEXT, **APP}
