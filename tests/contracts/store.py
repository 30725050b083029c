"""What every store promises. A test module subclasses StoreContract and gives a ``store`` fixture."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from contracts.store_records import TASKS, chunk, session_result, session_start, tracks_of, without_ids

from classroom_fer.errors import StoreError
from classroom_fer.lesson.records import Declaration, FilmRepair, FrameSample, StoredSession, Task

OTHER_TASKS = (Task("Whole lesson", 0.0, 30.0),)


def filled(store: Any, **changes: Any) -> StoredSession:
    """A session with its three chunks, not finished."""
    session = store.begin_session(session_start(**changes), TASKS)
    for index in range(3):
        store.write_chunk(session.session_id, chunk(index, lost=index))
    found: StoredSession = store.session(session.session_id)
    return found


def finished(store: Any, **changes: Any) -> StoredSession:
    session = filled(store, **changes)
    tracks = tracks_of(store.frames(session.session_id))
    store.write_result(session.session_id, session_result(tracks), tracks)
    found: StoredSession = store.session(session.session_id)
    return found


class StoreContract:
    def test_a_new_session_is_running_and_holds_what_was_given(self, store: Any) -> None:
        before = datetime.now(UTC)
        session = store.begin_session(session_start(), TASKS)
        assert (session.start, session.tasks, session.status) == (session_start(), TASKS, "running")
        assert before <= session.analyzed_at <= datetime.now(UTC)
        assert store.session(session.session_id) == session
        assert store.sessions() == [session]
        assert store.finished_chunks(session.session_id) == set()
        assert store.frames(session.session_id) == []
        assert store.frames_lost(session.session_id) == 0

    def test_unknown_times_stay_unknown(self, store: Any) -> None:
        start = session_start(source_fps=None, recorded_on=None, expires_on=None)
        assert store.begin_session(start, ()).start == start

    def test_what_was_declared_comes_back(self, store: Any) -> None:
        declaration = Declaration("CH", "education", "Which tasks\nneed a pause? ' \" <b>", "consent", None)
        start = session_start(declaration=declaration, regions=3, profile="presence", model_sha256="none")
        assert store.begin_session(start, ()).start == start
        assert store.sessions()[0].start == start

    def test_frames_come_back_as_written_in_order_of_time_whatever_the_order_of_chunks(self, store: Any) -> None:
        session_id = store.begin_session(session_start(), TASKS).session_id
        for index in (2, 0, 1):
            store.write_chunk(session_id, chunk(index, lost=index))
        assert store.frames(session_id) == [frame for index in range(3) for frame in chunk(index).frames]
        assert store.finished_chunks(session_id) == {0, 1, 2}
        assert store.frames_lost(session_id) == 3

    def test_what_was_repaired_in_the_film_comes_back(self, store: Any) -> None:
        start = session_start(
            film_repairs=(FilmRepair("times_restarted", 1, 3.5), FilmRepair("pictures_held", 3, 10.0))
        )
        assert store.begin_session(start, ()).start == start

    def test_the_samples_of_a_picture_shown_for_long_stay_apart(self, store: Any) -> None:
        whole = chunk(0)
        picture = whole.frames[-1]

        def later(held: int) -> FrameSample:
            time_s = picture.time_s + held
            faces = tuple(replace(face, time_s=time_s, held=held) for face in picture.faces[held:])
            return replace(picture, time_s=time_s, faces=faces, held=held)

        frames = (*whole.frames, later(1), later(2))
        session = store.begin_session(session_start(), TASKS)
        store.write_chunk(session.session_id, replace(whole, frames=frames))
        assert store.frames(session.session_id) == list(frames)
        tracks = tracks_of(frames)
        store.write_result(session.session_id, session_result(tracks), tracks)
        assert store.frames(session.session_id) == list(frames)

    def test_how_frontal_a_face_is_comes_back_and_unknown_stays_unknown(self, store: Any) -> None:
        whole = chunk(0)
        last = whole.frames[-1]
        faces = tuple(
            replace(face, frontal=value) for face, value in zip(last.faces, (0.25, None, 0.0, 1.0), strict=False)
        )
        told = replace(whole, frames=(*whole.frames[:-1], replace(last, faces=faces)))
        session_id = store.begin_session(session_start(), TASKS).session_id
        store.write_chunk(session_id, told)
        assert store.frames(session_id) == list(told.frames)

    def test_a_chunk_written_again_replaces_the_first(self, store: Any) -> None:
        session_id = filled(store).session_id
        store.write_chunk(session_id, chunk(1, pupils=2, lost=7))
        assert store.frames(session_id) == [
            *chunk(0).frames, *chunk(1, pupils=2).frames, *chunk(2).frames,
        ]  # fmt: skip
        assert store.frames_lost(session_id) == 9

    def test_sessions_do_not_mix(self, store: Any) -> None:
        first = filled(store)
        second = store.begin_session(session_start(video_sha256="9" * 64), TASKS)
        store.write_chunk(second.session_id, chunk(0, pupils=1))
        assert store.frames(second.session_id) == list(chunk(0, pupils=1).frames)
        assert len(store.frames(first.session_id)) == 30
        assert [s.session_id for s in store.sessions()] == [first.session_id, second.session_id]

    def test_the_sessions_of_one_film_are_asked_for_alone(self, store: Any) -> None:
        first, other, last = finished(store), filled(store, video_sha256="9" * 64), filled(store)
        assert store.sessions_of(first.start.video_sha256) == [first, last]
        assert store.sessions_of("9" * 64) == [other]
        assert store.sessions_of("8" * 64) == []

    def test_a_result_comes_back_whole_apart_from_track_ids(self, store: Any) -> None:
        session = finished(store)
        expected = session_result(tracks_of(store.frames(session.session_id)))
        assert without_ids(store.result(session.session_id)) == without_ids(expected)
        assert session.status == "finished"

    def test_track_ids_are_shuffled(self, store: Any) -> None:
        session_id = filled(store).session_id
        tracks = tracks_of(store.frames(session_id))
        orders = set()
        for _ in range(12):
            store.write_result(session_id, session_result(tracks), tracks)
            summaries = store.result(session_id).tracks
            assert sorted(summary.track_id for summary in summaries) == [1, 2, 3, 4]
            orders.add(tuple(s.track_id for s in sorted(summaries, key=lambda s: s.seat_x_px)))
        assert len(orders) > 1  # 12 shuffles of 4 are all alike once in 24 ** 11

    def test_a_second_result_replaces_the_first(self, store: Any) -> None:
        session_id = finished(store).session_id
        tracks = tracks_of(store.frames(session_id))[:2]
        result = replace(session_result(tracks), moments=(), comparisons=())
        store.write_result(session_id, result, tracks)
        assert without_ids(store.result(session_id)) == without_ids(result)

    def test_a_result_about_other_tasks_or_tracks_is_a_bug_and_changes_nothing(self, store: Any) -> None:
        session_id = finished(store).session_id
        before = store.result(session_id)
        tracks = tracks_of(store.frames(session_id))
        with pytest.raises(ValueError, match="tasks"):
            store.write_result(session_id, replace(session_result(tracks), tasks=()), tracks)
        with pytest.raises(ValueError, match="tracks"):
            store.write_result(session_id, session_result(tracks), tracks[:1])
        assert store.result(session_id) == before

    def test_a_running_session_has_no_result(self, store: Any) -> None:
        session = filled(store)
        with pytest.raises(StoreError, match="no results yet"):
            store.result(session.session_id)

    def test_new_tasks_keep_the_faces_and_drop_the_results(self, store: Any) -> None:
        session_id = finished(store).session_id
        frames = store.frames(session_id)
        start = session_start(settings_sha256="e" * 64, settings={"fps": 1.0}, video_name="other.mp4")
        session = store.set_tasks(session_id, OTHER_TASKS, start)
        assert (session.session_id, session.start, session.tasks) == (session_id, start, OTHER_TASKS)
        assert session.status == "running"
        assert store.session(session_id) == session
        assert store.frames(session_id) == frames
        assert store.finished_chunks(session_id) == {0, 1, 2}
        with pytest.raises(StoreError, match="no results yet"):
            store.result(session_id)

    def test_another_declaration_leaves_the_results(self, store: Any) -> None:
        session = finished(store)
        result = store.result(session.session_id)
        earlier = session.start.expires_on - timedelta(days=30)
        told = session_start(
            declaration=Declaration("US", "education", "Other"), settings={"declaration": "other"}, expires_on=earlier
        )
        assert store.restate(session.session_id, told).start == told
        assert store.session(session.session_id).status == "finished"
        assert store.result(session.session_id) == result
        with pytest.raises(ValueError, match="other settings"):
            store.restate(session.session_id, session_start(settings_sha256="e" * 64))
        with pytest.raises(ValueError, match="other settings"):
            store.restate(session.session_id, session_start(result_version=4))

    def test_labels_are_replaced_whole_and_stand_in_every_listing(self, store: Any) -> None:
        one, other = filled(store), filled(store, video_sha256="e" * 64)
        store.set_labels(one.session_id, (("class", "7b"), ("lesson", "3")))
        changed = store.set_labels(one.session_id, (("room", "\u0661 <b>"), ("class", "8a")))
        assert changed.labels == (("class", "8a"), ("room", "\u0661 <b>"))
        assert store.session(one.session_id) == changed
        assert [session.labels for session in store.sessions()] == [changed.labels, ()]
        assert store.sessions_of(one.start.video_sha256) == [changed]
        assert store.session(other.session_id).labels == ()
        assert changed.labelled("class") == "8a" and changed.labelled("lesson") is None

    def test_forgotten_faces_are_gone_and_the_class_values_stay(self, store: Any) -> None:
        session, other = finished(store), finished(store)
        result = store.result(session.session_id)
        before = datetime.now(UTC)
        forgotten = store.forget_faces(session.session_id)
        assert before <= forgotten.faces_deleted_at <= datetime.now(UTC)
        assert forgotten == store.session(session.session_id)
        assert store.result(session.session_id) == replace(result, tracks=())
        assert store.finished_chunks(session.session_id) == {0, 1, 2}
        with pytest.raises(StoreError, match=r"face rows .* were deleted"):
            store.frames(session.session_id)
        with pytest.raises(StoreError, match=r"face rows .* were deleted"):
            store.set_tasks(session.session_id, OTHER_TASKS, session_start())
        assert len(store.frames(other.session_id)) == 30
        assert len(store.result(other.session_id).tracks) == 4
        assert store.verify_audit() == []

    def test_faces_without_class_values_are_not_forgotten(self, store: Any) -> None:
        session = filled(store)
        with pytest.raises(ValueError, match="no class values"):
            store.forget_faces(session.session_id)
        assert len(store.frames(session.session_id)) == 30

    def test_the_faces_of_a_session_cannot_become_those_of_another_film(self, store: Any) -> None:
        session = finished(store)
        with pytest.raises(ValueError, match="video_sha256"):
            store.set_tasks(session.session_id, TASKS, session_start(video_sha256="9" * 64))
        assert store.session(session.session_id) == session

    def test_a_chunk_written_to_a_finished_session_takes_its_results(self, store: Any) -> None:
        session_id = finished(store).session_id
        store.write_chunk(session_id, chunk(1, pupils=1))
        assert store.session(session_id).status == "running"
        with pytest.raises(StoreError, match="no results yet"):
            store.result(session_id)

    @pytest.mark.parametrize("ask", ["session", "finished_chunks", "frames", "frames_lost", "result", "delete"])
    def test_an_unknown_session_is_an_error_that_names_those_that_exist(self, store: Any, ask: str) -> None:
        with pytest.raises(StoreError, match="no session 77"):
            getattr(store, ask)(77)
        known = store.begin_session(session_start(), TASKS).session_id
        with pytest.raises(StoreError, match="no session 77") as caught:
            getattr(store, ask)(77)
        assert f"holds {known}" in caught.value.hint

    def test_expired_sessions_are_those_whose_time_has_come(self, store: Any) -> None:
        now = datetime(2027, 1, 1, tzinfo=UTC)
        ends = (now - timedelta(days=1), now, now + timedelta(microseconds=1), None)
        sessions = [store.begin_session(session_start(expires_on=end), ()) for end in ends]
        assert store.expired(now) == sessions[:2]

    def test_a_deleted_session_is_gone_and_the_others_stay(self, store: Any) -> None:
        gone, kept = finished(store), finished(store)
        result = store.result(kept.session_id)
        store.delete(gone.session_id)
        assert store.sessions() == [kept]
        assert store.result(kept.session_id) == result
        assert len(store.frames(kept.session_id)) == 30

    def test_a_purge_takes_what_it_was_given_and_nothing_else(self, store: Any) -> None:
        gone, kept = finished(store), finished(store)
        store.purge([gone.session_id])
        assert store.sessions() == [kept]

    def test_a_database_keeps_its_name(self, store: Any, second: Any) -> None:
        assert store.database_id() == second.database_id() != ""

    def test_a_number_is_never_given_twice(self, store: Any) -> None:
        first = store.begin_session(session_start(), TASKS).session_id
        store.purge([first])
        assert store.begin_session(session_start(), TASKS).session_id != first

    def test_the_audit_chain_holds_and_tells_of_deletions(self, store: Any) -> None:
        assert store.verify_audit() == []
        session = finished(store)
        store.record("analyze", session.session_id, {"fps": 1.0, "ü": [None, True]})
        store.record("doctor", None, {})
        store.purge([session.session_id])
        assert store.verify_audit() == []

    def test_only_one_run_holds_the_store_but_it_may_enter_twice(self, store: Any, second: Any) -> None:
        with store.exclusive():
            with store.exclusive(), pytest.raises(StoreError, match="in use by another run"), second.exclusive():
                raise AssertionError("held twice")
            with pytest.raises(StoreError, match="in use"), second.exclusive():
                raise AssertionError("the inner exit gave it back")
            assert second.sessions() == []
        with second.exclusive():
            pass

    def test_two_runs_never_analyse_one_film_at_once(self, store: Any, second: Any) -> None:
        film, other = "5" * 64, "f" * 64
        with store.analyzing():
            store.claim(film)
            store.claim(film)
            store.release(film)  # claimed twice: still held
            with pytest.raises(StoreError, match="by another run"), second.analyzing():
                second.claim(other)
                second.release(other)
                second.claim(film)
            store.release(film)
        with second.analyzing():
            second.claim(film)
            second.release(film)

    def test_an_error_gives_the_store_back(self, store: Any, second: Any) -> None:
        with pytest.raises(OSError, match="the caller"), store.exclusive():
            raise OSError("the caller's")
        with second.exclusive():
            pass
