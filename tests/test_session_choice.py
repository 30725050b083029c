"""Which stored session a film belongs to."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest
from contracts.store_records import session_start
from fakes import FakeClassifier, FakeDetector, FakeVideo
from fakes_store import FakeStore

from classroom_fer.analysis import Analyzer, Builders, Request
from classroom_fer.errors import StoreError
from classroom_fer.lesson.labels import Labels
from classroom_fer.lesson.records import SessionStart, StoredSession, Task
from classroom_fer.pipeline import Parts
from classroom_fer.session_choice import (
    brought_up_to_date,
    choose_session,
    find_session,
    is_current,
    remove_superseded,
    report_identity,
)
from classroom_fer.settings.config import default_config

TASKS = (Task("A", 0.0, 60.0),)
OTHER = (Task("B", 0.0, 60.0),)


def stored(
    number: int, start: SessionStart, *, status: str = "finished", tasks: tuple[Task, ...] = TASKS
) -> StoredSession:
    return StoredSession(number, start, status, datetime(2026, 1, 1, tzinfo=UTC), tasks)  # type: ignore[arg-type]


def renamed(start: SessionStart, name: str) -> SessionStart:
    return dataclasses.replace(start, video_name=name)


def test_the_finished_session_of_the_same_film_and_settings_is_used() -> None:
    start = session_start()
    known = [stored(1, start), stored(2, dataclasses.replace(start, observation_sha256="x" * 64))]
    assert choose_session(start, OTHER, known) == known[0]
    assert choose_session(dataclasses.replace(start, video_sha256="y" * 64), None, known) is None


def test_a_copy_under_another_name_never_takes_the_first_films_tasks_away() -> None:
    start = session_start()
    known = [stored(1, start)]
    copy = renamed(start, "copy.mp4")
    assert choose_session(copy, TASKS, known) == known[0]
    assert choose_session(copy, None, known) == known[0]
    assert choose_session(copy, OTHER, known) is None


def test_fresh_begins_anew_but_goes_on_with_its_own_cut_off_run() -> None:
    start = session_start()
    finished, running = stored(1, start), stored(2, start, status="running")
    assert choose_session(start, None, [finished], fresh=True) is None
    assert choose_session(start, None, [finished, running], fresh=True) == running
    assert choose_session(start, None, [finished, running]) == finished


def test_new_tasks_keep_the_name_and_never_put_off_the_date_of_deletion() -> None:
    start = session_start()
    early, late = datetime(2026, 5, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)
    store = FakeStore()
    session = store.begin_session(dataclasses.replace(start, expires_on=early), TASKS)
    same, changed = brought_up_to_date(session, start, TASKS, store)
    assert (same, changed) == (session, False)
    new, changed = brought_up_to_date(
        session, dataclasses.replace(renamed(start, "copy.mp4"), expires_on=late), OTHER, store
    )
    assert changed
    assert new.tasks == OTHER
    assert (new.start.video_name, new.start.expires_on) == (start.video_name, early)


def test_a_finished_session_replaces_those_of_the_same_work_only() -> None:
    start = session_start()
    store = FakeStore()
    old = store.begin_session(start, TASKS)
    other = store.begin_session(dataclasses.replace(start, observation_sha256="x" * 64), TASKS)
    new = store.begin_session(start, TASKS)
    assert remove_superseded(new, store.sessions_of(start.video_sha256), store) == (other,)
    assert {s.session_id for s in store.sessions()} == {other.session_id, new.session_id}
    assert old.session_id not in {s.session_id for s in store.sessions()}


@pytest.mark.parametrize(("own", "kept"), [((), (("class", "7b"),)), ((("class", "8a"),), (("class", "8a"),))])
def test_what_replaces_a_session_takes_its_labels_over_unless_it_has_its_own(own: Labels, kept: Labels) -> None:
    start, store = session_start(), FakeStore()
    store.set_labels(store.begin_session(start, TASKS).session_id, (("class", "7b"),))
    new = store.set_labels(store.begin_session(start, TASKS).session_id, own)
    remove_superseded(new, store.sessions_of(start.video_sha256), store)
    assert [session.labels for session in store.sessions()] == [kept]


def test_results_by_other_rules_or_settings_are_computed_again_from_their_faces() -> None:
    start = session_start()
    store = FakeStore()
    session = store.begin_session(dataclasses.replace(start, result_version=start.result_version - 1), TASKS)
    assert choose_session(start, None, store.sessions()) == session
    assert not is_current(session, start, None)
    new, changed = brought_up_to_date(session, start, TASKS, store)
    assert (new.session_id, changed, new.start.result_version) == (session.session_id, True, start.result_version)
    assert is_current(new, start, TASKS)
    assert not is_current(new, dataclasses.replace(start, settings_sha256="e" * 64), TASKS)


def test_without_faces_results_by_other_rules_are_not_gone_on_with() -> None:
    start = session_start()
    old = stored(1, dataclasses.replace(start, result_version=start.result_version - 1))
    assert choose_session(start, TASKS, [dataclasses.replace(old, faces_deleted_at=old.analyzed_at)]) is None
    assert choose_session(start, TASKS, [old]) == old


def test_a_shorter_time_to_keep_a_session_holds_at_once_and_computes_nothing_again() -> None:
    early, late = datetime(2026, 5, 1, tzinfo=UTC), datetime(2027, 5, 1, tzinfo=UTC)
    store = FakeStore()
    session = store.begin_session(session_start(expires_on=late), TASKS)
    shorter, changed = brought_up_to_date(session, session_start(expires_on=early), TASKS, store)
    assert (shorter.start.expires_on, changed) == (early, False)
    longer, changed = brought_up_to_date(shorter, session_start(expires_on=late), TASKS, store)
    assert (longer, changed) == (shorter, False)


def test_the_store_is_asked_for_the_sessions_of_the_one_film_and_once() -> None:
    class Counting(FakeStore):
        asked: ClassVar[list[str]] = []

        def sessions(self) -> list[StoredSession]:
            raise AssertionError("asked for the sessions of all films")

        def sessions_of(self, video_sha256: str) -> list[StoredSession]:
            self.asked.append(video_sha256)
            return FakeStore(self.shelf).sessions_of(video_sha256)

    video, parts = FakeVideo(duration_s=30), Parts(FakeDetector(), FakeClassifier())
    fakes = Builders(lambda *_: video, parts=lambda _: parts)
    store = Counting()
    Analyzer(default_config(), store, fakes).analyze(Request(Path("fake.mp4"), None, None), lambda _: None)
    assert store.asked == [video.info.sha256]


def test_the_same_work_has_one_identity_and_everything_else_another() -> None:
    start = renamed(session_start(), "a.mp4")
    same = [stored(1, start), stored(9, dataclasses.replace(start, settings_sha256="s" * 64), tasks=OTHER)]
    others = [
        stored(2, dataclasses.replace(start, video_sha256="y" * 64)),
        stored(3, dataclasses.replace(start, observation_sha256="x" * 64)),
        stored(4, dataclasses.replace(start, model_sha256="z" * 64)),
        stored(5, renamed(start, "b.mp4")),
    ]
    assert len({report_identity(session, "db") for session in same}) == 1
    identities = {report_identity(session, "db") for session in (same[0], *others)} | {
        report_identity(same[0], "other")
    }
    assert len(identities) == 6
    assert {len(bytes.fromhex(identity)) for identity in identities} == {16}


def test_a_session_is_found_by_number_latest_or_unique_name() -> None:
    known = [stored(1, session_start()), stored(2, session_start())]
    name = known[0].start.video_name
    assert find_session("1", known) == known[0]
    assert find_session("latest", known) == known[1]
    assert find_session(name, known[:1]) == find_session(Path(name).stem, known[:1]) == known[0]
    with pytest.raises(StoreError, match="several sessions"):
        find_session(Path(name).stem, known)
    with pytest.raises(StoreError, match="no session 'other'"):
        find_session("other", known)


def test_a_number_means_a_session_never_a_film() -> None:
    named = stored(7, renamed(session_start(), "2.mp4"))
    with pytest.raises(StoreError, match="no session '2'"):
        find_session("2", [named])
    assert find_session("2.mp4", [named]) is named
