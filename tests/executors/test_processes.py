"""Real processes with fake parts: what one process gives, also where a process dies."""

from __future__ import annotations

import multiprocessing
import time
from hashlib import sha256
from pathlib import Path

import pytest
from far_parts import DURATION_S, MAKERS, far_parts, open_far

from classroom_fer.errors import VideoError
from classroom_fer.executors.chunk_work import Answer, ChunkWork, Looking, NotObserved, Observed
from classroom_fer.executors.processes import TRIES, Processes
from classroom_fer.lesson.span import Span
from classroom_fer.pipeline import OpenFilm, Stopwatch, observe
from classroom_fer.settings.config import default_config

CONFIG = default_config()
CHUNKS = Span(0.0, DURATION_S, CONFIG.fps, CONFIG.chunk_s).chunks()


def work_on(folder: Path, name: str) -> list[ChunkWork]:
    film = folder / f"{name}.mp4"
    film.write_text(name)
    return [ChunkWork(film, sha256(name.encode()).hexdigest(), chunk) for chunk in CHUNKS]


def answers(works: list[ChunkWork], count: int = 2) -> list[Answer]:
    with Processes(count, MAKERS, CONFIG) as pool:
        for work in works:
            pool.add(work)
        return list(iter(pool.next, None))


def ended(given: list[Answer]) -> dict[tuple[str, int], Observed | NotObserved]:
    return {(a.work.film.stem, a.work.chunk.index): a for a in given if not isinstance(a, Looking)}


@pytest.mark.parametrize("count", [1, 2])
def test_every_chunk_is_answered_as_in_this_process(tmp_path: Path, count: int) -> None:
    works = [*work_on(tmp_path, "one"), *work_on(tmp_path, "other")]
    given = answers(works, count)
    found = ended(given)
    assert len(found) == len(works) == 6
    for work in works:
        answer = found[work.film.stem, work.chunk.index]
        assert isinstance(answer, Observed)
        film = OpenFilm(open_far(work.film, CONFIG), far_parts(CONFIG), CONFIG)
        assert answer.result == observe(work.chunk, film, Stopwatch())
        assert {"load", "open", "detect"} <= answer.seconds.keys()
    looking = [answer for answer in given if isinstance(answer, Looking)]
    assert {answer.work for answer in looking} == set(works)
    assert all(a.work.chunk.start_s <= a.time_s < a.work.chunk.end_s and a.faces > 0 for a in looking)


def test_a_process_that_dies_is_replaced_and_its_chunk_done(tmp_path: Path) -> None:
    found = ended(answers(work_on(tmp_path, "dies-once")))
    assert len(found) == 3
    assert all(isinstance(answer, Observed) for answer in found.values())


def test_a_chunk_that_ends_every_process_is_given_up_with_its_span_and_the_rest_goes_on(tmp_path: Path) -> None:
    found = ended(answers([*work_on(tmp_path, "dies"), *work_on(tmp_path, "good")]))
    assert [key for key, answer in found.items() if isinstance(answer, NotObserved)] == [("dies", 1)]
    assert len(found) == 6
    lost = found["dies", 1]
    assert isinstance(lost, NotObserved) and isinstance(lost.error, VideoError)
    assert f"dies.mp4: 2:00-4:00 could not be looked at: the process ended {TRIES} times (signal 9)" in str(lost.error)
    assert "--jobs" in lost.error.hint


def test_errors_of_a_film_and_of_the_program_come_back(tmp_path: Path) -> None:
    found = ended(answers([*work_on(tmp_path, "bad"), *work_on(tmp_path, "bug")]))
    bad, bug = found["bad", 1], found["bug", 1]
    assert isinstance(bad, NotObserved) and isinstance(bad.error, VideoError)
    assert (str(bad.error).endswith("no picture can be read"), bad.error.hint) == (True, "copy it again")
    assert isinstance(bug, NotObserved) and "ZeroDivisionError: a fault of ours" in str(bug.error)


def test_a_film_that_changed_is_not_mixed_with_what_it_was(tmp_path: Path) -> None:
    works = work_on(tmp_path, "good")
    works[0].film.write_text("another film")
    found = ended(answers(works))
    assert all(isinstance(a, NotObserved) and "has changed" in str(a.error) for a in found.values())


def test_the_processes_end_with_the_pool_whatever_they_are_doing(tmp_path: Path) -> None:
    started = time.perf_counter()
    with pytest.raises(KeyboardInterrupt), Processes(2, MAKERS, CONFIG) as pool:
        for work in work_on(tmp_path, "slow"):
            pool.add(work)
        while len(multiprocessing.active_children()) < 2:
            time.sleep(0.05)
        raise KeyboardInterrupt
    assert not multiprocessing.active_children()
    assert time.perf_counter() - started < 600  # a chunk of that film takes an hour


def test_without_work_no_process_is_started() -> None:
    with Processes(2, MAKERS, CONFIG) as pool:
        assert pool.next() is None
        assert pool.wants_more
        assert not multiprocessing.active_children()
    with pytest.raises(ValueError, match="at least one"):
        Processes(0, MAKERS, CONFIG)


def test_what_no_process_has_begun_can_be_taken_back(tmp_path: Path) -> None:
    works, other = work_on(tmp_path, "one"), work_on(tmp_path, "other")
    with Processes(1, MAKERS, CONFIG) as pool:
        for work in (*works, *other):
            pool.add(work)
        begun = pool.next()
        assert begun is not None
        dropped = pool.drop({*works, *other} - {begun.work})
        assert begun.work not in dropped and len(dropped) >= 4  # it may have begun the next one already
        answered = {answer.work for answer in iter(pool.next, None)}
    assert answered | dropped | {begun.work} == {*works, *other}
    assert not answered & dropped
