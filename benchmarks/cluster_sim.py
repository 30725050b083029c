"""How long do 10,000 lessons take on 10 to 500 workers, what holds them up, and what does that cost?

    python benchmarks/cluster_sim.py                                   # from the times below
    python benchmarks/cluster_sim.py --measure CLASS.mp4 [--db URL]    # from times measured here and now

A simulation, event by event, of what ``executors/dask_cluster.py`` does: workers of one thread each do chunks and find
one more when they are done; the client of a group of workers stores their chunks, makes the results of a film that has
all of them, and begins new films while fewer chunks wait than workers could take. Workers differ in speed, a few are
slow (stragglers), and some are lost with the chunk that they have. Several clients share the workers and the films.

Measured are: a chunk on one thread, opening a film (its hash, its index), storing a chunk, the results of a lesson.
Chosen are: how workers differ, how often they are lost, how quick the share with the films is, what a core costs.
"""

from __future__ import annotations

import argparse
import heapq
import json
import statistics
import sys
import tempfile
import time
from collections import deque
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.made_lessons import CONFIG, Class, add_lesson
from classroom_fer import wiring
from classroom_fer.executors.dask_cluster import AHEAD
from classroom_fer.lesson.records import VideoInfo
from classroom_fer.lesson.span import Chunk
from classroom_fer.pipeline import OpenFilm, Stopwatch, measure_session, observe
from classroom_fer.session_start import make_session_start
from classroom_fer.store.store import open_store

MINUTES = (30.0, 60.0)
"""Shortest and longest lesson (choice)."""
SPREAD = 0.1
"""Of the workers' speed: standard deviation of its logarithm (choice)."""
SLOW_SHARE, SLOWNESS = 0.02, 3.0
"""Stragglers: how many, and how much slower (choice)."""
LOST_PER_HOUR, BACK_S = 0.1, 30.0
"""How often a worker is lost, and how long until there is another one (choice; a lifetime of 1 h adds one)."""
EUR_PER_CORE_HOUR = 0.04
"""Choice: about what a core of a public cloud is sold for."""
FILM_MB_PER_MINUTE = 30.0
"""1080p of a school's camera at 4 Mbit/s (choice)."""
SHARE_MB_PER_S = 100.0
"""At which films are read when they are opened (choice: a gigabit)."""
COUNTS = (10, 20, 50, 100, 200, 500)


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of processor time on one core of the machine that was measured; ``store_s`` by the clock."""

    chunk_s: float
    """A chunk of 120 s of film, on one thread."""
    open_s: float
    """Opening a film of 50 minutes, read from the share: a worker does it for each film, and the client once."""
    store_s: float
    """Storing a chunk."""
    finish_s: float
    """Tracks and results of a lesson of 50 minutes, stored."""
    rows: int
    """Rows of faces in a chunk."""


MEASURED = Times(chunk_s=24.6, open_s=18.6, store_s=0.33, finish_s=6.3, rows=2518)
"""2026-11-27, PostgreSQL 15 on the same machine; benchmarks/README.md says which."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one set-up."""

    workers: int
    clients: int
    hours: float
    ideal_hours: float
    """Work over workers: nobody waits, nobody is lost."""
    busy: float
    """Share of their time in which workers work."""
    client_busy: float
    rows_per_s: float
    tail_minutes: float
    """From the end of 99 % of all chunks to the end."""
    redone: float
    """Share of chunks that were done again."""
    eur: float


class Group:
    """A client with its workers and its films."""

    def __init__(self, times: Times, films: list[int], workers: int, rng: np.random.Generator) -> None:
        self._times, self._rng = times, rng
        self._films = deque(enumerate(films))
        self._left = dict(enumerate(films))
        self._todo: dict[int, int] = {}
        """Chunks of begun films that nobody has, by film."""
        self._todo_count = 0
        slow = rng.random(workers) < SLOW_SHARE
        self._speed = np.exp(rng.normal(0, SPREAD, workers)) * np.where(slow, SLOWNESS, 1.0)
        self._film = [-1] * workers
        self._waiting: list[deque[int]] = [deque() for _ in range(workers)]
        self._working = [False] * workers
        self._events: list[tuple[float, int, int, int, bool]] = []
        self._number = 0
        self.client_s = 0.0
        self.client_free = 0.0
        self.worked_s = 0.0
        self.redone = 0
        self.ends: list[float] = []

    def run(self) -> float:
        """Simulates all of it; when it ends, seconds."""
        for turn in range(AHEAD * len(self._speed)):
            self._hand(turn % len(self._speed))
        while self._events:
            now, _, worker, film, lost = heapq.heappop(self._events)
            self._working[worker] = False
            if lost:
                self.redone += 1
                self._todo[film] = self._todo.get(film, 0) + 1
                self._todo_count += 1
                self._film[worker] = -1
            else:
                self.ends.append(now)
            self._start(worker, now + (BACK_S if lost else 0.0))
            self.client_free = max(self.client_free, now)
            if not lost:
                self._answered(film)
            for _ in range(AHEAD if lost or not self._todo else 1):
                if len(self._waiting[worker]) + self._working[worker] < AHEAD:
                    self._hand(worker)
        return max(self.client_free, self.ends[-1])

    def _spend(self, seconds: float) -> None:
        self.client_s += seconds
        self.client_free += seconds

    def _answered(self, film: int) -> None:
        self._spend(self._times.store_s)
        self._left[film] -= 1
        if not self._left[film]:
            self._spend(self._times.finish_s)

    def _hand(self, worker: int) -> None:
        """The client begins films until enough chunks wait, and gives the worker one."""
        while self._films and self._todo_count < AHEAD * len(self._speed):
            film, chunks = self._films.popleft()
            self._spend(self._times.open_s)
            self._todo[film] = chunks
            self._todo_count += chunks
        if not self._todo:
            return
        own = self._film[worker]
        film = own if own in self._todo else next(reversed(self._todo))
        self._todo[film] -= 1
        self._todo_count -= 1
        if not self._todo[film]:
            del self._todo[film]
        self._waiting[worker].append(film)
        self._start(worker, self.client_free)

    def _start(self, worker: int, at_s: float) -> None:
        """The worker begins what waits at it, if it is free."""
        if self._working[worker] or not self._waiting[worker]:
            return
        film = self._waiting[worker].popleft()
        took = self._times.chunk_s * float(self._speed[worker])
        if film != self._film[worker]:
            took += self._times.open_s
            self._film[worker] = film
        lost = bool(self._rng.random() < took / 3600 * LOST_PER_HOUR)
        took *= float(self._rng.random()) if lost else 1.0
        self.worked_s += took
        self._working[worker] = True
        self._number += 1
        heapq.heappush(self._events, (at_s + took, self._number, worker, film, lost))


