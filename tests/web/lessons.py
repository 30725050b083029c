"""A database of made-up lessons, written as rows: no film, no model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from report.samples import SAMPLES

from classroom_fer.files import file_sha256
from classroom_fer.store.store import open_store

UNFINISHED = "cut off.mp4"
LESSONS = ("clear_effect", "no_effect", "too_few", "no_faces", "short_whole_lesson", "twelve_tasks", "group_only",
           "partly_lost", "presence", "hostile_names")  # fmt: skip
"""The samples of the report that are in the database, by their numbers from 1."""


REGION = {"points": [[0, 0.5], [0.3, 0.5], [0.3, 1], [0, 1]], "unit": "fraction", "start_s": None, "end_s": None}
"""An opt-out region: the lower left corner."""


def with_film(path: Path, film: Path, size: tuple[int, int], *, regions: int = 0) -> int:
    """Adds a lesson of a film that is there; the session's number."""
    session, result = SAMPLES["clear_effect"]()
    settings = session.start.settings | {"regions": [REGION] * regions}
    start = replace(
        session.start, video_name=film.name, video_sha256=file_sha256(film), width_px=size[0], height_px=size[1],
        settings=settings, regions=regions,
    )  # fmt: skip
    with open_store(path) as store:
        number = store.begin_session(start, session.tasks).session_id
        store.write_result(number, result, [])
    return number


def database(path: Path, names: Iterable[str]) -> dict[str, int]:
    """Writes the samples and, as the last one, a session that is not finished; the number of each by its name."""
    numbers = {}
    with open_store(path) as store:
        for name in names:
            session, result = SAMPLES[name]()
            numbers[name] = store.begin_session(session.start, session.tasks).session_id
            store.write_result(numbers[name], result, [])
        session, _ = SAMPLES["short_whole_lesson"]()
        start = replace(session.start, video_name=UNFINISHED, video_sha256="9" * 64)
        numbers[UNFINISHED] = store.begin_session(start, session.tasks).session_id
    return numbers
