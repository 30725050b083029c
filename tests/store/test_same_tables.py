"""The tables are the same whoever looked at the chunks, on SQLite and PostgreSQL, and whatever was lost on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from command import LESSON, rows
from far_parts import MAKERS
from in_process import invoke

from classroom_fer.analysis import Analyzer, Builders, Outcome, Request
from classroom_fer.analysis_together import Ended, Together
from classroom_fer.errors import ClusterError, FilmInUseError, VideoError
from classroom_fer.executors.chunk_work import Answer, ChunkWork, Executor
from classroom_fer.executors.processes import Processes
from classroom_fer.executors.worker import Observer
from classroom_fer.lesson.protocols import OnProgress
from classroom_fer.lesson.records import Advanced
from classroom_fer.settings.config import default_config
from classroom_fer.store import schema
from classroom_fer.store.store import SqlStore, open_store

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'classroom-fer[cluster]'")

from dask_processes import DaskProcesses

from classroom_fer.executors import dask_cluster
from classroom_fer.executors.dask_cluster import DaskCluster, PathMap, make_cluster

CONFIG = replace(default_config(), fps=0.1)
BUILDERS = Builders(MAKERS.open_video, MAKERS.parts)
DRAWN_ANEW = {"session_id", "track_id", "analyzed_at", "expires_on"}
"""Numbers and times that differ from run to run."""
NOT_RESULTS = {"run", "audit", "audit_head", "database", "data_dictionary"}
Tables = dict[str, list[Any]]


def tables(store: SqlStore) -> Tables:
    """All rows of all tables, without what is drawn anew; faces also by the track that holds them."""
    found: Tables = {}
    with store.engine.connect() as connection:
        for table in schema.metadata.sorted_tables:
            if table.name not in NOT_RESULTS:
                columns = [column for column in table.c if column.name not in DRAWN_ANEW]
                found[table.name] = sorted(map(repr, connection.execute(sa.select(*columns)).all()))
        face = schema.face.c
        seat = sa.select(face.track_id, face.frame_index, face.face_index)
        held = connection.execute(seat.order_by(face.frame_index, face.face_index)).all()
    seats: dict[int, list[tuple[int, int]]] = {}
    for track, frame, number in held:
        seats.setdefault(track, []).append((frame, number))
    found["seats"] = sorted(map(repr, seats.values()))
    return found


def film(folder: Path, name: str = "dies-once", *, died: bool = True) -> Request:
    """Three chunks; of those films that kill a process, one that has done so already unless ``died`` is False."""
    path = folder / f"{name}.mp4"
    path.write_text("the one film")
    if died:
        path.with_suffix(".died").touch()
    return Request(path, None, None)


def analyze(store: SqlStore, request: Request, executor: Executor, tell: OnProgress = lambda _: None) -> Ended:
    with store.analyzing():
        (ended,) = Together(Analyzer(CONFIG, store, BUILDERS), executor, lambda _: tell).analyze([request])
    return ended


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """What one process stores in SQLite, uninterrupted."""
    folder = tmp_path_factory.mktemp("alone")
    with open_store(folder / "l.sqlite") as store, store.analyzing():
        Analyzer(CONFIG, store, BUILDERS).analyze(film(folder), lambda _: None)
        found = tables(store)
    assert len(found["frame"]) == 36 and len(found["seats"]) == 3 and found["bin"]
    return found


@pytest.fixture(scope="module")
def two_processes() -> Iterator[Processes]:
    with Processes(2, MAKERS, CONFIG) as pool:
        yield pool


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DaskProcesses]:
    """Without workers, until ``cluster`` is asked for."""
    with DaskProcesses(tmp_path_factory.mktemp("dask")) as processes:
        processes.start_scheduler()
        yield processes


@pytest.fixture(scope="module")
def cluster(scheduler: DaskProcesses) -> DaskProcesses:
    scheduler.start_workers()
    return scheduler


@pytest.fixture
def workers(cluster: DaskProcesses) -> Iterator[DaskCluster]:
    with make_cluster(cluster.address, MAKERS, CONFIG) as found:
        yield found


def test_a_scheduler_that_is_not_there_is_said_with_what_to_do(tmp_path: Path) -> None:
    cluster = make_cluster(DaskProcesses(tmp_path).address, MAKERS, CONFIG, patience_s=0.1)
    with pytest.raises(ClusterError, match="no Dask scheduler answers") as caught, cluster:
        raise AssertionError("entered")
    assert "give the same command again" in caught.value.hint


def test_workers_that_are_not_there_are_said(store: SqlStore, tmp_path: Path, scheduler: DaskProcesses) -> None:
    cluster = make_cluster(scheduler.address, MAKERS, CONFIG, patience_s=1.5)
    with pytest.raises(ClusterError, match="has no workers") as caught, cluster:
        analyze(store, film(tmp_path), cluster)
    assert "dask worker tcp://127.0.0.1" in caught.value.hint


def killed_after_a_chunk(event: object) -> None:
    if isinstance(event, Advanced) and event.done_s >= CONFIG.chunk_s:
        raise KeyboardInterrupt


def test_one_process_cut_off_and_begun_again(any_store: SqlStore, tmp_path: Path, expected: Tables) -> None:
    with any_store.analyzing():
        analyzer = Analyzer(CONFIG, any_store, BUILDERS)
        with pytest.raises(KeyboardInterrupt):
            analyzer.analyze(film(tmp_path), killed_after_a_chunk)
        (session,) = any_store.sessions()
        assert 0 < len(any_store.finished_chunks(session.session_id)) < 3
        analyzer.analyze(film(tmp_path), lambda _: None)
    assert tables(any_store) == expected


def test_two_processes(any_store: SqlStore, tmp_path: Path, expected: Tables, two_processes: Processes) -> None:
    analyze(any_store, film(tmp_path), two_processes).result()
    assert tables(any_store) == expected


def test_a_cluster_of_which_a_worker_is_killed(
    store: SqlStore, tmp_path: Path, expected: Tables, workers: DaskCluster
) -> None:
    request = film(tmp_path, died=False)
    analyze(store, request, workers).result()
    assert request.video.with_suffix(".died").exists()
    assert tables(store) == expected


def test_a_client_that_ends_and_another_one_that_goes_on(
    postgres_url: str, tmp_path: Path, expected: Tables, cluster: DaskProcesses
) -> None:
    with open_store(postgres_url) as store:
        with make_cluster(cluster.address, MAKERS, CONFIG) as first, pytest.raises(KeyboardInterrupt):
            analyze(store, film(tmp_path), first, killed_after_a_chunk)
        with make_cluster(cluster.address, MAKERS, CONFIG) as second:
            analyze(store, film(tmp_path), second).result()
        assert len(store.sessions()) == 1
        assert tables(store) == expected


def test_films_lie_elsewhere_on_the_workers(store: SqlStore, tmp_path: Path, cluster: DaskProcesses) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    request = film(here, "bad")  # there it is another film: no chunk is mixed with what it is here
    (there / "bad.mp4").write_text("another film")
    with make_cluster(cluster.address, MAKERS, CONFIG, [PathMap(here, there)]) as workers:
        ended = analyze(store, request, workers)
    assert isinstance(ended.outcome, VideoError)
    assert f"{there}/bad.mp4: has changed" in str(ended.outcome)


def test_a_chunk_that_kills_every_worker_is_given_up_with_its_span(
    store: SqlStore, tmp_path: Path, workers: DaskCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_cluster, "TRIES", 2)  # each death costs a second
    ended = analyze(store, film(tmp_path, "dies"), workers)
    assert isinstance(ended.outcome, VideoError)
    assert "dies.mp4: 2:00-4:00 could not be looked at: 2 workers were lost over it" in str(ended.outcome)
    (session,) = store.sessions()
    assert store.finished_chunks(session.session_id) == {0, 2}


def test_a_scheduler_that_is_killed_and_comes_back(
    postgres_url: str, tmp_path: Path, expected: Tables, cluster: DaskProcesses
) -> None:
    lost: list[str] = []

    def lose(event: object) -> None:
        if isinstance(event, Advanced) and not lost:
            lost.append("scheduler")
            cluster.kill_everybody()
            cluster.start_scheduler()
            cluster.start_workers()

    with open_store(postgres_url) as store, make_cluster(cluster.address, MAKERS, CONFIG) as workers:
        analyze(store, film(tmp_path), workers, lose).result()
        assert lost
        assert tables(store) == expected


class Here:
    """An executor that does the chunks in this thread."""

    wants_more = True

    def __init__(self) -> None:
        self._todo: deque[ChunkWork] = deque()
        self._observer = Observer(MAKERS, CONFIG)

    def add(self, work: ChunkWork) -> None:
        self._todo.append(work)

    def drop(self, works: Collection[ChunkWork]) -> set[ChunkWork]:
        return set()

    def next(self) -> Answer | None:
        return self._observer.observed(self._todo.popleft(), lambda _time_s, _faces: None) if self._todo else None


def test_clients_at_once_never_begin_two_sessions_of_a_film(postgres_url: str, tmp_path: Path) -> None:
    requests = [film(tmp_path, name) for name in ("a", "b", "c")]
    for request in requests:
        request.video.write_text(request.video.stem)

    def client(given: list[Request]) -> list[Ended]:
        with open_store(postgres_url) as store, store.analyzing():
            return list(Together(Analyzer(CONFIG, store, BUILDERS), Here(), lambda _: lambda _: None).analyze(given))

    with ThreadPoolExecutor(3) as threads:
        orders = [requests, requests[::-1], requests[1:] + requests[:1]]
        ended = [one for all_of_it in threads.map(client, orders) for one in all_of_it]
    assert len(ended) == 9
    assert all(isinstance(one.outcome, Outcome | FilmInUseError) for one in ended), ended
    assert {one.request.video.stem for one in ended if isinstance(one.outcome, Outcome)} == {"a", "b", "c"}
    with open_store(postgres_url) as store:
        assert sorted(s.start.video_name for s in store.sessions()) == ["a.mp4", "b.mp4", "c.mp4"]
        assert {session.status for session in store.sessions()} == {"finished"}


def test_the_command_gives_the_same_faces_by_a_cluster(tmp_path: Path, cluster: DaskProcesses) -> None:
    given = ("analyze", LESSON, "--end", 4, "--fps", 0.5, "--no-report", "--quiet", "--db")
    here = invoke(tmp_path, *given, "here.sqlite")
    there = invoke(tmp_path, *given, "there.sqlite", "--executor", cluster.address.replace("tcp://", "dask://"))
    assert (here.exit_code, there.exit_code) == (0, 0), here.stderr + there.stderr
    measured = "frame_index, face_index, x1, y1, x2, y2, confidence, blur, yaw_deg, frontal, p_neutral, emotion"
    query = f"SELECT {measured} FROM face ORDER BY frame_index, face_index"
    found = [rows(tmp_path / name, query) for name in ("here.sqlite", "there.sqlite")]
    assert len(found[0]) > 20
    assert found[0] == found[1]
