"""A stored session and its result -> everything a report prints. Pure: no file, no clock, no drawing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath

from classroom_fer.lesson.records import SessionResult, StoredSession
from classroom_fer.report.appendix import appendix_tables
from classroom_fer.report.figures import (
    SMOOTHED_BINS,
    camera_figure,
    camera_title,
    is_short,
    size_figure,
    timeline_figure,
    timeline_title,
)
from classroom_fer.report.formatting import clock, plain
from classroom_fer.report.method import method_page
from classroom_fer.report.sections import (
    expression_section,
    moment_notes,
    presence_section,
    task_section,
    window,
)
from classroom_fer.report.view_records import Camera, Header, ReportView, Stretch
from classroom_fer.report.wording import Wording
from classroom_fer.settings.config import stored_config
from classroom_fer.settings.rules import Rules
from classroom_fer.settings.versions import RESULT_VERSION

LIMITS = ("feelings", "labels", "adults", "small", "board", "watched", "validated")
CHECKED_LIMIT = "checked"
"""Stands in place of "validated" where observers coded lessons of the class."""
FEW_MOMENTS = 3
"""With more of them page 2 is set closer, so that two pages hold everything (choice)."""
PRESENCE = "presence"
"""The profile in which nothing is inferred (safeguard S1)."""


def report_view(
    session: StoredSession, result: SessionResult, say: Wording | None = None, *, appendix: bool = False
) -> ReportView:
    """Printable values for ``session``; the rules are those it was computed with (``start.settings``).

    Raises:
        StoreError: the stored settings are damaged.
    """
    say = say or Wording()
    rules = stored_config(session.start.settings).rules
    axis = Stretch(session.start.start_s, max(session.start.end_s, session.start.start_s + 1))
    lesson = plain(PurePosixPath(session.start.video_name).stem) or plain(session.start.video_name)
    presence = session.start.profile == PRESENCE
    moments = result.moments
    timeline = None if presence else timeline_figure(result, moments, axis, rules, say)
    tasks = presence_section(result, say) if presence else task_section(result, rules, say)
    return ReportView(
        lang=say.language.code,
        direction=say.language.direction,
        title=say("document_title", lesson=lesson),
        created=utc(session.analyzed_at),
        header=Header(lesson, _facts(session, result, axis, rules, say)),
        cautions=_cautions(session, say),
        camera=_camera(session, result, axis, rules, say),
        with_index=not presence,
        dense=tasks.compact or len(moments) > FEW_MOMENTS,
        timeline=timeline,
        timeline_title=timeline_title(result, moments, axis, rules, say),
        timeline_note=_timeline_note(rules, bool(moments), say) if timeline else "",
        tasks=tasks,
        moments_title=say("moments_section"),
        moments=moment_notes(moments, [summary.task for summary in result.tasks], rules, say),
        moments_none=_no_moments(timeline is not None, axis, rules, say),
        expressions=expression_section(result, axis, say),
        questions=tuple(
            say(f"question_{about}") for about in ("surprise", "unseen", "moments" if moments else "tasks")
        ),
        limits=tuple(say(f"limit_{name}") for name in limits(session)),
        method=method_page(session, result, rules, say),
        appendix=appendix_tables(session, result, rules, say) if appendix else (),
        forbidden=say("forbidden"),
    )


def limits(session: StoredSession) -> tuple[str, ...]:
    """What its report says of its limits, by the ends of the texts' keys."""
    if session.validation is None or session.start.profile == PRESENCE:
        return LIMITS
    return (*LIMITS[:-1], CHECKED_LIMIT)


def _cautions(session: StoredSession, say: Wording) -> tuple[str, ...]:
    """What is to be read first."""
    presence = (say("presence_note"),) if session.start.profile == PRESENCE else ()
    older = (say("older_rules_note"),) if session.start.result_version != RESULT_VERSION else ()
    further = (say("aggregation_note"),) if session.aggregation is not None else ()
    return (say("read_first"), *presence, *older, *further)


