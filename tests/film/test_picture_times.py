"""One rising sequence of shown pictures, whatever the container says of them. Pure: no film is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.film.picture_times import NO_STAMP, Clock, Stamps, order_by_stamps, rising, shown
from classroom_fer.lesson.records import FilmRepair

CLOCK = Clock(tick_s=0.001, longest_s=3600.0, delay=0, keeps_order=True)
REORDERS = replace(CLOCK, delay=2, keeps_order=False)
BROADCAST = replace(CLOCK, longest_s=10.0)
STEP = 40


def steady(count: int, start: int = 0) -> list[int]:
    return [start + STEP * n for n in range(count)]


def risen(stamps: list[int], clock: Clock = CLOCK) -> tuple[list[float], dict[str, FilmRepair]]:
    result = rising(np.array(stamps, np.int64), clock)
    return result.ticks.tolist(), {repair.code: repair for repair in result.repairs}


def test_orderly_stamps_stay_as_they_are() -> None:
    assert risen([7, 47, 90, 2000]) == ([7, 47, 90, 2000], {})
    assert risen([5]) == ([5], {})
    assert risen([]) == ([], {})


def test_time_is_carried_on_where_stamps_begin_again() -> None:
    ticks, repairs = risen(steady(50) + steady(50) + steady(30, 400))
    assert ticks == steady(130)
    assert repairs == {"times_restarted": FilmRepair("times_restarted", 2, 3.6)}


def test_time_is_carried_on_where_stamps_jump_by_more_than_a_picture_can_stand() -> None:
    stamps = steady(20) + steady(20, 30_000)
    assert risen(stamps, BROADCAST)[0] == steady(40)
    assert risen(stamps) == (stamps, {}), "elsewhere a picture may stand for so long"


@pytest.mark.parametrize("wrong", [45_000, -3000, 1190])
@pytest.mark.parametrize("place", [1, 20, 57])
def test_a_stamp_out_of_line_gets_its_neighbours_time(place: int, wrong: int) -> None:
    stamps = steady(60)
    stamps[place] += wrong
    ticks, repairs = risen(stamps)
    assert ticks == steady(60)
    assert repairs == {"time_outliers": FilmRepair("time_outliers", 1, abs(wrong) / 1000)}


def test_several_wild_stamps_in_a_row_are_spread_evenly() -> None:
    stamps = steady(60)
    stamps[30:33] = [99_000, 98_000, 99_500]
    ticks, repairs = risen(stamps)
    assert ticks == steady(60)
    assert repairs["time_outliers"].count == 3


@pytest.mark.parametrize("clock", [CLOCK, BROADCAST], ids=["file", "broadcast"])
@pytest.mark.parametrize("wrong", [3_600_000, 45_000, 5000, -5000, -45_000])
@pytest.mark.parametrize("away", [range(300, 305), range(300, 320), (300, 301, 302, 305, 309, 310)], ids=len)
def test_stamps_that_are_wild_for_a_while_neither_lengthen_the_film_nor_leave_a_hole(
    away: Sequence[int], wrong: int, clock: Clock
) -> None:
    stamps = steady(600)
    for place in away:
        stamps[place] += wrong
    ticks, repairs = risen(stamps, clock)
    assert ticks == pytest.approx(steady(600))
    assert repairs == {"time_outliers": FilmRepair("time_outliers", len(away), abs(wrong) / 1000)}


def test_several_stamps_of_nothing_in_mid_film_are_wild() -> None:
    stamps = steady(600)
    stamps[300:305] = [0] * 5
    assert risen(stamps)[0] == pytest.approx(steady(600))


@pytest.mark.parametrize("overlap", [2000, 5000])
def test_time_that_begins_again_a_little_earlier_is_carried_on(overlap: int) -> None:
    ticks, repairs = risen(steady(250) + steady(250, 250 * STEP - overlap), BROADCAST)
    assert ticks == steady(500)
    assert repairs == {"times_restarted": FilmRepair("times_restarted", 1, overlap / 1000)}


def test_a_film_of_one_picture_a_minute_has_nothing_to_mend_in_any_container() -> None:
    stamps = [60_000 * n for n in range(30)]
    assert risen(stamps, BROADCAST) == (stamps, {})


def test_equal_stamps_are_spread_up_to_the_next() -> None:
    ticks, repairs = risen([0, 40, 40, 40, 160, 200])
    assert ticks == [0, 40, 80, 120, 160, 200]
    assert repairs == {"times_equal": FilmRepair("times_equal", 2, 0.08)}


def test_missing_stamps_are_made_from_their_neighbours() -> None:
    ticks, repairs = risen([NO_STAMP, 40, NO_STAMP, 120, NO_STAMP])
    assert ticks == [-40, 40, 80, 120, 200], "the step as a rule is from one stamp to the next"
    assert repairs == {"times_made": FilmRepair("times_made", 3, 0.0)}


@given(
    st.lists(st.one_of(st.integers(-50_000, 50_000), st.just(NO_STAMP)), max_size=60),
    st.sampled_from([CLOCK, BROADCAST]),
)
def test_whatever_the_stamps_time_rises_and_no_picture_is_gone(stamps: list[int], clock: Clock) -> None:
    ticks = rising(np.array(stamps, np.int64), clock).ticks
    assert len(ticks) == len(stamps)
    assert np.isfinite(ticks).all()
    assert (np.diff(ticks) > 0).all()


def coded(groups: int, first: int = 0) -> Stamps:
    """I or P, then the B-frame that others need, then those that none needs: 3 between two, as x264 codes them."""
    pts, key = [first], [True]
    for group in range(groups):
        at = first + 4 * STEP * group
        pts += [at + 4 * STEP, at + 2 * STEP, at + STEP, at + 3 * STEP]
        key += [group % 6 == 5, False, False, False]
    times = np.array(pts, np.int64)
    return Stamps(times, np.arange(len(times)) * STEP + first - 2 * STEP, np.array(key))


def both(one: Stamps, other: Stamps) -> Stamps:
    return Stamps(*(np.concatenate((getattr(one, n), getattr(other, n))) for n in ("pts", "dts", "key")))


def test_the_order_of_orderly_stamps_is_theirs() -> None:
    stamps = coded(20)
    order = order_by_stamps(stamps, REORDERS)
    assert order is not None
    assert stamps.pts[order].tolist() == steady(81)


def test_a_film_that_begins_again_needs_no_decoding_to_be_put_in_order() -> None:
    stamps = both(coded(20), coded(10))
    order = order_by_stamps(stamps, REORDERS)
    assert order is not None
    assert rising(stamps.pts[order], REORDERS).ticks.tolist() == steady(81 + 41)


@pytest.mark.parametrize("place", [5, 6, 7, 30])
@pytest.mark.parametrize("wrong", [45_000, -1000, 15 * STEP + 13])
def test_the_order_is_in_doubt_where_one_stamp_is_out_of_line(place: int, wrong: int) -> None:
    stamps = coded(40)
    stamps.pts[place] += wrong
    assert order_by_stamps(stamps, REORDERS) is None


@pytest.mark.parametrize("value", [NO_STAMP, STEP])
def test_the_order_is_in_doubt_where_a_stamp_is_missing_or_given_twice(value: int) -> None:
    stamps = coded(20)
    stamps.pts[30] = value
    assert order_by_stamps(stamps, REORDERS) is None


def test_a_picture_shown_for_long_puts_no_order_in_doubt() -> None:
    stamps = coded(40)
    late = stamps.pts > 50 * STEP
    stamps.pts[late] += 8000
    order = order_by_stamps(stamps, REORDERS)
    assert order is not None
    assert (np.diff(stamps.pts[order]) > 0).all()


def test_a_codec_that_keeps_its_order_is_shown_as_coded_whatever_the_stamps() -> None:
    stamps = Stamps(np.array([0, 90, 20, 20, NO_STAMP]), np.zeros(5, np.int64), np.ones(5, bool))
    order = order_by_stamps(stamps, CLOCK)
    assert order is not None
    assert order.tolist() == [0, 1, 2, 3, 4]


def test_a_picture_is_shown_until_the_next_one_comes() -> None:
    seen = shown(np.array([0.0, 0.04, 0.08, 5.0, 5.04]), 0.04, np.zeros(4, bool))
    assert seen.ends_s.tolist() == pytest.approx([0.04, 0.08, 5.0, 5.04, 5.08])
    assert seen.repairs == (FilmRepair("pictures_held", 1, 4.92),)
    assert seen.missing_s.tolist() == []


def test_where_pictures_are_missing_the_one_before_is_not_shown_on() -> None:
    seen = shown(np.array([0.0, 1.0, 2.0, 6.0, 7.0]), 1.0, np.array([False, False, True, False]))
    assert seen.ends_s.tolist() == [1.0, 2.0, 3.0, 7.0, 8.0]
    assert seen.missing_s.tolist() == [3.0, 4.0, 5.0]
    assert seen.repairs == ()
