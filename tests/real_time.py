"""Keeps the test run's processes from being put before everything else on the machine."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path


def real_time_threads() -> list[int]:
    """Threads of this process under SCHED_FIFO or SCHED_RR; none where the system is not Linux."""
    if sys.platform != "linux":
        return []
    found = []
    for thread in (int(folder.name) for folder in Path("/proc/self/task").iterdir()):
        with contextlib.suppress(ProcessLookupError):  # it ended meanwhile
            if os.sched_getscheduler(thread) & ~os.SCHED_RESET_ON_FORK in {os.SCHED_FIFO, os.SCHED_RR}:
                found.append(thread)
    return found


def end_real_time() -> list[int]:
    """Gives such threads the usual scheduling again; says which they were."""
    threads = real_time_threads()
    for thread in threads:
        with contextlib.suppress(ProcessLookupError):
            os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))
    return threads


@contextlib.contextmanager
def never_real_time() -> Iterator[None]:
    """Takes real-time scheduling back from threads that got it inside.

    Run by root, SVT-AV1 puts the thread that opens an encoder, and its own threads, under SCHED_FIFO at priority 99
    and leaves them there (``svt_av1_enc_init_handle``; 4.1 in PyAV 18). All that this thread starts later inherits it:
    networks whose threads wait by spinning, browsers, databases. On two cores little else then gets on.
    """
    try:
        yield
    finally:
        end_real_time()
