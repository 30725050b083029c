"""What else may go wrong in mid-run: a full disk, a locked database, a film that is taken away or written to, a clock
that is set back, a PostgreSQL server that is started anew. Used by ``soak.py``, each of them once.

Each run may end with an error that says what to do, never with a traceback; when all is well again, the same command
must end in the tables of an uninterrupted run.
"""

from __future__ import annotations

import os
import pwd
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DISK_KB, ROOM_KB = 16_000, 100
"""Size of the small disk, and what is left on it: less than the lesson's rows need."""
LOCKED_S = 25.0
"""Longer than a statement waits for another program's lock."""
SET_BACK = """
import datetime, time
class Back(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) - datetime.timedelta(days=400)
datetime.datetime = Back
real = time.time
time.time = lambda: real() - 400 * 86400
from classroom_fer.cli import main
main()
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One film's analysis in a folder of its own."""

    folder: Path
    film: Path
    options: tuple[str, ...]
    """Of ``analyze``, but for film and database."""
    longest_s: float
    """What an uninterrupted run took."""
    chance: random.Random

    @property
    def database(self) -> str:
        return str(self.folder / "l.sqlite")

    def started(self, *python: str, db: str | None = None) -> subprocess.Popen[str]:
        """The command, on its way. Args: ``python`` is what runs it instead of ``-m classroom_fer``."""
        given = ["analyze", str(self.film), *self.options, "--db", db or self.database]
        command = [sys.executable, *(python or ("-m", "classroom_fer")), *given]
        return subprocess.Popen(command, cwd=self.folder, stderr=subprocess.PIPE, text=True)

    def wait_a_while(self) -> None:
        time.sleep(self.chance.uniform(0.3, 0.7) * self.longest_s)

    def ended(self, process: subprocess.Popen[str]) -> str:
        """How it ended; SystemExit for a traceback or a bug's exit code."""
        errors = process.communicate(timeout=600)[1]
        if process.returncode not in (0, 1) or "Traceback" in errors:
            raise SystemExit(f"{self.folder}: exit code {process.returncode}: {errors}")
        said = next((line for line in errors.splitlines() if line.startswith("error")), "")
        return f"exit code {process.returncode} {said}".strip()

    def finish(self, db: str | None = None) -> None:
        """The same command when all is well again."""
        said = self.ended(self.started(db=db))
        if not said.startswith("exit code 0"):
            raise SystemExit(f"{self.folder}: did not go on: {said}")


def full_disk(run: Run) -> str:
    """The database's disk is full from some moment on."""
    disk = run.folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_KB}k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        raise Skipped("a small disk cannot be mounted (needs root)")
    try:
        database, ballast = disk / "l.sqlite", disk / "ballast"
        process = run.started(db=str(database))
        run.wait_a_while()
        free = shutil.disk_usage(disk).free
        ballast.write_bytes(bytes(max(0, free - run.chance.randrange(ROOM_KB) * 1000)))
        said = run.ended(process)
        ballast.unlink()
        run.finish(str(database))
        with closing(sqlite3.connect(database)) as whole, closing(sqlite3.connect(run.database)) as copy:
            whole.backup(copy)
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    return said


def locked(run: Run) -> str:
    """Another program writes to the database for longer than a statement waits."""
    process = run.started()
    while process.poll() is None and not chunks(run.database):
        time.sleep(0.02)
    with closing(sqlite3.connect(run.database, timeout=5, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        time.sleep(LOCKED_S)
        other.execute("ROLLBACK")
    said = run.ended(process)
    run.finish()
    return said


def chunks(database: str) -> int:
    """How many are stored."""
    with suppress(sqlite3.OperationalError), closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as reader:
        return int(reader.execute("SELECT count(*) FROM chunk").fetchone()[0])
    return 0


def film_taken_away(run: Run) -> str:
    """The film is gone in mid-run, and comes back."""
    process, kept = run.started(), run.film.with_suffix(".kept")
    run.wait_a_while()
    run.film.rename(kept)
    said = run.ended(process)
    kept.rename(run.film)
    run.finish()
    return said


def film_written_to(run: Run) -> str:
    """Other bytes are written over the film in mid-run, and then its own again."""
    own, process = run.film.read_bytes(), run.started()
    run.wait_a_while()
    with run.film.open("r+b") as file:
        file.seek(len(own) // 4)
        file.write(os.urandom(len(own) // 2))
    said = run.ended(process)
    run.film.write_bytes(own)
    with closing(sqlite3.connect(run.database)) as database:  # begun after the bytes had changed: another film
        (others,) = database.execute("SELECT count(*) - 1 FROM session").fetchone()
    if others > 0:
        raise SystemExit(f"{run.folder}: {others} sessions of a film that was being written to")
    run.finish()
    return said


def clock_set_back(run: Run) -> str:
    """Killed, and gone on with by a program whose clock is 400 days behind."""
    process = run.started()
    run.wait_a_while()
    process.kill()
    process.communicate()
    behind = run.started("-c", SET_BACK)
    said = run.ended(behind)
    if not said.startswith("exit code 0"):
        raise SystemExit(f"{run.folder}: {said}")
    return said


class Skipped(Exception):
    """A fault that cannot be made here."""


@contextmanager
def postgres(folder: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """The URL of a server on a socket, and what starts it anew. Skipped where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not found:
        raise Skipped("PostgreSQL is not installed")
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chown(folder, user.pw_uid, user.pw_gid)
    quiet: dict[str, Any] = {"cwd": folder, "check": True, "stdout": subprocess.DEVNULL, **account}
    data = folder / "data"
    subprocess.run([found[-1] / "initdb", "-D", data, "-U", "fer", "-A", "trust", "-E", "UTF8"], **quiet)
    server = [found[-1] / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    options = ["-o", f"-c listen_addresses= -c unix_socket_directories={folder}"]
    subprocess.run([*server, *options, "start"], **quiet)
    try:
        subprocess.run([found[-1] / "createdb", "-h", folder, "-U", "fer", "lessons"], **quiet)
        restart = [*server, *options, "-m", "immediate", "restart"]
        yield f"postgresql+psycopg://fer@/lessons?host={folder}", lambda: subprocess.run(restart, **quiet)
    finally:
        subprocess.run([*server, "-m", "immediate", "stop"], **quiet)


def postgres_restarted(run: Run, content: Callable[[str], Any]) -> tuple[str, Any]:
    """The server falls over in mid-run and is started anew; what it holds in the end."""
    with tempfile.TemporaryDirectory(prefix="fer-pg-", dir="/tmp") as name, postgres(Path(name)) as (url, restart):
        process = run.started(db=url)
        run.wait_a_while()
        restart()
        said = run.ended(process)
        run.finish(url)
        return said, content(url)


FAULTS: dict[str, Callable[[Run], str]] = {
    "full disk": full_disk,
    "locked database": locked,
    "film taken away": film_taken_away,
    "film written to": film_written_to,
    "clock set back": clock_set_back,
}
