"""How often the intervals of ``compare`` hold the truth, and how long it takes for a study of many lessons.

    python benchmarks/across_lessons.py [--studies 1000] [--json]
    python benchmarks/across_lessons.py --speed [--lessons 200] [--json]

Truth: lessons are values alone, a level of 60 points for the first of three tasks, lessons that differ by a standard
deviation of 5 points (or none), tasks within a lesson by 4; docs/across-lessons.md has the table. Speed: lessons of the
simulation, stored; each command in a process of its own, and Python's start is part of it. At most 3 s of processor
time each; a PDF takes more, since its library has to be loaded.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.simulated_lessons import store_lesson
from classroom_fer.store.store import open_store
from classroom_fer.study.random_effects import Fit, around_lessons, fit_lessons, mean_of_lessons

ROOT = Path(__file__).resolve().parent.parent
LEVELS = (60.0, 55.0, 50.0)
WITHIN = 4.0
NORMAL = 1.959964
ROWS = ((2, 5.0), (3, 5.0), (4, 5.0), (5, 5.0), (8, 5.0), (20, 5.0), (8, 0.0))
"""Lessons, and the SD between them."""


@dataclass(frozen=True, slots=True)
class Held:
    """What came of the studies of one row."""

    lessons: int
    between: float
    covers: float
    """Share of the intervals that hold the level of the first task."""
    covers_normal: float | None
    """The same for statsmodels' own intervals, where there was a model."""
    width: float
    """Median width of the interval, points."""
    modelled: float
    """Share of the studies with a model."""


def row(lessons: int, between: float, studies: int) -> Held:
    held, normal, widths = [], [], []
    for seed in range(studies):
        rng = np.random.default_rng((lessons, int(between), seed))
        values = LEVELS + rng.normal(0, between, (lessons, 1)) + rng.normal(0, WITHIN, (lessons, len(LEVELS)))
        lesson = np.repeat(np.arange(lessons), len(LEVELS))
        fit = fit_lessons(values.ravel(), np.tile(np.eye(len(LEVELS)), (lessons, 1)), lesson)
        if isinstance(fit, Fit):
            value, error = float(fit.coefficients[0]), float(fit.errors[0])
            found = around_lessons(value, error, lessons)
            normal.append(abs(value - LEVELS[0]) <= NORMAL * error)
        else:
            found = mean_of_lessons(values[:, 0], np.arange(lessons))
        held.append(found.low <= LEVELS[0] <= found.high)
        widths.append(found.high - found.low)
    own = float(np.mean(normal)) if normal else None
    return Held(lessons, between, float(np.mean(held)), own, float(np.median(widths)), len(normal) / studies)


LIMIT_S, PDF_LIMIT_S = 3.0, 6.0
COMMANDS = {
    "sessions": ("sessions",),
    "sessions, found and sorted": ("sessions", "--where", "class=7b", "--sort", "-lesson"),
    "compare by task": ("compare", "--where", "study=all"),
    "compare by class, with CSV": ("compare", "--where", "study=all", "--by", "class", "--csv", "all.csv"),
    "compare by position": ("compare", "--where", "study=all", "--by", "position", "--json"),
    "compare, with PDF": ("compare", "--where", "study=all", "--pdf", "all.pdf"),
}


@dataclass(frozen=True, slots=True)
class Took:
    """What one command took."""

    what: str
    clock_s: float
    processor_s: float
    limit_s: float


def speed(lessons: int) -> Iterator[Took]:
    """The commands on a study of five classes."""
    with tempfile.TemporaryDirectory() as folder:
        with open_store(Path(folder) / "classroom-fer.sqlite") as store:
            for seed in range(1, lessons + 1):
                own = {"school_class": f"{seed % 5 + 5}b", "lesson": str(seed)}
                store_lesson(store, seed, study="all", **own)
        for what, arguments in COMMANDS.items():
            clock, before = time.perf_counter(), os.times()
            command = [sys.executable, "-m", "classroom_fer", *arguments]
            environment = os.environ | {"PYTHONPATH": str(ROOT)}
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(f"{what}: {done.stderr}")
            after = os.times()
            used = after.children_user + after.children_system - before.children_user - before.children_system
            yield Took(what, time.perf_counter() - clock, used, PDF_LIMIT_S if "--pdf" in arguments else LIMIT_S)


def show_speed(took: list[Took], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(one) for one in took], indent=2))
        return
    for one in took:
        print(f"{one.what:<28} {one.processor_s:5.2f} s of processor time, {one.clock_s:5.2f} s by the clock")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--speed", action="store_true", help="How long the commands take, and nothing else.")
    parser.add_argument("--lessons", type=int, default=200)
    given = parser.parse_args()
    if given.speed:
        took = list(speed(given.lessons))
        show_speed(took, as_json=given.json)
        sys.exit(any(one.processor_s > one.limit_s for one in took))
    rows = [row(lessons, between, given.studies) for lessons, between in ROWS]
    if given.json:
        print(json.dumps([asdict(one) for one in rows], indent=2))
        return
    print("| lessons | SD between | interval holds the truth | by a normal interval | median width | with a model |")
    print("|---|---|---|---|---|---|")
    for one in rows:
        own = "" if one.covers_normal is None else f"{one.covers_normal:.3f}"
        between = "none" if one.between == 0 else f"{one.between:g}"
        print(f"| {one.lessons} | {between} | {one.covers:.3f} | {own} | {one.width:.1f} | {one.modelled:.2f} |")
    print(f"one binomial standard error: {math.sqrt(0.95 * 0.05 / given.studies):.3f}")


if __name__ == "__main__":
    main()
