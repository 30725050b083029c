"""Ours against the package ``fer`` 25.10.3, from the film's bytes to a class for each face, on the same samples.

    python benchmarks/versus_fer.py [FILM] [--fps 1] [--rounds 2] [--cache DIR] [--pip-args ARGS] [--json]

Without FILM: a minute of the generated class of ``../shared/tools/make_class_video.py`` (1080p25, 20 people), where
that is there. ``fer`` runs in its MTCNN mode and in its default mode (Viola-Jones), in a virtual environment of its
own, which is made in the cache folder on the first call (``versus_fer.txt``; 8 GB, as PyPI's torch for Linux brings
CUDA; afterwards nothing is fetched). With --pip-args another index can be named, such as PyTorch's own for CPUs.

Each round runs ours, fer's MTCNN mode and fer's default mode in turn, each in a process of its own that may use all
cores. Loading is told apart; the rest is decoding, detection and expressions, for ours also tracks, results per task
and the database. The ratio is the median over rounds of fer's seconds by ours in the same round, in wall time and in
processor time (which says more on a busy machine). Exit code 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STARTED = time.perf_counter()
HERE = Path(__file__).resolve().parent
NEEDED = HERE / "versus_fer.txt"
GENERATOR = HERE.parent.parent / "shared" / "tools" / "make_class_video.py"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "classroom-fer" / "benchmarks"
GOALS = (
    ("as quick as fer's MTCNN mode", "analysis_s_by_ours", 6.0),
    ("detection alone, as quick as facenet-pytorch's MTCNN as it comes", "detect_s_by_ours", 5.0),
)
SECONDS = ("load_s", "analysis_s", "detect_s", "cpu_s")
NAMES = {"ours": "classroom-fer", "mtcnn": "fer, MTCNN mode", "default": "fer, default mode"}


@dataclass(frozen=True)
class Run:
    """One analysis of the film."""

    load_s: float
    analysis_s: float
    detect_s: float
    """Of these, in finding faces and points."""
    cpu_s: float
    """Processor time of the analysis."""
    samples: int
    faces: int
    peak_mb: float
    frames: tuple[int, ...]
    """Numbers of the samples' frames."""


def environment(cache: Path, pip_args: list[str]) -> Path:
    """The Python of fer's environment, made first if it is not there or was made of other requirements."""
    folder = cache / "fer"
    python, made = folder / "bin" / "python", folder / "made-of"
    wanted = hashlib.sha256(NEEDED.read_bytes()).hexdigest()
    if not (made.exists() and made.read_text() == wanted):
        print(f"making {folder} (8 GB, some minutes)", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *pip_args]
        subprocess.run([*install, "-r", str(NEEDED)], check=True, stdout=sys.stderr)
        made.write_text(wanted)
    return python


def generated_class(cache: Path) -> Path:
    """A minute of 20 seated people."""
    film = cache / "class-1-minute.mp4"
    if not film.exists():
        if not GENERATOR.exists():
            sys.exit(f"error: no film given, and no {GENERATOR} to make one\nhint: name a film")
        cache.mkdir(parents=True, exist_ok=True)
        part = film.with_name(f"part-{film.name}")
        subprocess.run([sys.executable, str(GENERATOR), str(part), "--minutes", "1"], check=True, stdout=sys.stderr)
        part.rename(film)
    return film


def analyse(film: Path, fps: float) -> Run:
    """Ours; runs in a process of its own."""
    from speed import warm_up

    from classroom_fer.analysis import Analyzer, Request
    from classroom_fer.settings.config import load_config
    from classroom_fer.store.store import open_store

    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "versus.sqlite") as store:
        analyzer = Analyzer(load_config(None, {"fps": fps}), store)
        warm_up(analyzer.parts)
        loaded, cpu = time.perf_counter(), time.process_time()
        outcome = analyzer.analyze(Request(film, None, None), lambda _: None)
        ended, cpu = time.perf_counter(), time.process_time() - cpu
        rows = store.frames(outcome.session.session_id)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Run(
        load_s=loaded - STARTED,
        analysis_s=ended - loaded,
        detect_s=outcome.seconds["detect"],
        cpu_s=cpu,
        samples=len(rows),
        faces=sum(len(row.faces) for row in rows),
        peak_mb=peak,
        frames=tuple(row.frame_index for row in rows),
    )


def run(name: str, film: Path, fps: float, fer_python: Path) -> Run:
    """One analysis by ``name`` of NAMES."""
    if name == "ours":
        command = [sys.executable, __file__, str(film), "--child"]
    else:
        command = [str(fer_python), str(HERE / "fer_on_film.py"), str(film), "--mode", name]
    done = subprocess.run([*command, "--fps", str(fps)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"error: {NAMES[name]} failed:\n{done.stderr[-2000:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    return Run(**{**told, "frames": tuple(told["frames"])})


def summary(rounds: list[dict[str, Run]]) -> dict[str, dict[str, Any]]:
    """Medians over the rounds, and ratios within each."""
    table = {}
    for name in NAMES:
        runs = [one[name] for one in rounds]
        row: dict[str, Any] = {
            "samples": runs[0].samples,
            "faces": runs[0].faces,
            "peak_mb": max(r.peak_mb for r in runs),
            "same_frames": runs[0].frames == rounds[0]["ours"].frames,
        }
        for part in SECONDS:
            row[part] = statistics.median(getattr(one[name], part) for one in rounds)
            ratios = (getattr(one[name], part) / getattr(one["ours"], part) for one in rounds)
            row[f"{part}_by_ours"] = statistics.median(ratios)
        table[name] = row
    return table


def show(film: Path, rounds: int, table: dict[str, dict[str, Any]]) -> None:
    print(f"{film.name}: {table['ours']['samples']} samples, {rounds} rounds, {os.cpu_count()} cores")
    print(f"{'':<18}   load    film  a sample  detection   faces   memory  by ours: film  detection  processor")
    for name, row in table.items():
        ratios = [row[f"{part}_by_ours"] for part in ("analysis_s", "detect_s", "cpu_s")]
        print(
            f"{NAMES[name]:<18} {row['load_s']:4.1f} s {row['analysis_s']:5.1f} s"
            f" {row['analysis_s'] / row['samples']:7.3f} s {row['detect_s']:8.1f} s {row['faces']:7d}"
            f" {row['peak_mb']:5.0f} MB {ratios[0]:14.2f} {ratios[1]:10.2f} {ratios[2]:10.2f}"
            f"{'' if row['same_frames'] else '   (other frames)'}"
        )
    for what, key, goal in GOALS:
        ratio = table["mtcnn"][key]
        print(f"{what}: {ratio:.1f} times (goal: {goal:g}): {'reached' if ratio >= goal else 'MISSED'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", type=Path, nargs="?")
    parser.add_argument("--fps", type=float, default=1.0, help="samples a second")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=CACHE, help=f"for fer's environment and the film [{CACHE}]")
    parser.add_argument("--pip-args", type=shlex.split, default=[], help="more arguments for pip")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        print(json.dumps(vars(analyse(args.film, args.fps))))
        return
    python = environment(args.cache, args.pip_args)
    film = args.film or generated_class(args.cache)
    rounds = [{name: run(name, film, args.fps, python) for name in NAMES} for _ in range(args.rounds)]
    table = summary(rounds)
    if args.json:
        print(json.dumps({"film": film.name, "fps": args.fps, "rounds": args.rounds, "systems": table}, indent=2))
    else:
        show(film, args.rounds, table)
    sys.exit(any(table["mtcnn"][key] < goal for _, key, goal in GOALS))


if __name__ == "__main__":
    main()
