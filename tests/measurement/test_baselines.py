import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy.stats import theilslopes
from synthetic_class import Look, film

from classroom_fer.lesson.records import Task
from classroom_fer.measurement.baselines import theil_sen

BOARD = [Task("lesson", 0, 240)]


def kinds(result):
    return [t.baseline for t in result.tracks]


def test_a_pupil_on_the_side_gets_a_zero_of_their_own():
    tracks = film(3, 240, lambda k, t: Look(30.0 * k + (t % 3 - 1), 5.0 * k)).understood(BOARD).tracks
    assert [(t.yaw0_deg, t.pitch0_deg, t.baseline) for t in tracks] == [(0, 0, "own"), (30, 5, "own"), (60, 10, "own")]


@pytest.mark.parametrize("seen", [lambda t: t < 59, lambda t: t < 180, lambda t: t % 5 == 0])
def test_too_few_samples_or_too_short_a_span_give_no_own_zero(seen):
    result = film(3, 240, lambda k, t: Look(30.0) if seen(t) else None).understood(BOARD)
    assert kinds(result) == ["zero"] * 3
    assert result.tracks[0].yaw0_deg == 0


@pytest.mark.parametrize(
    ("look", "tasks"),
    [
        (Look(30.0, size_px=31), BOARD),
        (Look(None), BOARD),
        (Look(30.0), [Task("lesson", 0, 240, "desk")]),
        (Look(30.0), []),
    ],
)
def test_small_faces_unknown_poses_and_other_modes_make_no_own_zero(look, tasks):
    assert kinds(film(2, 240, lambda k, t: look).understood(tasks)) == ["zero"] * 2


def test_a_pupil_seen_too_little_takes_the_zero_of_the_place_in_the_picture():
    def look(k, t):
        return None if k == 4 and t > 40 else Look(2.0 * k, 3.0)

    tracks = film(10, 240, look).understood(BOARD).tracks
    assert kinds_of(tracks) == ["own"] * 4 + ["line"] + ["own"] * 5
    assert (tracks[4].yaw0_deg, tracks[4].pitch0_deg) == pytest.approx((8.0, 3.0))


def kinds_of(tracks):
    return [t.baseline for t in tracks]


def test_a_pupil_who_faces_the_wrong_way_all_lesson_is_left_out_and_gets_no_zero():
    tracks = film(10, 240, lambda k, t: Look(50.0 if k == 3 else 2.0 * k)).understood(BOARD).tracks
    assert kinds_of(tracks) == ["own"] * 3 + ["dropped"] + ["own"] * 6
    assert (tracks[3].yaw0_deg, tracks[3].pitch0_deg) == (None, None)


def test_with_fewer_than_8_own_zeros_there_is_no_line_and_nobody_is_dropped():
    result = film(7, 240, lambda k, t: Look(60.0 if k == 3 else 0.0)).understood(BOARD)
    assert kinds(result) == ["own"] * 7


def test_a_dropped_pupil_does_not_count_for_orientation():
    def scene(yaw):
        return film(10, 240, lambda k, t: Look(yaw if k == 3 else 0.0)).understood(BOARD).tasks[0]

    assert scene(40.0).n == 9  # turned too far for a zero, not too far for an expression
    assert scene(0.0).n == 10


@given(
    st.lists(st.integers(0, 2000), min_size=8, max_size=30, unique=True),
    st.floats(-0.05, 0.05),
    st.floats(-20, 20),
    st.randoms(use_true_random=False),
)
def test_the_line_survives_an_eighth_of_wild_points(xs, slope, offset, random):
    x = np.array(xs, dtype=float)
    y = slope * x + offset
    for index in random.sample(range(len(xs)), len(xs) // 8):
        y[index] = 1e4
    got_slope, got_offset = theil_sen(x, y)
    assert got_slope == pytest.approx(slope, abs=1e-9)
    assert got_offset == pytest.approx(offset, abs=1e-6)


@pytest.mark.filterwarnings("ignore:invalid value")  # of SciPy's interval, which is not asked for
@given(st.lists(st.tuples(st.integers(0, 9), st.floats(-90, 90)), min_size=2, max_size=12))
@example([(1, 0.0), (1, 5.0), (3, -2.5), (3, 4.0)])
def test_the_slope_is_scipys(points):
    x, y = np.array(points, dtype=float).T
    assume(np.ptp(x) > 0)
    assert theil_sen(x, y)[0] == theilslopes(y, x).slope


def test_the_line_through_one_column_of_seats_is_level():
    assert theil_sen(np.full(8, 500.0), np.arange(8.0)) == (0.0, 3.5)


def test_a_track_is_summarised_by_where_and_when_it_was_seen():
    track = film(2, 240, lambda k, t: Look(size_px=40.0 + k) if 10 <= t < 100 else None).understood(BOARD).tracks[1]
    assert (track.first_s, track.last_s, track.samples) == (10, 99, 90)
    assert (track.median_size_px, track.seat_x_px, track.seat_y_px) == (41, 150, 300)
