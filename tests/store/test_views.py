"""The views hold what is promised, in that order, with the values that were stored."""

from __future__ import annotations

import doctest
from typing import Any

import pytest
import sqlalchemy as sa
from contracts.store import filled, finished
from contracts.store_records import SURE, TASKS, UNSURE, face, session_start

from classroom_fer.lesson.records import ChunkResult, FrameSample, Task
from classroom_fer.store import columns
from classroom_fer.store.store import SqlStore
from classroom_fer.store.views import VIEWS

P = ["p_neutral", "p_happiness", "p_surprise", "p_sadness", "p_anger", "p_disgust", "p_fear", "p_contempt"]
PROMISED = {
    "v_session": "session_id video video_sha256 recorded_on analyzed_at duration_s sample_fps frames_sampled "
    "frames_lost faces tracks simultaneous_p95 coverage profile status model_sha256 settings_sha256 "
    "film_repairs result_version cuts camera_away",
    "v_task": "session_id task mode start_s end_s n coverage grade engagement engagement_low engagement_high "
    "orientation expression share_neutral share_smiling share_surprised share_other not_shown_because",
    "v_timeline": "session_id task start_s end_s faces coverage engagement engagement_low engagement_high orientation "
    "expression " + " ".join(P) + " synchrony synchrony_chance",
    "v_face": "session_id frame_index time_s track_id x1 y1 x2 y2 confidence yaw_deg pitch_deg roll_deg "
    + " ".join(P)
    + " emotion emotion_confidence abstained_because held frontal "
    + " ".join(name.replace("p_", "votes_") for name in P),
    "v_track": "session_id track_id first_s last_s samples median_size_px seat_x_px seat_y_px yaw0_deg pitch0_deg "
    "baseline",
    "v_moment": "session_id time_s task change change_orientation change_expression t n",
    "v_comparison": "session_id first_task second_task difference difference_low difference_high p_holm n verdict",
    "v_frame": "session_id frame_index held time_s camera camera_x_px camera_y_px camera_zoom camera_turn_deg",
    "v_size": "session_id from_px below_px faces",
    "v_abstention": "session_id reason faces",
}


def rows(store: SqlStore, query: str) -> list[tuple[Any, ...]]:
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


@pytest.mark.parametrize("view", PROMISED)
def test_a_view_has_the_promised_columns_in_order_and_the_dictionary_knows_them(any_store: SqlStore, view: str) -> None:
    columns = [column["name"] for column in sa.inspect(any_store.engine).get_columns(view)]
    assert columns == PROMISED[view].split()
    assert columns == [name for name, _ in VIEWS[view]]


def test_a_finished_session_shows_what_the_camera_saw(any_store: SqlStore) -> None:
    finished(any_store)
    columns = "video, duration_s, sample_fps, frames_sampled, frames_lost, faces, tracks, simultaneous_p95, coverage"
    assert rows(any_store, f"SELECT {columns}, profile, status, model_sha256 FROM v_session") == [
        ("Größe 6b.mp4", 31.5, 1.0, 30, 3, 108, 4, 4, 0.9, "research", "finished", "b" * 64)
    ]


def test_a_running_session_shows_its_counts_so_far_and_no_values(any_store: SqlStore) -> None:
    filled(any_store)
    any_store.begin_session(session_start(), ())
    columns = "frames_sampled, frames_lost, faces, tracks, simultaneous_p95, coverage, status"
    assert rows(any_store, f"SELECT {columns} FROM v_session ORDER BY session_id") == [
        (30, 3, 108, None, None, None, "running"),
        (0, 0, 0, None, None, None, "running"),
    ]
    assert rows(any_store, "SELECT n, coverage, grade, engagement, not_shown_because FROM v_task") == [(None,) * 5] * 3
    assert rows(any_store, "SELECT count(*) FROM v_timeline") == [(0,)]


def test_tasks_show_their_values_or_why_there_are_none(any_store: SqlStore) -> None:
    finished(any_store)
    assert rows(any_store, f"SELECT {', '.join(PROMISED['v_task'].split()[1:])} FROM v_task ORDER BY start_s") == [
        (TASKS[0].name, "desk", 0, 10, 4, 0.9, "C", 64.5, 58.25, 70.75, 0.7, 0.5, 0.7, 0.2, 0.04, 0.06, None),
        (TASKS[1].name, "board", 10, 20.125, 4, 0.5, "C", None, None, None, 0.7, None, 0.7, 0.2, 0.04, 0.06, None),
        (TASKS[2].name, "group", 20.125, 30, 0, 0, *(None,) * 10, "coverage"),
    ]


