"""The fixed texts of the page that shows lessons beside each other. Tone: as in ``texts``."""

from __future__ import annotations

from collections.abc import Mapping

from classroom_fer.report.texts import Text

ACROSS: Mapping[str, Text] = {
    "across_title": ("{count} lesson beside others", "{count} lessons beside each other"),
    "across_by_task": "grouped by task",
    "across_by_class": "grouped by class",
    "across_by_mode": "grouped by kind of work",
    "across_by_position": "grouped by place in the lesson",
    "across_read_first": (
        "It compares neither teachers nor pupils. Lessons differ in what was taught, in who was there and in how the "
        "camera stood; no cause can be read from here."
    ),
    "across_common": "What the lessons have in common",
    "across_each": "Each lesson",
    "across_lessons": "Lessons",
    "across_lesson": "Lesson",
    "across_class": "Class",
    "across_group": "Group",
    "across_place": "{number}. in the lesson",
    "across_no_class": "without a class",
    "across_seen_range": "{low} to {high}",
    "across_one_lesson": "only one lesson has it",
    "across_coverage": "seen too unequally to be put together",
    "across_no_index": "no index",
    "across_left_out": (
        "{count} lesson is left out of it: more or less was seen there",
        "{count} lessons are left out of it: more or less was seen there",
    ),
    "across_mixed": (
        "Mixed model with the lesson as random effect (REML); intervals by Student’s t, lessons less one. Between "
        "lessons the index varies by {points} points (standard deviation)."
    ),
    "across_few_lessons": (
        "With fewer than {needed} lessons it cannot be known how much lessons differ. Each value is the mean of the "
        "lessons’ means, with an interval by Student’s t, which has to be wide."
    ),
    "across_singular": (
        "The lessons differ by no more than the values within a lesson do, so that a model of lessons has nothing to "
        "estimate. Each value is the mean of the lessons’ means, with an interval by Student’s t."
    ),
    "across_not_separable": (
        "There are too few values for a model of lessons. Each value is the mean of the lessons’ means, with an "
        "interval by Student’s t."
    ),
    "across_time": "Ten minutes later in a lesson the index is {points} points different ({low} to {high}).",
    "across_order": "From one lesson to the next the index changes by {points} points ({low} to {high}).",
    "across_no_time": "Whether it changes in the course of a lesson cannot be told from the groups here.",
    "across_no_order": "Whether it changes from lesson to lesson cannot be told here.",
    "across_more": ("{count} further row is in the CSV file only.", "{count} further rows are in the CSV file only."),
    "across_unused": "Rows in brackets are not behind the summary.",
}
"""Key -> English."""
