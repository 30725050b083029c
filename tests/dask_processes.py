"""A Dask cluster of local processes: a scheduler and two workers, each of which can be killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import psutil

WORKERS = 2
START_S = 300
"""For a scheduler on a busy machine."""


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class DaskProcesses:
    """A context manager; scheduler and workers are asked for one by one, so that a test can let one be away."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port = folder, _free_port()
        self._scheduler: subprocess.Popen[bytes] | None = None
        self._workers: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self._port}"

    def start_scheduler(self) -> None:
        where = ("--host", "127.0.0.1", "--port", str(self._port))
        self._scheduler = self._start("dask_scheduler", *where, "--no-dashboard")
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), timeout=1):
                return
            time.sleep(0.05)
        raise AssertionError("the scheduler did not start")

    def start_workers(self) -> None:
        """With nannies, which start a worker again that died; all end when the scheduler is lost."""
        how = ("--nthreads", "1", "--nworkers", str(WORKERS), "--no-dashboard", "--host", "127.0.0.1")
        self._workers = self._start("dask_worker", self.address, *how, "--local-directory", str(self._folder))

    def _start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        env = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with (self._folder / f"{module}.log").open("ab") as log:
            command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments]
            return subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=self._folder)

    def kill_everybody(self) -> None:
        """SIGKILL; workers whose scheduler is lost would end by themselves, in their time."""
        for process in filter(None, (self._workers, self._scheduler)):
            family = [process.pid]
            with contextlib.suppress(psutil.NoSuchProcess):
                family += [child.pid for child in psutil.Process(process.pid).children(recursive=True)]
            for pid in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait()
        self._workers = self._scheduler = None

    def __enter__(self) -> DaskProcesses:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill_everybody()
