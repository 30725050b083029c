"""Chunks done by several processes of this machine, one thread each; the same rows as in one process.

A thread here drives each process, so that none waits for the asker, who may be busy with results or a PDF. A process
that dies (out of memory, a crash of a decoder) is replaced and its chunk tried once more; if the next one dies of it
too, the chunk is given up and the others go on.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import queue
import threading
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType

from classroom_fer.errors import VideoError
from classroom_fer.executors.chunk_work import Answer, ChunkWork, Looking, Makers, NotObserved
from classroom_fer.executors.worker import serve
from classroom_fer.lesson.timecode import format_time
from classroom_fer.settings.config import Config

TRIES = 2
"""Processes that a chunk may take down before it is given up (choice: once may be bad luck)."""
PATIENCE_S = 1.0
"""For a process that was asked to end; then it is killed (choice)."""


@dataclass(frozen=True, slots=True, eq=False)
class _Worker:
    process: BaseProcess
    pipe: Connection


class Processes:
    """Up to ``count`` processes, started when there is work; a context manager that ends them all.

    Args:
        makers: what they build their parts with.
        config: theirs too, but for the threads: one each.
    """

    def __init__(self, count: int, makers: Makers, config: Config) -> None:
        if count < 1:
            raise ValueError("at least one process is needed")
        self._count, self._makers, self._config = count, makers, replace(config, threads=1)
        self._context = multiprocessing.get_context("spawn")
        self._changed = threading.Condition()
        self._todo: deque[ChunkWork] = deque()
        self._workers: dict[threading.Thread, _Worker] = {}
        self._threads: list[threading.Thread] = []
        self._closed = False
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._unanswered = 0

    def __enter__(self) -> Processes:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self._changed:
            self._closed = True
            for worker in self._workers.values():
                worker.process.terminate()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    @property
    def wants_more(self) -> bool:
        """Whether fewer chunks wait than there are processes."""
        with self._changed:
            return len(self._todo) < self._count

    def add(self, work: ChunkWork) -> None:
        """A chunk more; done as soon as a process is free."""
        with self._changed:
            self._todo.append(work)
            self._unanswered += 1
            if len(self._threads) < min(self._count, self._unanswered):
                self._threads.append(threading.Thread(target=self._drive, name=f"chunks-{len(self._threads)}"))
                self._threads[-1].start()
            self._changed.notify()

    def drop(self, works: Collection[ChunkWork]) -> set[ChunkWork]:
        """Takes back those of ``works`` that no process has begun; they are not answered."""
        with self._changed:
            dropped = {work for work in self._todo if work in works}
            self._todo = deque(work for work in self._todo if work not in dropped)
            self._unanswered -= len(dropped)
            return dropped

    def next(self) -> Answer | None:
        """Waits for the next answer, in the order in which they come; None when everything is answered."""
        if not self._unanswered:
            return None
        answer = self._answers.get()
        if not isinstance(answer, Looking):
            self._unanswered -= 1
        return answer

    def _drive(self) -> None:
        """One thread: hands chunks to its process until the pool is closed."""
        film: Path | None = None
        while (work := self._next_work(film)) is not None:
            film = work.film
            self._answers.put(self._observed(work))
        self._end_mine()

    def _next_work(self, film: Path | None) -> ChunkWork | None:
        """The next chunk of ``film``, which is open in the process, or else the next of all; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._todo)
            if self._closed:
                return None
            work = next((work for work in self._todo if work.film == film), self._todo[0])
            self._todo.remove(work)
            return work

    def _observed(self, work: ChunkWork) -> Answer:
        exit_code: int | None = None
        for _ in range(TRIES):
            worker = self._mine()
            try:
                worker.pipe.send(work)
                while isinstance(answer := worker.pipe.recv(), Looking):
                    self._answers.put(answer)
            except (EOFError, OSError):
                exit_code = self._end_mine()
                if self._closed:
                    break
            else:
                return answer  # type: ignore[no-any-return]  # the other end sends answers only
        return NotObserved(work, _gave_up(work, exit_code))

    def _mine(self) -> _Worker:
        """The process of this thread, started if there is none."""
        with self._changed:
            worker = self._workers.get(threading.current_thread())
            if worker is None:
                mine, theirs = self._context.Pipe()
                process = self._context.Process(target=serve, args=(theirs, self._makers, self._config), daemon=True)
                process.start()
                theirs.close()  # so that its death ends our end too
                worker = self._workers[threading.current_thread()] = _Worker(process, mine)
            return worker

    def _end_mine(self) -> int | None:
        """Ends the process of this thread, if there is one; its exit code."""
        with self._changed:
            worker = self._workers.pop(threading.current_thread(), None)
        if worker is None:
            return None
        with contextlib.suppress(OSError):
            worker.pipe.send(None)
        worker.process.join(PATIENCE_S)
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.pipe.close()
        return worker.process.exitcode


def _gave_up(work: ChunkWork, exit_code: int | None) -> VideoError:
    how = f"signal {-exit_code}" if exit_code is not None and exit_code < 0 else f"exit code {exit_code}"
    span = f"{format_time(work.chunk.start_s)}-{format_time(work.chunk.end_s)}"
    return VideoError(
        f"{work.film}: {span} could not be looked at: the process ended {TRIES} times ({how})",
        hint="memory may be short: try fewer --jobs; what else was finished is kept, and the same command goes on",
    )