def simulated(times: Times, lessons: int, workers: int, clients: int, seed: int = 1) -> Outcome:
    """``clients`` groups of equal size, which share neither films nor workers."""
    rng = np.random.default_rng(seed)
    chunks = np.ceil(rng.uniform(*MINUTES, lessons) * 60 / CONFIG.chunk_s).astype(int).tolist()
    groups = [Group(times, chunks[number::clients], workers // clients, rng) for number in range(clients)]
    took = max(group.run() for group in groups)
    ends = np.sort(np.concatenate([group.ends for group in groups]))
    opened = lessons * times.open_s
    return Outcome(
        workers=workers,
        clients=clients,
        hours=took / 3600,
        ideal_hours=(sum(chunks) * times.chunk_s + opened) / workers / 3600,
        busy=sum(group.worked_s for group in groups) / (took * workers),
        client_busy=max(group.client_s for group in groups) / took,
        rows_per_s=sum(chunks) * times.rows / took,
        tail_minutes=(took - float(ends[int(0.99 * len(ends))])) / 60,
        redone=sum(group.redone for group in groups) / sum(chunks),
        eur=workers * took / 3600 * EUR_PER_CORE_HOUR,
    )


def measured(film: Path, db: str | None) -> Times:
    """Times of this machine: the first chunk of ``film``, and a made-up lesson of 50 minutes in the database."""
    config = replace(CONFIG, threads=1)
    parts = wiring.build_parts(config)
    wiring.open_video(film, config).close()  # loads libraries
    began = time.process_time()
    with wiring.open_video(film, config) as source:
        per_minute = (time.process_time() - began) / (source.info.duration_s / 60)
        observe(Chunk(0, 0.0, 2.0), OpenFilm(source, parts, config), Stopwatch())
        began = time.process_time()
        chunk = Chunk(0, 0.0, min(config.chunk_s, source.info.duration_s))
        seen = observe(chunk, OpenFilm(source, parts, config), Stopwatch())
        chunk_s = (time.process_time() - began) * config.chunk_s / (chunk.end_s - chunk.start_s)
        rows = sum(len(frame.faces) for frame in seen.frames)
    with tempfile.TemporaryDirectory() as folder, open_store(db or Path(folder) / "l.sqlite") as store:
        lesson = add_lesson(store, Class(seed=time.time_ns() % 10**9), "made.mp4")
        info = VideoInfo(Path("c.mp4"), f"{time.time_ns():064x}", 120.0, 1920, 1080, 25, 0, 0, "h264", None)
        session = store.begin_session(make_session_start(info, config), ())
        stored = []
        for _ in range(5):
            began = time.perf_counter()
            store.write_chunk(session.session_id, seen)
            stored.append(time.perf_counter() - began)
        began = time.process_time()
        measure_session(lesson, store, wiring.build_pure_half(config), config, Stopwatch())
        finish_s = time.process_time() - began
    open_film_s = 50 * (per_minute + FILM_MB_PER_MINUTE / SHARE_MB_PER_S)
    return Times(chunk_s, open_film_s, statistics.median(stored), finish_s, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measure", type=Path, metavar="FILM")
    parser.add_argument("--db", help="with --measure: the database that is written to, e.g. postgresql+psycopg://...")
    parser.add_argument("--lessons", type=int, default=10_000)
    parser.add_argument("--workers", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 5])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    times = measured(given.measure, given.db) if given.measure else MEASURED
    outcomes = [simulated(times, given.lessons, w, c) for c in given.clients for w in given.workers]
    if given.json:
        print(json.dumps({"times": asdict(times), "outcomes": [asdict(outcome) for outcome in outcomes]}, indent=2))
        return
    print(", ".join(f"{name} {value:.3g}" for name, value in asdict(times).items()))
    print("workers clients    hours  ideal  busy  client busy  face rows/s  tail min  redone    EUR")
    for o in outcomes:
        print(
            f"{o.workers:7} {o.clients:7} {o.hours:8.1f} {o.ideal_hours:6.1f} {o.busy:5.2f} {o.client_busy:12.2f} "
            f"{o.rows_per_s:12.0f} {o.tail_minutes:9.1f} {o.redone:7.4f} {o.eur:6.0f}"
        )


if __name__ == "__main__":
    main()
