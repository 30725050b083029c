"""What a run is: one film on its way from its bytes to its results, in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

RunState = Literal["queued", "running", "paused", "cancelled", "failed", "finished"]
RunWish = Literal["run", "pause", "cancel"]
RUN_STATES: tuple[RunState, ...] = ("queued", "running", "paused", "cancelled", "failed", "finished")
RUN_WISHES: tuple[RunWish, ...] = ("run", "pause", "cancel")
RUN_VARIABLE = "CLASSROOM_FER_RUN"
"""Environment variable in which whoever starts a command names the run that it is."""
WAITING = "waiting for another run"
"""Stage of a run that is queued and has a process."""
UNDER_WAY: frozenset[RunState] = frozenset({"queued", "running", "paused"})
"""States in which a process works or waits."""


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A process, also where its number was given to another one since."""

    pid: int
    started_s: float
    """Seconds since 1970."""
    host: str


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What is to be done; nothing of it changes."""

    film: str
    tasks: str | None
    """Path of the tasks file."""
    settings_sha256: str
    arguments: tuple[str, ...]
    """Of ``classroom-fer``, by which the same run goes on: no password, no database."""


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is. Seconds of film, but for ``left_s``."""

    stage: str = ""
    done_s: float | None = None
    total_s: float | None = None
    left_s: float | None = None
    """Estimated seconds until the stage ends."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as the database knows it."""

    run_id: int
    plan: RunPlan
    state: RunState
    wanted: RunWish
    asked_at: datetime
    heard_at: datetime
    """When its process last said something, or when it was asked for."""
    progress: RunProgress = RunProgress()
    process: ProcessIdentity | None = None
    session_id: int | None = None
    """Of its results, once they are there."""
    message: str = ""
    """Why it failed, and ``hint`` what to do, as the command line says it."""
    hint: str = ""

    @property
    def is_under_way(self) -> bool:
        """Whether a process should be at work on it, or waiting."""
        return self.state in UNDER_WAY
