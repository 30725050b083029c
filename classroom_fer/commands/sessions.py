"""``classroom-fer sessions``: what the database holds."""

from __future__ import annotations

import json
from typing import Any

from classroom_fer.commands.options import DbOption, JsonOption
from classroom_fer.lesson.records import StoredSession
from classroom_fer.lesson.timecode import format_time
from classroom_fer.settings.declaration import declared
from classroom_fer.store.place import DEFAULT_DB
from classroom_fer.store.store import open_reader
from classroom_fer.terminal import say, show, user_errors
from classroom_fer.text.columns import filled


def sessions(db: DbOption = DEFAULT_DB, as_json: JsonOption = False) -> None:
    """List the sessions in the database.

    Example:

      classroom-fer sessions --db study.sqlite --json
    """
    with user_errors():
        with open_reader(db) as store:
            known = store.sessions()
        if as_json:
            show(json.dumps([_row(s) for s in known], indent=2))
            return
        if not known:
            say("no session yet: classroom-fer analyze lesson.mp4 --tasks tasks.csv")
        for s in known:
            show(
                f"{s.session_id:>4}  {filled(s.start.video_name, 32)}  {format_time(s.start.duration_s):>8}"
                f"  {len(s.tasks):>2} tasks  {s.start.profile:<8}  {s.status:<8}  {s.analyzed_at:%Y-%m-%d %H:%M}"
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
    }
