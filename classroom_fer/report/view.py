"""A stored session and its result -> everything a report prints. Pure: no file, no clock, no drawing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePosixPath

from classroom_fer.config import Rules
from classroom_fer.privacy import may_show
from classroom_fer.report.figures import (
    SMOOTHED_BINS,
    camera_figure,
    camera_title,
    is_short,
    size_figure,
    timeline_figure,
    timeline_title,
)
from classroom_fer.report.formatting import clock, minutes, plain, share
from classroom_fer.report.method import method_page
from classroom_fer.report.printable import Camera, Header, ReportView, Span
from classroom_fer.report.recorded import recorded_rules
from classroom_fer.report.sections import expression_section, is_shown, moment_notes, shown_moments, task_section
from classroom_fer.report.wording import Wording
from classroom_fer.types import SessionResult, StoredSession

LIMITS = ("feelings", "labels", "adults", "small", "board", "watched", "validated")


def report_view(session: StoredSession, result: SessionResult, say: Wording | None = None) -> ReportView:
    """Printable values for ``session``; the rules are those it was computed with (``start.settings``).

    Raises:
        ReportError: the recorded settings cannot be read.
    """
    say = say or Wording()
    rules = recorded_rules(session.start.settings)
    axis = Span(session.start.start_s, max(session.start.end_s, session.start.start_s + 1))
    lesson = plain(PurePosixPath(session.start.video_name).stem) or plain(session.start.video_name)
    moments = shown_moments(result, rules)
    timeline = timeline_figure(result, moments, axis, rules, say)
    return ReportView(
        lang="en",
        title=say("document_title", lesson=lesson),
        created=_utc(session.analyzed_at),
        header=Header(lesson, _facts(session, result, axis, rules, say)),
        camera=_camera(result, axis, rules, say),
        timeline=timeline,
        timeline_title=timeline_title(result, moments, axis, rules, say),
        timeline_note=_timeline_note(rules, bool(moments), say) if timeline else "",
        tasks=task_section(result, rules, say),
        moments_title=say("moments_section"),
        moments=moment_notes(moments, [summary.task for summary in result.tasks], rules, say),
        moments_none=_no_moments(timeline is not None, axis, rules, say),
        expressions=expression_section(result, axis, rules, say),
        questions=(
            say("question_surprise"),
            say("question_unseen"),
            say("question_moments" if moments else "question_tasks"),
        ),
        limits=tuple(say(f"limit_{name}") for name in LIMITS),
        method=method_page(session, result, rules, say),
        forbidden=say("forbidden"),
    )


def _utc(moment: datetime) -> str:
    """W3C form with a zone, which the PDF's metadata need; a time without one is UTC, as the store keeps it."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return f"{aware:%Y-%m-%dT%H:%M:%SZ}"


def _facts(
    session: StoredSession, result: SessionResult, axis: Span, rules: Rules, say: Wording
) -> tuple[tuple[str, str], ...]:
    recorded = session.start.recorded_on
    length = minutes(axis.end_s - axis.start_s)
    if axis.start_s > 0 or axis.end_s < session.start.duration_s - 1:
        length = say("length_part", length=length, start=clock(axis.start_s), end=clock(axis.end_s))
    return (
        (say("lesson_date"), f"{recorded:%Y-%m-%d}" if recorded else say("unknown_date")),
        (say("length"), length),
        (say("purpose"), say("purpose_undeclared")),
        (say("evidence"), _evidence(result, rules, say)),
    )


def _evidence(result: SessionResult, rules: Rules, say: Wording) -> str:
    """Grades of the tasks in one phrase. They grade what was seen, not the class."""
    grades = sorted(str(s.grade) for s in result.tasks if is_shown(s, rules))
    if not grades:
        return say("evidence_none")
    phrase = (
        say("evidence_one", grade=grades[0])
        if grades[0] == grades[-1]
        else say("evidence_range", first=grades[0], last=grades[-1])
    )
    if len(grades) < len(result.tasks):
        return say("evidence_partly", grade=phrase, shown=len(grades), all=len(result.tasks))
    return phrase


def _camera(result: SessionResult, axis: Span, rules: Rules, say: Wording) -> Camera:
    seen = result.visibility
    facts = [say("no_faces_note")] if seen.frames_sampled and not seen.faces else []
    if seen.coverage is not None and may_show(seen.simultaneous_p95, rules.evidence):
        all_faces = say.count("faces", seen.simultaneous_p95)
        facts.append(say("fact_seen", share=share(seen.coverage), all=all_faces))
    facts.append(say("fact_sampled", frames=say.count("pictures", seen.frames_sampled)))
    facts.append(_film_fact(result, say))
    facts.append(say("fact_regions"))
    return Camera(
        title=camera_title(result, rules, say),
        figure=camera_figure(result, axis, rules, say),
        sizes=size_figure(seen, rules, say),
        facts=tuple(facts),
    )


def _film_fact(result: SessionResult, say: Wording) -> str:
    seen = result.visibility
    frames = say.count("frames", seen.frames_lost)
    if seen.unseen_s >= 1:
        return say("fact_lost", unseen=minutes(seen.unseen_s), frames=frames)
    return say("fact_lost_frames", frames=frames) if seen.frames_lost else say("fact_complete")


def _no_moments(with_index: bool, axis: Span, rules: Rules, say: Wording) -> str:
    if not with_index:
        return say("moments_unknown")
    if is_short(axis, rules):
        return say("moments_short", window=say.count("seconds", int(rules.moments.window_s)))
    return say("moments_none")


def _timeline_note(rules: Rules, moments: bool, say: Wording) -> str:
    note = say("timeline_note", seconds=int(SMOOTHED_BINS * rules.bins.seconds))
    return f"{note} {say('timeline_note_moments')}" if moments else note
