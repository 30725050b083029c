"""The sample lesson: its script, and the committed files it made."""

from __future__ import annotations

import csv
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import av
import pytest

from classroom_fer.exchange.tasks_file import read_tasks

FOLDER = Path(__file__).resolve().parents[2] / "sample_videos"
LESSON, TASKS, TRUTH = FOLDER / "lesson.mp4", FOLDER / "tasks.csv", FOLDER / "lesson.truth.csv"


@pytest.fixture(scope="module")
def maker() -> Iterator[ModuleType]:
    pytest.importorskip("skimage", reason="the photographs come with scikit-image (dev extra)")
    sys.path.insert(0, str(FOLDER))
    try:
        import make_lesson

        yield make_lesson
    finally:
        sys.path.remove(str(FOLDER))


def truth() -> list[dict[str, str]]:
    with TRUTH.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_rendering_twice_gives_the_same_bytes(maker: ModuleType, tmp_path: Path) -> None:
    films = []
    for name in ("first.mp4", "second.mp4"):
        maker.encode(tmp_path / name, maker.render(range(24)))
        films.append((tmp_path / name).read_bytes())
    assert len(films[0]) > 10_000  # 2 s of film, not an empty container
    assert films[0] == films[1]


def test_committed_tables_are_what_the_script_writes(maker: ModuleType, tmp_path: Path) -> None:
    maker.write_tables(tmp_path)
    assert (tmp_path / "tasks.csv").read_text() == TASKS.read_text()
    assert (tmp_path / "lesson.truth.csv").read_text() == TRUTH.read_text()


def test_committed_film_is_small_and_plays_everywhere() -> None:
    assert LESSON.stat().st_size < 8_000_000
    with av.open(str(LESSON)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.codec_context.width, stream.codec_context.height) == (1280, 720)
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(360, abs=0.2)
        assert not container.streams.audio


def test_four_tasks_of_about_85_seconds_lie_inside_the_film() -> None:
    tasks = read_tasks(TASKS, duration_s=360.0).tasks
    assert [task.mode for task in tasks] == ["board", "desk", "group", "board"]
    assert all(80 <= task.end_s - task.start_s <= 90 for task in tasks)


def test_truth_tells_what_each_of_ten_seats_does_at_every_moment() -> None:
    rows = truth()
    seats = {row["seat"] for row in rows}
    assert len(seats) == 10
    for seat in seats:
        own = [row for row in rows if row["seat"] == seat]
        edges = [(float(row["start_s"]), float(row["end_s"])) for row in own]
        assert edges[0][0] == 0 and edges[-1][1] == 360
        assert all(before[1] == after[0] for before, after in itertools.pairwise(edges))
        for row in own:
            known = (row["facing"] in {"front", "down", "left", "right"}) and (
                row["expression"] in {"neutral", "smile", "surprise"}
            )
            assert known if row["present"] == "1" else (row["facing"], row["expression"]) == ("", "")


def test_most_faces_are_large_enough_for_an_expression() -> None:
    sizes = {row["seat"]: float(row["face_px"]) for row in truth()}
    assert sum(size >= 40 for size in sizes.values()) >= 8
    assert min(sizes.values()) >= 30 and max(sizes.values()) <= 110
