"""How long the command line takes to answer, against what starting Python with Typer takes on the same machine.

    python benchmarks/startup.py

Prints, for each command, the smallest of several wall times in seconds and its ratio to ``python -c "import typer"``.
What loads at all is fixed by ``tests/test_cli.py``; this says what it costs.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time

RUNS = 5
ANSWERS = ("--help", "--version", "analyze --help", "tasks check --help", "predict --help", "doctor --help")


def seconds(*arguments: str) -> float:
    """Smallest wall time of RUNS runs of Python with these arguments, in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        return min(_once(folder, arguments) for _ in range(RUNS))


def _once(folder: str, arguments: tuple[str, ...]) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True, cwd=folder)
    return time.perf_counter() - started


def main() -> None:
    base = seconds("-c", "import typer")
    print(f"{'python -c import typer':<24} {base:6.2f} s")
    for answer in ANSWERS:
        taken = seconds("-m", "classroom_fer", *answer.split())
        print(f"{answer:<24} {taken:6.2f} s  {taken / base:5.1f} x")


if __name__ == "__main__":
    main()
