"""How tracks are judged (`benchmarks/tracking_score.py`)."""

from __future__ import annotations

import math

import pytest

from benchmarks.tracking_score import Moment, hota, track_score


def moments(*frames: dict[int, int | None], there: set[int]) -> list[Moment]:
    """Each frame as track -> whom it shows."""
    return [Moment(frozenset(there), tuple(frame.items())) for frame in frames]


def test_one_track_a_seat_is_perfect() -> None:
    score = track_score(moments(*[{1: 0, 2: 1}] * 10, there={0, 1}), seats=2, hours=1)
    assert (score.idf1, score.hota, score.duplicates_per_seat_hour, score.two_seats) == (1, 1, 0, 0)
    assert (score.seat_tracks, score.other_tracks, score.strays, score.switches) == (2, 0, 0, 0)


def test_a_seat_in_two_tracks_counts_as_one_duplicate() -> None:
    score = track_score(moments(*[{1: 0}] * 6, *[{2: 0}] * 4, there={0}), seats=1, hours=0.5)
    assert score.duplicates_per_seat_hour == 2
    assert score.idf1 == pytest.approx(0.6)
    assert score.hota == pytest.approx(math.sqrt(0.6 * 0.6 + 0.4 * 0.4), abs=1e-4)  # all found; AssA by hand
    assert score.switches == 1


def test_a_track_that_moves_to_another_seat_is_on_two() -> None:
    score = track_score(moments(*[{1: 0}] * 6, *[{1: 1}] * 4, there={0, 1}), seats=2, hours=1)
    assert (score.two_seats, score.strays, score.seat_tracks) == (1, 4, 1)


def test_faces_not_in_a_track_cost_detection_only() -> None:
    half = moments(*[{1: 0}] * 5, *[{}] * 5, there={0})
    assert hota(half) == pytest.approx(math.sqrt(0.5 * 0.5))  # DetA and AssA: the same five of ten
    assert track_score(half, seats=1, hours=1).idf1 == pytest.approx(2 / 3, abs=1e-4)


def test_who_walks_about_is_no_duplicate_and_no_second_seat() -> None:
    score = track_score(moments(*[{1: 0, 2: 7}] * 4, {1: 7}, there={0, 7}), seats=1, hours=1)
    assert (score.seat_tracks, score.other_tracks, score.two_seats, score.strays) == (1, 1, 0, 1)


def test_what_shows_nobody_is_wrong() -> None:
    clean, wrong = moments(*[{1: 0}] * 4, there={0}), moments(*[{1: 0, 2: None}] * 4, there={0})
    assert hota(wrong) == pytest.approx(hota(clean) * math.sqrt(0.5))
    assert track_score(wrong, seats=1, hours=1).other_tracks == 1


def test_of_two_tracks_on_one_person_in_a_frame_the_more_alike_counts() -> None:
    both = moments({1: 0, 2: 0}, *[{1: 0}] * 9, there={0})
    assert hota(both) == pytest.approx(math.sqrt(10 / 11))


def test_nothing_followed_is_nothing() -> None:
    assert hota(moments({}, {}, there={0})) == 0
    assert hota([]) == 0
