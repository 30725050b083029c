"""The app's own words; whatever stands in the PDF too comes from the report's. Catalogues are made from both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from classroom_fer.report.texts import Text
from classroom_fer.report.wording import TEXT, Wording
from classroom_fer.web.texts_analyse import ANALYSE
from classroom_fer.web.texts_training import TRAINING

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
    "app_export": "Export",
    "app_export_tasks": "Tasks: {format}",
    "app_export_bins": "Timeline: {format}",
    "app_chart_help": "Draw a frame over a chart to see that part larger; a double click shows everything again.",
    "app_method": "How this was measured",
    "app_film": "The film",
    "app_film_play": "Play or pause",
    "app_film_time": "Time in the film",
    "app_film_broken": (
        "The film cannot be shown: it was moved or changed, or is of a kind that this browser does not know."
    ),
    "app_film_black": "Opt-out regions are black here from the first to the last picture.",
    "app_film_show": "Show {time} in the film",
    "app_film_help": "A click on a chart or on a moment shows that time in the film.",
    "app_picture": "One picture",
    "app_picture_note": (
        "A class says how a face looked to a model. This page is for trying the model, not for judging anyone. The "
        "picture goes to this program only and is not kept."
    ),
    "app_picture_choose": "Choose a picture",
    "app_picture_drop": "or drop one here",
    "app_picture_kinds": "JPEG, PNG, WebP, AVIF, GIF, TIFF or BMP, up to {megabytes} MB",
    "app_picture_looking": "Looking for faces …",
    "app_picture_large": "This file is larger than {megabytes} MB. Save it smaller, as JPEG.",
    "app_picture_lost": "The program does not answer. Is it still running in its terminal?",
    "app_camera": "Use the camera",
    "app_camera_take": "Take the picture",
    "app_camera_stop": "Stop the camera",
    "app_camera_refused": "No camera, or it was refused. Allow it in the browser, or choose a file.",
    "app_picture_result": "What the model saw",
    "app_no_face": "No face was found",
    "app_no_face_next": "Faces must be upright, not hidden, and at least {px} pixels large.",
    "app_face": "Face {number}",
    "app_counted_as": "A report would count it as: {group}",
    "app_no_class": "No class: {reason}",
    "app_why_too small": "{found} pixels; at least {needed} are needed",
    "app_why_turned away": "{found} degrees to the side; up to {needed} can be read",
    "app_why_unsure detection": "{found}; at least {needed} is needed",
    "app_why_uncertain": "{group} {found}; at least {needed} is needed",
    "app_live": "Live camera",
    "app_live_note": (
        "This page is for trying the model on yourself: not on a class, and on nobody who has not agreed. Pictures go "
        "to this program only, each is dropped once it was looked at, and nothing is stored."
    ),
    "app_live_start": "Start the camera",
    "app_live_stop": "Stop",
    "app_live_off": "The camera is off",
    "app_live_rate": "{count} pictures per second",
    "app_live_ahead": "towards the camera",
    "app_live_aside": "{degrees}° to the side",
    "app_live_legend": (
        "A solid box: the expression group that a report would count; a dashed one: no class, and why. The arrow is "
        "where the nose points. Degrees are those of the head, not of the eyes."
    ),
    "app_live_many": "{count} cameras are being answered already. Stop one of them.",
    "app_live_refused": (
        "The browser does not give this page the camera. Allow it beside the address, then start again."
    ),
    "app_live_none": "No camera was found. Plug one in, then start again.",
    "app_live_taken": "Another program uses the camera. End it, then start again.",
    "app_live_insecure": (
        "Browsers give cameras to secure pages only. Open this page on the machine on which the program runs, or start "
        "it with --certificate and --key."
    ),
    "app_live_ended": "The camera was unplugged or taken away. Start it again.",
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

    texts: ClassVar[Mapping[str, Text]] = {**TEXT, **APP, **ANALYSE, **TRAINING}
