"""Many films at once: an executor looks at their chunks while this process stores rows, tracks and prints."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from classroom_fer.analysis import Analyzer, Begun, Outcome, Request
from classroom_fer.errors import FilmInUseError, RunCancelledError
from classroom_fer.executors.chunk_work import ChunkWork, Executor, Looking, NotObserved, Observed
from classroom_fer.lesson.protocols import OnProgress
from classroom_fer.lesson.records import Advanced, StageFinished, StageStarted

STAGE = "faces"


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of one film."""

    request: Request
    outcome: Outcome | Exception

    def result(self) -> Outcome:
        """The outcome; raises what ended the film instead."""
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def ended_as(request: Request, work: Callable[[], Outcome]) -> Ended:
    """What ``work`` on the film gives, be it an error."""
    try:
        return Ended(request, work())
    except Exception as error:  # noqa: BLE001  # raised again by Ended.result
        return Ended(request, error)


@dataclass(slots=True)
class _Film:
    """A film of which chunks are out."""

    begun: Begun
    tell: OnProgress
    works: frozenset[ChunkWork]
    """What it lacked when it was begun."""
    left: set[ChunkWork]
    """What is not answered yet."""
    started: float = field(default_factory=time.perf_counter)
    done_s: dict[ChunkWork, float] = field(default_factory=dict)
    """Film seconds that were looked at, by chunk."""
    faces: dict[ChunkWork, int] = field(default_factory=dict)
    waiting: list[Request] = field(default_factory=list)
    """Copies of this film: their session is this one."""
    error: Exception | None = None
    """Why it cannot be finished; the first one."""

    def advanced(self, work: ChunkWork, done_s: float, faces: int) -> None:
        """Tells how much of the film is done."""
        self.done_s[work], self.faces[work] = done_s, faces
        span = self.begun.session.start
        stored_s = span.end_s - span.start_s - sum(one.chunk.end_s - one.chunk.start_s for one in self.works)
        self.tell(Advanced(STAGE, stored_s + sum(self.done_s.values()), sum(self.faces.values())))


class Together:
    """Analyses films with an executor; each film ends as if it were alone.

    A film that another run holds is tried once more when all others have ended.

    Args:
        progress: what hears of a film, given its request.
    """

    def __init__(self, analyzer: Analyzer, pool: Executor, progress: Callable[[Request], OnProgress]) -> None:
        self._analyzer, self._pool, self._progress = analyzer, pool, progress
        self._films: dict[int, _Film] = {}
        """By session id."""
        self._of: dict[ChunkWork, _Film] = {}
        self._held: list[Request] = []
        """Films of other runs, to be tried once more."""
        self._last_try = False

    def analyze(self, requests: Sequence[Request]) -> Iterator[Ended]:
        """Every film, in the order in which they end; a film that fails does not stop the others."""
        waiting = deque(requests)
        while True:
            while waiting and self._pool.wants_more:
                yield from self._begin(waiting.popleft())
            answer = self._pool.next()
            if answer is None:
                if not waiting and not self._held:
                    return
                waiting.extend(self._held)
                self._last_try = self._last_try or bool(self._held)
                self._held.clear()
                continue
            film = self._of[answer.work]
            try:
                self._heard(film, answer)
            except RunCancelledError as error:
                film.error = error
                film.left -= self._pool.drop(film.left)
            except Exception as error:  # noqa: BLE001  # raised again by Ended.result
                film.error = film.error or error
            if not film.left:
                waiting.extendleft(film.waiting)
                yield self._end(film)

    def _begin(self, request: Request) -> Iterator[Ended]:
        """Hands out what the film lacks; ends it at once where that is nothing, or where it cannot begin."""
        try:
            tell = self._progress(request)
            begun = self._analyzer.begin(request, tell)
            running = self._films.get(begun.session.session_id)
            if running is not None:
                self._analyzer.abandon(begun)  # this claim; the running one stays
                running.waiting.append(request)
                return
            works = [ChunkWork(request.video, begun.info.sha256, c) for c in self._analyzer.missing_chunks(begun)]
        except FilmInUseError as error:
            if self._last_try:
                yield Ended(request, error)
            else:
                self._held.append(request)
            return
        except Exception as error:  # noqa: BLE001  # raised again by Ended.result
            yield Ended(request, error)
            return
        film = _Film(begun, tell, frozenset(works), set(works))
        if not works:
            yield self._end(film)
            return
        start = begun.session.start
        tell(StageStarted(STAGE, start.end_s - start.start_s))
        self._films[begun.session.session_id] = film
        for work in works:
            self._of[work] = film
            self._pool.add(work)

    def _heard(self, film: _Film, answer: Looking | Observed | NotObserved) -> None:
        work = answer.work
        match answer:
            case Looking(time_s=time_s, faces=faces):
                film.advanced(work, time_s - work.chunk.start_s, faces)
            case NotObserved(error=error):
                film.left.discard(work)
                film.error = film.error or error
            case Observed(result=result, seconds=seconds):
                film.left.discard(work)
                self._analyzer.store_chunk(film.begun, result, seconds)
                faces = sum(len(frame.faces) for frame in result.frames)
                film.advanced(work, work.chunk.end_s - work.chunk.start_s, faces)

    def _end(self, film: _Film) -> Ended:
        """Results and PDF of a film with all its chunks, unless something failed."""
        self._films.pop(film.begun.session.session_id, None)
        for work in film.works:
            self._of.pop(work, None)
        if film.error is not None:
            self._analyzer.abandon(film.begun)
            return Ended(film.begun.request, film.error)
        film.tell(StageFinished(STAGE, time.perf_counter() - film.started))
        return ended_as(film.begun.request, lambda: self._analyzer.finish(film.begun, film.tell))
