"""Writes the database that a release leaves behind: python tests/store/released/make.py (once, before the release).

Files of earlier revisions are never made again: they are what users have.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from contracts.store import finished
from contracts.store_records import TASKS, chunk, session_start

from classroom_fer.store.schema import HEAD
from classroom_fer.store.store import open_store

if __name__ == "__main__":
    path = Path(__file__).parent / f"{HEAD}.sqlite"
    path.unlink(missing_ok=True)
    with open_store(path) as store:
        done = finished(store)
        running = store.begin_session(session_start(video_name="running.mp4", video_sha256="9" * 64), TASKS)
        store.write_chunk(running.session_id, chunk(0))
        store.record("analyze", done.session_id, {"report": True})
        store.record("sessions", None, {})
        store.purge([])
    path.with_name(path.name + ".lock").unlink()
    print(path, path.stat().st_size)
