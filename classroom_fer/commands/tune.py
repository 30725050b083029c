"""What ``doctor --tune FILM`` does: measures how this machine is fast, and writes it into the settings."""

from __future__ import annotations

import re
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from classroom_fer import wiring
from classroom_fer.commands.options import CONFIG_FILE
from classroom_fer.commands.settings import own_file
from classroom_fer.errors import ConfigError
from classroom_fer.executors.chunk_work import ChunkWork, Makers, NotObserved
from classroom_fer.executors.processes import Processes
from classroom_fer.executors.worker import Observer
from classroom_fer.files import write_private
from classroom_fer.lesson.span import Chunk
from classroom_fer.settings.config import Config, load_config

WARM_S = 2.0
"""Film time that is looked at before the clock starts: parts are loaded, the film is opened (choice)."""
TIMED_S = 20.0
"""And while it runs (choice: as long as the looks between two whole ones)."""
AT_LEAST = 1.05
"""More threads or processes must be quicker by this factor to be chosen: they take memory (choice)."""


@dataclass(frozen=True, slots=True)
class Speeds:
    """Film seconds in a real one."""

    by_threads: Mapping[int, float]
    """One process, with so many threads."""
    by_jobs: Mapping[int, float]
    """So many processes of one thread each."""


def measured(film: Path, config: Config, makers: Makers, cores: int) -> Speeds:
    """How quick this machine is on the film's beginning. VideoError, ModelError."""
    with makers.open_video(film, config) as source:
        sha256, end_s = source.info.sha256, source.info.duration_s
    if end_s < 2 * WARM_S:
        raise ConfigError(f"{film} is too short to measure anything by", hint=f"name a film of {TIMED_S:g} s or more")
    warm = ChunkWork(film, sha256, Chunk(0, 0.0, WARM_S))
    timed = ChunkWork(film, sha256, Chunk(1, WARM_S, min(end_s, WARM_S + TIMED_S)))
    counts = sorted({1, 2, cores} if cores > 1 else {1})
    return Speeds(
        {count: _one_process(replace(config, threads=count), makers, warm, timed) for count in counts},
        {count: _processes(count, config, makers, warm, timed) for count in counts[1:]},
    )


def _one_process(config: Config, makers: Makers, warm: ChunkWork, timed: ChunkWork) -> float:
    observer = Observer(makers, config)
    started = 0.0
    for work in (warm, timed):
        started = time.perf_counter()
        answer = observer.observed(work, lambda _time_s, _faces: None)
        if isinstance(answer, NotObserved):
            raise answer.error
    took = time.perf_counter() - started
    observer.close()
    return (timed.chunk.end_s - timed.chunk.start_s) / took


def _processes(count: int, config: Config, makers: Makers, warm: ChunkWork, timed: ChunkWork) -> float:
    started = 0.0
    with Processes(count, makers, config) as pool:
        for work in (warm, timed):
            started = time.perf_counter()
            for _ in range(count):
                pool.add(work)
            while (answer := pool.next()) is not None:
                if isinstance(answer, NotObserved):
                    raise answer.error
    return count * (timed.chunk.end_s - timed.chunk.start_s) / (time.perf_counter() - started)


def best(speeds: Mapping[int, float]) -> int:
    """The smallest number that is about as quick as any.

    >>> best({1: 10.0, 2: 19.0, 4: 19.5})
    2
    """
    return min(count for count, speed in speeds.items() if speed * AT_LEAST >= max(speeds.values()))


def chosen(speeds: Speeds) -> dict[str, int]:
    """Threads of one process, and processes for ``--jobs auto``: one where several are no quicker than its threads."""
    threads = best(speeds.by_threads)
    return {"threads": threads, "jobs": best({1: speeds.by_threads[threads], **speeds.by_jobs})}


def with_settings(text: str, settings: Mapping[str, int]) -> str:
    """The TOML ``text`` with these numbers at its top; all else, comments too, stays.

    >>> print(with_settings("fps = 2\\nthreads = 4\\n[policy]\\n", {"threads": 2}))
    fps = 2
    threads = 2
    [policy]
    <BLANKLINE>
    """
    first_table = re.search(r"^\s*\[", text, re.MULTILINE)
    top, tables = (text[: first_table.start()], text[first_table.start() :]) if first_table else (text, "")
    for name, value in settings.items():
        line = f"{name} = {value}"
        top, found = re.subn(rf"^{name}\s*=.*$", line, top, count=1, flags=re.MULTILINE)
        if not found:
            top = f"{line}\n{top}"
    return top + tables


def tune(film: Path) -> tuple[Speeds, dict[str, int], Path]:
    """Measures, and writes what is quickest into the settings file of the working folder.

    Raises:
        ConfigError: that file is wrong, or cannot be written.
        ClassroomFerError: of the film.
    """
    config = load_config(own_file(), {})
    makers, cores = Makers(wiring.open_video, wiring.build_parts), wiring.threads(replace(config, threads=0))
    speeds = measured(film, config, makers, cores)
    choice = chosen(speeds)
    before = CONFIG_FILE.read_text(encoding="utf-8") if own_file() else ""
    text = with_settings(before, choice)
    tomllib.loads(text)
    write_private(CONFIG_FILE, text.encode(), what="the settings file", remedy="make room, or go to another folder")
    return speeds, choice, CONFIG_FILE
