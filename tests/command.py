"""Running the real command in its own process, as a user does."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LESSON = ROOT / "sample_videos" / "lesson.mp4"
TASKS = ROOT / "sample_videos" / "tasks.csv"


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "classroom_fer", *map(str, arguments)]


def heed_sigint() -> None:
    """As ``preexec_fn``: the process stops at Ctrl-C also where it inherits to ignore it ("make test &")."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def run(*arguments: object, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """stdout, stderr and exit code of one command; it never shows a traceback."""
    whole = {k: v for k, v in os.environ.items() if k != "CLASSROOM_FER_DB"} | (env or {})
    done = subprocess.run(command(*arguments), cwd=cwd, env=whole, capture_output=True, text=True, timeout=1800)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def rows(db: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
