"""A blind coding sheet as a record: what an observer gets, and what comes back.

Blind: no value of the program, no stratum and no probability is in it, because strata say what the program saw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from classroom_fer.errors import SheetError
from classroom_fer.study.codebook import CANNOT_TELL, LARGEST_CLASS, QUESTIONS, Question

OBSERVERS = ("A", "B")
MOST_MISTAKES = 20
"""Mistakes that one message lists; a wrong sheet usually repeats one (choice)."""
SHOWN = 40
"""Characters of a wrong code that a message shows (choice)."""
HINT = "correct the sheet; its instructions list every code"
OPEN = ""
"""An answer that was not given."""


@dataclass(frozen=True, slots=True)
class SheetClip:
    """One clip as an observer is shown it."""

    number: int
    """From 1, in order of film and time."""
    film: str
    start_s: float
    end_s: float
    task: str
    mode: str
    x_percent: float
    """Of the picture's width, from the left."""
    y_percent: float
    """Of its height, from the top."""
    row: int
    """From the camera."""
    place: int
    """From the left."""
    places: int

    @property
    def where(self) -> str:
        """
        >>> SheetClip(1, "a.mp4", 0.0, 10.0, "Quiz", "desk", 41.6, 30.2, 2, 3, 5).where
        'row 2 from the camera, place 3 of 5 from the left (42 % from the left, 30 % from the top)'
        """
        return (
            f"row {self.row} from the camera, place {self.place} of {self.places} from the left "
            f"({self.x_percent:.0f} % from the left, {self.y_percent:.0f} % from the top)"
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one observer is to code."""

    sample_id: str
    observer: str
    drawn_at: datetime
    clips: tuple[SheetClip, ...]

    @property
    def sheet_id(self) -> str:
        """Ties the sheet to its sample and its observer."""
        return f"{self.sample_id}-{self.observer}"


@dataclass(frozen=True, slots=True)
class CodedClip:
    """What a sheet says of one clip: a code for each question's key, OPEN where none was given."""

    number: int
    answers: Mapping[str, str]
    where: str
    """Line of the file, or what stands for it there; for messages."""


@dataclass(frozen=True, slots=True)
class CodedSheet:
    """A sheet that came back, whole or in part."""

    path: Path
    sample_id: str
    observer: str
    clips: tuple[CodedClip, ...]


@dataclass(slots=True)
class FoundCodes:
    """What a reader found in a file, before it is checked."""

    path: Path
    sheet_ids: set[str] = field(default_factory=set)
    clips: list[CodedClip] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)


def refuse(path: Path, mistakes: Sequence[str], hint: str = HINT) -> NoReturn:
    """Raises SheetError with a line for each mistake."""
    more = len(mistakes) - MOST_MISTAKES
    lines = [*mistakes[:MOST_MISTAKES], *([f"... and {more} more"] if more > 0 else [])]
    raise SheetError("\n".join(f"{path}, {line}" for line in lines), hint=hint)


def checked(found: FoundCodes) -> CodedSheet:
    """The sheet; SheetError with every code that does not exist, clips that stand twice, a missing or mixed id."""
    if len(found.sheet_ids) != 1:
        mixed = ", ".join(sorted(found.sheet_ids))
        what = f"several sheets are mixed ({mixed})" if mixed else "no sheet's id"
        raise SheetError(
            f"{found.path}: {what}", hint="give the sheets that `validate sample` wrote, one a file and observer"
        )
    sample_id, _, observer = found.sheet_ids.pop().rpartition("-")
    if observer not in OBSERVERS or not sample_id:
        raise SheetError(
            f"{found.path}: no sheet has the id {sample_id}-{observer}"[:200],
            hint="the id was changed; copy it from the sheet that `validate sample` wrote",
        )
    mistakes, first = list(found.mistakes), dict[int, str]()
    for clip in found.clips:
        if clip.number in first:
            mistakes.append(f"{clip.where}: clip {clip.number} stands in {first[clip.number]} too")
        first.setdefault(clip.number, clip.where)
        wrong = (mistake(question, clip.answers.get(question.key, OPEN)) for question in QUESTIONS)
        mistakes += [f"{clip.where}: {what}" for what in wrong if what]
    if mistakes:
        refuse(found.path, mistakes)
    return CodedSheet(found.path, sample_id, observer, tuple(found.clips))


def mistake(question: Question, answer: str) -> str:
    """What is wrong with an answer; empty if nothing is.

    >>> from classroom_fer.study.codebook import FACING, PUPILS
    >>> mistake(FACING, "fron")
    "facing is 'fron'; write front, partly, away or cannot_tell"
    >>> mistake(PUPILS, "21"), mistake(FACING, "")
    ('', '')
    """
    if answer in {OPEN, CANNOT_TELL} or answer in question.codes:
        return ""
    if not question.answers:
        fits = answer.isascii() and answer.isdecimal() and int(answer) <= LARGEST_CLASS
        return "" if fits else f"{question.key} is {answer[:SHOWN]!r}; write a whole number or {CANNOT_TELL}"
    *others, last = question.codes
    return f"{question.key} is {answer[:SHOWN]!r}; write {', '.join(others)} or {last}"
