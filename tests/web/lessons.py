"""A database of made-up lessons, written as rows: no film, no model."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from report.samples import SAMPLES

from classroom_fer.store.store import open_store

UNFINISHED = "cut off.mp4"


def database(path: Path, names: Iterable[str]) -> dict[str, int]:
    """Writes the samples and, as the last one, a session that is not finished; the number of each by its name."""
    numbers = {}
    with open_store(path) as store:
        for name in names:
            session, result = SAMPLES[name]()
            numbers[name] = store.begin_session(session.start, session.tasks).session_id
            store.write_result(numbers[name], result, [])
        session, _ = SAMPLES["short_whole_lesson"]()
        start = type(session.start)(**{f: getattr(session.start, f) for f in session.start.__dataclass_fields__} | {
            "video_name": UNFINISHED, "video_sha256": "9" * 64,
        })  # fmt: skip
        numbers[UNFINISHED] = store.begin_session(start, session.tasks).session_id
    return numbers
