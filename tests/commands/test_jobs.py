"""``--jobs``: what a user may type, and several films at once by the real command."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import typer
from command import rows, run
from in_process import invoke
from media import constant, write_film

from classroom_fer.commands.analyze import AS_MANY_AS_CORES, read_executor, read_jobs, read_path_map


@pytest.mark.parametrize(("text", "jobs"), [("1", 1), ("12", 12), ("auto", AS_MANY_AS_CORES)])
def test_jobs_are_a_number_or_auto(text: str, jobs: int) -> None:
    assert read_jobs(text) == jobs


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", ""])
def test_other_jobs_are_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=r"1, 2, \.\.\. or auto"):
        read_jobs(text)


@pytest.mark.parametrize(
    ("text", "address"), [("dask://head:8786", "tcp://head:8786"), ("dask+tls://[::1]:1", "tls://[::1]:1")]
)
def test_an_executor_is_the_address_of_a_dask_scheduler(text: str, address: str) -> None:
    assert read_executor(text) == address


@pytest.mark.parametrize(
    "text", ["head:8786", "tcp://head:8786", "dask://head", "dask://:8786", "dask://head:port", ""]
)
def test_other_executors_are_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="dask://HOST:PORT"):
        read_executor(text)


def test_a_path_map_is_two_folders() -> None:
    assert read_path_map("films=/srv/films") == (Path("films"), Path("/srv/films"))
    for text in ("films", "=/srv", "films=", "films=srv"):
        with pytest.raises(typer.BadParameter, match="HERE=THERE"):
            read_path_map(text)


def test_without_dask_an_executor_is_refused_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    monkeypatch.delitem(sys.modules, "classroom_fer.executors.dask_cluster", raising=False)
    write_film(tmp_path / "1.mp4", constant(20, 2.0))
    done = invoke(tmp_path, "analyze", "1.mp4", "--executor", "dask://127.0.0.1:1", "--no-report")
    assert done.exit_code == 1
    assert "pip install 'classroom-fer[cluster]'" in done.stderr


def test_a_folder_is_analysed_by_two_processes_and_a_bad_film_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    for number in (1, 2):
        write_film(tmp_path / "films" / f"{number}.mp4", constant(20 + number, 10.0))
    (tmp_path / "films" / "3.mp4").write_bytes(b"no film")
    options = ("--profile", "presence", "--no-report", "--jobs", "2", "--json", "--db", "l.sqlite")
    done = run("analyze", "films", *options, cwd=tmp_path)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert sorted(Path(film["video"]).name for film in told["films"]) == ["1.mp4", "2.mp4"]
    assert [Path(error["video"]).name for error in told["errors"]] == ["3.mp4"]
    stored = rows(tmp_path / "l.sqlite", "SELECT video, status, frames_sampled FROM v_session ORDER BY video")
    assert stored == [("1.mp4", "finished", 3), ("2.mp4", "finished", 3)]
