"""How long the command line takes to answer, and how long a film's first frame waits for it.

    python benchmarks/startup.py [FILM] [--rounds 5] [--heaviest 12] [--json]

The smallest of ROUNDS times counts, on the clock and of the processor (which says more on a busy machine): of
``python -c "import typer"`` (what any command line of this kind takes on this machine), of each answer and its ratio
to that, and, for ``analyze FILM`` (default: the sample lesson) into a new database, from the process's start until

- the first frame has been looked at,
- the first chunk (two minutes of film) is stored,

with a PDF and without one. Then the packages that ``analyze`` loads until its first frame, the heaviest first, by the
time of their own modules (``-X importtime``, which makes all of it slower). What loads at all is fixed by
``tests/test_cli.py``; this says what it costs. Exit code 1 if ``--help`` takes .3 s or more, or the first frame 2.5 s.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

LESSON = Path(__file__).resolve().parent.parent / "sample_videos" / "lesson.mp4"
ANSWERS = (
    "--help", "--version", "analyze --help", "report --help", "aggregate --help", "predict --help",
    "tasks check --help", "sessions --help", "doctor --help",
)  # fmt: skip
HELP_LIMIT_S, FRAME_LIMIT_S = 0.3, 2.5
IMPORTED = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)$", re.MULTILINE)
BEGAN = "CLASSROOM_FER_BENCHMARK_BEGAN"


Seconds = dict[str, float]


def least(runs: list[Seconds]) -> Seconds:
    """The smallest of each."""
    return {key: min(run[key] for run in runs) for key in runs[0]}


def answering(*arguments: str) -> Seconds:
    """Seconds that Python takes with these arguments, in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True, cwd=folder)
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"wall_s": wall, "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def until(film: Path, *, pdf: bool, python: tuple[str, ...] = ()) -> tuple[Seconds, str]:
    """Seconds from a process's start to its first frame and to its first chunk; what it wrote on stderr."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, *python, __file__, str(film), "--child", *([] if pdf else ["--no-report"])]
        env = {**os.environ, BEGAN: str(time.time())}
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=folder, env=env)
    told: Seconds = json.loads(done.stdout.splitlines()[-1])
    return told, done.stderr


def analyze(film: Path, *, pdf: bool) -> None:
    """The command itself, with two places that tell the time; ends after the first chunk. In a process of its own."""
    from classroom_fer.cli import app
    from classroom_fer.faces.nets import Net
    from classroom_fer.store.store import SqlStore

    began, told = float(os.environ[BEGAN]), {}
    run, write_chunk = Net.run, SqlStore.write_chunk

    def timed_run(net: Net, values: Any) -> Any:
        outputs = run(net, values)
        if net.manifest.name == "faces" and not told:
            told.update(frame_s=time.time() - began, frame_cpu_s=time.process_time())
            print("FIRST FRAME", file=sys.stderr, flush=True)
        return outputs

    def timed_write(store: SqlStore, session_id: int, chunk: Any) -> None:
        write_chunk(store, session_id, chunk)
        print(json.dumps({**told, "chunk_s": time.time() - began, "chunk_cpu_s": time.process_time()}), flush=True)
        os._exit(0)

    Net.run, SqlStore.write_chunk = timed_run, timed_write  # type: ignore[method-assign]
    app(["analyze", str(film), "--quiet", *([] if pdf else ["--no-report"])])


def heaviest(told: str, count: int) -> list[tuple[str, float]]:
    """Packages and the seconds of their own modules, of what ``-X importtime`` told before the first frame."""
    packages: Counter[str] = Counter()
    for own, name in IMPORTED.findall(told.partition("FIRST FRAME")[0]):
        packages[name.partition(".")[0]] += int(own)
    return [(name, microseconds / 1e6) for name, microseconds in packages.most_common(count)]


def measure(film: Path, rounds: int, count: int) -> dict[str, Any]:
    """All figures of this page."""
    asked = {"python -c import typer": ("-c", "import typer")}
    asked |= {answer: ("-m", "classroom_fer", *answer.split()) for answer in ANSWERS}
    answers = {name: least([answering(*arguments) for _ in range(rounds)]) for name, arguments in asked.items()}
    films = {}
    for what, pdf in (("with a PDF", True), ("without", False)):
        films[what] = least([until(film, pdf=pdf)[0] for _ in range(rounds)])
    _, told = until(film, pdf=True, python=("-X", "importtime"))
    imports = heaviest(told, count)
    return {"answers": answers, "film": film.name, "analyze": films, "imports_s": imports}


def show(figures: dict[str, Any]) -> None:
    base, *_ = figures["answers"].values()
    print(f"{'':<24}    clock  processor")
    for answer, taken in figures["answers"].items():
        print(f"{answer:<24} {taken['wall_s']:6.2f} s {taken['cpu_s']:8.2f} s  {taken['cpu_s'] / base['cpu_s']:5.1f} x")
    for what, run in figures["analyze"].items():
        print(f"analyze {figures['film']} {what}:")
        print(f"{'  first frame looked at':<24} {run['frame_s']:6.2f} s {run['frame_cpu_s']:8.2f} s")
        print(f"{'  first chunk stored':<24} {run['chunk_s']:6.2f} s {run['chunk_cpu_s']:8.2f} s")
    print("loaded until the first frame: " + ", ".join(f"{name} {taken:.2f}" for name, taken in figures["imports_s"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", type=Path, nargs="?", default=LESSON)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--heaviest", type=int, default=12, metavar="N", help="packages to list")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--no-report", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    film = args.film.resolve()
    if args.child:
        analyze(film, pdf=not args.no_report)
        return
    figures = measure(film, args.rounds, args.heaviest)
    if args.json:
        print(json.dumps(figures, indent=2))
    else:
        show(figures)
    slow = figures["answers"]["--help"]["wall_s"] >= HELP_LIMIT_S
    sys.exit(slow or any(run["frame_s"] >= FRAME_LIMIT_S for run in figures["analyze"].values()))


if __name__ == "__main__":
    main()
