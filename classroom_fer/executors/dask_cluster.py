"""Chunks done by the workers of a Dask cluster; the same rows as in one process.

Workers hand their rows back and this process stores them, one transaction per chunk, as with processes of this machine:
so a worker needs neither the database's password nor a way to it, SQLite will do, and a chunk is stored once or not at
all. Only rows travel: never a frame, a crop or a film.

Each chunk is given to one worker, and what becomes of it is kept here: Dask's own second tries blame every task that
waited at a worker for its death, and results that die with it may never be heard of (distributed issue 3196). A chunk
whose worker is gone is given to another one. Where the scheduler is lost, what was out is handed out again once there
is one at the same address.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import time
from collections import Counter, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from uuid import uuid4

import distributed

from classroom_fer.errors import ClusterError, VideoError
from classroom_fer.executors.chunk_work import Answer, ChunkWork, Makers, NotObserved
from classroom_fer.executors.dask_worker import Setting, installed_row_maker, observe_chunk
from classroom_fer.lesson.timecode import format_time
from classroom_fer.settings.config import Config

AHEAD = 2
"""Chunks at a worker's thread at once: one that it does and one that it finds there when it is done (choice)."""
TRIES = 3
"""Workers that may be lost over a chunk before it is given up (choice: workers of clusters also end for other
reasons)."""
PATIENCE_S = 120.0
"""For a scheduler or for workers that are not there, at the start and in mid-run (choice)."""
CONNECT_S = 5.0
"""For one try to reach the scheduler (choice)."""
TICK_S = 2.0
"""How often the workers are counted (choice)."""
RETRY_S = 0.5
"""Between two tries (choice)."""
FETCH_S = 10.0
"""For rows of a chunk that is done (choice; a megabyte at most)."""
CLOSE_S = 2.0
"""For taking leave of the scheduler (choice: Ctrl-C ends all within this time)."""
RUNNING = "running"
"""State of a client that is connected."""
SAME_COMMAND = "what is finished is kept: give the same command again when the cluster is there, and it goes on"


@dataclass(frozen=True, slots=True)
class PathMap:
    """Films below ``here`` on this machine lie below ``there`` on the workers'."""

    here: Path
    there: Path


@dataclass(frozen=True, slots=True, eq=False)
class _Out:
    """A chunk that a worker has."""

    work: ChunkWork
    worker: str
    future: distributed.Future


