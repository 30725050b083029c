"""From stored lessons to a sample of clips and its two blind sheets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from datetime import datetime

from classroom_fer.errors import StoreError
from classroom_fer.lesson.span import to_milliseconds
from classroom_fer.lesson.validation import ClipSample, SampleClip
from classroom_fer.study.lessons import StudyLesson
from classroom_fer.study.sampling import DrawnClip, draw
from classroom_fer.study.sheets import OBSERVERS, Sheet, SheetClip

ID_LENGTH = 12
"""Hex digits of a sample's name (choice)."""


def make_sample(lessons: Sequence[StudyLesson], count: int, seed: int, database_id: str, now: datetime) -> ClipSample:
    """Draws the clips. The same lessons, rules, count and seed give the same sample, with the same id.

    Raises:
        StoreError: there is no clip to draw.
    """
    clips = [clip for lesson in lessons for clip in lesson.clips]
    if not clips:
        raise StoreError(
            "there is no clip to draw: nobody was followed long enough during a task",
            hint="give sessions whose tasks last a minute and longer",
        )
    drawn = draw(clips, count, seed, lessons[0].cuts_px)
    chosen = tuple(_sample_clip(number, one) for number, one in enumerate(drawn, start=1))
    parts = [database_id, seed, *(astuple(clip) for clip in chosen)]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:ID_LENGTH]
    return ClipSample(digest, seed, now, len(chosen), chosen)


def _sample_clip(number: int, drawn: DrawnClip) -> SampleClip:
    clip, seat = drawn.clip, drawn.clip.seat
    return SampleClip(
        number=number,
        session_id=clip.session_id,
        start_s=to_milliseconds(clip.start_s),
        end_s=to_milliseconds(clip.end_s),
        x_px=clip.x_px,
        y_px=clip.y_px,
        size_px=seat.size_px,
        row=seat.row,
        place=seat.place,
        places=seat.places,
        stratum=drawn.stratum,
        probability=drawn.probability,
    )


def make_sheets(sample: ClipSample, lessons: Sequence[StudyLesson]) -> list[Sheet]:
    """One sheet for each observer: the same clips in the same order."""
    known = {lesson.session.session_id: lesson for lesson in lessons}
    clips = tuple(_sheet_clip(clip, known) for clip in sample.clips)
    return [Sheet(sample.sample_id, observer, sample.drawn_at, clips) for observer in OBSERVERS]


def _sheet_clip(clip: SampleClip, lessons: Mapping[int, StudyLesson]) -> SheetClip:
    session = lessons[clip.session_id].session
    task = next(task for task in session.tasks if task.start_s - 1e-3 <= clip.start_s < task.end_s)
    return SheetClip(
        number=clip.number,
        film=session.start.video_name,
        start_s=clip.start_s,
        end_s=clip.end_s,
        task=task.name,
        mode=task.mode,
        x_percent=100 * clip.x_px / session.start.width_px,
        y_percent=100 * clip.y_px / session.start.height_px,
        row=clip.row,
        place=clip.place,
        places=clip.places,
    )
