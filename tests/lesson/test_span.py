"""The analysed stretch: its chunks, its sampling intervals, and what was not seen of it."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classroom_fer.lesson.intervals import interval_of
from classroom_fer.lesson.sampling import plan_sampling
from classroom_fer.lesson.span import Span, to_milliseconds

RATES = (0.05, 0.1, 0.2, 0.25, 1 / 3, 0.5, 0.7, 1.0, 1.4, 1.5, 2.0, 3.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.5, 15.0, 24.0,
         25.0, 29.97, 30.0)  # fmt: skip


def sampled(source_fps: float, fps: float, seconds: float) -> list[float]:
    """Rounded times of the samples of a film without faults: new pictures, and those that are shown still."""
    times = np.arange(math.ceil(seconds * source_fps)) / source_fps
    plan = plan_sampling(times, np.append(times[1:], seconds), 0.0, seconds, fps)
    _, first = np.unique(interval_of(times, fps), return_index=True)
    still = [k / fps for intervals in plan.held.values() for k in intervals]
    return sorted(to_milliseconds(time) for time in (*times[first], *still))


@pytest.mark.parametrize("source_fps", [24.0, 24000 / 1001, 25.0, 30000 / 1001, 30.0, 50.0, 60000 / 1001, 60.0])
@pytest.mark.parametrize("fps", RATES)
def test_of_a_film_that_was_read_whole_nothing_is_unseen(source_fps: float, fps: float) -> None:
    times, span = sampled(source_fps, fps, 600.0), Span(0.0, 600.0, fps, 120.0)
    assert span.interval_numbers(times).tolist() == list(span.intervals())
    assert span.unseen_s(times) == 0


@pytest.mark.parametrize("fps", RATES)
def test_lost_stretches_are_unseen_for_as_long_as_they_last(fps: float) -> None:
    times = sampled(60.0, fps, 400.0)
    lost = {time for time in times if 100 <= time < 200}
    kept = [time for time in times if time not in lost]
    assert Span(0.0, 400.0, fps, 120.0).unseen_s(kept) == pytest.approx(len(lost) / fps)


@pytest.mark.parametrize(
    ("times", "fps", "start", "end", "expected"),
    [
        ([0, 1, 2, 3], 1, 0, 4, 0),
        ([], 1, 0, 4, 4),
        ([], 1, 0, 3.25, 3.25),
        ([0.1, 1.9], 1, 0, 4, 2),
        ([0, 0.5, 1.5], 2, 0, 2, 0.5),
        ([3.0], 1, 2.5, 5, 1),
        ([2.9999999999], 1, 3, 4, 0),
        ([0.333, 0.667], 3, 0.333, 1, 0),
        ([0.0, 5.0], 1, 0, 2, 1),
    ],
)
def test_unseen_time_is_that_of_the_intervals_without_a_frame(times, fps, start, end, expected):
    assert Span(start, end, fps, 120).unseen_s(times) == pytest.approx(expected)


@given(st.sets(st.integers(0, 99)), st.sampled_from(RATES), st.booleans())
def test_unseen_time_and_seen_intervals_make_up_the_span(seen, fps, rounded):
    times = [to_milliseconds(k / fps) if rounded else k / fps for k in sorted(seen)]
    span = Span(0, to_milliseconds(100 / fps), fps, 120)
    assert span.interval_numbers(times).tolist() == sorted(seen)
    assert span.unseen_s(times) == pytest.approx((100 - len(seen)) / fps, abs=0.001)


@given(st.lists(st.floats(0, 50), max_size=30), st.sampled_from(RATES))
def test_any_times_have_numbers_within_their_rounding(times, fps):
    numbers = Span(0, 40, fps, 120).interval_numbers(sorted(times))
    for time, number in zip(sorted(times), numbers, strict=True):
        assert number - 1e-6 <= (time + 0.0006) * fps
        assert (number + 1) >= (time - 0.0006) * fps


@given(st.integers(0, 5000), st.integers(1, 9000), st.sampled_from([0.1, 0.3, 1.0, 7.7, 60.0, 120.0]))
@example(3, 3, 0.1)
def test_chunks_tile_the_span_without_gap_overlap_or_crumbs(start, length, chunk_s):
    span = Span(start / 10, (start + length) / 10, 1.0, chunk_s)
    chunks = span.chunks()
    assert (chunks[0].start_s, chunks[-1].end_s) == (span.start_s, span.end_s)
    assert all(a.end_s == b.start_s and a.index + 1 == b.index for a, b in itertools.pairwise(chunks))
    assert all(chunk.end_s - chunk.start_s > 0.001 for chunk in chunks)
    assert span.samples(chunks) == len(span.intervals())


@pytest.mark.parametrize("fps", RATES)
def test_the_samples_of_the_chunks_are_those_of_the_span(fps: float) -> None:
    span = Span(0.333, 1000.667, fps, 120.0)
    assert span.samples(span.chunks()) == len(span.intervals())


def test_the_moment_that_is_left_at_the_end_is_not_unseen_but_a_longer_rest_is() -> None:
    assert Span(0, 10.017, 1, 120).unseen_s(range(10)) == 0
    assert Span(0, 10.5, 1, 120).unseen_s(range(10)) == pytest.approx(0.5)
    assert Span(0, 11, 1, 120).unseen_s(range(10)) == pytest.approx(1.0)
