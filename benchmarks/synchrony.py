"""How often a class seems to turn together when everybody turns alone, and how often it is found when it does.

    python benchmarks/synchrony.py [--lessons 200] [--seed 1]

The made-up lessons of ``simulation.py``, into which turns are put: at ``TIMES`` bins of each lesson, a share of the
pupils looks away for 20 s (O falls by .5, or to 0). ``docs/simulation.md`` holds the table.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.simulation import RULES, World, make_class
from classroom_fer.measurement.engagement import Floats
from classroom_fer.measurement.sample_table import Ints
from classroom_fer.measurement.small_groups import open_bins, timeline_threshold
from classroom_fer.measurement.summaries import summarise_task
from classroom_fer.measurement.synchrony import Synchrony, synchrony
from classroom_fer.measurement.timeline import make_curves
from classroom_fer.measurement.track_bins import TrackBins

TIMES, BINS, BY = 6, 2, 0.5
"""Turns of a lesson, how many bins each lasts, and by how much O falls (choices)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Classes, and the share of their pupils that turns together (0 = all on their own)."""

    world: World
    share: float = 0.0


KINDS = {
    "on their own, 20 to 30 pupils": Kind(World()),
    "on their own, 10 to 14 pupils": Kind(World(pupils=(10, 14))),
    "on their own, restless (SD .35 from bin to bin)": Kind(World(quick_sd=0.35)),
    "on their own, calm (SD .10)": Kind(World(quick_sd=0.10)),
    "the whole class swings over minutes (SD .10)": Kind(World(shared_sd=0.10)),
    **{f"{share:.0%} turn together, 20 to 30 pupils": Kind(World(), share) for share in (0.2, 0.4, 0.6, 0.8)},
    **{f"{share:.0%} turn together, 10 to 14 pupils": Kind(World(pupils=(10, 14)), share) for share in (0.4, 0.6, 0.8)},
}


@dataclass(slots=True)
class Tally:
    """Bins over many lessons."""

    alone: int = 0
    alone_above: int = 0
    together: int = 0
    found: int = 0

    def add(self, said: Synchrony, began: Ints) -> None:
        """Args: ``began`` bins in which the class turned away; those in which it turned back count in neither."""
        back = began + BINS
        above, shown = said.share > said.chance, ~np.isnan(said.share)
        alone = shown.copy()
        alone[began] = alone[back[back < len(alone)]] = False
        self.alone += int(alone.sum())
        self.alone_above += int((above & alone).sum())
        self.together += int(shown[began].sum())
        self.found += int(above[began].sum())


def with_turns(rng: np.random.Generator, cells: TrackBins, share: float) -> tuple[TrackBins, Ints]:
    """The lesson with pupils who look away together, and the bins in which they begin to."""
    task, oriented = cells.grid.task, cells.grid.oriented()
    inside = [
        b for b in range(1, cells.grid.size - BINS) if oriented[b] and len(set(task[b - 1 : b + BINS + 1])) == 1
    ]  # fmt: skip
    began: list[int] = []
    for b in rng.permutation(np.array(inside, dtype=np.int64)):
        if len(began) < TIMES and all(abs(b - other) > 2 * BINS for other in began):
            began.append(int(b))
    facing: Floats = cells.orientation.copy()
    for b in began if share else []:
        who = rng.random(len(facing)) < share
        facing[who, b : b + BINS] = np.maximum(facing[who, b : b + BINS] - BY, 0.0)
    return replace(cells, orientation=facing), np.array(began if share else [], dtype=np.int64)


def said(cells: TrackBins) -> Synchrony:
    """What the product would store of a lesson."""
    summaries = tuple(summarise_task(cells, index, RULES) for index in range(len(cells.grid.tasks)))
    curves = make_curves(cells, open_bins(cells.grid, summaries, RULES.evidence), RULES)
    needed = timeline_threshold(cells.simultaneous, RULES.evidence)
    return synchrony(curves.orientation.deviation, cells.grid.task, needed, RULES.synchrony)


def tally(kind: Kind, lessons: int, seed: int) -> Tally:
    """What is said of so many lessons."""
    result = Tally()
    for number in range(lessons):
        rng = np.random.default_rng((seed, number))
        cells, began = with_turns(rng, make_class(rng, kind.world)[0], kind.share)
        result.add(said(cells), began)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lessons", type=int, default=200, help="of each kind of class")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print("| classes | bins | above chance without a common turn | common turns | found |\n|---|---|---|---|---|")
    for name, kind in KINDS.items():
        got = tally(kind, given.lessons, given.seed)
        found = f"{got.together} | {100 * got.found / got.together:.0f} %" if got.together else " | "
        print(f"| {name} | {got.alone} | {100 * got.alone_above / got.alone:.1f} % | {found} |")


if __name__ == "__main__":
    main()
