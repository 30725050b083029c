"""The other process: it takes chunks, one at a time, and answers what it saw in them."""

from __future__ import annotations

import signal
import traceback
from multiprocessing.connection import Connection
from pathlib import Path

from classroom_fer.errors import ClassroomFerError, VideoError
from classroom_fer.executors.chunk_work import ChunkWork, Looking, Makers, NotObserved, Observed
from classroom_fer.lesson.protocols import VideoSource
from classroom_fer.pipeline import OpenFilm, Parts, Stopwatch, Tell, observe
from classroom_fer.settings.config import Config


class Observer:
    """Parts that are built for the first chunk, and the film that was looked at last, still open."""

    def __init__(self, makers: Makers, config: Config) -> None:
        self._makers, self._config = makers, config
        self._parts: Parts | None = None
        self._film: tuple[Path, VideoSource] | None = None

    def observed(self, work: ChunkWork, tell: Tell) -> Observed | NotObserved:
        """What the chunk holds, or why it cannot be had; ``tell`` hears how far it is."""
        watch = Stopwatch()
        try:
            with watch.measure("load"):
                self._parts = self._parts or self._makers.parts(self._config)
            with watch.measure("open"):
                film = OpenFilm(self._opened(work), self._parts, self._config)
            result = observe(work.chunk, film, watch, tell)
        except ClassroomFerError as error:
            return NotObserved(work, error)
        except (BrokenPipeError, ConnectionResetError):
            raise  # nobody hears the answer
        except Exception as error:  # noqa: BLE001  # told by the process that has the terminal
            return NotObserved(work, _bug(error))
        return Observed(work, result, watch.seconds)

    def _opened(self, work: ChunkWork) -> VideoSource:
        if self._film is not None and self._film[0] == work.film:
            return self._film[1]
        self.close()
        source = self._makers.open_video(work.film, self._config)
        if source.info.sha256 != work.sha256:
            source.close()
            raise VideoError(
                f"{work.film}: has changed since its analysis began", hint="analyze it again when it is complete"
            )
        self._film = work.film, source
        return source

    def close(self) -> None:
        """Releases the film."""
        if self._film is not None:
            self._film[1].close()
            self._film = None


def _bug(error: Exception) -> RuntimeError:
    return RuntimeError("".join(traceback.format_exception(error)))


def _telling(pipe: Connection, work: ChunkWork) -> Tell:
    return lambda time_s, faces: pipe.send(Looking(work, time_s, faces))


def serve(pipe: Connection, makers: Makers, config: Config) -> None:
    """Answers every ``ChunkWork`` that comes through ``pipe`` until None comes or the asker is gone.

    Ctrl-C is the asker's to handle: it ends this process.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    observer = Observer(makers, config)
    try:
        while (work := pipe.recv()) is not None:
            pipe.send(observer.observed(work, _telling(pipe, work)))
    except (EOFError, BrokenPipeError, ConnectionResetError):  # the asker was killed: nobody wants an answer
        pass
    finally:
        observer.close()
