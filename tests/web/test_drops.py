"""Films that are dropped into the page: whole or not at all, and gone when nothing needs them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from media import constant, write_film

from classroom_fer.errors import StoreError, VideoError
from classroom_fer.lesson.runs import RunPlan
from classroom_fer.store.process_identity import own_identity
from classroom_fer.store.run_files import SETTINGS, forget
from classroom_fer.store.store import open_store
from classroom_fer.web.drops import SPARE_BYTES, Drops, film_name
from classroom_fer.web.run_start import Starter


async def pieces(data: bytes, *, cut: bool = False) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 5000):
        yield data[start : start + 5000]
    if cut:
        raise ConnectionError("the tab was closed")


def take(drops: Drops, data: bytes, name: str = "5b.mp4", *, size: int = 0, cut: bool = False) -> Path:
    return asyncio.run(drops.take(name, size, pieces(data, cut=cut)))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("film") / "5b.mp4"
    write_film(path, constant(5, 5.0))
    return path.read_bytes()


@pytest.fixture
def drops(tmp_path: Path, empty_database: Path) -> Drops:
    return Drops(str(shutil.copyfile(empty_database, tmp_path / "lessons.sqlite")))


def left(drops: Drops) -> set[str]:
    return {path.name for path in drops.folder.rglob("*") if path.is_file()} if drops.folder.exists() else set()


def test_a_film_is_kept_until_the_app_ends(drops: Drops, film: bytes) -> None:
    path = take(drops, film)
    assert path.read_bytes() == film
    Drops(drops.db).tidy()
    assert path.exists(), "another app on this database leaves it alone"
    drops.close()
    assert left(drops) == set()


@pytest.mark.parametrize("data", [b"", b"no film at all", b"\0" * 20_000])
def test_what_is_no_film_is_refused_without_the_name_of_its_folder(drops: Drops, data: bytes) -> None:
    with pytest.raises(VideoError, match=r"^5b\.mp4"):
        take(drops, data)
    assert left(drops) == set()


def test_half_a_film_of_a_tab_that_was_closed_is_deleted(drops: Drops, film: bytes) -> None:
    with pytest.raises(VideoError):  # an OSError of the connection
        take(drops, film, cut=True)
    assert left(drops) == set()


def test_no_film_is_taken_for_which_there_is_no_room(drops: Drops) -> None:
    with pytest.raises(VideoError, match="no room for 1000001"):
        take(drops, b"", size=10**15 + SPARE_BYTES)
    assert left(drops) == set()


@pytest.mark.parametrize("name", ["", "..", "x", "5b.exe", ".mp4", "a\nb.mp4", "x" * 300 + ".mp4", "._5b.mp4"])
def test_other_names_are_no_films(name: str) -> None:
    with pytest.raises(VideoError, match="no film, by its name"):
        film_name(name)


def test_after_a_crash_the_next_start_deletes_all_but_films_of_runs_under_way(drops: Drops, film: bytes) -> None:
    paths = [take(drops, film) for _ in range(4)]
    with open_store(drops.db) as store:
        for path in paths[:3]:
            (path.parent / SETTINGS).write_text("")
            arguments = ("analyze", "--config", str(path.parent / SETTINGS), "--", str(path))
            store.runs.add(RunPlan(str(path), None, "", arguments), own_identity())
        under_way, failed, finished = (run.run_id for run in reversed(store.runs.all()))
        store.runs.end(failed, "failed")
        store.runs.end(finished, "finished")
        for lock in drops._held.values():
            lock.release()  # as the system does when the app is killed
        Drops(drops.db).tidy()
        assert [path.exists() for path in paths] == [True, False, False, False]
        assert (paths[1].parent / SETTINGS).exists(), "a run that failed may go on"
        with pytest.raises(StoreError, match=r"5b\.mp4 was dropped into the page, and was deleted") as told:
            Starter(drops.db).again(failed)
        assert "drop it again" in told.value.hint
        forget(store.place, store.runs.one(under_way))
    assert not paths[0].exists()
