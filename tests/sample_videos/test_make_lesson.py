"""The sample lesson: its script, and the committed files it made."""

from __future__ import annotations

import itertools
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import pytest
from lesson_score import read_truth

from classroom_fer.exchange.tasks_file import read_tasks

FOLDER = Path(__file__).resolve().parents[2] / "sample_videos"
LESSON, TASKS, TRUTH = FOLDER / "lesson.mp4", FOLDER / "tasks.csv", FOLDER / "lesson.truth.csv"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    pytest.importorskip("skimage", reason="the photographs come with scikit-image (dev extra)")
    import make_lesson

    return make_lesson


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
    assert LESSON.stat().st_size < 12_000_000
    with av.open(str(LESSON)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (stream.codec_context.width, stream.codec_context.height) == (1280, 720)
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(720, abs=0.2)
        assert not container.streams.audio


def test_five_tasks_lie_inside_the_film_and_two_kinds_alternate() -> None:
    tasks = read_tasks(TASKS, duration_s=720.0).tasks
    assert [task.mode for task in tasks] == ["board", "board", "desk", "board", "board"]
    assert [task.name.split()[0] for task in tasks if task.mode == "board"] == ["Explaining", "Discussing"] * 2
    assert all(120 <= task.end_s - task.start_s <= 200 for task in tasks)


def test_truth_tells_what_each_of_sixteen_seats_does_at_every_moment() -> None:
    seats = read_truth(TRUTH)
    assert len(seats) == 16
    for seat in seats:
        assert (seat.states[0].start_s, seat.states[-1].end_s) == (0, 720)
        assert all(before.end_s == after.start_s for before, after in itertools.pairwise(seat.states))
        for state in seat.states:
            known = state.facing in ANGLES and state.expression in {"neutral", "smiling", "surprised"}
            assert known if state.present else (state.facing, state.expression) == ("", "")


ANGLES = {"front": (0, 0), "left": (-1, 0), "right": (1, 0), "down": (0, 1)}
"""Signs of yaw and pitch."""


def test_degrees_agree_with_the_words() -> None:
    for seat in read_truth(TRUTH):
        for state in seat.states:
            if state.present:
                assert (np.sign(state.yaw_deg), np.sign(state.pitch_deg)) == ANGLES[state.facing]
            else:
                assert np.isnan([state.yaw_deg, state.pitch_deg]).all()


def test_one_pupil_leaves_for_good_and_one_for_a_while() -> None:
    away = {seat.number: [state for state in seat.states if not state.present] for seat in read_truth(TRUTH)}
    assert {number: len(states) for number, states in away.items() if states} == {4: 1, 11: 1}
    assert (away[4][0].end_s, away[11][0].end_s - away[11][0].start_s) == (720, 40)


def test_most_faces_are_large_enough_for_an_expression_and_the_back_row_is_not() -> None:
    sizes = [seat.face_px for seat in read_truth(TRUTH)]
    assert sum(size >= 40 for size in sizes) == 12
    assert sum(30 <= size <= 36 for size in sizes) == 4
    assert max(sizes) <= 90
