"""Stored lessons of the simulation (docs/simulation.md), for benchmarks and tests of several lessons.

No film and no faces: each lesson's own class values, through the real store. ``made_lessons`` has all rows.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.simulation import LESSON_S, RULES, World, make_class
from classroom_fer.lesson.records import SessionResult, StoredSession, Task, VideoInfo, Visibility
from classroom_fer.measurement.comparison import compare_tasks
from classroom_fer.measurement.summaries import summarise_task
from classroom_fer.measurement.track_bins import TrackBins
from classroom_fer.session_start import make_session_start
from classroom_fer.settings.config import default_config
from classroom_fer.store.store import SqlStore

NAMES = ("Listening", "Practice", "Results")
WORLD = World(tasks=(3, 3), modes=(("board", 1.0),))


def simulated_result(seed: int, world: World = WORLD) -> SessionResult:
    """A lesson of the simulation; its three tasks have the same names in every lesson, and own times."""
    cells, _ = make_class(np.random.default_rng(seed), world)
    named = tuple(Task(name, t.start_s, t.end_s, t.mode) for name, t in zip(NAMES, cells.grid.tasks, strict=True))
    cells = replace(cells, grid=replace(cells.grid, tasks=named))
    tasks = tuple(summarise_task(cells, index, RULES) for index in range(len(named)))
    return SessionResult(_seen(cells), (), (), tasks, (), compare_tasks(cells, tasks, RULES))


def _seen(cells: TrackBins) -> Visibility:
    return Visibility(2700, 0, 0.0, int(cells.seen.sum()), len(cells.seen), cells.simultaneous, 0.8, (), ())


def store_lesson(store: SqlStore, seed: int, world: World = WORLD, **labels: str) -> StoredSession:
    """A finished session of a simulated lesson with these labels (``school_class`` is the label ``class``)."""
    result = simulated_result(seed, world)
    film = VideoInfo(Path(f"lesson-{seed}.mp4"), f"{seed:064x}", LESSON_S, 1920, 1080, 25.0, 0, 0, "h264", None)
    start = make_session_start(film, default_config())
    session = store.begin_session(start, [summary.task for summary in result.tasks])
    store.write_result(session.session_id, result, [])
    named = {"class" if key == "school_class" else key: value for key, value in labels.items()}
    return store.set_labels(session.session_id, tuple(sorted(named.items())))
