"""One analysis in words and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from classroom_fer.analysis import Outcome
from classroom_fer.commands.task_notices import notice_lines, notices_as_json
from classroom_fer.lesson.records import Estimate, FilmRepair, StoredSession, TaskSummary, Visibility
from classroom_fer.lesson.timecode import format_time
from classroom_fer.measurement.uncompared import not_compared
from classroom_fer.report.formatting import NBSP
from classroom_fer.report.wording import Wording
from classroom_fer.settings.declaration import declared
from classroom_fer.terminal import counted
from classroom_fer.text.columns import fitted

FONTS = "apt-get install fonts-noto-core fonts-noto-cjk fonts-noto-color-emoji"
GLYPHS_SHOWN = 20
"""Characters without a font that one line names (choice)."""
NAME_CELLS = 40
"""Cells of the terminal that a task's name takes; an emoji or a Chinese character takes two (choice)."""


def task_line(summary: TaskSummary) -> str:
    """One task as the terminal shows it."""
    task = summary.task
    times = f"{format_time(task.start_s)}-{format_time(task.end_s)}"
    head = f"{times:<13} {fitted(task.name, NAME_CELLS)} {task.mode:<6}"
    why = summary.not_shown_because
    if why is not None and why.code == "not_inferred":
        return f"{head} {counted(summary.n or 0, 'face')} often seen, {100 * (summary.coverage or 0):.0f} % of the time"
    if why is not None:
        reason = Wording().reason(why).replace(NBSP, " ")
        return f"{head} not enough seen{': ' if reason else ''}{reason}"
    seen = f"{summary.n} faces, seen {100 * (summary.coverage or 0):.0f} % of the time, evidence {summary.grade}"
    if summary.engagement is None:
        return f"{head} no index in this mode; {seen}"
    value = summary.engagement
    return f"{head} index {value.value:.0f} ({value.low:.0f}-{value.high:.0f}); {seen}"


def camera_lines(seen: Visibility) -> list[str]:
    """What to know of a film that is cut, or whose camera was moved."""
    text = []
    if seen.cuts:
        text.append(
            f"  the view changed {counted(seen.cuts, 'time')} (cuts, or the camera was turned): tracks end there, and "
            "a pupil seen before and after is two"
        )
    if seen.camera_away:
        share = f"{seen.camera_away:.0%} of the frames"
        text.append(f"  the camera looked elsewhere than usual in {share}: no direction is used there")
    return text


def lines(video: Path, outcome: Outcome, db: str) -> list[str]:
    """What the terminal says of one finished film."""
    seen, start = outcome.result.visibility, outcome.session.start
    again = " (its faces were in the database already)" if outcome.reused else ""
    found = f"{counted(seen.faces, 'face')}, {counted(seen.tracks, 'track')}, up to {seen.simultaneous_p95} at once"
    text = [
        f"{video.name}: {format_time(start.end_s - start.start_s)} analysed{again}",
        f"  {counted(seen.frames_sampled, 'frame')} sampled, {found}",
    ]
    if outcome.recomputed:
        text.append("  tasks, settings or rules changed: the results were computed again from the stored faces")
    elif outcome.reused:
        text.append("  nothing changed; --fresh analyses the film again")
    if start.film_repairs:
        text.append(f"  repaired in the film: {'; '.join(map(repaired, start.film_repairs))}")
    if seen.frames_lost or seen.unseen_s >= 1:
        text.append(
            f"  not seen: {format_time(seen.unseen_s)} of the film; {counted(seen.frames_lost, 'frame')} did not decode"
        )
    text += camera_lines(seen)
    if start.regions:
        text.append(f"  {counted(start.regions, 'region')} blacked out: nobody was looked for there")
    if not seen.faces:
        text.append("  no face was found: is the smallest face under --min-face, or the film turned?")
    text += [f"  tasks file: {line}" for line in notice_lines(outcome.notices)]
    text += [f"  {task_line(task)}" for task in outcome.result.tasks]
    if start.profile == "presence":
        text.append("  profile presence: nothing was inferred about anybody")
    if outcome.session.faces_deleted_at is not None:
        text.append("  profile teacher: the rows per face are deleted; the values of the class stay")
    text += [f"  {_other_session(other)}" for other in outcome.others]
    text.append(f"  database: {db} (session {outcome.session.session_id})")
    if outcome.report is not None:
        text.append(f"  report:   {outcome.report}")
    text += [f"  {line}" for line in glyph_lines(outcome.not_drawn)]
    return text


