"""BORIS's exports of events, in both of its forms and of several of its versions."""

from __future__ import annotations

from pathlib import Path

import pytest
from exchange.tables import TABULAR, boris, event, read, refusal, spans, state

from classroom_fer.lesson.tasks import TaskNotice

A = {"Source": r"player #1:D:\films\Lesson_A.MP4", "Media file name": r"D:\films\Lesson_A.MP4"}
B = {"Observation id": "obs B", "Source": "player #1:/films/lesson_B.mp4", "Media file name": "/films/lesson_B.mp4"}
TWO_FILMS = boris([state("Listening", 0, 1.5, **A), state("Group work", 2.0, 3.5, **B)])
OLD = (
    "Observation id\tMedia file\tTotal length\tSubject\tBehavior\tModifiers\tBehavior type\tStart (s)\tStop (s)\t"
    "Duration (s)\nobs A\tlesson_A.mp4\t4.0\t\tListening\t\tSTATE\t0.0\t1.5\t1.5\n"
    "obs B\tlesson_B.mp4\t4.0\t\tGroup work\t\tSTATE\t2.0\t3.5\t1.5\n"
)


@pytest.mark.parametrize("text", [TWO_FILMS, OLD], ids=["8", "7"])
@pytest.mark.parametrize("video", ["lesson_A.mp4", "LESSON_a.MP4"])
def test_rows_are_chosen_by_the_films_name_and_the_others_are_counted(tmp_path: Path, text: str, video: str) -> None:
    table = read(tmp_path, text, video)
    assert spans(table) == [("Listening", 0, 1.5)]
    (notice,) = table.notices
    assert (notice.code, notice.count) == ("other_films", 1)
    assert notice.names[0].endswith("lesson_B.mp4")


def test_a_film_that_was_converted_since_is_known_by_its_name_without_suffix_and_this_is_said(tmp_path: Path) -> None:
    table = read(tmp_path, TWO_FILMS, "lesson_B.mov")
    assert spans(table) == [("Group work", 2, 3.5)]
    assert TaskNotice("film_called", names=("lesson_B.mp4",)) in table.notices


def test_a_film_that_the_table_does_not_have_is_an_error_that_lists_those_it_has(tmp_path: Path) -> None:
    said = str(refusal(tmp_path, TWO_FILMS, "lesson_C.mp4"))
    assert "Lesson_A.MP4" in said and "lesson_B.mp4" in said


def test_without_a_film_a_table_of_several_is_an_error_that_names_the_choice(tmp_path: Path) -> None:
    assert "--video" in refusal(tmp_path, TWO_FILMS).hint
    assert spans(read(tmp_path, boris([state("Listening", 0, 1.5)]))) == [("Listening", 0, 1.5)]


def test_two_films_of_one_name_in_two_folders_are_not_mixed(tmp_path: Path) -> None:
    rows = [
        state("A", 0, 1, Source="player #1:/monday/film.mp4"),
        state("B", 1, 2, Source="player #1:/friday/film.mp4"),
    ]
    assert "/monday/film.mp4" in str(refusal(tmp_path, boris(rows), "film.mp4"))


def test_cameras_that_were_watched_together_have_the_same_rows(tmp_path: Path) -> None:
    text = boris([state("A", 0, 1, Source="player #1:/f/front.mp4|player #2:/f/back.mp4")])
    for video in ("front.mp4", "back.mp4", None):
        assert spans(read(tmp_path, text, video)) == [("A", 0, 1)]


def test_films_that_were_queued_have_their_own_clocks(tmp_path: Path) -> None:
    queue = {"Source": "player #1:/f/one.mp4;/f/two.mp4", "Media duration (s)": "100.000;50.000"}
    text = boris([state("A", 0, 60, **queue), state("B", 110, 140, **queue)])
    assert spans(read(tmp_path, text, "one.mp4")) == [("A", 0, 60)]
    assert spans(read(tmp_path, text, "two.mp4")) == [("B", 10, 40)]
    assert "--video" in refusal(tmp_path, text).hint


def test_queued_films_of_unknown_length_have_no_guessed_times(tmp_path: Path) -> None:
    queue = {"Source": "player #1:/f/one.mp4;/f/two.mp4", "Media duration (s)": ""}
    text = boris([
        state("A", 0, 60, **queue, **{"Media file name": "/f/one.mp4"}),
        state("B", 110, 140, **queue, **{"Media file name": "/f/two.mp4"}),
    ])  # fmt: skip
    assert spans(read(tmp_path, text, "one.mp4")) == [("A", 0, 60)]
    assert "line 3" in str(refusal(tmp_path, text, "two.mp4"))


