import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.measurement.statistics import (
    around,
    estimate,
    holm,
    p_two_sided,
    simultaneous_p95,
    standard_error,
    t_quantile,
)

UNIT = (0.0, 1.0)
values = st.lists(st.floats(0, 1), min_size=2, max_size=30).map(np.array)


@given(values, st.data())
def test_an_interval_contains_its_value_and_stays_on_the_scale(x, data):
    n = data.draw(st.integers(2, len(x)))
    got = estimate(x, n, UNIT)
    assert 0 <= got.low <= got.value <= got.high <= 1


def test_the_interval_is_that_of_scipy_where_every_track_is_a_pupil():
    x = np.array([0.4, 0.5, 0.55, 0.6, 0.45])
    low, high = scipy.stats.t.interval(0.95, len(x) - 1, loc=x.mean(), scale=scipy.stats.sem(x))
    got = estimate(x, len(x), UNIT)
    assert (got.low, got.value, got.high) == pytest.approx((low, x.mean(), high))


def test_more_tracks_than_pupils_do_not_narrow_the_interval():
    x = np.linspace(0.3, 0.7, 20)
    assert standard_error(x, 10) == pytest.approx(standard_error(x, 20) * np.sqrt(2))
    assert estimate(x, 10, UNIT).low < estimate(x, 20, UNIT).low


@pytest.mark.parametrize("shape", ["normal", "skewed"])
def test_the_95_percent_interval_of_12_pupils_covers_about_95_percent(shape):
    rng = np.random.default_rng(5)
    parameters = (6.0, 6.0) if shape == "normal" else (5.0, 2.0)
    draws = rng.beta(*parameters, size=(3000, 12))
    truth = parameters[0] / sum(parameters)
    covered = [(e := estimate(row, 12, UNIT)).low <= truth <= e.high for row in draws]
    assert 0.92 <= np.mean(covered) <= 0.97


@given(st.floats(-50, 50), st.floats(0.01, 20), st.integers(2, 40))
def test_p_is_below_5_percent_exactly_where_the_interval_leaves_out_0(mean, error, n):
    got = around(mean, error, n, (-1e6, 1e6))
    p = p_two_sided(mean, error, n)
    if abs(abs(mean) - t_quantile(n) * error) > 1e-6:
        assert (p < 0.05) == (got.low > 0 or got.high < 0)


def test_without_any_spread_only_a_mean_of_0_is_likely():
    assert (p_two_sided(0.0, 0.0, 5), p_two_sided(3.0, 0.0, 5)) == (1.0, 0.0)


def test_holm_of_a_worked_example():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []
    assert holm([0.8, 0.9]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_never_lowers_a_p_nor_turns_their_order(ps):
    adjusted = holm(ps)
    assert all(p <= a <= 1 for p, a in zip(ps, adjusted, strict=True))
    order = np.argsort(ps, kind="stable")
    assert np.all(np.diff(np.array(adjusted)[order]) >= 0)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=200))
def test_n95_is_a_number_of_faces_that_was_seen_and_at_most_5_percent_of_frames_hold_more(counts):
    n95 = simultaneous_p95(np.array(counts))
    assert n95 in counts
    assert np.mean(np.array(counts) > n95) <= 0.05


def test_n95_without_frames_is_0():
    assert simultaneous_p95(np.array([], dtype=np.int64)) == 0
