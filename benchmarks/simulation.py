"""How often a comparison or a moment is false in made-up lessons, and how often a real one is found.

    python benchmarks/simulation.py [--lessons 2000] [--seed 1] [--json]

No film and no model: classes are made at the level of track-bins (10 s), and what the product would print of them is
counted. ``docs/simulation.md`` holds the measured table and says what the classes are like. All numbers of ``World``
are choices, meant to be harder on the method than a real class: heads wander together with what they did half a minute
and three minutes ago, pupils leave and come back, faces are missed just when heads are turned, some pupils break into
two tracks, every pupil drifts and answers every task in a way of his or her own.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from classroom_fer.lesson.records import EMOTIONS, Comparison, Moment, Task, TaskSummary
from classroom_fer.measurement.bins import Grid, make_grid
from classroom_fer.measurement.comparison import compare_tasks
from classroom_fer.measurement.engagement import ORIENTED_MODES, Floats, expression_values
from classroom_fer.measurement.moments import find_moments
from classroom_fer.measurement.small_groups import open_bins
from classroom_fer.measurement.statistics import simultaneous_p95
from classroom_fer.measurement.summaries import summarise_task
from classroom_fer.measurement.timeline import make_curves
from classroom_fer.measurement.track_bins import TrackBins
from classroom_fer.measurement.uncompared import not_compared
from classroom_fer.settings.config import default_config
from classroom_fer.settings.rules import Rules

RULES = default_config().rules
LESSON_S = 2700.0
BIN_S = RULES.bins.seconds
CLEAR = ("higher", "lower")


@dataclass(frozen=True, slots=True)
class World:
    """What the classes are like. Spreads are SDs on the 0-1 scale of O, times are seconds."""

    pupils: tuple[int, int] = (20, 30)
    tasks: tuple[int, int] = (4, 6)
    shortest_task_s: float = 240.0
    modes: tuple[tuple[str, float], ...] = (("board", 0.55), ("desk", 0.3), ("group", 0.15))
    level: float = 0.65
    level_sd: float = 0.15
    """Between pupils."""
    quick_sd: float = 0.20
    quick_s: float = 15.0
    """Time in which half-remembered noise fades to 1/e: .5 from bin to bin."""
    slow_sd: float = 0.08
    slow_s: float = 180.0
    own_answer_sd: float = 0.07
    """Of each pupil to each task, 0 on average."""
    own_drift_sd: float = 0.08
    """Of each pupil over the lesson, beside the class's."""
    drift: float = 0.0
    """Of the class over the lesson, up or down by chance: largest change of O."""
    shared_sd: float = 0.0
    """Swings of the whole class with ``slow_s``."""
    away_share: float = 0.12
    away_s: float = 60.0
    missed: float = 0.10
    """Bins without a value for no reason."""
    broken: float = 0.15
    """Pupils who become two tracks."""
    step: float = 0.0
    """Of O in one task (task_step) or from the middle of the longest task on (moment_step)."""
    where: str = "task"
    across: bool = False
    """Not what the product does: windows of moments cross the borders of tasks."""


def lesson_tasks(rng: np.random.Generator, world: World) -> list[Task]:
    """Tasks that fill the lesson."""
    count = int(rng.integers(world.tasks[0], world.tasks[1] + 1))
    spare = LESSON_S - count * world.shortest_task_s
    ends = np.cumsum(world.shortest_task_s + rng.dirichlet(np.full(count, 2.0)) * spare)
    ends = np.round(ends / BIN_S) * BIN_S
    names, chances = zip(*world.modes, strict=True)
    modes = rng.choice(names, count, p=chances)
    starts = [0.0, *ends[:-1]]
    spans = enumerate(zip(starts, ends, modes, strict=True))
    return [Task(f"task {k}", float(start), float(end), mode) for k, (start, end, mode) in spans]


def wander(rng: np.random.Generator, shape: tuple[int, int], sd: float, fade_s: float) -> Floats:
    """[T, B] autocorrelated noise of this SD."""
    keep = math.exp(-BIN_S / fade_s)
    noise = rng.normal(0, 1, shape)
    for b in range(1, shape[1]):
        noise[:, b] = keep * noise[:, b - 1] + math.sqrt(1 - keep**2) * noise[:, b]
    return np.asarray(sd * noise)


