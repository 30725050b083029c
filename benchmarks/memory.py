"""How much memory does an analysis take, and does it grow with the film?

  python benchmarks/memory.py FILM [--minutes 1 2 4] [--fps 1] [--json]

Analyses the first minutes of FILM, each length in a process of its own, and prints the peak of its resident memory and
by how many MB that grows per minute of film (least squares).
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
from pathlib import Path

import numpy as np
from speed import in_child


def analyse(film: Path, minutes: float, fps: float) -> dict[str, float]:
    """Peak memory of one analysis, MB, as the command does it but for the PDF; of this process."""
    from classroom_fer.analysis import Analyzer, Request
    from classroom_fer.settings.config import load_config
    from classroom_fer.store.store import open_store

    config = load_config(None, {"fps": fps, "end_s": 60 * minutes})
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "memory.sqlite") as store:
        outcome = Analyzer(config, store).analyze(Request(film, None, None), lambda _: None)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seen = outcome.result.visibility
    return {"minutes": minutes, "peak_mb": peak, "samples": seen.frames_sampled, "faces": seen.faces}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", type=Path)
    parser.add_argument("--minutes", type=float, nargs="+", default=[1.0, 2.0, 4.0])
    parser.add_argument("--fps", type=float, default=1.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(analyse(args.film, args.minutes[0], args.fps)))
        return
    rows = [in_child(__file__, args.film, minutes=minutes, fps=args.fps) for minutes in args.minutes]
    lengths, peaks = [row["minutes"] for row in rows], [row["peak_mb"] for row in rows]
    slope = float(np.polyfit(lengths, peaks, 1)[0]) if len(set(lengths)) > 1 else float("nan")
    if args.json:
        print(json.dumps({"runs": rows, "mb_per_minute": slope}, indent=2))
        return
    print("minutes  samples    faces  peak MB")
    for row in rows:
        print(f"{row['minutes']:7g} {row['samples']:8.0f} {row['faces']:8.0f} {row['peak_mb']:8.0f}")
    print(f"growth {slope:.1f} MB a minute of film")


if __name__ == "__main__":
    main()
