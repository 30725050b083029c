"""A session as the file of another program: what BORIS and ELAN have no room for."""

from __future__ import annotations

from dataclasses import replace

from contracts.store_records import session_result, session_start

from classroom_fer.exchange.session_files import KEYS, boris_project, elan_document, task_states
from classroom_fer.lesson.records import Moment, Task


def test_boris_takes_every_name_and_more_tasks_than_keys() -> None:
    tasks = [Task(f"a|b {number}", number, number + 1.0) for number in range(40)]
    behaviors, events = task_states(tasks)
    assert [behavior.key for behavior in behaviors] == [*KEYS, *[""] * (40 - len(KEYS))]
    assert behaviors[0].code == "a\N{BROKEN BAR}b 0" and len(events) == 80
    assert {event.code for event in events} == {behavior.code for behavior in behaviors}


def test_a_film_that_begins_with_a_blank_is_an_observation_without_it() -> None:
    project = boris_project(session_start(video_name=" a.mp4 "), (), (), "t.csv")
    (observation,) = project.observations
    assert (observation.name, observation.players[0].files[0].name) == ("a.mp4", " a.mp4 ")


def test_moments_close_to_each_other_do_not_lie_on_each_other() -> None:
    first = Moment(14.2, -11.5, -9.5, -2.0, -4.25, 4)
    result = replace(session_result([]), moments=(first, replace(first, time_s=14.7)))
    moments = elan_document(session_start(), result).tier("Moments")
    assert moments is not None
    assert [(one.start_s, one.end_s) for one in moments.annotations] == [(14.2, 14.7), (14.7, 15.7)]


def test_elan_has_no_annotation_where_nothing_is_shown() -> None:
    shown = session_result([])
    hidden = tuple(replace(bin_, coverage=None, engagement=None) for bin_ in shown.bins)
    document = elan_document(session_start(), replace(shown, bins=hidden, moments=()))
    assert {tier.name: len(tier.annotations) for tier in document.tiers} == {
        "Task": 3, "Mode": 3, "Coverage": 0, "Engagement": 0, "Moments": 0,
    }  # fmt: skip
