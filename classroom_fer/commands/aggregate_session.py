"""What ``classroom-fer aggregate`` does: the pure half again on a stored session."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from classroom_fer import analysis, wiring
from classroom_fer.commands import summary, variant_table
from classroom_fer.commands.aggregate import AggregateOptions
from classroom_fer.commands.settings import settings_for_stored
from classroom_fer.commands.task_notices import notice_lines
from classroom_fer.further_results import Wanted, add_result, session_variants
from classroom_fer.lesson.aggregations import DEFAULT, Aggregation, read_name
from classroom_fer.lesson.records import StoredSession
from classroom_fer.session_choice import find_session
from classroom_fer.store.store import SqlStore, open_reader, open_store
from classroom_fer.terminal import counted, say, show, user_errors


def run(options: AggregateOptions) -> None:
    """Computes the results again, stores and shows them; or lists, deletes, or only tells how they move."""
    with user_errors():
        _check_alone(options)
        if options.listed or options.sensitivity:
            with open_reader(options.db) as store:
                stored = find_session(options.session, store.sessions())
                _list(stored, store, options) if options.listed else _tell_variants(stored, store, options)
            return
        with open_store(options.db, create=False) as store, store.exclusive():
            stored = find_session(options.session, store.sessions())
            if options.delete is not None:
                _delete(stored, store, options.delete)
            elif options.name is not None:
                _add(stored, store, options, read_name(options.name))
            else:
                _replace(stored, store, options)


def _check_alone(options: AggregateOptions) -> None:
    """``--list``, ``--delete`` and ``--sensitivity`` keep no new result: settings or tasks for one are a mistake."""
    alone = {"--list": options.listed, "--delete": options.delete is not None, "--sensitivity": options.sensitivity}
    given = [name for name, there in alone.items() if there]
    recipe = (options.name, options.tasks, options.tier, *options.changes.values())
    if len(given) > 1 or (given and any(part is not None for part in recipe)):
        raise typer.BadParameter(f"{given[0]} goes alone: it takes the results as they are stored")
    if options.as_csv and not options.sensitivity:
        raise typer.BadParameter("--csv goes with --sensitivity only")


def _replace(stored: StoredSession, store: SqlStore, options: AggregateOptions) -> None:
    """The session's own result made anew."""
    settings = settings_for_stored(options.config, options.changes, stored.start.settings)
    named = store.aggregations.of(stored.session_id)
    outcome = analysis.aggregate(stored, options.tasks, settings, store, options.tier)
    film = Path(stored.start.video_name)
    if options.as_json:
        show(json.dumps(summary.as_json(film, outcome, store.where), indent=2))
        return
    for line in summary.lines(film, outcome, store.where):
        show(line)
    show(f"  the PDF still shows the former values: classroom-fer report {stored.session_id}")
    for one in named:
        again = f"classroom-fer aggregate {stored.session_id} --name {one.name}"
        show(f"  the values of {one.name!r} beside it are gone; {again} computes them again")


def _add(stored: StoredSession, store: SqlStore, options: AggregateOptions, name: str) -> None:
    """A result under a name, beside the session's own."""
    wanted = Wanted(
        name,
        options.tasks,
        options.tier,
        lambda settings: settings_for_stored(options.config, options.changes, settings),
    )
    tracker = wiring.build_pure_half(settings_for_stored(None, {}, stored.start.settings)).tracker
    further = add_result(stored, wanted, store, tracker)
    if options.as_json:
        named = {"session_id": stored.session_id, **_row(further.aggregation)}
        show(json.dumps(named | {"tasks": [summary.task_as_json(task) for task in further.result.tasks]}, indent=2))
        return
    show(f"{stored.start.video_name}: aggregation {name!r} of session {stored.session_id}")
    for line in notice_lines(further.notices):
        show(f"  tasks file: {line}")
    for task in further.result.tasks:
        show(f"  {summary.task_line(task)}")
    if further.aggregation.shows == "tasks":
        show("  it shows the values of its tasks alone: no curve, no moments (docs/small-groups.md)")
    if further.aggregation.left_out:
        left_out = counted(further.aggregation.left_out, "pupil")
        show(f"  {left_out} left out of it, so that nobody can be worked out from both results")
    show(f"  its PDF: classroom-fer report {stored.session_id} --name {name}")


def _delete(stored: StoredSession, store: SqlStore, name: str) -> None:
    store.aggregations.delete(stored.session_id, name)
    store.record("delete aggregation", stored.session_id, {})
    show(f"deleted: aggregation {name!r} of session {stored.session_id}; PDFs that were made stay")


def _list(stored: StoredSession, store: SqlStore, options: AggregateOptions) -> None:
    known = store.aggregations.of(stored.session_id)
    if options.as_json:
        show(json.dumps([_row(one) for one in known], indent=2))
        return
    state = f"{stored.analyzed_at:%Y-%m-%d %H:%M}" if stored.status == "finished" else "not finished"
    show(f"{DEFAULT:<24}  {state:<16}  {len(stored.tasks):>2} tasks  the session's own")
    for one in known:
        state = f"{one.made_at:%Y-%m-%d %H:%M}" if one.made_at else "to be made again"
        what = "" if one.shows == "everything" else "values of tasks alone"
        show(f"{one.name:<24}  {state:<16}  {len(one.tasks):>2} tasks  {what}".rstrip())
    if not known:
        say(f"no other result yet: classroom-fer aggregate {stored.session_id} --name flat --weights flat")


def _tell_variants(stored: StoredSession, store: SqlStore, options: AggregateOptions) -> None:
    settings = settings_for_stored(options.config, {}, stored.start.settings)
    found = session_variants(stored, settings, store, wiring.build_pure_half(settings).tracker)
    if options.as_csv:
        for line in variant_table.csv_lines(found):
            show(line)
    elif options.as_json:
        show(json.dumps(variant_table.as_json(stored.session_id, found), indent=2))
    else:
        for line in variant_table.lines(found):
            show(line)


def _row(one: Aggregation) -> dict[str, object]:
    return {
        "aggregation": one.name,
        "made_at": one.made_at.isoformat() if one.made_at else None,
        "shows": one.shows,
        "left_out": one.left_out,
        "settings_sha256": one.settings_sha256,
        "settings": one.settings,
        "marked": [task.name for task in one.tasks],
    }