def make_class(rng: np.random.Generator, world: World, rules: Rules = RULES) -> tuple[TrackBins, float | None]:
    """One lesson's track-bins, and the time of its step (None without one)."""
    grid = make_grid(lesson_tasks(rng, world), 0.0, LESSON_S, BIN_S)
    pupils = int(rng.integers(world.pupils[0], world.pupils[1] + 1))
    shape = (pupils, grid.size)
    time = np.linspace(-0.5, 0.5, grid.size)
    own = rng.normal(0, world.own_answer_sd, (pupils, len(grid.tasks)))[:, grid.task]
    shift, step_s = _step(rng, grid, world)
    facing = (
        rng.normal(world.level, world.level_sd, (pupils, 1))
        + wander(rng, shape, world.quick_sd, world.quick_s)
        + wander(rng, shape, world.slow_sd, world.slow_s)
        + wander(rng, (1, grid.size), world.shared_sd, world.slow_s)
        + own
        + time * (rng.normal(0, world.own_drift_sd, (pupils, 1)) + world.drift * rng.choice([-1, 1]))
        + shift
    )
    neutral = rng.normal(0.75, 0.1, (pupils, 1)) + wander(rng, shape, 0.12, world.quick_s)
    here = ~_away(rng, shape, world)
    return _cells(rng, grid, np.clip(facing, 0, 1), np.clip(neutral, 0, 1), here, world, rules), step_s


def _step(rng: np.random.Generator, grid: Grid, world: World) -> tuple[Floats, float | None]:
    """[B] the true change of the class, and when it came."""
    if not world.step:
        return np.zeros(grid.size), None
    starts = grid.edges_s[:-1]
    if world.where == "task":
        index = int(rng.integers(len(grid.tasks)))
        return np.where(grid.task == index, -world.step, 0.0), grid.tasks[index].start_s
    with_index = [task for task in grid.tasks if task.mode in ORIENTED_MODES]
    longest = max(with_index, key=lambda task: task.end_s - task.start_s, default=None)
    if longest is None:
        return np.zeros(grid.size), None
    middle = round((longest.start_s + longest.end_s) / 2 / BIN_S) * BIN_S
    return np.where(starts >= middle, -world.step, 0.0), middle


def _away(rng: np.random.Generator, shape: tuple[int, int], world: World) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """[T, B] out of the picture: away and back, at random."""
    back = 1 - math.exp(-BIN_S / world.away_s)
    leave = back * world.away_share / (1 - world.away_share)
    away = np.zeros(shape, dtype=bool)
    away[:, 0] = rng.random(shape[0]) < world.away_share
    dice = rng.random(shape)
    for b in range(1, shape[1]):
        away[:, b] = np.where(away[:, b - 1], dice[:, b] >= back, dice[:, b] < leave)
    return away


def _cells(
    rng: np.random.Generator, grid: Grid, facing: Floats, neutral: Floats, here: Any, world: World, rules: Rules
) -> TrackBins:
    """Track-bins of what the camera saw; E abstains the more often the further a head is turned."""
    simultaneous = simultaneous_p95(here.sum(axis=0))
    seen_o = here & (rng.random(here.shape) >= world.missed) & grid.oriented()
    seen_e = here & (rng.random(here.shape) >= world.missed + 0.5 * (1 - facing))
    facing, neutral = np.where(seen_o, facing, np.nan), np.where(seen_e, neutral, np.nan)
    facing, neutral, here = _broken(rng, facing, neutral, here, world.broken)
    likely = np.zeros((*facing.shape, len(EMOTIONS)))
    likely[..., 0], likely[..., 1] = neutral, 1 - neutral
    likely[np.isnan(neutral)] = np.nan
    groups = np.zeros((*facing.shape, 4), dtype=np.int64)
    groups[..., 0] = np.where(np.isnan(neutral), 0, 10)
    return TrackBins(
        grid=grid,
        simultaneous=simultaneous,
        seen=np.where(here, 10, 0),
        orientation=facing,
        probabilities=likely,
        votes=likely,
        groups=groups,
        readable=~np.isnan(neutral),
        expression=expression_values(likely, rules.weights()),
    )


