"""Tasks of BORIS projects: states by the order of their keys, on each film's own clock."""

from __future__ import annotations

import datetime
from pathlib import Path

from exchange.tables import read, refusal, spans

from classroom_fer.exchange.boris_project import (
    Behavior,
    BorisProject,
    Event,
    MediaFile,
    Observation,
    Player,
    project_bytes,
)
from classroom_fer.lesson.records import Task
from classroom_fer.lesson.tasks import TaskNotice

DATE = datetime.datetime(2026, 3, 5, tzinfo=datetime.UTC)
BEHAVIORS = (Behavior("Listening"), Behavior("Desk", category="desk"), Behavior("bell", is_state=False))
FILM = (Player((MediaFile("D:/films/lesson_A.mp4", 600.0),)),)


def boris(*observations: Observation, compressed: bool = False) -> bytes:
    return project_bytes(BorisProject("p", BEHAVIORS, observations), DATE, compressed=compressed)


def states(*stretches: tuple[str, float, float]) -> tuple[Event, ...]:
    events = [Event(time, code) for code, start, end in stretches for time in (start, end)]
    return tuple(sorted(events, key=lambda event: event.time_s))


def test_states_are_tasks_with_the_mode_of_their_category_and_points_are_instants(tmp_path: Path) -> None:
    events = (*states(("Listening", 0, 85), ("Desk", 85, 170)), Event(171, "bell"))
    for compressed in (False, True):
        table = read(tmp_path, boris(Observation("o", FILM, events), compressed=compressed), "lesson_A.mp4")
        assert table.tasks == (Task("Listening", 0.0, 85.0, "board"), Task("Desk", 85.0, 170.0, "desk"))
        assert table.notices == (TaskNotice("instants", 1),)


def test_the_same_code_by_another_subject_or_modifier_is_another_state(tmp_path: Path) -> None:
    events = (Event(0, "Listening", "T"), Event(5, "Listening", "T"), Event(5, "Listening"), Event(9, "Listening"))
    assert spans(read(tmp_path, boris(Observation("o", FILM, events)))) == [
        ("Listening", 0, 5),
        ("Listening (2)", 5, 9),
    ]


def test_a_state_that_never_stops_is_a_mistake_with_its_event(tmp_path: Path) -> None:
    said = str(refusal(tmp_path, boris(Observation("o", FILM, (Event(3, "Desk"),)))))
    assert "event 1, column 'time': 'Desk' starts and never stops; correct it in BORIS" in said


def test_offsets_of_observation_and_player_are_taken_off(tmp_path: Path) -> None:
    both = (*FILM, Player((MediaFile("back.mp4", 600.0),), 1.5))
    text = boris(Observation("o", both, states(("Desk", 102, 112)), offset_s=100.0))
    assert spans(read(tmp_path, text, "lesson_A.mp4")) == [("Desk", 2, 12)]
    assert spans(read(tmp_path, text, "back.mp4")) == [("Desk", 0.5, 10.5)]


def test_films_that_were_queued_have_their_own_clocks(tmp_path: Path) -> None:
    queue = (Player((MediaFile("one.mp4", 100.0), MediaFile("two.mp4", 50.0))),)
    text = boris(Observation("o", queue, states(("Listening", 0, 60), ("Desk", 110, 140))))
    assert spans(read(tmp_path, text, "one.mp4")) == [("Listening", 0, 60)]
    assert spans(read(tmp_path, text, "two.mp4")) == [("Desk", 10, 40)]
    unknown = (Player((MediaFile("one.mp4"), MediaFile("two.mp4"))),)
    said = str(refusal(tmp_path, boris(Observation("o", unknown, states(("Desk", 110, 140)))), "two.mp4"))
    assert "event 1" in said and "was played after another one" in said


def test_observations_of_other_films_are_left_out_and_counted(tmp_path: Path) -> None:
    other = Observation("b", (Player((MediaFile("lesson_B.mp4", 600.0),)),), states(("Desk", 0, 9)))
    table = read(tmp_path, boris(Observation("a", FILM, states(("Listening", 0, 5))), other), "lesson_A.mp4")
    assert spans(table) == [("Listening", 0, 5)]
    assert table.notices == (TaskNotice("other_films", 1, ("lesson_B.mp4",)),)
    assert "--video" in refusal(tmp_path, boris(Observation("a", FILM, states(("Desk", 0, 5))), other)).hint


def test_a_project_without_events_is_one_error(tmp_path: Path) -> None:
    assert "no observation of this BORIS project holds an event" in str(
        refusal(tmp_path, boris(Observation("o", FILM)))
    )


def test_creation_times_of_several_films_are_refused_aloud(tmp_path: Path) -> None:
    queue = (Player((MediaFile("one.mp4", 100.0), MediaFile("two.mp4", 50.0))),)
    text = boris(Observation("o", queue, states(("Desk", 1e9, 1e9 + 9))))
    text = text.replace(b'"media_creation_date_as_offset": false', b'"media_creation_date_as_offset": true')
    assert "BORIS added the times at which several films were made" in str(refusal(tmp_path, text, "one.mp4"))