def test_the_observations_time_offset_is_taken_off(tmp_path: Path) -> None:
    text = boris([state("A", 3600, 3660, **{"Time offset (s)": "3600.0"})])
    assert spans(read(tmp_path, text, "lesson_A.mp4", duration_s=100)) == [("A", 0, 60)]


def test_points_and_open_states_are_left_out_aloud(tmp_path: Path) -> None:
    rows = [
        state("Listening", 0, 1.5),
        state("bell", 2, 2, **{"Behavior type": "POINT", "Duration (s)": "NA"}),
        state("empty", 3, 3),
        state("never ended", 3, "NA"),
        state("Group work", 2, 3.5),
    ]
    table = read(tmp_path, boris(rows), "lesson_A.mp4")
    assert spans(table) == [("Listening", 0, 1.5), ("Group work", 2, 3.5)]
    assert table.notices == (TaskNotice("instants", 2), TaskNotice("unknown_length", 1))


def test_a_table_of_points_alone_says_that_a_task_needs_an_end(tmp_path: Path) -> None:
    text = boris([state("bell", 2, 2, **{"Behavior type": "POINT"})])
    assert "all of its 1 rows are instants" in str(refusal(tmp_path, text, "lesson_A.mp4"))


def test_overlapping_behaviors_name_what_to_export(tmp_path: Path) -> None:
    rows = [state("A", 0, 10, Subject="Mia"), state("B", 5, 15, Subject="Ali")]
    assert "export one subject" in str(refusal(tmp_path, boris(rows)))


def test_several_observations_of_one_film_are_named(tmp_path: Path) -> None:
    rows = [state("A", 0, 10), state("B", 10, 20, **{"Observation id": "obs B"})]
    assert read(tmp_path, boris(rows)).notices == (TaskNotice("observations", 2, ("obs A", "obs B")),)


def test_repeated_behaviors_are_numbered_and_no_name_is_used_twice(tmp_path: Path) -> None:
    rows = [state(name, k, k + 1) for k, name in enumerate(["A", "A (2)", "A", "A"])]
    assert [task.name for task in read(tmp_path, boris(rows)).tasks] == ["A", "A (2)", "A (3)", "A (4)"]


def test_tabular_events_are_paired_by_subject_behavior_and_modifier(tmp_path: Path) -> None:
    rows = [
        event("START", "A", 0, **{"Modifier #1": "x"}),
        event("POINT", "bell", 1),
        event("STOP", "A", 10, **{"Modifier #1": "x"}),
        event("START", "B", 10),
        event("STOP", "B", 20),
    ]
    table = read(tmp_path, boris(rows, TABULAR), "lesson_A.mp4")
    assert spans(table) == [("A", 0, 10), ("B", 10, 20)]
    assert table.notices == (TaskNotice("instants", 1),)


def test_a_header_may_come_after_facts_about_the_observation_and_call_its_columns_otherwise(tmp_path: Path) -> None:
    """Versions before 8."""
    text = (
        "Observation id\tobs A\n\nMedia file(s)\n\nTime\tMedia file path\tTotal length\tFPS\tSubject\tBehavior\t"
        "Behavioral category\tModifiers\tComment\tStatus\n"
        "0.5\tlesson_A.mp4\t4.0\t25.0\t\tListening\t\t\t\tSTART\n1.5\tlesson_A.mp4\t4.0\t25.0\t\tListening\t\t\t\tSTOP\n"
    )
    assert spans(read(tmp_path, text, "lesson_A.mp4")) == [("Listening", 0.5, 1.5)]


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ([event("START", "A", 0)], 2),
        ([event("STOP", "A", 0)], 2),
        ([event("START", "A", 0), event("START", "A", 5), event("STOP", "A", 9)], 3),
        ([event("BEGIN", "A", 0)], 2),
    ],
)
def test_events_that_do_not_pair_are_mistakes_with_their_line(
    tmp_path: Path, rows: list[dict[str, object]], line: int
) -> None:
    said = str(refusal(tmp_path, boris(rows, TABULAR)))
    assert f"line {line}, column" in said


def test_mistakes_of_other_films_are_nobodys_business(tmp_path: Path) -> None:
    text = boris([state("A", 0, 1), state("B", "soon", 1, **B)])
    assert spans(read(tmp_path, text, "lesson_A.mp4")) == [("A", 0, 1)]
    assert "'soon' is not a time" in str(refusal(tmp_path, text, "lesson_B.mp4"))
