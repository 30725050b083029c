"""From filled sheets to a validation: whose they are, what the program says of the same clips, the figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from classroom_fer.errors import SheetError
from classroom_fer.lesson.validation import ClipSample, SampleClip, Validation
from classroom_fer.study.clips import Clip
from classroom_fer.study.clusters import resampling
from classroom_fer.study.codebook import ABOUT_THE_PUPIL, CANNOT_TELL, PRESENT, QUESTIONS
from classroom_fer.study.coded import coded_clips
from classroom_fer.study.lessons import StudyLesson
from classroom_fer.study.program_values import program_values
from classroom_fer.study.scoring import row_parts, score, seats_of_a_lesson, size_parts, was_coded
from classroom_fer.study.sheets import OBSERVERS, OPEN, CodedClip, CodedSheet

SAME_S = 0.002
"""Times of one bin, stored in milliseconds."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What one observer left open."""

    observer: str
    clips: int
    """Clips of the sample without any answer."""
    answers: Mapping[str, int]
    """Question -> clips that were coded in part and lack it."""
    cannot_tell: Mapping[str, int]
    """Question -> clips on which the observer could not tell."""


def check_sheets(sheets: Sequence[CodedSheet]) -> str:
    """The sample that all sheets are of.

    Raises:
        SheetError: they are of several samples; one observer coded a clip twice.
    """
    samples = {sheet.sample_id: sheet for sheet in sheets}
    if len(samples) > 1:
        listed = "; ".join(f"{sheet.path} is of sample {sheet.sample_id}" for sheet in samples.values())
        raise SheetError(f"these sheets are of different samples: {listed}", hint="score each sample by itself")
    coded: dict[tuple[str, int], CodedSheet] = {}
    for sheet in sheets:
        for clip in sheet.clips:
            other = coded.setdefault((sheet.observer, clip.number), sheet)
            if other is not sheet:
                raise SheetError(
                    f"{sheet.path} and {other.path} are both of observer {sheet.observer}",
                    hint="give one sheet of each observer; two people need two sheets (A and B)",
                )
    return next(iter(samples))


def check_clips(sample: ClipSample, sheets: Sequence[CodedSheet]) -> None:
    """Whether the sheets are about this sample's clips, as it is stored.

    Raises:
        SheetError: a session of the sample was deleted; a sheet holds a clip that was not drawn; two observers coded
            no clip in common.
    """
    if len(sample.clips) < sample.drawn:
        raise SheetError(
            f"{sample.drawn - len(sample.clips)} of the {sample.drawn} clips of sample {sample.sample_id} are of "
            "sessions that were deleted since, or whose faces were",
            hint="analyze the films again, draw a new sample and have that coded",
        )
    numbers = {clip.number for clip in sample.clips}
    for sheet in sheets:
        for clip in sheet.clips:
            if clip.number not in numbers:
                raise SheetError(
                    f"{sheet.path}, {clip.where}: sample {sample.sample_id} has no clip {clip.number}",
                    hint=f"its clips are 1 to {sample.drawn}; was a line added?",
                )
    coded = {observer: _coded_numbers(sheets, observer) for observer in {sheet.observer for sheet in sheets}}
    if not any(coded.values()):
        raise SheetError("nothing is coded in these sheets", hint="fill them in; the instructions say how")
    if len(coded) > 1 and not set.intersection(*coded.values()):
        raise SheetError("the observers coded different clips and none in common", hint="both code the same clips")


def _coded_numbers(sheets: Sequence[CodedSheet], observer: str) -> set[int]:
    return {clip.number for sheet in sheets if sheet.observer == observer for clip in sheet.clips if _any(clip)}


def _any(clip: CodedClip) -> bool:
    return any(answer != OPEN for answer in clip.answers.values())


def missing(sample: ClipSample, sheets: Sequence[CodedSheet]) -> list[Missing]:
    """What each observer left open, in order of the observers."""
    found = []
    for observer in (name for name in OBSERVERS if any(sheet.observer == name for sheet in sheets)):
        clips = [clip for sheet in sheets if sheet.observer == observer for clip in sheet.clips if _any(clip)]
        lacking: Counter[str] = Counter()
        unsure: Counter[str] = Counter()
        for clip in clips:
            asked = [q for q in QUESTIONS if q not in ABOUT_THE_PUPIL or clip.answers.get(PRESENT.key) != "no"]
            lacking.update(q.key for q in asked if clip.answers.get(q.key, OPEN) == OPEN)
            unsure.update(q.key for q in asked if clip.answers.get(q.key) == CANNOT_TELL)
        found.append(Missing(observer, sample.drawn - len(clips), dict(lacking), dict(unsure)))
    return found


def make_validation(
    sample: ClipSample, lessons: Sequence[StudyLesson], sheets: Sequence[CodedSheet], now: datetime
) -> Validation:
    """The figures. Args: ``lessons`` all sessions of the sample; sheets that were checked.

    Raises:
        SheetError: a session no longer has the sample's bins or seats; clips of too few pupils were coded.
    """
    clips = list(sample.clips)
    values, tasks = [], []
    for lesson in sorted(lessons, key=lambda lesson: lesson.session.session_id):  # as the clips are
        mine = [clip for clip in clips if clip.session_id == lesson.session.session_id]
        found = [_same_clip(clip, lesson) for clip in mine]
        values += program_values(found, lesson.bins, lesson.rules)
        tasks += [clip.task for clip in found]
    rows = coded_clips(clips, tasks, values, sheets)
    rows = rows.take(was_coded(rows))
    group = max(lesson.rules.evidence.min_group for lesson in lessons)
    if seats_of_a_lesson(rows) < group:
        raise SheetError(
            f"clips of fewer than {group} pupils are coded, and nothing is told of so few", hint="code more clips"
        )
    drawn = resampling(rows)
    parts = [*size_parts(rows, lessons[0].cuts_px, group), *row_parts(rows, group)]
    return Validation(
        sample_id=sample.sample_id,
        scored_at=now,
        drawn=sample.drawn,
        coded=len(rows),
        observers=len({sheet.observer for sheet in sheets}),
        lessons=len(np.unique(rows.lesson)),
        seats=len(np.unique(rows.seat)),
        cluster=drawn.cluster,
        agreements=score(rows, drawn, parts, group),
    )


def _same_clip(clip: SampleClip, lesson: StudyLesson) -> Clip:
    """The lesson's own clip at the same place and time."""
    number = clip.session_id
    then = [
        one for one in lesson.clips if abs(one.start_s - clip.start_s) < SAME_S and abs(one.end_s - clip.end_s) < SAME_S
    ]
    if not then:
        raise SheetError(
            f"session {number} has no bin at {clip.start_s:g} s any more: its tasks or settings changed since the "
            f"sample was drawn (clip {clip.number})",
            hint="aggregate it with the tasks and settings of that day, or draw a new sample",
        )
    near = min(then, key=lambda one: _apart(one, clip))
    if _apart(near, clip) > clip.size_px:
        raise SheetError(
            f"session {number}: nobody is followed any more at the place of clip {clip.number}",
            hint="another version followed the faces otherwise; draw a new sample",
        )
    return near


def _apart(one: Clip, other: SampleClip) -> float:
    return float(np.hypot(one.x_px - other.x_px, one.y_px - other.y_px))