def _broken(rng: np.random.Generator, facing: Floats, neutral: Floats, here: Any, share: float) -> tuple[Any, Any, Any]:
    """Some pupils become two tracks, one before and one after a random bin."""
    pupils, bins = facing.shape
    broken = np.flatnonzero(rng.random(pupils) < share)
    after = np.arange(bins) >= rng.integers(1, bins, len(broken))[:, None]
    parts = []
    for matrix, nothing in ((facing, np.nan), (neutral, np.nan), (here, False)):
        first = matrix.copy()
        first[broken] = np.where(after, nothing, matrix[broken])
        parts.append(np.concatenate([first, np.where(after, matrix[broken], nothing)]))
    return parts[0], parts[1], parts[2].astype(bool)


@dataclass(frozen=True, slots=True)
class Said:
    """What the product says of one lesson."""

    tasks: tuple[TaskSummary, ...]
    comparisons: tuple[Comparison, ...]
    moments: tuple[Moment, ...]
    step_s: float | None


def say(seed: int, world: World, rules: Rules = RULES) -> Said:
    cells, step_s = make_class(np.random.default_rng(seed), world, rules)
    summaries = tuple(summarise_task(cells, index, rules) for index in range(len(cells.grid.tasks)))
    shown = open_bins(cells.grid, summaries, rules.evidence)
    moments = _moments_across(cells, rules) if world.across else _moments(cells, shown, rules)
    return Said(summaries, compare_tasks(cells, summaries, rules), moments, step_s)


def _moments(cells: TrackBins, shown: npt.NDArray[np.bool_], rules: Rules) -> tuple[Moment, ...]:
    return find_moments(cells, shown, make_curves(cells, shown, rules), rules)


def _moments_across(cells: TrackBins, rules: Rules) -> tuple[Moment, ...]:
    """Moments as if the lesson were one task, but none within the guard of a border."""
    whole = Grid((Task("lesson", 0.0, LESSON_S),), cells.grid.edges_s, np.zeros_like(cells.grid.task))
    found = _moments(replace(cells, grid=whole), np.ones(cells.grid.size, dtype=bool), rules)
    borders = [task.start_s for task in cells.grid.tasks]
    return tuple(m for m in found if min(abs(m.time_s - border) for border in borders) >= rules.moments.guard_s)


NEAR_S = 30.0
"""A moment this near to a true change has found it."""


@dataclass(slots=True)
class Tally:
    """Counts over lessons."""

    lessons: int = 0
    compared: int = 0
    """Pairs of tasks."""
    too_few: int = 0
    """Pairs of the same kind, both graded, that are not compared to protect single pupils."""
    false_lessons: int = 0
    """Lessons with a difference said between two tasks that nothing was done to."""
    false_moments: int = 0
    affected: int = 0
    """Compared pairs of which one was changed."""
    right: int = 0
    wrong_way: int = 0
    inseparable: int = 0
    steps: int = 0
    """Lessons with a change inside a task."""
    found: int = 0
    intervals: list[tuple[float, float, float]] = field(default_factory=list)

    def add(self, said: Said, world: World) -> None:
        self.lessons += 1
        self.compared += len(said.comparisons)
        self.too_few += sum(why == "too_few_in_both" for *_, why in not_compared(said.tasks, said.comparisons))
        changed = next((s.task.name for s in said.tasks if s.task.start_s == said.step_s), None)
        touching = [c for c in said.comparisons if changed in (c.first, c.second)]
        self.false_lessons += any(c.verdict in CLEAR for c in said.comparisons if c not in touching)
        for c in touching:
            down = "lower" if c.second == changed else "higher"
            self.right += c.verdict == down
            self.wrong_way += c.verdict in CLEAR and c.verdict != down
            self.inseparable += c.verdict == "not_separable_from_time"
        self.affected += len(touching)
        inside = said.step_s is not None and world.where == "moment"
        near = [m for m in said.moments if inside and abs(m.time_s - (said.step_s or 0.0)) <= NEAR_S]
        self.steps += inside
        self.found += bool(near)
        self.false_moments += len(said.moments) - len(near)
        self.intervals += [(e.value, e.low, e.high) for s in said.tasks if (e := s.engagement) is not None]

    def covered(self) -> float:
        """Share of the tasks' 95 % intervals that hold the mean over all lessons: the truth where nothing happens."""
        truth = np.mean([value for value, _, _ in self.intervals])
        return float(np.mean([low <= truth <= high for _, low, high in self.intervals]))


