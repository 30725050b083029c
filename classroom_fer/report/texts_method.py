"""All fixed text of the method page and of the appendix."""

from __future__ import annotations

from collections.abc import Mapping

from classroom_fer.report.texts import Text

METHOD: Mapping[str, Text] = {
    "method_title": "Method",
    "forbidden_title": "Not to be used for",
    "forbidden": "grading, discipline, ranking, identifying anyone, diagnosis, appraisal of a teacher, live alerts.",
    "method_formulas": "How the numbers come about",
    "formula_index": "Index",
    "formula_index_text": (
        "VEI = 100 × (a × O + (1 − a) × E), with a = {alpha}; O and E from 0 to 1, means over faces."
    ),
    "formula_o": "Direction O",
    "formula_o_text": (
        "From eyes, nose and mouth of faces of {px} pixels or more. Turned less than {full}° from the face’s own "
        "usual direction: 1; more than {zero}°: 0; in between in proportion. Down ({down}° or more): half in "
        "listening, full in desk work. None in group work and moving about."
    ),
    "formula_e": "Expression E",
    "formula_e_text": (
        "E = (Σ w p − lowest w) / (highest w − lowest w), with the model’s calibrated probabilities p and the "
        "weights below. Only faces of {px} pixels or more, turned at most {yaw}°, with a clear detection and a "
        "clear answer."
    ),
    "formula_bins": "Time",
    "formula_bins_text": (
        "{fps}; values over {seconds} s. A face counts for a task if it has values in {bins} such steps "
        "and in {share} of the task. Missing values are left out, never filled in and never counted as low."
    ),
    "formula_class": "Class",
    "formula_class_text": (
        "Unweighted mean over faces with a 95 % t-interval; no class value from fewer than {min_group} faces. "
        "Curves are centred on each face, so that who is visible does not move them."
    ),
    "formula_presence_text": (
        "Faces are found and followed; nothing else is read from them. Counts are faces visible at once, in steps of "
        "{seconds} s; nothing is drawn of fewer than {min_group}."
    ),
    "formula_compare": "Comparison",
    "formula_compare_text": (
        "Same kind of task; paired by face; Holm-corrected; {points} points or more; share seen within {gap} "
        "points; the same sign under every set of weights."
    ),
    "formula_moments": "Moments",
    "formula_moments_text": (
        "{window} after against {window} before, {points} points or more and |t| of {t} or more; none within "
        "{guard} s of a change of task."
    ),
    "samples_one": "One picture a second",
    "samples_many": ("{count} picture a second", "{count} pictures a second"),
    "samples_rate": "{rate} pictures a second",
    "samples_every": "One picture every {seconds} s",
    "weights_title": "Weights of expressions",
    "weights_note": "Set of weights “{name}”, in per cent. Weights are a choice, not a finding. Fingerprint {hash}.",
    "emotion_neutral": "neutral",
    "emotion_happiness": "happiness",
    "emotion_surprise": "surprise",
    "emotion_sadness": "sadness",
    "emotion_anger": "anger",
    "emotion_disgust": "disgust",
    "emotion_fear": "fear",
    "emotion_contempt": "contempt",
    "bounds_title": "If the unseen faces were known",
    "bounds_note": (
        "Direction O in per cent, as seen, and where it would lie if nobody unseen (lowest) or everybody unseen "
        "(highest) had faced the front: C × O and C × O + 1 − C, with C the share seen."
    ),
    "bounds_seen": "as seen",
    "bounds_range": "could lie within",
    "abstentions_title": "Why an expression was not judged",
    "abstentions_note": ("Share of {count} face reading.", "Share of all {count} face readings."),
    "abstention_too small": "too small",
    "abstention_turned away": "turned away",
    "abstention_pose unknown": "direction unknown",
    "abstention_unsure detection": "not clear or not from the front",
    "abstention_uncertain": "no clear answer",
    "abstention_none": "judged",
    "checked_title": "Checked against observers",
    "checked_note_two": (
        "Two people coded {clips} of ten seconds, each of one place, from {lessons}, without seeing the numbers "
        "({date}). Kappa and ICC: how far they agree with each other; 1 = wholly, 0 = as by chance. AUC: how often a "
        "moment in which they saw a pupil do the task has a higher number than one in which they did not; 1/2 = by "
        "chance."
    ),
    "checked_note_one": (
        "One person coded {clips} of ten seconds, each of one place, from {lessons}, without seeing the numbers "
        "({date}). How sure these codes are is not known. AUC: how often a moment in which a pupil was seen to do the "
        "task has a higher number than one in which not; 1/2 = by chance."
    ),
    "checked_interval_lesson": "In brackets: 95 % intervals for other lessons like these.",
    "checked_interval_seat": "In brackets: 95 % intervals for these lessons only; for others too few were coded.",
    "checked_kappa_on_task": "On task or not, two people: kappa",
    "checked_weighted_kappa_facing": "… face turned: weighted kappa",
    "checked_icc_pupils": "… number of pupils: ICC",
    "checked_auc_orientation": "Direction O and on task: AUC",
    "checked_auc_expression": "Expression E: AUC",
    "checked_auc_index": "Index: AUC",
    "checked_task_rank_index": "Index by task: Spearman correlation",
    "checked_recall_facing": "Face turned: average share found",
    "checked_recall_head_down": "Head down: average share found",
    "checked_recall_expression": "Expression: average share found",
    "checked_share_missed": "Pupils whom the camera missed",
    "checked_part_size": "… faces of {size}",
    "checked_part_row": "… row {row} from the camera",
    "checked_part_rows": "… rows {first} to {last} from the camera",
    "n_clips": ("{count} clip", "{count} clips"),
    "n_lessons": ("{count} lesson", "{count} lessons"),
    "provenance_title": "Where this came from",
    "prov_declared": "Declared",
    "prov_declared_none": "no purpose, setting or legal basis was declared",
    "declared_jurisdiction": "jurisdiction {value}",
    "declared_setting": "setting {value}",
    "declared_purpose": "purpose {value}",
    "declared_legal_basis": "legal basis {value}",
    "setting_education": "education",
    "setting_workplace": "workplace",
    "setting_laboratory": "laboratory, acted lessons",
    "setting_other": "another place",
    "declared_dpia": "impact assessment {value}",
    "prov_film": "Film",
    "prov_film_text": "{name}, {width} × {height}, fingerprint {hash}",
    "prov_model": "Model",
    "prov_model_text": "fingerprint {hash}",
    "prov_calibration": "Calibration",
    "prov_temperature": "temperature T = {value}",
    "prov_ece": "expected calibration error {value}",
    "prov_settings": "Settings",
    "prov_settings_text": "fingerprint {hash}; faces found by {detector}, from {px} pixels",
    "prov_looks": "Faces looked for",
    "prov_looks_all": "in the whole of every picture",
    "prov_looks_between": "in the whole picture every {seconds} s, else around known faces and where something moved",
    "prov_seen": "Film read",
    "prov_seen_text": "{sampled} looked at; {lost} not readable; unseen time {unseen}",
    "prov_kept": "Kept",
    "prov_kept_text": "numbers only, no pictures; profile “{profile}”, {until}",
    "prov_until": "to be deleted after {date}",
    "prov_forever": "no deletion date set",
    "prov_session": "Session",
    "prov_session_text": "number {number}, analysed {date}",
    "versions_title": "Software",
    # appendix
    "appendix_title": "Appendix",
    "appendix_note": "For readers who want to check the pages before. Nothing here is about one child.",
    "values_title": "Class values of each task",
    "values_note": (
        "O and E in per cent with their 95 % intervals. Steps: base steps of {seconds} s. Readable: share of the faces "
        "seen whose expression could be judged. Bounds: where O would lie if nobody or everybody unseen had faced the "
        "front. A dash: not shown."
    ),
    "column_steps": "Steps",
    "column_o": "O",
    "column_e": "E",
    "column_readable": "Readable",
    "column_bounds": "Bounds of O",
    "sizes_title": "Sizes of faces",
    "column_size": "Size",
    "column_readings": "Face readings",
    "column_share": "Share",
    "bins_title": "Every {seconds} seconds",
    "bins_note": (
        "One line per {row} s, and a new one with each task. Index before smoothing; faces visible at once; share of "
        "faces seen in per cent. A dash: no value, or not shown."
    ),
    "column_time": "Time",
    "settings_title": "Settings",
    "settings_note": "Names as in the settings file; the values with which these numbers were computed.",
}
