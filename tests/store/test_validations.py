"""Samples for observers and validations, as the database keeps them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from contracts.store import filled, finished

from classroom_fer.errors import StoreError
from classroom_fer.lesson.validation import Agreement, ClipSample, Part, SampleClip, Validation
from classroom_fer.store.store import SqlStore

NOW = datetime(2026, 11, 27, 5, 0, tzinfo=UTC)
VALIDATION = Validation(
    sample_id="5b1e0c77a2d4", scored_at=NOW, drawn=2, coded=2, observers=2, lessons=1, seats=2, cluster="seat",
    agreements=(
        Agreement("kappa", "on_task", 0.5, 0.25, 0.75, 2),
        Agreement("auc", "index", 0.75, None, None, 2, Part("size_px", 36.0, None)),
    ),
)  # fmt: skip


def sample(*sessions: int) -> ClipSample:
    clips = tuple(
        SampleClip(n, session, 10.0, 20.0, 100.5, 50.25, 40.0, 2, 1, 4, "stratum", 0.25)
        for n, session in enumerate(sessions, start=1)
    )
    return ClipSample("5b1e0c77a2d4", 7, NOW, len(clips), clips)


def test_a_sample_is_read_as_it_was_written(store: SqlStore) -> None:
    wanted = sample(finished(store).session_id, finished(store).session_id)
    store.write_sample(wanted)
    assert store.sample(wanted.sample_id) == wanted
    assert store.sample("another") is None
    assert store.audit_entries()[-1].action == "validate sample"


def test_the_same_sample_drawn_again_keeps_its_date(store: SqlStore) -> None:
    wanted = sample(finished(store).session_id)
    store.write_sample(wanted)
    store.write_sample(replace(wanted, drawn_at=NOW + timedelta(days=1)))
    assert store.sample(wanted.sample_id) == wanted


def test_clips_go_with_their_session_and_with_its_faces(store: SqlStore) -> None:
    sessions = [finished(store).session_id for _ in range(3)]
    store.write_sample(sample(*sessions))
    store.delete(sessions[0])
    store.forget_faces(sessions[1])
    left = store.sample("5b1e0c77a2d4")
    assert left is not None
    assert (left.drawn, [clip.session_id for clip in left.clips]) == (3, sessions[2:])


def test_sessions_know_the_newest_validation_that_is_about_them(store: SqlStore) -> None:
    sampled, also, other = (finished(store).session_id for _ in range(3))
    newer = replace(VALIDATION, scored_at=NOW + timedelta(days=1), observers=1)
    assert store.write_validation(VALIDATION, [sampled], [also]) != store.write_validation(newer, [sampled])
    assert [store.session(number).validation for number in (sampled, also, other)] == [newer, VALIDATION, None]


def test_a_validation_outlives_its_sessions_for_the_others_of_the_class(store: SqlStore) -> None:
    sampled, also = (finished(store).session_id for _ in range(2))
    store.write_validation(VALIDATION, [sampled], [also])
    store.purge([sampled])
    assert store.session(also).validation == VALIDATION


def test_a_validation_of_an_unknown_session_is_not_kept(store: SqlStore) -> None:
    known = filled(store).session_id
    with pytest.raises(StoreError, match="no session 77"):
        store.write_validation(VALIDATION, [known], [77])
    assert store.session(known).validation is None
