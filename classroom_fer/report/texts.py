"""All fixed text of pages 1 and 2, in one place; a pair is singular and plural. Catalogues are made from it.

Tone: short sentences, present what was seen, no causes, no judgement of people (docs/measurement.md, section 7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Text: TypeAlias = str | tuple[str, str]

FRONT: Mapping[str, Text] = {
    # header
    "kicker": "What the camera saw",
    "document_title": "What the camera saw: {lesson}",
    "class_summary": "Class summary, no individual results",
    "page_of": "Page {page} of {pages}",
    "lesson_date": "Recorded",
    "unknown_date": "date not recorded",
    "length": "Length",
    "length_part": "{length}, from {start} to {end} of the film",
    "purpose": "Purpose",
    "purpose_undeclared": "purpose not declared",
    "legal_basis": "Legal basis",
    "aggregation": "Further result",
    "evidence": "Evidence",
    "evidence_none": "not enough seen",
    "evidence_one": "grade {grade}",
    "evidence_range": "grade {first} to {last}",
    "evidence_partly": "{grade} for {shown} of {all} tasks",
    "profile": "Profile",
    "logo_alt": "Logo of {school}",
    "logo_alt_unnamed": "Logo of the school",
    # read this first
    "read_first_title": "Read this first",
    "older_rules_note": (
        "An earlier version of this program computed this report’s numbers, by rules that have changed since. For "
        "today’s numbers the film has to be analysed again."
    ),
    "read_first": (
        "This report describes what a camera could see of the class: which way faces were turned and how they "
        "looked. It does not measure learning, feelings or any child. Differences smaller than the interval are "
        "not differences."
    ),
    "aggregation_note": (
        "This is a further result of the lesson, with other tasks or settings than its own report. Where it could be "
        "played against that report to learn of single pupils, it gives the values of tasks alone and leaves some "
        "pupils out."
    ),
    "presence_note": (
        "Profile “presence”: no expression was inferred and no index computed. The report holds counts, coverage and "
        "minutes only."
    ),
    # camera
    "camera_none": "No faces were seen in this film",
    "camera_unread": "No picture of this film could be read",
    "camera_most": "At least {few} of up to {all} faces were visible in three quarters of the film",
    "camera_sparse": "Up to {all} faces were visible, but for a quarter of the film or more nearly none",
    "camera_small": "Fewer than {min_group} faces were visible at once; so small a group is not drawn",
    "camera_alt": (
        "Two charts over the lesson's time. Faces visible at once: up to {all}, {half} or more in half of the "
        "film. Share of faces seen: {seen} over the lesson. Stretches without film are grey."
    ),
    "faces_label": "faces visible at once",
    "coverage_label": "share of faces seen",
    "sizes_one": "Most faces were {label}",
    "sizes_mixed": "Faces were of mixed sizes",
    "sizes_alt": "Bars: share of face pictures by size. {bars}.",
    "size_under": "under {high} pixels",
    "size_between": "{low} to {high} pixels",
    "size_over": "{low} pixels and more",
    "fact_seen": "Seen {share} of the time: of all the moments in which {all} could have been visible.",
    "fact_sampled": "{frames} looked at.",
    "fact_lost": "Part of the film could not be read: {unseen} and {frames}; nothing is said about it.",
    "fact_lost_frames": "{frames} of the film could not be read.",
    "fact_complete": "All of the film could be read.",
    "fact_cuts": (
        "The view changed at {count} moment: a cut, or the camera was turned. From there on every face counts as a new "
        "one.",
        "The view changed at {count} moments: cuts, or the camera was turned. From each on every face counts as a new "
        "one.",
    ),
    "fact_camera_away": (
        "In {share} of the pictures the camera looked elsewhere than usual; which way faces were turned is not used "
        "there."
    ),
    "fact_no_regions": "Excluded regions: none.",
    "fact_regions": (
        "{count} region of the picture was blacked out before the analysis.",
        "{count} regions of the picture were blacked out before the analysis.",
    ),
    "no_faces_note": (
        "Nothing can be said about this lesson. Faces may have been too small, hidden, out of the picture or "
        "turned away."
    ),
    # timeline
    "timeline_section": "The lesson over time",
    "timeline_none": "Not enough was seen to draw an index over the lesson",
    "timeline_mode": "No index over time: these tasks have no front to face",
    "timeline_quiet": "No sudden change stood out in the lesson",
    "timeline_short": "The lesson is too short to look for sudden changes",
    "timeline_fewer_front": "Fewer faces were turned to the front after {time}",
    "timeline_more_front": "More faces were turned to the front after {time}",
    "timeline_fewer_work": "Fewer faces were turned to the work or the front after {time}",
    "timeline_more_work": "More faces were turned to the work or the front after {time}",
    "timeline_lower_expression": "Looks that count less in the index were more frequent after {time}",
    "timeline_higher_expression": "Looks that count more in the index were more frequent after {time}",
    "timeline_more": ("{message}; {count} more below", "{message}; {count} more below"),
    "timeline_alt": (
        "Line chart of the visible engagement index from 0 to 100 over the lesson's time with its 95 % band: "
        "between {low} and {high}. A dashed line shows the part from the direction of faces. {gaps} {moments}"
    ),
    "timeline_alt_gaps": "Grey stretches have no value.",
    "timeline_alt_moments": "Numbered moments: {times}.",
    "timeline_note": (
        "Line: index with its 95 % band. Dashed: its part from the direction of faces. Both are smoothed over "
        "{seconds} seconds. Grey: no value; nothing is assumed there."
    ),
    "timeline_note_moments": "Numbers in circles: moments described below.",
    "index_label": "index",
    "orientation_label": "direction of faces",
    "gap_unseen": "not read",
    "gap_few": "not enough seen",
    "gap_mode": "no index here",
    "gap_between": "no task",
    "gap_hidden": "not shown",
    # tasks
    "tasks_section": "The tasks, in lesson order",
    "tasks_unrated": "No task was seen well enough for a number",
    "tasks_modes": "These tasks have no index; coverage only",
    "tasks_one": "One task, one number: there is nothing to compare",
    "tasks_alike": "No clear difference between the tasks",
    "tasks_higher": "Higher in task {second} than in task {first}",
    "tasks_lower": "Lower in task {second} than in task {first}",
    "tasks_differ": ("{count} clear difference between tasks", "{count} clear differences between tasks"),
    "tasks_time": "Differences cannot be separated from time in the lesson",
    "tasks_apart": "No two tasks can be compared",
    "tasks_presence": "How much of each task the camera saw",
    "column_task": "Task",
    "column_minutes": "Length",
    "column_faces": "Faces",
    "column_seen": "Seen",
    "column_grade": "Evidence",
    "column_index": "Visible engagement index",
    "scale_alt": "Scale of the index: 0, 50, 100.",
    "reason": "Reason: {reason}.",
    "reason_outside": "it lies outside of what was analysed",
    "reason_short": "it is shorter than {needed} s",
    "reason_partly_analysed": "only {seen} s of it were analysed; at least {needed} s are needed",
    "reason_nobody": "no face was seen well enough",
    "reason_few": "fewer than {needed} faces were seen well enough",
    "reason_coverage": "seen only {seen} of the time; at least {needed} are needed",
    "mode_board": "listening, watching",
    "mode_desk": "desk work",
    "mode_group": "group work",
    "mode_move": "moving about",
    "weak": "C, weak evidence",
    "no_index": "no index: there is no front to face",
    "not_enough": "Not enough seen in {task} ({faces}); no number is given.",
    "faces_few": "fewer than {few} faces",
    "mark_alt": "Index {index} on a scale from 0 to 100.",
    "scale_index": (
        "Index: visible engagement, 0 to 100; 100 = every visible face turned to the front (in desk work also "
        "down) with a look that counts most. Bars: 95 % interval."
    ),
    "scale_grade": (
        "Evidence: A from {n_a} faces and {c_a} seen, B from {n_b} and {c_b}, C from {n_c} and {c_c}; below that "
        "no number."
    ),
    "compare_none": "No clear difference between the tasks.",
    "compare_none_rest": "No clear difference between the other tasks of the same kind.",
    "compare_higher": "Higher in {second} than in {first}: by about {points} points ({low} to {high}).",
    "compare_lower": "Lower in {second} than in {first}: by about {points} points ({low} to {high}).",
    "compare_time": (
        "{second} and {first} differ by about {points} points, but this cannot be separated from time in the lesson."
    ),
    "compare_apart": "Only tasks of the same kind with enough seen are compared; here there are no two.",
    "compare_kinds": "Tasks of different kinds are not compared.",
    "compare_few": "Not compared (too few of the same faces seen in both): {pairs}.",
    "compare_more": ("{count} more in the database.", "{count} more in the database."),
    # moments
    "moments_section": "Moments to think about",
    "moments_none": "No moment stood out. That is a result, not a fault.",
    "moments_short": "The lesson is too short: a moment needs {window} before it and after it.",
    "moments_unknown": "No moments can be named: too little was seen, or these tasks have no index.",
    "moment": "{time} – {change} than in the {window} before (about {points}).",
    "moment_fewer_front": "fewer faces turned to the front",
    "moment_more_front": "more faces turned to the front",
    "moment_fewer_work": "fewer faces turned to the work or the front",
    "moment_more_work": "more faces turned to the work or the front",
    "moment_lower_expression": "looks that count less in the index were more frequent",
    "moment_higher_expression": "looks that count more in the index were more frequent",
    "moment_question": "What was happening?",
    # expressions
    "expressions_section": "How visible faces looked",
    "expressions_none": "Not enough faces could be read to say how they looked",
    "expressions_most": "Most visible faces looked neutral ({share})",
    "expressions_mixed": "Visible faces looked neutral in {neutral} of the readings, smiling in {smiling}",
    "expressions_neutral": "Neutral does not mean bored or attentive.",
    "expressions_alt": (
        "Layers over the lesson's time, one step per task. Over all tasks shown: neutral-looking {neutral}, "
        "smiling {smiling}, surprised-looking {surprised}, other or uncertain {other}."
    ),
    "group_neutral": "neutral-looking",
    "group_smiling": "smiling",
    "group_surprised": "surprised-looking",
    "group_other": "other or uncertain",
    "expressions_readable": "The expression could be judged for {share} of the faces seen in these tasks.",
    "expressions_reliability": (
        "Models of this kind find neutral, smiling and surprised looks well in pictures of children and most "
        "others badly; so there are four groups, and “other or uncertain” is not split."
    ),
    # questions
    "questions_title": "Three questions",
    "question_surprise": "Which number here is not what you expected, and what did you see yourself at that time?",
    "question_unseen": "Who or what could the camera not see: hidden, turned away, too far, out of the picture?",
    "question_moments": "What else was going on at the numbered moments that no picture shows?",
    "question_tasks": "What did the tasks ask the children to look at, and would that look the same from the camera?",
    # limits
    "limits_title": "Limits",
    "limit_feelings": "Faces do not reveal feelings (Barrett 2019).",
    "limit_labels": "The model was never taught boredom, confusion, frustration or interest; it cannot find them.",
    "limit_adults": (
        "It learned mostly from adults’ faces, and its errors differ by age and group; no negative look is ever "
        "shown for one child."
    ),
    "limit_small": "Small faces at the back are measured worse than large ones in front.",
    "limit_board": "Looking at the board is not listening; looking down is often work.",
    "limit_watched": "Being filmed changes what people do.",
    "limit_validated": "The index has not been checked against human observers in this classroom.",
    "limit_checked": (
        "How far the numbers agree with what human observers saw in this class is on the page “Method”. It does not "
        "make them a measure of learning."
    ),
    # shares and counts
    "share_few": "{share} or less",
    "share_most": "{share} or more",
    "under_a_minute": "under 1 min",
    "n_min": ("{count} min", "{count} min"),
    "n_faces": ("{count} face", "{count} faces"),
    "n_pictures": ("{count} picture", "{count} pictures"),
    "n_frames": ("{count} frame", "{count} frames"),
    "window_minutes": ("minute", "{count} minutes"),
    "window_seconds": ("second", "{count} seconds"),
}
