"""The sample of clips: its size, its strata, its probabilities."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom_fer.study.clips import Clip
from classroom_fer.study.sampling import allocate, draw
from classroom_fer.study.seats import Seat

CUTS = (32.0, 36.0, 72.0)


def clip(second: int, *, track: int = 0, coverage: str = "valued", size_px: float = 50.0, session: int = 1) -> Clip:
    seat = Seat(track, size_px, row=1, place=1, places=1)
    return Clip(session, 10.0 * second, 10.0 * second + 10, "Fractions", "desk", 1.0, 2.0, seat, coverage)


def lesson() -> list[Clip]:
    """400 clips with a value, 100 without, and 9 in which nobody was seen."""
    return [
        clip(n, track=track, coverage="unseen" if n == 0 else "seen" if n < 12 else "valued")
        for track in range(9)
        for n in range(60)
    ]


@given(st.lists(st.integers(0, 500), min_size=1, max_size=30), st.integers(0, 2000))
def test_shares_sum_to_what_is_wanted_and_none_is_larger_than_its_stratum(sizes: list[int], count: int) -> None:
    shares = allocate(sizes, count)
    assert sum(shares) == pytest.approx(min(count, sum(sizes)))
    assert all(0 <= share <= size + 1e-9 for share, size in zip(shares, sizes, strict=True))


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 540))
def test_a_sample_has_the_size_that_was_asked_for_and_no_clip_twice(seed: int, count: int) -> None:
    drawn = [d.clip for d in draw(lesson(), count, seed, CUTS)]
    assert len(drawn) == len({(c.start_s, c.seat.track) for c in drawn}) == count


def test_the_same_seed_draws_the_same_clips_whatever_their_order() -> None:
    clips = lesson()
    assert draw(clips, 50, 7, CUTS) == draw(clips[::-1], 50, 7, CUTS)
    assert draw(clips, 50, 7, CUTS) != draw(clips, 50, 8, CUTS)


def test_fewer_clips_than_asked_for_are_all_drawn_with_certainty() -> None:
    drawn = draw([clip(n) for n in range(5)], 200, 1, CUTS)
    assert [d.probability for d in drawn] == [1.0] * 5


def test_rare_strata_are_drawn_more_often_than_their_share() -> None:
    counts = Counter(d.clip.coverage for d in draw(lesson(), 100, 3, CUTS))
    assert counts["unseen"] >= 9 * 100 / 540 * 3
    assert counts["valued"] > counts["seen"] > counts["unseen"]


def test_sizes_and_tasks_and_lessons_are_strata_of_their_own() -> None:
    clips = [clip(n, size_px=size, session=s) for n in range(20) for size in (20, 33, 50, 90) for s in (1, 2)]
    assert len({d.stratum for d in draw(clips, 80, 1, CUTS)}) == 8


def test_every_clip_is_drawn_as_often_as_its_probability_says() -> None:
    """The share of 200 draws that hold a clip has a standard error of at most .035; 5 of them for 270 clips."""
    clips, draws = lesson()[::2], 200
    counts: Counter[tuple[float, int]] = Counter()
    told: dict[tuple[float, int], float] = {}
    for seed in range(draws):
        for d in draw(clips, 60, seed, CUTS):
            counts[d.clip.start_s, d.clip.seat.track] += 1
            told[d.clip.start_s, d.clip.seat.track] = d.probability
    assert len(told) == len(clips)
    errors = np.array([counts[key] / draws - told[key] for key in told])
    assert np.abs(errors).max() < 5 * np.sqrt(0.25 / draws)


def test_means_weighted_by_one_over_the_probability_are_those_of_all_clips() -> None:
    """Of all 540 clips .817 are valued; unweighted, a sample says far less."""
    weighted = []
    for seed in range(60):
        drawn = draw(lesson(), 60, seed, CUTS)
        weights = np.array([1 / d.probability for d in drawn])
        weighted.append(np.average([d.clip.coverage == "valued" for d in drawn], weights=weights))
    plain = np.mean([d.clip.coverage == "valued" for d in draw(lesson(), 60, 0, CUTS)])
    true = np.mean([c.coverage == "valued" for c in lesson()])
    assert np.mean(weighted) == pytest.approx(true, abs=0.02)
    assert plain < true - 0.1
