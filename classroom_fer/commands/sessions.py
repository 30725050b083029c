"""``classroom-fer sessions``: what the database holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import typer

from classroom_fer.commands.option_records import takes
from classroom_fer.commands.options import DbOption, JsonOption
from classroom_fer.errors import ConfigError
from classroom_fer.lesson.labels import read_labels
from classroom_fer.lesson.records import StoredSession
from classroom_fer.lesson.timecode import format_time
from classroom_fer.settings.declaration import declared
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import open_reader
from classroom_fer.terminal import say, show, user_errors
from classroom_fer.text.columns import filled
from classroom_fer.text.natural import natural_key

ORDERS: dict[str, Callable[[StoredSession], Any]] = {
    "number": lambda session: session.session_id,
    "film": lambda session: natural_key(session.start.video_name),
    "recorded": lambda session: session.start.recorded_on,
    "analyzed": lambda session: session.analyzed_at,
    "length": lambda session: session.start.duration_s,
}
"""What --sort knows beside labels; None = unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsOptions:
    """What ``sessions`` is given."""

    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="LABEL=VALUE", help="Those with this label; repeatable: all must hold."),
    ] = None
    search: Annotated[
        str | None, typer.Option("--search", metavar="TEXT", help="Those with this in film, tasks or labels.")
    ] = None
    sort: Annotated[
        str, typer.Option("--sort", metavar="BY", help=f"{', '.join(ORDERS)}, or a label; -BY turns it around.")
    ] = "number"
    db: DbOption = DEFAULT_DB
    as_json: JsonOption = False


@takes(SessionsOptions)
def sessions(options: SessionsOptions) -> None:
    """List the sessions in the database: all, or those that labels or words choose.

    Examples:

      classroom-fer sessions --db study.sqlite --json

      classroom-fer sessions --where class=7b --sort lesson

      classroom-fer sessions --search fractions --sort -recorded
    """
    with user_errors():
        wanted = read_labels(options.where or ())
        with open_reader(options.db) as store:
            known = store.sessions()
        chosen = in_order(
            [s for s in known if dict(s.labels).items() >= wanted.items() and _holds(s, options.search)], options.sort
        )
        if options.as_json:
            show(json.dumps([_row(s) for s in chosen], indent=2))
            return
        if not known:
            say("no session yet: classroom-fer analyze lesson.mp4 --tasks tasks.csv")
        elif not chosen:
            say(f"none of {len(known)} sessions fits")
        for s in chosen:
            show(_line(s))


def in_order(sessions: Iterable[StoredSession], by: str) -> list[StoredSession]:
    """Sessions by what ``--sort`` names; those of which it is not known come last, whichever way around.

    Raises:
        ConfigError: no session has such a label, and it is nothing else that is known.
    """
    name, backwards, listed = by.removeprefix("-"), by.startswith("-"), list(sessions)
    value = ORDERS.get(name) or partial(_label_key, label=name)
    known = [s for s in listed if value(s) is not None]
    if listed and not known and name not in ORDERS:
        raise ConfigError(f"--sort {by}: no session has this label", hint=f"a label, or one of {', '.join(ORDERS)}")
    return sorted(known, key=value, reverse=backwards) + [s for s in listed if value(s) is None]


def _label_key(session: StoredSession, *, label: str) -> Any:
    text = session.labelled(label)
    return None if text is None else natural_key(text)


def _holds(session: StoredSession, text: str | None) -> bool:
    words = (session.start.video_name, *(task.name for task in session.tasks), *(value for _, value in session.labels))
    return text is None or any(text.casefold() in word.casefold() for word in words)


def _line(s: StoredSession) -> str:
    labels = "".join(f"  {key}={value}" for key, value in s.labels)
    return (
        f"{s.session_id:>4}  {filled(s.start.video_name, 32)}  {format_time(s.start.duration_s):>8}"
        f"  {len(s.tasks):>2} tasks  {s.start.profile:<8}  {s.status:<8}  {s.analyzed_at:%Y-%m-%d %H:%M}{labels}"
    )


def _row(session: StoredSession) -> dict[str, Any]:
    start = session.start
    return {
        "session_id": session.session_id,
        "video": start.video_name,
        "video_sha256": start.video_sha256,
        "duration_s": start.duration_s,
        "status": session.status,
        "profile": start.profile,
        "declared": dict(declared(start.declaration)),
        "regions": start.regions,
        "faces_deleted_at": session.faces_deleted_at.isoformat() if session.faces_deleted_at else None,
        "analyzed_at": session.analyzed_at.isoformat(),
        "expires_on": start.expires_on.isoformat() if start.expires_on else None,
        "tasks": [task.name for task in session.tasks],
        "labels": dict(session.labels),
    }
