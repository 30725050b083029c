"""Sheets and program side by side: one row a clip, ready for statistics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np

from classroom_fer.lesson.validation import SampleClip
from classroom_fer.measurement.engagement import Floats
from classroom_fer.measurement.sample_table import Ints, Mask
from classroom_fer.study.codebook import ABOUT_THE_PUPIL, CANNOT_TELL, PRESENT, PUPILS, Question
from classroom_fer.study.program_values import UNKNOWN, ProgramValues
from classroom_fer.study.sheets import OBSERVERS, OPEN, CodedSheet

YES = 0
"""Number of the answer "yes" in every question that has it."""
CODED = (PRESENT, *ABOUT_THE_PUPIL)


@dataclass(frozen=True, slots=True, eq=False)
class CodedClips:
    """Columns of length N. Codes are numbers of answers, UNKNOWN where there is none or nobody could tell."""

    weight: Floats
    """1 / inclusion probability."""
    lesson: Ints
    """Session."""
    task: Ints
    """Task of a lesson, by number over all lessons."""
    seat: Ints
    """Seat of a lesson, by number over all lessons."""
    row: Ints
    size_px: Floats
    present: Ints
    """[N, 2], one column an observer, like the next five."""
    on_task: Ints
    facing: Ints
    head_down: Ints
    expression: Ints
    pupils: Floats
    program_orientation: Floats
    program_expression: Floats
    program_index: Floats
    program_facing: Ints
    program_head_down: Ints
    program_group: Ints
    has_value: Mask
    has_face: Mask
    faces: Floats

    def __len__(self) -> int:
        return len(self.weight)

    def take(self, rows: Ints | Mask) -> Self:
        """These rows, in this order."""
        columns: dict[str, Any] = {column.name: getattr(self, column.name)[rows] for column in fields(self)}
        return replace(self, **columns)

    def seen(self, codes: Ints) -> Ints:
        """[N] what the observers who could tell saw; UNKNOWN where they disagree."""
        one, other = codes[:, 0], codes[:, 1]
        agreed = np.where(one == other, one, UNKNOWN)
        return np.where(one == UNKNOWN, other, np.where(other == UNKNOWN, one, agreed))

    def share_on_task(self) -> Floats:
        """[N] share of the observers who could tell that said "yes"; NaN where none could."""
        told = self.on_task != UNKNOWN
        yes = ((self.on_task == YES) & told).sum(axis=1)
        return np.where(told.any(axis=1), yes / np.maximum(told.sum(axis=1), 1), np.nan)

    def is_present(self) -> Mask:
        """[N] whether somebody was at the place, by every observer who could tell."""
        return np.asarray(self.seen(self.present) == YES)

    def counted_pupils(self) -> Floats:
        """[N] mean of the observers' counts; NaN where nobody counted."""
        counted = ~np.isnan(self.pupils)
        total = np.where(counted, self.pupils, 0.0).sum(axis=1)
        return np.where(counted.any(axis=1), total / np.maximum(counted.sum(axis=1), 1), np.nan)


def coded_clips(
    clips: Sequence[SampleClip], tasks: Sequence[str], values: Sequence[ProgramValues], sheets: Sequence[CodedSheet]
) -> CodedClips:
    """The rows of ``clips``, in their order.

    Args: for each clip the name of its task and what the program says; the sheets, any number for each observer.
    """
    answers = _answers(sheets)
    said: dict[str, Any] = {question.key: _codes(question, clips, answers) for question in CODED}
    for names, kind in (
        (("orientation", "expression", "index"), np.float64),
        (("facing", "head_down", "group"), np.int64),
    ):
        said |= {f"program_{name}": np.array([getattr(v, name) for v in values], dtype=kind) for name in names}
    return CodedClips(
        weight=np.array([1 / clip.probability for clip in clips]),
        lesson=np.array([clip.session_id for clip in clips]),
        task=_numbered([(clip.session_id, name) for clip, name in zip(clips, tasks, strict=True)]),
        seat=_numbered([(clip.session_id, clip.row, clip.place) for clip in clips]),
        row=np.array([clip.row for clip in clips]),
        size_px=np.array([clip.size_px for clip in clips]),
        pupils=_counts(clips, answers),
        has_value=np.array([value.coverage == "valued" for value in values]),
        has_face=np.array([value.coverage != "unseen" for value in values]),
        faces=np.array([value.faces for value in values]),
        **said,
    )


Answers = Mapping[tuple[str, int], Mapping[str, str]]
"""(observer, number of the clip) -> answers."""


def _answers(sheets: Sequence[CodedSheet]) -> Answers:
    return {(sheet.observer, clip.number): clip.answers for sheet in sheets for clip in sheet.clips}


def _codes(question: Question, clips: Sequence[SampleClip], answers: Answers) -> Ints:
    numbers = {answer.code: number for number, answer in enumerate(question.answers)}
    return np.array(
        [
            [numbers.get(answers.get((observer, clip.number), {}).get(question.key, OPEN), UNKNOWN)
             for observer in OBSERVERS]
            for clip in clips
        ],
        dtype=np.int64,
    ).reshape(-1, len(OBSERVERS))  # fmt: skip


def _counts(clips: Sequence[SampleClip], answers: Answers) -> Floats:
    def number(observer: str, clip: SampleClip) -> float:
        text = answers.get((observer, clip.number), {}).get(PUPILS.key, OPEN)
        return float("nan") if text in {OPEN, CANNOT_TELL} else float(text)

    return np.array([[number(observer, clip) for observer in OBSERVERS] for clip in clips]).reshape(-1, len(OBSERVERS))


def _numbered(keys: Sequence[tuple[object, ...]]) -> Ints:
    known: dict[tuple[object, ...], int] = {}
    return np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)