def utc(moment: datetime) -> str:
    """W3C form with a zone, which the PDF's metadata need; a time without one is UTC, as the store keeps it."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return f"{aware:%Y-%m-%dT%H:%M:%SZ}"


def _facts(
    session: StoredSession, result: SessionResult, axis: Stretch, rules: Rules, say: Wording
) -> tuple[tuple[str, str], ...]:
    """What stands in the head of page 1."""
    start = session.start
    length = say.minutes(axis.end_s - axis.start_s)
    if axis.start_s > 0 or axis.end_s < start.duration_s - 1:
        length = say("length_part", length=length, start=clock(axis.start_s), end=clock(axis.end_s))
    facts = [
        (say("lesson_date"), say.day(start.recorded_on) if start.recorded_on else say("unknown_date")),
        (say("length"), length),
        (say("purpose"), plain(start.declaration.purpose))
        if start.declaration.purpose
        else ("", say("purpose_undeclared")),
    ]
    if session.aggregation is not None:
        facts.insert(0, (say("aggregation"), plain(session.aggregation)))
    if start.declaration.legal_basis:
        facts.append((say("legal_basis"), plain(start.declaration.legal_basis)))
    facts.append((say("profile"), plain(start.profile)))
    if start.profile != PRESENCE:
        facts.append((say("evidence"), _evidence(result, rules, say)))
    return tuple(facts)


def _evidence(result: SessionResult, rules: Rules, say: Wording) -> str:
    """Grades of the tasks in one phrase. They grade what was seen, not the class."""
    grades = sorted(str(s.grade) for s in result.tasks if s.grade is not None)
    if not grades:
        return say("evidence_none")
    phrase = (
        say("evidence_one", grade=grades[0])
        if grades[0] == grades[-1]
        else say("evidence_range", first=grades[0], last=grades[-1])
    )
    if len(grades) < len(result.tasks):
        return say("evidence_partly", grade=phrase, shown=say.whole(len(grades)), all=say.whole(len(result.tasks)))
    return phrase


def _camera(session: StoredSession, result: SessionResult, axis: Stretch, rules: Rules, say: Wording) -> Camera:
    seen = result.visibility
    facts = [say("no_faces_note")] if seen.frames_sampled and not seen.faces else []
    if seen.coverage is not None:
        all_faces = say.count("faces", seen.simultaneous_p95)
        facts.append(say("fact_seen", share=say.share(seen.coverage), all=all_faces))
    facts.append(say("fact_sampled", frames=say.count("pictures", seen.frames_sampled)))
    facts.append(_film_fact(result, say))
    facts += _camera_facts(result, say)
    regions = session.start.regions
    facts.append(say.plural("fact_regions", regions) if regions else say("fact_no_regions"))
    figure, sizes = camera_figure(result, axis, rules, say), size_figure(seen, say)
    return Camera(camera_title(result, rules, say), figure, sizes, tuple(facts))


def _film_fact(result: SessionResult, say: Wording) -> str:
    seen = result.visibility
    frames = say.count("frames", seen.frames_lost)
    if seen.unseen_s >= 1:
        return say("fact_lost", unseen=say.minutes(seen.unseen_s), frames=frames)
    return say("fact_lost_frames", frames=frames) if seen.frames_lost else say("fact_complete")


def _camera_facts(result: SessionResult, say: Wording) -> Iterator[str]:
    """What is to be known of a film that is cut, or whose camera was moved."""
    seen = result.visibility
    if seen.cuts:
        yield say.plural("fact_cuts", seen.cuts)
    if seen.camera_away:
        yield say("fact_camera_away", share=say.share(seen.camera_away))


def _no_moments(with_index: bool, axis: Stretch, rules: Rules, say: Wording) -> str:
    if not with_index:
        return say("moments_unknown")
    if is_short(axis, rules):
        return say("moments_short", window=window(rules.moments.window_s, say))
    return say("moments_none")


def _timeline_note(rules: Rules, moments: bool, say: Wording) -> str:
    note = say("timeline_note", seconds=say.whole(SMOOTHED_BINS * rules.bins.seconds))
    return f"{note} {say('timeline_note_moments')}" if moments else note
