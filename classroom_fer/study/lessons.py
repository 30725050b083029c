"""A stored session as a study needs it: what each seat shows in each bin, and which clips could be drawn of it."""

from __future__ import annotations

from dataclasses import dataclass

from classroom_fer.errors import StoreError
from classroom_fer.lesson.protocols import Store, Tracker
from classroom_fer.lesson.records import StoredSession
from classroom_fer.measurement.lesson_bins import LessonBins, lesson_bins
from classroom_fer.measurement.small_groups import may_show
from classroom_fer.pipeline import Stopwatch, stored_lesson
from classroom_fer.session_choice import unfinished
from classroom_fer.settings.config import stored_config
from classroom_fer.settings.rules import Rules
from classroom_fer.study.clips import Clip, lesson_clips


@dataclass(frozen=True, slots=True, eq=False)
class StudyLesson:
    """One session of a sample."""

    session: StoredSession
    rules: Rules
    bins: LessonBins
    clips: tuple[Clip, ...]
    """All that could be drawn."""

    @property
    def cuts_px(self) -> list[float]:
        """Face sizes from which on the rules trust a face more."""
        pose, expression = self.rules.pose, self.rules.expression
        return sorted({float(pose.min_face_px), float(expression.min_face_px), float(expression.good_face_px)})


def load_lesson(session: StoredSession, store: Store, tracker: Tracker) -> StudyLesson:
    """The lesson from its stored faces.

    Raises:
        StoreError: it is not finished, has no rows per face, is of the profile presence, or shows too few pupils.
    """
    if session.status != "finished":
        raise unfinished(session)
    if session.start.profile == "presence":
        raise StoreError(
            f"session {session.session_id} is of the profile presence: it has no value that observers could check",
            hint="leave it out",
        )
    rules = stored_config(session.start.settings).rules
    bins = lesson_bins(stored_lesson(session, store, tracker, Stopwatch()), rules)
    if not may_show(bins.cells.simultaneous, rules.evidence):
        raise StoreError(
            f"session {session.session_id}: fewer than {rules.evidence.min_group} pupils were seen at a time, and "
            "nothing is told of so few",
            hint="leave it out; docs/small-groups.md says why",
        )
    return StudyLesson(session, rules, bins, tuple(lesson_clips(session.session_id, bins, rules.evidence)))
