"""Where a database is, and what can be done there. Loads no database library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEFAULT_DB = "classroom-fer.sqlite"
"""In the working folder."""


@dataclass(frozen=True, slots=True)
class Place:
    """An opened database's place."""

    where: str
    """The path, or the URL without its password."""
    path: Path | None
    """The file; None for a server."""
    writable: bool = True
    log: bool = True
    """False where SQLite has no shared memory and keeps a rollback journal: readers wait while a run commits."""