def upper(count: int, of: int) -> float:
    """One-sided 95 % Clopper-Pearson bound of a share."""
    return 1.0 if count >= of else float(betaincinv(count + 1, of - count, 0.95))


def tally(world: World, count: int, seed: int, rules: Rules = RULES) -> Tally:
    result = Tally()
    for k in range(count):
        result.add(say(seed * 1_000_003 + k, world, rules), world)
    return result


POINTS_15 = 0.15 / RULES.alpha_orientation
"""Of O: 15 points of the index."""
TWENTY = World(pupils=(20, 20))
ONE_KIND = replace(TWENTY, modes=(("board", 1.0),))
WORLDS: dict[str, World] = {
    "nothing happens": World(),
    "class drifts by up to 7 points": World(drift=0.1),
    "class drifts by up to 14 points": World(drift=0.2),
    "nothing, 10 to 14 pupils": World(pupils=(10, 14)),
    "nothing, but the whole class swings (SD 2 points)": World(shared_sd=0.03),
    "one task 15 points lower, 20 pupils": replace(TWENTY, step=POINTS_15),
    "one task 15 points lower, 20 pupils, drift 7": replace(TWENTY, step=POINTS_15, drift=0.1),
    "one task 25 points lower, 20 pupils": replace(TWENTY, step=POINTS_15 / 0.6),
    "one task 15 points lower, 30 pupils": World(pupils=(30, 30), step=POINTS_15),
    **{
        f"15 points within a task of {minutes} min": replace(
            TWENTY, step=POINTS_15, where="moment", tasks=(45 // minutes,) * 2, shortest_task_s=60.0 * minutes
        )
        for minutes in (3, 5, 9, 15)
    },
    "board tasks, one 15 points lower": replace(ONE_KIND, step=POINTS_15),
    "the same, windows across borders": replace(ONE_KIND, step=POINTS_15, across=True),
    "15 points within a board task": replace(ONE_KIND, step=POINTS_15, where="moment"),
    "the same within, windows across borders": replace(ONE_KIND, step=POINTS_15, where="moment", across=True),
}


def row(name: str, t: Tally) -> dict[str, Any]:
    """One line of the table; None where it says nothing."""
    quiet, wrong = name.startswith(("nothing", "class")), t.false_lessons / t.lessons
    return {
        "classes": name,
        "lessons": t.lessons,
        "pairs a lesson": round(t.compared / t.lessons, 1),
        "refused (S3)": round(t.too_few / t.lessons, 2),
        "false difference, lessons": None
        if t.steps  # what follows the step is really lower
        else f"{100 * wrong:.1f} % (< {100 * upper(t.false_lessons, t.lessons):.1f} %)",
        "false moments a lesson": round(t.false_moments / t.lessons, 3),
        "difference found": _percent(t.right, t.affected if not quiet and not t.steps else 0),
        "not separable": _percent(t.inseparable, t.affected if not quiet and not t.steps else 0),
        "moment found": _percent(t.found, t.steps),
        "interval covers": f"{100 * t.covered():.1f} %" if name.startswith("nothing") else None,
    }


def _percent(count: int, of: int) -> str | None:
    return f"{100 * count / of:.0f} %" if of else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lessons", type=int, default=2000, help="of each kind of class")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="kinds of class whose name holds this")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = []
    for name, world in WORLDS.items():
        if given.only is None or given.only in name:
            rows.append(row(name, tally(world, given.lessons, given.seed)))
            print(f"{name}: done", file=sys.stderr)
    if given.json:
        print(json.dumps(rows, indent=2))
        return
    print("| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]))
    for line in rows:
        print("| " + " | ".join("" if value is None else str(value) for value in line.values()) + " |")


if __name__ == "__main__":
    main()
