"""Runs as the app shows them: what each does, how far it is, what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from classroom_fer.lesson.runs import WAITING, Run
from classroom_fer.report.formatting import clock, plain
from classroom_fer.web.texts import AppWording

Verb = Literal["pause", "go-on", "cancel", "remove"]
VERBS: tuple[Verb, ...] = ("pause", "go-on", "cancel", "remove")
SOON_S = 60.0
"""Below it no minutes are told (choice)."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run, finished for the page."""

    run_id: int
    name: str
    state: str
    """Of ``lesson.runs``, for the look; ``told`` is its word."""
    told: str
    asked: str
    detail: str
    """What it does, how far it is."""
    percent: int | None
    """How much of the film is done; None where nobody knows."""
    verbs: tuple[tuple[Verb, str], ...]
    session_id: int | None
    message: tuple[str, ...]
    hint: str


def run_rows(runs: Sequence[Run], say: AppWording) -> list[RunRow]:
    """One row per run, in their order."""
    return [_row(run, say) for run in runs]


def _row(run: Run, say: AppWording) -> RunRow:
    told = run.progress
    share = told.done_s / told.total_s if told.done_s is not None and told.total_s else None
    return RunRow(
        run_id=run.run_id,
        name=plain(Path(run.plan.film).name),
        state=run.state,
        told=say(_word(run)),
        asked=say.day(run.asked_at),
        detail=_detail(run, say),
        percent=None if share is None or not run.is_under_way else min(100, int(100 * share)),
        verbs=tuple((verb, say(f"app_run_{verb}")) for verb in verbs_of(run)),
        session_id=run.session_id,
        message=tuple(run.message.splitlines()),
        hint=run.hint,
    )


def verbs_of(run: Run) -> tuple[Verb, ...]:
    """What can be done with a run.

    >>> from datetime import datetime
    >>> from classroom_fer.lesson.runs import RunPlan
    >>> verbs_of(Run(1, RunPlan("5b.mp4", None, "", ()), "paused", "pause", datetime.min, datetime.min))
    ('go-on', 'cancel')
    """
    if run.state == "finished":
        return ("remove",)
    if not run.is_under_way:
        return ("go-on", "remove")
    if run.wanted == "cancel":
        return ()
    if run.wanted == "pause":
        return ("go-on", "cancel")
    return ("pause", "cancel")


def _word(run: Run) -> str:
    if run.is_under_way and run.wanted == "cancel":
        return "app_run_ending"
    if run.state in ("queued", "running") and run.wanted == "pause":
        return "app_run_pausing"
    return f"app_run_{run.state}"


def _detail(run: Run, say: AppWording) -> str:
    if run.state == "cancelled":
        return say("app_run_kept")
    if not run.is_under_way:
        return ""
    if run.state == "queued":
        return say("app_run_waits" if run.progress.stage == WAITING else "app_stage_starting")
    told = run.progress
    parts = [say(_stage(told.stage, say))]
    if told.done_s is not None and told.total_s is not None:
        parts.append(say("app_run_done", done=_ltr(clock(told.done_s)), total=_ltr(clock(told.total_s))))
    if told.left_s is not None and run.state == "running":
        minutes = say.whole(round(told.left_s / 60))
        parts.append(say("app_run_left", minutes=minutes) if told.left_s >= SOON_S else say("app_run_soon"))
    return " · ".join(parts)


def _ltr(text: str) -> str:
    """A time keeps its order in a line from right to left (isolated)."""
    return f"\u2066{text}\u2069"


def _stage(stage: str, say: AppWording) -> str:
    key = f"app_stage_{stage}"
    return key if key in say.texts else "app_stage_starting"
