"""How long the questions of docs/queries.md take on a study of 200 lessons, and how large it is.

    nice python benchmarks/query.py [--lessons 200] [--pupils 25] [--minutes 50] [--db FILE] [--json]

No film: two lessons are made up face by face (``made_lessons.py``), stored, tracked and measured as any other; the
others are copies of their rows under other names, so every lesson has all rows that a real one has. With ``--db`` the
database is kept and, where it is there already, used again. Every question must be answered in 2 s, opening takes at
most 1 s, and each command 3 s, of processor time: the clock stands beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.made_lessons import Class, add_lesson
from classroom_fer.cli import Commands
from classroom_fer.session_choice import is_by_older_rules
from classroom_fer.store import schema
from classroom_fer.store.asking.open import asking
from classroom_fer.store.engine import WRITES
from classroom_fer.store.store import SqlStore, open_reader, open_store
from classroom_fer.store.worked_queries import worked_queries

ROOT = Path(__file__).resolve().parent.parent
MADE = 2
"""Lessons that are made up; the rest are copies."""
QUERY_S, OPEN_S, COMMAND_S = 2.0, 1.0, 3.0
EVERY_SESSION = "SESSION..."
COMMANDS = {
    "sessions": ("sessions", "--json"),
    "compare": ("compare", EVERY_SESSION),
    "export": ("export", "--all", "--level", "task", "--format", "csv"),
}
"""Commands that read the whole study, with what they are given; those that do not exist are left out."""


@dataclass(frozen=True, slots=True)
class Timing:
    """What one question or command took."""

    what: str
    rows: int | None
    clock_s: float
    processor_s: float
    limit_s: float


def build(path: Path, lessons: int, size: Class) -> None:
    """Adds what the database lacks of so many lessons."""
    with open_store(path) as store:
        known = store.sessions()
        if any(map(is_by_older_rules, known)):
            raise SystemExit(f"{path} is by another version of the rules: delete it, or name another file with --db")
        there = [session.session_id for session in known]
        for number in range(len(there), min(MADE, lessons)):
            made = Class(size.pupils, size.seconds, seed=number + 1)
            there.append(add_lesson(store, made, f"lesson-{number + 1}.mp4").session_id)
        for number in range(len(there), lessons):
            copy_session(store, there[number % MADE], number + 1)


def copy_session(store: SqlStore, session_id: int, number: int) -> None:
    """The rows of a session again, as those of another film."""
    with store.engine.connect().execution_options(**WRITES) as connection, connection.begin():
        new = connection.execute(sa.select(sa.func.max(schema.session.c.session_id))).scalar_one() + 1
        other = {"session_id": new, "video": f"lesson-{number}.mp4", "video_sha256": f"{number:064x}"}
        for table in schema.metadata.sorted_tables:
            if "session_id" in table.primary_key.columns:
                values = [sa.literal(other[c.name]) if c.name in other else c for c in table.c]
                rows = sa.select(*values).where(table.c.session_id == session_id)
                connection.execute(sa.insert(table).from_select(list(table.c), rows))


def ask_everything(path: Path, session_id: int) -> Iterator[Timing]:
    """Every question of the page; those about one lesson ask for ``session_id``."""
    with open_reader(path) as store, asking(store) as database:
        for query in worked_queries():
            values = query.examples | ({"session": session_id} if "session" in query.examples else {})
            with timed() as took:
                rows = sum(1 for _ in database.ask(query.sql, values).rows)
            yield Timing(f"{query.number}. {query.title}", rows, *took(), QUERY_S)


def open_once(path: Path) -> Timing:
    """Opening as every command does, up to the list of sessions."""
    with timed() as took, open_reader(path) as store:
        sessions = store.sessions()
    return Timing("open the database and list its sessions", len(sessions), *took(), OPEN_S)


def run_commands(path: Path, lessons: int) -> Iterator[Timing]:
    """The commands, each in a process of its own: Python's start is part of it."""
    numbers = [str(number) for number in range(1, lessons + 1)]
    for name, arguments in COMMANDS.items():
        if name in Commands.lazy:
            with tempfile.TemporaryDirectory() as folder:
                clock, before = time.perf_counter(), os.times()
                given = chain.from_iterable(numbers if one == EVERY_SESSION else [one] for one in arguments)
                command = [sys.executable, "-m", "classroom_fer", *given, "--db", str(path)]
                environment = os.environ | {"PYTHONPATH": str(ROOT)}
                done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
                after = os.times()
            if done.returncode:
                raise SystemExit(f"{' '.join(arguments)} failed: {done.stderr}")
            used = after.children_user + after.children_system - before.children_user - before.children_system
            yield Timing(" ".join(arguments), None, time.perf_counter() - clock, used, COMMAND_S)


@contextmanager
def timed() -> Iterator[Callable[[], tuple[float, float]]]:
    """Seconds by the clock and of the processor since the block began, as a function to be called after it."""
    clock, processor = time.perf_counter(), time.process_time()
    ended: list[tuple[float, float]] = []
    yield lambda: ended[0]
    ended.append((time.perf_counter() - clock, time.process_time() - processor))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lessons", type=int, default=200)
    parser.add_argument("--pupils", type=int, default=25)
    parser.add_argument("--minutes", type=int, default=50)
    parser.add_argument("--db", type=Path, help="Keep the database here, or use the one that is here.")
    parser.add_argument("--json", action="store_true", help="Print one JSON document.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.db or Path(folder) / "study.sqlite"
        build(path, given.lessons, Class(given.pupils, given.minutes * 60))
        asked = ask_everything(path, max(1, given.lessons // 2))
        timings = [open_once(path), *asked, *run_commands(path, given.lessons)]
        megabytes = path.stat().st_size / 1e6
    show(given, timings, megabytes)
    sys.exit(any(one.processor_s > one.limit_s for one in timings))


def show(given: argparse.Namespace, timings: list[Timing], megabytes: float) -> None:
    hours = given.lessons * given.minutes / 60
    if given.json:
        document = {"lessons": given.lessons, "pupils": given.pupils, "minutes": given.minutes, "mb": megabytes,
                    "mb_per_hour": megabytes / hours, "timings": [asdict(one) for one in timings]}  # fmt: skip
        print(json.dumps(document, indent=2))
        return
    print(f"{given.lessons} lessons of {given.minutes} min, {given.pupils} pupils: {megabytes:.0f} MB, "
          f"{megabytes / hours:.1f} MB per lesson hour")  # fmt: skip
    for one in timings:
        late = "  TOO LONG" if one.processor_s > one.limit_s else ""
        print(f"{one.processor_s:7.2f} s ({one.clock_s:6.2f} by the clock)  {one.what}{late}")


if __name__ == "__main__":
    main()