def test_the_timeline_shows_gaps_as_null(any_store: SqlStore) -> None:
    finished(any_store)
    query = f"SELECT {', '.join(PROMISED['v_timeline'].split()[1:])} FROM v_timeline ORDER BY start_s"
    assert rows(any_store, query) == [
        (TASKS[0].name, 0, 10, 3.6, 0.9, 64.5, 58.25, 70.75, 0.5, 0.25, *SURE, 0.75, 0.5),
        (TASKS[1].name, 10, 20.125, 3.6, *(None,) * 16),
        (TASKS[2].name, 20.125, 30, 0, 0, *(None,) * 15),
        (None, 30, 31.5, *(None,) * 17),
    ]


def test_a_face_has_a_class_only_if_it_may_be_judged(any_store: SqlStore) -> None:
    finished(any_store)
    query = (
        f"SELECT yaw_deg, {', '.join(P)}, emotion, emotion_confidence, abstained_because FROM v_face"
        " WHERE frame_index = 30"
    )
    assert rows(any_store, f"{query} ORDER BY x1") == [
        (-12.5, *SURE, "happiness", 0.55, None),
        (None, *(None,) * 8, None, None, "pose unknown"),
        (-10.5, *UNSURE, None, 0.3, "uncertain"),
        (-9.5, *(None,) * 8, None, None, "too small"),
    ]


def test_moments_and_comparisons_name_their_tasks(any_store: SqlStore) -> None:
    finished(any_store)
    columns = "time_s, task, change, change_orientation, change_expression, t, n"
    assert rows(any_store, f"SELECT {columns} FROM v_moment ORDER BY time_s") == [
        (14.2, TASKS[1].name, -11.5, -9.5, -2.0, -4.25, 4),
        (21.0, TASKS[2].name, 8.5, 8.0, 0.5, 4.5, 4),
    ]
    columns = "first_task, second_task, difference, difference_low, difference_high, p_holm, n, verdict"
    assert rows(any_store, f"SELECT {columns} FROM v_comparison") == [
        (TASKS[0].name, TASKS[1].name, -6.0, -9.0, -3.0, 0.01, 4, "lower")
    ]


def test_lists_of_counts_are_rows(any_store: SqlStore) -> None:
    finished(any_store)
    query = "SELECT from_px, below_px, faces FROM v_size ORDER BY from_px"
    assert rows(any_store, query) == [(0, 36, 0), (36, 72, 100), (72, None, 8)]
    assert rows(any_store, "SELECT reason, faces FROM v_abstention ORDER BY reason") == [
        ("pose unknown", 27), ("too small", 27), ("uncertain", 27),
    ]  # fmt: skip


def test_frames_without_faces_and_the_camera_are_in_a_view(any_store: SqlStore) -> None:
    finished(any_store)
    query = "SELECT time_s, camera, camera_x_px, camera_zoom FROM v_frame WHERE time_s < 5 ORDER BY time_s"
    assert rows(any_store, query) == [
        (0, None, None, None), (1, "same", None, None), (2, "moved", -3.125, 1.0625), (3, "same", None, None),
        (4, "cut", None, None),
    ]  # fmt: skip


def test_each_face_carries_the_random_id_of_its_track_once_there_are_results(any_store: SqlStore) -> None:
    session = finished(any_store)
    seats = {round(t.seat_x_px / 100) - 1: t.track_id for t in any_store.result(session.session_id).tracks}
    query = "SELECT face_index, track_id FROM face GROUP BY face_index, track_id"
    assert dict(rows(any_store, query)) == seats
    any_store.set_tasks(session.session_id, TASKS, session_start())
    assert rows(any_store, "SELECT count(*) FROM v_face WHERE track_id IS NOT NULL") == [(0,)]


def test_times_are_stored_with_three_decimals(any_store: SqlStore) -> None:
    task = Task("t", 1 / 3, 2 / 3)
    session_id = any_store.begin_session(session_start(end_s=29.12345, duration_s=100 / 3), (task,)).session_id
    frames = (FrameSample(7, 0.23456789, (face(7, 0, 0.23456789),)),)
    any_store.write_chunk(session_id, ChunkResult(0, 0.0, 9.99999, frames, 0))
    assert any_store.session(session_id).tasks == (Task("t", 0.333, 0.667),)
    assert rows(any_store, "SELECT duration_s, time_s FROM v_session JOIN v_face USING (session_id)") == [
        (33.333, 0.235)
    ]
    [frame] = any_store.frames(session_id)
    assert (frame.time_s, frame.faces[0].time_s) == (0.235, 0.235)


def test_text_that_a_database_cannot_hold_is_stored_as_an_escape(any_store: SqlStore) -> None:
    start = session_start(video_name="bad\udcff\0.mp4")
    session = any_store.begin_session(start, (Task("nul\0", 0, 30),))
    assert session.start.video_name == "bad\\udcff\\x00.mp4"
    assert [task.name for task in session.tasks] == ["nul\\x00"]


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(columns) == doctest.TestResults(failed=0, attempted=1)
