"""``classroom-fer runs``: films that are being analysed, and how those that ended ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from classroom_fer.commands.options import DbOption, JsonOption
from classroom_fer.lesson.runs import Run
from classroom_fer.lesson.timecode import format_time
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import open_reader
from classroom_fer.terminal import say, show, user_errors
from classroom_fer.text.columns import filled


def runs(
    db: DbOption = DEFAULT_DB,
    cancel: Annotated[
        int | None, typer.Option("--cancel", metavar="RUN", help="End this run; what is done stays.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the runs: films being analysed, from the command line or the browser app, and what became of the others.

    A run whose process was killed says so; the command that began it goes on with it, or a click in the browser app.

    Examples:

      classroom-fer runs

      classroom-fer runs --cancel 3 --db study.sqlite
    """
    with user_errors(), open_reader(db) as store:
        if cancel is not None:
            store.runs.ask(cancel, "cancel")
            say(f"run {cancel} ends after the pictures that it is looking at")
            return
        known = store.runs.all()
        if as_json:
            show(json.dumps([_row(run) for run in known], indent=2))
            return
        if not known:
            say("no run yet: classroom-fer analyze lesson.mp4 --tasks tasks.csv")
        for run in known:
            for line in _lines(run):
                show(line)


def _lines(run: Run) -> list[str]:
    first = f"{run.run_id:>4}  {filled(Path(run.plan.film).name, 32)}  {run.state:<9}  {run.asked_at:%Y-%m-%d %H:%M}"
    if run.state == "finished":
        return [f"{first}  session {run.session_id}"]
    if run.message:
        return [first, *(f"      {line}" for line in (*run.message.splitlines(), run.hint) if line)]
    return [f"{first}  {_how_far(run)}".rstrip()]


def _how_far(run: Run) -> str:
    told = run.progress
    if not run.is_under_way or not told.stage:
        return ""
    film = "" if told.done_s is None else f" {format_time(told.done_s)} / {format_time(told.total_s or 0)}"
    left = "" if told.left_s is None else f", about {format_time(told.left_s + 0.5)} left"
    return f"{told.stage}{film}{left}"


def _row(run: Run) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "film": run.plan.film,
        "tasks": run.plan.tasks,
        "settings_sha256": run.plan.settings_sha256,
        "state": run.state,
        "wanted": run.wanted,
        "asked_at": run.asked_at.isoformat(),
        "heard_at": run.heard_at.isoformat(),
        "stage": run.progress.stage,
        "done_s": run.progress.done_s,
        "total_s": run.progress.total_s,
        "left_s": run.progress.left_s,
        "pid": run.process.pid if run.process else None,
        "host": run.process.host if run.process else None,
        "session_id": run.session_id,
        "error": run.message,
        "hint": run.hint,
        "goes_on_by": ["classroom-fer", *run.plan.arguments],
    }