def glyph_lines(not_drawn: Sequence[str]) -> list[str]:
    """What the PDF cannot show as it was meant, and the remedy; no line where nothing is missing."""
    if not not_drawn:
        return []
    more = len(not_drawn) - GLYPHS_SHOWN
    named = " ".join(not_drawn[:GLYPHS_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return [f"note: no font on this machine draws {named}; the PDF has boxes or parts there ({FONTS})"]


def repaired(repair: FilmRepair) -> str:
    """What was repaired in a film's time stamps, in words.

    >>> repaired(FilmRepair("time_outliers", 1, 45.0))
    '1 picture had a time out of line (by up to 45.0 s) and was put between the neighbours'
    """
    pictures = counted(repair.count, "picture")
    were = "was" if repair.count == 1 else "were"
    if repair.code == "times_restarted":
        return f"its clock started again in mid-film ({counted(repair.count, 'time')}); its time goes on from there"
    if repair.code == "time_outliers":
        return (
            f"{pictures} had a time out of line (by up to {repair.seconds:.1f} s) and {were} put between the neighbours"
        )
    if repair.code == "times_equal":
        return f"{pictures} had the time of the picture before and {were} put after it"
    if repair.code == "times_made":
        return f"{pictures} had no usable time and got one from the order in which they are shown"
    if repair.code == "fields_joined":
        return f"{pictures} came as two fields each and {were} joined"
    held = format_time(repair.seconds)
    return f"{pictures} stayed on screen for long ({held} in all), as the recorder wrote no new one; counted as seen"


def _other_session(other: StoredSession) -> str:
    """About another session of the film that this one does not replace."""
    start = other.start
    made = f"{start.video_name}, profile {start.profile}, {counted(start.regions, 'region')} blacked out"
    end = f"`classroom-fer purge --session {other.session_id}` deletes it"
    return f"session {other.session_id} of this film ({made}) stays in the database too; {end}"


def as_json(video: Path, outcome: Outcome, db: str) -> dict[str, Any]:
    """The same for scripts; ``line`` is the row of the batch table."""
    seen = outcome.result.visibility
    return {
        "video": str(video),
        "session_id": outcome.session.session_id,
        "database": db,
        "report": str(outcome.report) if outcome.report else None,
        "not_drawn": list(outcome.not_drawn),
        "profile": outcome.session.start.profile,
        "declared": dict(declared(outcome.session.start.declaration)),
        "regions": outcome.session.start.regions,
        "other_sessions": [other.session_id for other in outcome.others],
        "tasks_file_notices": notices_as_json(outcome.notices),
        "film_repairs": [asdict(repair) for repair in outcome.session.start.film_repairs],
        "reused": outcome.reused,
        "recomputed": outcome.recomputed,
        "visibility": asdict(seen) | {"abstentions": dict(seen.abstentions)},
        "tasks": [task_as_json(task) for task in outcome.result.tasks],
        "moments": [asdict(moment) for moment in outcome.result.moments],
        "comparisons": [asdict(comparison) for comparison in outcome.result.comparisons],
        "not_compared": [
            {"first": first, "second": second, "why": why}
            for first, second, why in not_compared(outcome.result.tasks, outcome.result.comparisons)
        ],
        "seconds": {stage: round(value, 3) for stage, value in outcome.seconds.items()},
        "line": f"{counted(seen.frames_sampled, 'frame')}, {counted(seen.tracks, 'track')}"
        + (f", {counted(seen.frames_lost, 'frame')} lost" if seen.frames_lost else "")
        + (", no face found" if not seen.faces else "")
        + (", as before" if outcome.reused else ""),
    }


def task_as_json(summary: TaskSummary) -> dict[str, Any]:
    """The class during one task, for scripts."""

    def triple(estimate: Estimate | None) -> dict[str, float] | None:
        return asdict(estimate) if estimate else None

    return {
        "task": summary.task.name,
        "mode": summary.task.mode,
        "start_s": summary.task.start_s,
        "end_s": summary.task.end_s,
        "n": summary.n,
        "coverage": summary.coverage,
        "grade": summary.grade,
        "engagement": triple(summary.engagement),
        "orientation": triple(summary.orientation),
        "expression": triple(summary.expression),
        "shares": asdict(summary.shares) if summary.shares else None,
        "not_shown_because": asdict(summary.not_shown_because) if summary.not_shown_because else None,
    }
