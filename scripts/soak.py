"""Runs of a short film, killed at random moments and begun again, must all end in the same tables.

    make soak                                 # fifty runs (about ten minutes on two quiet cores)
    python scripts/soak.py --runs 5 --seed 7

Each run is killed (SIGKILL, the whole process group) up to three times at moments drawn at random, in one process or
in two (`--jobs`), and then left to end. What researchers see in its database must be, row for row, what an
uninterrupted run gives. Needs no network and no data set; works in a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

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


def command(folder: Path, jobs: int) -> list[str]:
    """An analysis of the first minute of the sample lesson."""
    (folder / "c.toml").write_text("chunk_s = 10\n")
    span = ("--end", str(10 * CHUNKS), "--fps", "0.5", "--config", "c.toml", "--db", "l.sqlite", "--quiet")
    given = ["analyze", str(LESSON), "--tasks", str(TASKS), *span, "--jobs", str(jobs)]
    return [sys.executable, "-m", "classroom_fer", *given]


def content(database: Path) -> Content:
    """Everything that researchers see, without numbers that are drawn anew; faces by the track that holds them."""
    found: Content = {}
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for view in VIEWS:
            names = [row[1] for row in connection.execute(f"PRAGMA table_info({view})") if row[1] not in WITHOUT_IDS]
            columns = ", ".join(names)
            found[view] = connection.execute(f"SELECT {columns} FROM {view} ORDER BY {columns}").fetchall()
        together = (
            "SELECT group_concat(frame_index || '/' || x1) FROM v_face WHERE track_id IS NOT NULL GROUP BY track_id"
        )
        found["tracks"] = sorted(sorted(faces.split(",")) for (faces,) in connection.execute(together))
    return found


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
        expected = content(whole / "l.sqlite")
        for number in range(1, given.runs + 1):
            folder = Path(name) / str(number)
            folder.mkdir()
            killed = interrupted(folder, longest_s, chance)
            got = content(folder / "l.sqlite")
            differing = [view for view in expected if got[view] != expected[view]]
            if differing:
                raise SystemExit(
                    f"run {number}, killed after {killed}: {', '.join(differing)} differ; seed {given.seed}"
                )
            print(f"run {number}: the same tables; killed after (in so many processes): {killed}", flush=True)
    print(f"{given.runs} of {given.runs} runs ended in the same tables")


if __name__ == "__main__":
    main()
