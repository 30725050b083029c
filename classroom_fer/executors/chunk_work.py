"""What a process is asked for, and what it answers: records that pass between processes; and what an executor is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from classroom_fer.lesson.protocols import VideoSource
from classroom_fer.lesson.records import ChunkResult
from classroom_fer.lesson.span import Chunk
from classroom_fer.pipeline import Parts
from classroom_fer.settings.config import Config


@dataclass(frozen=True, slots=True)
class Makers:
    """What builds the parts inside another process: functions that can be named there, so no lambdas."""

    open_video: Callable[[Path, Config], VideoSource]
    parts: Callable[[Config], Parts]


@dataclass(frozen=True, slots=True)
class ChunkWork:
    """One chunk of one film."""

    film: Path
    sha256: str
    """Of the film's bytes when its session began."""
    chunk: Chunk


@dataclass(frozen=True, slots=True)
class Looking:
    """A process is on its way through a chunk."""

    work: ChunkWork
    time_s: float
    """Film time of the last frame."""
    faces: int
    """Found in this chunk so far."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A chunk is done."""

    work: ChunkWork
    result: ChunkResult
    seconds: Mapping[str, float]
    """Seconds of that process by stage."""


@dataclass(frozen=True, slots=True)
class NotObserved:
    """A chunk cannot be done."""

    work: ChunkWork
    error: Exception
    """A ClassroomFerError; of a bug, a RuntimeError with the other process's traceback."""


Answer = Looking | Observed | NotObserved


class Executor(Protocol):
    """Does chunks elsewhere, in any order. Every chunk that was added is answered once; its ``Looking`` come before."""

    @property
    def wants_more(self) -> bool:
        """Whether more work should be added now: what waits would not keep everybody busy."""
        ...

    def add(self, work: ChunkWork) -> None:
        """A chunk more; done as soon as somebody is free."""
        ...

    def drop(self, works: Collection[ChunkWork]) -> set[ChunkWork]:
        """Takes back those of ``works`` that nobody has begun; they are not answered."""
        ...

    def next(self) -> Answer | None:
        """Waits for the next answer, in the order in which they come; None when everything is answered."""
        ...