class DaskCluster:
    """The workers of the scheduler at ``address`` (``tcp://HOST:PORT``); a context manager that takes leave of it.

    Args:
        setting: what the workers do with each chunk.
        paths: where films lie on the workers; the first one that fits counts.

    Raises:
        ClusterError: when it is entered, and by ``next``: there is no scheduler, or no worker, for ``patience_s``.
    """

    def __init__(
        self, address: str, setting: Setting, paths: Sequence[PathMap] = (), *, patience_s: float = PATIENCE_S
    ) -> None:
        self._address, self._setting, self._paths, self._patience_s = address, setting, paths, patience_s
        self._todo: deque[ChunkWork] = deque()
        self._out: dict[str, _Out] = {}
        """By the key of the future, in the order in which they were handed out."""
        self._losses: Counter[ChunkWork] = Counter()
        """Workers that were lost over a chunk."""
        self._given_up: deque[NotObserved] = deque()
        self._film: dict[str, Path] = {}
        """The film that a worker was given last."""
        self._threads: dict[str, int] = {}
        """Of each worker."""
        self._seen_s = self._counted_s = 0.0
        """When there was a worker last, and when they were counted."""
        self._ended: queue.SimpleQueue[distributed.Future] = queue.SimpleQueue()

    def __enter__(self) -> DaskCluster:
        for name in ("distributed", "distributed.client"):  # what it would print is told here, in our words
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._client = _reached(self._address, self._patience_s)
        self._seen_s = time.monotonic()
        self._look_around()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._leave()

    @property
    def wants_more(self) -> bool:
        """Whether fewer chunks wait than workers could take."""
        return len(self._todo) < max(1, AHEAD * sum(self._threads.values()))

    def add(self, work: ChunkWork) -> None:
        """A chunk more; done as soon as a worker is free."""
        self._todo.append(work)
        self._hand_out()

    def drop(self, works: Collection[ChunkWork]) -> set[ChunkWork]:
        """Takes back those of ``works`` that no worker has; they are not answered."""
        dropped = {work for work in self._todo if work in works}
        self._todo = deque(work for work in self._todo if work not in dropped)
        return dropped

    def next(self) -> Answer | None:
        """Waits for the next answer, in the order in which they come; None when everything is answered.

        Raises:
            ClusterError: see above; what was out is not answered.
        """
        while self._todo or self._out or self._given_up:
            if self._given_up:
                return self._given_up.popleft()
            if time.monotonic() - self._counted_s > TICK_S:
                self._look_around()
            try:
                out = self._out.pop(self._ended.get(timeout=TICK_S).key, None)
            except queue.Empty:
                continue
            answer = None if out is None else self._answer(out)  # None: handed out again in the meantime
            self._hand_out()
            if answer is not None:
                return answer
        return None

    def _answer(self, out: _Out) -> Answer | None:
        """What the worker said; None if the answer is lost, so that the chunk waits again."""
        status, error = out.future.status, None
        try:
            if status == "finished":
                answer: Answer = replace(out.future.result(timeout=FETCH_S), work=out.work)
                return answer
            if status == "error":
                error = out.future.exception(timeout=FETCH_S)
        except (OSError, distributed.CancelledError):
            pass
        finally:
            out.future.release()
        if error is not None and not isinstance(error, distributed.KilledWorker):
            return NotObserved(out.work, _told(out.work, error))
        self._lost(out.work, blamed=status in ("finished", "error"))
        return None

    def _lost(self, work: ChunkWork, *, blamed: bool) -> None:
        """A chunk whose worker or answer is gone: it is done anew, unless it has taken down too many workers."""
        self._losses[work] += blamed
        if self._losses[work] < TRIES:
            self._todo.appendleft(work)
        else:
            self._given_up.append(NotObserved(work, _gave_up(work)))

    # -- handing out ------------------------------------------------------------------------------------------------

    def _hand_out(self) -> None:
        """Gives chunks to workers as long as there are both; to each the film that it has open, if that has any."""
        if self._client.status != RUNNING:
            return  # the next look around finds the scheduler again
        busy = Counter(out.worker for out in self._out.values())
        ahead = AHEAD if len(self._todo) > sum(self._threads.values()) else 1  # at the end nobody waits for another
        free = {worker: ahead * threads - busy[worker] for worker, threads in self._threads.items()}
        while self._todo and free:
            worker = max(free, key=lambda one: free[one])
            if free[worker] < 1:
                return
            free[worker] -= 1
            self._submit(self._chosen(worker), worker)

    def _chosen(self, worker: str) -> ChunkWork:
        """The next chunk of the film that the worker has open, or of one that nobody has, or the next of all."""
        own, others = self._film.get(worker), set(self._film.values())
        work = min(self._todo, key=lambda one: 0 if one.film == own else 1 if one.film not in others else 2)
        self._todo.remove(work)
        return work

    def _submit(self, work: ChunkWork, worker: str) -> None:
        self._film[worker] = work.film
        there = replace(work, film=self._there(work.film))
        key = f"classroom-fer-{uuid4().hex}"
        future = self._client.submit(observe_chunk, there, self._setting, key=key, workers=[worker], pure=False)
        self._out[future.key] = _Out(work, worker, future)
        future.add_done_callback(self._ended.put)

    def _there(self, film: Path) -> Path:
        """The film's path on the workers."""
        whole = film.absolute()
        for paths in self._paths:
            if whole.is_relative_to(paths.here.absolute()):
                return paths.there / whole.relative_to(paths.here.absolute())
        return whole

    # -- the cluster ------------------------------------------------------------------------------------------------

    def _look_around(self) -> None:
        """Takes note of workers that came and went, and gives work to those that are free."""
        try:
            self._count_workers()
        except OSError:
            self._reconnect()
        if not self._threads and time.monotonic() - self._seen_s > self._patience_s:
            raise ClusterError(
                f"the Dask scheduler at {self._address} has no workers",
                hint=f"start some: dask worker {self._address} --nthreads 1; {SAME_COMMAND}",
            )
        self._hand_out()

    def _count_workers(self) -> None:
        """ConnectionError, or another OSError, if the scheduler is gone."""
        if self._client.status != RUNNING:
            raise ConnectionError("the connection to the scheduler is lost")
        self._threads = self._client.nthreads()
        self._counted_s = time.monotonic()
        if self._threads:
            self._seen_s = self._counted_s
        gone = {worker for worker in self._film if worker not in self._threads}
        for worker in gone:
            del self._film[worker]
        blamed: set[str] = set()
        for key, out in list(self._out.items()):
            if out.future.done():
                self._ended.put(out.future)  # should its own word have been lost
            elif out.worker in gone:
                del self._out[key]
                out.future.release()
                self._lost(out.work, blamed=out.worker not in blamed)  # it had begun the first one only
                blamed.add(out.worker)

    def _reconnect(self) -> None:
        """Finds the scheduler again, or another one at its address; what was out waits again."""
        self._leave()
        for out in reversed(self._out.values()):
            self._todo.appendleft(out.work)
        self._out.clear()
        self._threads = {}
        self._film = {}
        self._client = _reached(self._address, self._patience_s)
        self._seen_s, self._counted_s = time.monotonic(), 0.0

    def _leave(self) -> None:
        with contextlib.suppress(OSError, distributed.CancelledError):
            self._client.close(timeout=CLOSE_S)


def _reached(address: str, patience_s: float) -> distributed.Client:
    """A connection to the scheduler. ClusterError if none answers in time."""
    until = time.monotonic() + patience_s
    while True:
        try:
            return distributed.Client(address, timeout=min(CONNECT_S, patience_s), set_as_default=False)
        except OSError as error:
            if time.monotonic() > until:
                raise ClusterError(
                    f"no Dask scheduler answers at {address}", hint=f"start one there; {SAME_COMMAND}"
                ) from error
        time.sleep(RETRY_S)


def make_cluster(
    address: str, makers: Makers, config: Config, paths: Sequence[PathMap] = (), *, patience_s: float = PATIENCE_S
) -> DaskCluster:
    """The cluster, asked to make the rows that this installation makes with ``config``. ModelError."""
    alone = replace(config, threads=1)
    return DaskCluster(address, Setting(makers, alone, installed_row_maker(config)), paths, patience_s=patience_s)


def _gave_up(work: ChunkWork) -> VideoError:
    return VideoError(
        f"{_span(work)} could not be looked at: {TRIES} workers were lost over it",
        hint="give workers more memory (--memory-limit); what else was finished is kept, and the same command goes on",
    )


def _told(work: ChunkWork, error: BaseException) -> Exception:
    """Why a task ended without an answer, in words of ours where it is not a bug."""
    if isinstance(error, ImportError):
        return ClusterError(
            f"{_span(work)}: a worker cannot load classroom-fer ({error})",
            hint="install the same version of classroom-fer[cluster] on every worker",
        )
    return RuntimeError(f"{_span(work)}: {error!r}")


def _span(work: ChunkWork) -> str:
    return f"{work.film}: {format_time(work.chunk.start_s)}-{format_time(work.chunk.end_s)}"
