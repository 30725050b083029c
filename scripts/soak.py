"""Runs of a short film, killed at random moments and begun again, must all end in the same tables.

    make soak                                 # fifty runs (about ten minutes on two quiet cores), and each fault once
    python scripts/soak.py --runs 5 --seed 7
    python scripts/soak.py --runs 0           # the faults of soak_faults.py alone

Each run is killed (SIGKILL, the whole process group) up to three times at moments drawn at random, in one process or
in two (`--jobs`), and then left to end. What researchers see in its database must be, row for row, what an
uninterrupted run gives. Needs no network and no data set; works in a temporary folder.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from soak_faults import FAULTS, Run, Skipped, postgres_restarted

ROOT = Path(__file__).resolve().parents[1]
LESSON = ROOT / "sample_videos" / "lesson.mp4"
TASKS = ROOT / "sample_videos" / "tasks.csv"
CHUNKS = 6
"""Of ten seconds, five pictures each."""
KILLS = 3
"""At most, in one run."""
WITHOUT_IDS = {"session_id", "track_id", "analyzed_at"}
"""Numbers that are drawn anew, and the time of the run."""
VIEWS = ("v_session", "v_task", "v_timeline", "v_face", "v_frame", "v_moment", "v_comparison", "v_size", "v_abstention")
Content = dict[str, list[Any]]


def options(folder: Path) -> tuple[str, ...]:
    """Of an analysis of the first minute of the sample lesson."""
    (folder / "c.toml").write_text("chunk_s = 10\n")
    span = ("--end", str(10 * CHUNKS), "--fps", "0.5", "--config", "c.toml", "--quiet")
    return ("--tasks", str(TASKS), *span)


def command(folder: Path, jobs: int) -> list[str]:
    """That analysis."""
    given = ["analyze", str(LESSON), *options(folder), "--db", "l.sqlite", "--jobs", str(jobs)]
    return [sys.executable, "-m", "classroom_fer", *given]


def content(url: str) -> Content:
    """Everything that researchers see, without numbers that are drawn anew; faces by the track that holds them."""
    found: Content = {}
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        for view in VIEWS:
            names = sorted(c["name"] for c in sa.inspect(engine).get_columns(view) if c["name"] not in WITHOUT_IDS)
            rows = connection.execute(sa.select(*map(sa.column, names)).select_from(sa.table(view)))
            found[view] = sorted(str([cell(value) for value in row]) for row in rows)
        tracks: dict[int, list[str]] = {}
        faces = connection.execute(sa.text("SELECT track_id, frame_index, x1 FROM v_face WHERE track_id IS NOT NULL"))
        for track, frame, x1 in faces:
            tracks.setdefault(track, []).append(f"{frame}/{x1}")
        found["tracks"] = sorted(map(sorted, tracks.values()))
    engine.dispose()
    return found


def cell(value: Any) -> Any:
    """A value as both databases have it: SQLite keeps truth as 0 and 1, and JSON as text."""
    if isinstance(value, bool):
        return int(value)
    return json.loads(value) if isinstance(value, str) and value[:1] in "{[" else value


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'l.sqlite'}"


def differing(got: Content, expected: Content) -> str:
    return ", ".join(view for view in expected if got[view] != expected[view])


def made_faults(folder: Path, expected: Content, longest_s: float, chance: random.Random) -> None:
    """Each fault once; SystemExit if it ends in other tables."""
    for name in (*FAULTS, "PostgreSQL restarted"):
        own = folder / name.replace(" ", "-")
        own.mkdir()
        film = shutil.copy(LESSON, own / LESSON.name)
        run = Run(own, Path(film), options(own), longest_s, chance)
        try:
            if name in FAULTS:
                said, got = FAULTS[name](run), content(sqlite_url(own))
            else:
                said, got = postgres_restarted(run, content)
        except Skipped as why:
            print(f"{name}: left out: {why}", flush=True)
            continue
        if wrong := differing(got, expected):
            raise SystemExit(f"{name} ({said}): {wrong} differ")
        print(f"{name}: the same tables; the run ended with {said}", flush=True)


def run(folder: Path, jobs: int, kill_after_s: float | None = None) -> bool:
    """Whether the analysis ended by itself; its process group is killed after ``kill_after_s``.

    Raises:
        SystemExit: it ended by itself and with an error.
    """
    process = subprocess.Popen(command(folder, jobs), cwd=folder, start_new_session=True)
    try:
        code = process.wait(timeout=kill_after_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False
    if code != 0:
        raise SystemExit(f"{folder}: the analysis ended with exit code {code}")
    return True


def interrupted(folder: Path, longest_s: float, chance: random.Random) -> str:
    """Kills a run now and then until it ends; says when."""
    moments = []
    for _ in range(chance.randint(1, KILLS)):
        after_s, jobs = chance.uniform(0.0, longest_s), chance.choice((1, 2))
        if run(folder, jobs, after_s):
            break
        moments.append(f"{after_s:.1f} s ({jobs})")
    run(folder, chance.choice((1, 2)))
    return ", ".join(moments) or "never"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    given = parser.parse_args()
    print(f"{given.runs} runs, seed {given.seed}")
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as name:
        whole = Path(name) / "whole"
        whole.mkdir()
        started = time.perf_counter()
        run(whole, 1)
        longest_s = time.perf_counter() - started
        expected = content(sqlite_url(whole))
        for number in range(1, given.runs + 1):
            folder = Path(name) / str(number)
            folder.mkdir()
            killed = interrupted(folder, longest_s, chance)
            if wrong := differing(content(sqlite_url(folder)), expected):
                raise SystemExit(f"run {number}, killed after {killed}: {wrong} differ; seed {given.seed}")
            print(f"run {number}: the same tables; killed after (in so many processes): {killed}", flush=True)
        print(f"{given.runs} of {given.runs} runs ended in the same tables")
        made_faults(Path(name), expected, longest_s, chance)


if __name__ == "__main__":
    main()
