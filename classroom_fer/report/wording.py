"""All fixed text of the report, in one place. ``N_`` marks it for extraction; a translation replaces ``say``.

Tone: short sentences, present what was seen, no causes, no judgement of people (measurement.md, section 7).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping


def _mark(text: str) -> str:
    """Marks a text for a catalogue (Babel keyword ``N_``)."""
    return text


N_ = _mark

TEXT: Mapping[str, str] = {
    # header
    "kicker": N_("What the camera saw"),
    "document_title": N_("What the camera saw: {lesson}"),
    "class_summary": N_("Class summary, no individual results"),
    "page_of": N_("Page {page} of {pages}"),
    "lesson_date": N_("Recorded"),
    "analyzed_date": N_("Analysed"),
    "unknown_date": N_("date not recorded"),
    "length": N_("Length"),
    "length_part": N_("{length}, from {start} to {end} of the film"),
    "purpose": N_("Purpose"),
    "purpose_undeclared": N_("not declared"),
    "evidence": N_("Evidence"),
    "evidence_none": N_("not enough seen"),
    "evidence_one": N_("grade {grade}"),
    "evidence_range": N_("grade {first} to {last}"),
    "evidence_partly": N_("{grade} for {shown} of {all} tasks"),
    # read this first
    "read_first_title": N_("Read this first"),
    "read_first": N_(
        "This report describes what a camera could see of the class: which way faces were turned and how they "
        "looked. It does not measure learning, feelings or any child. Differences smaller than the interval are "
        "not differences."
    ),
    # camera
    "camera_none": N_("No faces were seen in this film"),
    "camera_few": N_("Fewer than {few} faces were visible at once"),
    "camera_unread": N_("No picture of this film could be read"),
    "camera_most": N_("At least {few} of up to {all} faces were visible in three quarters of the film"),
    "camera_sparse": N_("Up to {all} faces were visible, but for a quarter of the film or more nearly none"),
    "camera_alt": N_(
        "Two charts over the lesson's time. Faces visible at once: up to {all}, {half} or more in half of the "
        "film. Share of faces seen: {seen} over the lesson. Stretches without film are grey."
    ),
    "faces_label": N_("faces visible\nat once"),
    "coverage_label": N_("share of\nfaces seen"),
    "sizes_one": N_("Most faces were {label}"),
    "sizes_mixed": N_("Faces were of mixed sizes"),
    "sizes_alt": N_("Bars: share of face pictures by size. {bars}."),
    "fact_seen": N_("Seen {share} of the time: of all the moments in which {all} could have been visible."),
    "fact_sampled": N_("{frames} looked at."),
    "fact_lost": N_("Part of the film could not be read: {unseen} and {frames}; nothing is said about it."),
    "fact_lost_frames": N_("{frames} of the film could not be read."),
    "fact_complete": N_("All of the film could be read."),
    "fact_regions": N_("Excluded regions: none."),
    "no_faces_note": N_(
        "Nothing can be said about this lesson. Faces may have been too small, hidden, out of the picture or "
        "turned away."
    ),
    # timeline
    "timeline_section": N_("The lesson over time"),
    "timeline_none": N_("Not enough was seen to draw an index over the lesson"),
    "timeline_mode": N_("No index over time: these tasks have no front to face"),
    "timeline_quiet": N_("No sudden change stood out in the lesson"),
    "timeline_short": N_("The lesson is too short to look for sudden changes"),
    "timeline_fell": N_("One change stood out: the index was lower after {time}"),
    "timeline_rose": N_("One change stood out: the index was higher after {time}"),
    "timeline_many": N_("{count} changes stood out, the first at {time}"),
    "timeline_alt": N_(
        "Line chart of the visible engagement index from 0 to 100 over the lesson's time with its 95 % band: "
        "between {low} and {high}. A dashed line shows the part from the direction of faces. {gaps} {moments}"
    ),
    "timeline_alt_gaps": N_("Grey stretches have no value."),
    "timeline_alt_moments": N_("Numbered moments: {times}."),
    "timeline_note": N_(
        "Line: index with its 95 % band. Dashed: its part from the direction of faces. Both are smoothed over "
        "{seconds} seconds. Grey: no value; nothing is assumed there."
    ),
    "timeline_note_moments": N_("Numbers in circles: moments described below."),
    "index_label": N_("index"),
    "orientation_label": N_("direction\nof faces"),
    "gap_unseen": N_("not read"),
    "gap_few": N_("not enough seen"),
    "gap_mode": N_("no index here"),
    "gap_between": N_("no task"),
    "gap_hidden": N_("not shown"),
    # tasks
    "tasks_section": N_("The tasks, in lesson order"),
    "tasks_unrated": N_("No task was seen well enough for a number"),
    "tasks_modes": N_("These tasks have no index; coverage only"),
    "tasks_one": N_("One task, one number: there is nothing to compare"),
    "tasks_alike": N_("No clear difference between the tasks"),
    "tasks_differ_one": N_("One clear difference between two tasks"),
    "tasks_differ": N_("{count} clear differences between tasks"),
    "tasks_time": N_("Differences cannot be separated from time in the lesson"),
    "tasks_apart": N_("No two tasks can be compared"),
    "column_task": N_("Task"),
    "column_minutes": N_("Length"),
    "column_faces": N_("Faces"),
    "column_seen": N_("Seen"),
    "column_grade": N_("Evidence"),
    "column_index": N_("Visible engagement index"),
    "reason": N_("Reason: {reason}."),
    "mode_board": N_("listening, watching"),
    "mode_desk": N_("desk work"),
    "mode_group": N_("group work"),
    "mode_move": N_("moving about"),
    "weak": N_("C, weak evidence"),
    "no_index": N_("no index: there is no front to face"),
    "faces_few": N_("fewer than {few} faces"),
    "not_enough": N_("Not enough seen in {task} ({faces}); no number is given."),
    "mark_alt": N_("Index {index} on a scale from 0 to 100."),
    "scale_index": N_(
        "Index: visible engagement, 0 to 100; 100 = every visible face turned to the front (in desk work also "
        "down) with a look that counts most. Bars: 95 % interval."
    ),
    "scale_grade": N_(
        "Evidence: A from {n_a} faces and {c_a} seen, B from {n_b} and {c_b}, C from {n_c} and {c_c}; below that "
        "no number."
    ),
    "compare_none": N_("No clear difference between the tasks."),
    "compare_none_rest": N_("No clear difference between the other tasks of the same kind."),
    "compare_higher": N_("Higher in {second} than in {first}: by about {points} points ({low} to {high})."),
    "compare_lower": N_("Lower in {second} than in {first}: by about {points} points ({low} to {high})."),
    "compare_time": N_(
        "{second} and {first} differ by about {points} points, but this cannot be separated from time in the lesson."
    ),
    "compare_apart": N_("Only tasks of the same kind with enough seen are compared; here there are no two."),
    "compare_more": N_("{count} more in the database."),
    # moments
    "moments_section": N_("Moments to think about"),
    "moments_none": N_("No moment stood out. That is a result, not a fault."),
    "moments_short": N_("The lesson is too short: a moment needs {window} before it and after it."),
    "moments_unknown": N_("No moments can be named: too little was seen, or these tasks have no index."),
    "moment": N_("{time} – {change} than in the {window} before (about {points})."),
    "moment_fewer_front": N_("fewer faces turned to the front"),
    "moment_more_front": N_("more faces turned to the front"),
    "moment_fewer_work": N_("fewer faces turned to the work or the front"),
    "moment_more_work": N_("more faces turned to the work or the front"),
    "moment_lower_look": N_("looks that count less in the index were more frequent"),
    "moment_higher_look": N_("looks that count more in the index were more frequent"),
    "moment_question": N_("What was happening?"),
    # expressions
    "expressions_section": N_("How visible faces looked"),
    "expressions_none": N_("Not enough faces could be read to say how they looked"),
    "expressions_most": N_("Most visible faces looked neutral ({share})"),
    "expressions_mixed": N_("Visible faces looked neutral in {neutral} of the readings, smiling in {smiling}"),
    "expressions_neutral": N_("Neutral does not mean bored or attentive."),
    "expressions_alt": N_(
        "Layers over the lesson's time, one step per task. Over all tasks shown: neutral-looking {neutral}, "
        "smiling {smiling}, surprised-looking {surprised}, other or uncertain {other}."
    ),
    "group_neutral": N_("neutral-looking"),
    "group_smiling": N_("smiling"),
    "group_surprised": N_("surprised-looking"),
    "group_other": N_("other or uncertain"),
    "expressions_readable": N_("The expression could be judged for {share} of the faces seen in these tasks."),
    "expressions_reliability": N_(
        "Models of this kind find neutral, smiling and surprised looks well in pictures of children and most "
        "others badly; so there are four groups, and “other or uncertain” is not split."
    ),
    # questions
    "questions_title": N_("Three questions"),
    "question_surprise": N_("Which number here is not what you expected, and what did you see yourself at that time?"),
    "question_unseen": N_("Who or what could the camera not see: hidden, turned away, too far, out of the picture?"),
    "question_moments": N_("What else was going on at the numbered moments that no picture shows?"),
    "question_tasks": N_(
        "What did the tasks ask the children to look at, and would that look the same from the camera?"
    ),
    # limits
    "limits_title": N_("Limits"),
    "limit_feelings": N_("Faces do not reveal feelings (Barrett 2019)."),
    "limit_labels": N_("The model was never taught boredom, confusion, frustration or interest; it cannot find them."),
    "limit_adults": N_(
        "It learned mostly from adults’ faces, and its errors differ by age and group; no negative look is ever "
        "shown for one child."
    ),
    "limit_small": N_("Small faces at the back are measured worse than large ones in front."),
    "limit_board": N_("Looking at the board is not listening; looking down is often work."),
    "limit_watched": N_("Being filmed changes what people do."),
    "limit_validated": N_("The index has not been checked against human observers in this classroom."),
    # method
    "method_title": N_("Method"),
    "forbidden_title": N_("Not to be used for"),
    "forbidden": N_(
        "grading, discipline, ranking, identifying anyone, diagnosis, appraisal of a teacher, live alerts."
    ),
    "method_formulas": N_("How the numbers come about"),
    "formula_index": N_("Index"),
    "formula_index_text": N_(
        "VEI = 100 × (a × O + (1 − a) × E), with a = {alpha}; O and E from 0 to 1, means over faces."
    ),
    "formula_o": N_("Direction O"),
    "formula_o_text": N_(
        "From eyes, nose and mouth of faces of {px} pixels or more. Turned less than {full}° from the face’s own "
        "usual direction: 1; more than {zero}°: 0; in between in proportion. Down ({down}° or more): half in "
        "listening, full in desk work. None in group work and moving about."
    ),
    "formula_e": N_("Expression E"),
    "formula_e_text": N_(
        "E = (Σ w p − lowest w) / (highest w − lowest w), with the model’s calibrated probabilities p and the "
        "weights below. Only faces of {px} pixels or more, turned at most {yaw}°, with a clear detection and a "
        "clear answer."
    ),
    "formula_bins": N_("Time"),
    "formula_bins_text": N_(
        "{fps} a second; values over {seconds} s. A face counts for a task if it has values in {bins} such steps "
        "and in {share} of the task. Missing values are left out, never filled in and never counted as low."
    ),
    "formula_class": N_("Class"),
    "formula_class_text": N_(
        "Unweighted mean over faces with a 95 % t-interval; no class value from fewer than {min_group} faces. "
        "Curves are centred on each face, so that who is visible does not move them."
    ),
    "formula_compare": N_("Comparison"),
    "formula_compare_text": N_(
        "Same kind of task; paired by face; Holm-corrected; {points} points or more; share seen within {gap} "
        "points; the same sign under every set of weights."
    ),
    "formula_moments": N_("Moments"),
    "formula_moments_text": N_(
        "{window} after against {window} before, {points} points or more and |t| of {t} or more; none within "
        "{guard} s of a change of task."
    ),
    "samples_one": N_("One picture"),
    "samples_many": N_("{count} pictures"),
    "samples_every": N_("One picture every {seconds} s, not one"),
    "weights_title": N_("Weights of expressions"),
    "weights_note": N_("Profile “{profile}”, in per cent. Weights are a choice, not a finding. Fingerprint {hash}."),
    "bounds_title": N_("If the unseen faces were known"),
    "bounds_note": N_(
        "Direction O in per cent, as seen, and where it would lie if nobody unseen (lowest) or everybody unseen "
        "(highest) had faced the front: C × O and C × O + 1 − C, with C the share seen."
    ),
    "bounds_seen": N_("as seen"),
    "bounds_range": N_("could lie within"),
    "abstentions_title": N_("Why an expression was not judged"),
    "abstentions_note": N_("Share of all {faces} face readings."),
    "abstention_too small": N_("too small"),
    "abstention_turned away": N_("turned away"),
    "abstention_pose unknown": N_("direction unknown"),
    "abstention_unsure detection": N_("unsure whether a face"),
    "abstention_uncertain": N_("no clear answer"),
    "abstention_none": N_("judged"),
    "provenance_title": N_("Where this came from"),
    "prov_film": N_("Film"),
    "prov_film_text": N_("{name}, {width} × {height}, fingerprint {hash}"),
    "prov_model": N_("Model"),
    "prov_model_text": N_("fingerprint {hash}"),
    "prov_calibration": N_("Calibration"),
    "prov_temperature": N_("temperature T = {value}"),
    "prov_ece": N_("expected calibration error {value}"),
    "prov_settings": N_("Settings"),
    "prov_settings_text": N_("fingerprint {hash}; smallest face looked for {px} pixels"),
    "prov_seen": N_("Film read"),
    "prov_seen_text": N_("{sampled} looked at; {lost} not readable; unseen time {unseen}"),
    "prov_kept": N_("Kept"),
    "prov_kept_text": N_("numbers only, no pictures; profile “{profile}”, "),
    "prov_until": N_("to be deleted after {date}"),
    "prov_forever": N_("no deletion date set"),
    "prov_session": N_("Session"),
    "prov_session_text": N_("number {number}, analysed {date}"),
    "versions_title": N_("Software"),
    # counts: one / many
    "n_faces_one": N_("1 face"),
    "n_faces_many": N_("{count} faces"),
    "n_pictures_one": N_("1 picture"),
    "n_pictures_many": N_("{count} pictures"),
    "n_frames_one": N_("1 frame"),
    "n_frames_many": N_("{count} frames"),
    "n_minutes_one": N_("minute"),
    "n_minutes_many": N_("{count} minutes"),
    "n_seconds_one": N_("second"),
    "n_seconds_many": N_("{count} seconds"),
}


class Wording:
    """Says the fixed texts in one language.

    Args:
        translate: a catalogue's ``gettext``; English as written above without one.
    """

    def __init__(self, translate: Callable[[str], str] = str) -> None:
        self._translate = translate

    def __call__(self, key: str, **values: object) -> str:
        """The text of ``key`` with its placeholders filled. KeyError for an unknown key or a missing value."""
        text = self._translate(TEXT[key])
        return text.format(**values) if values else text

    def count(self, noun: str, number: int) -> str:
        """
        >>> Wording().count("faces", 1), Wording().count("faces", 120)
        ('1 face', '120 faces')
        """
        key = f"n_{noun}_one" if number == 1 else f"n_{noun}_many"
        return self(key, count=f"{number:,}".replace(",", "\N{NO-BREAK SPACE}"))
