"""Which process a run's is, and whether it still lives: a number alone may be another process's by now."""

from __future__ import annotations

import os
import platform

import psutil

from classroom_fer.lesson.runs import ProcessIdentity

SAME_START_S = 2.0
"""Times of start no further apart are one: a system counts from its boot, and corrects that time (choice)."""


def identity_of(pid: int) -> ProcessIdentity | None:
    """A process of this machine; None if there is none of this number (any more)."""
    try:
        return ProcessIdentity(pid, psutil.Process(pid).create_time(), platform.node())
    except psutil.Error:
        return None


def own_identity() -> ProcessIdentity:
    """This process."""
    return ProcessIdentity(os.getpid(), psutil.Process().create_time(), platform.node())


def is_alive(process: ProcessIdentity) -> bool | None:
    """Whether it lives; None where it is another machine's, of which nothing is known here."""
    if process.host != platform.node():
        return None
    try:
        found = psutil.Process(process.pid)
        same = abs(found.create_time() - process.started_s) <= SAME_START_S
        return same and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:  # there is one, and it is another user's
        return True
