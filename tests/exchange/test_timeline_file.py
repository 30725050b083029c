"""The curves as BORIS draws them: a row a second, every gap filled, what was measured told."""

from __future__ import annotations

import io
from typing import Any

import pandas

from classroom_fer.exchange.timeline_file import curves_shown, timeline_header, write_timeline
from classroom_fer.lesson.records import Estimate, TimelineBin


def bins(*values: tuple[float, float, float | None, float | None]) -> list[TimelineBin]:
    """Of (start, end, engagement, coverage)."""
    missing: dict[str, Any] = {"orientation": None, "expression": None, "probabilities": None}
    return [
        TimelineBin(
            task=None, start_s=start, end_s=end, frames=10, faces=None, n=None, coverage=coverage,
            engagement=None if engagement is None else Estimate(engagement, 0.0, 100.0), **missing,
        )
        for start, end, engagement, coverage in values
    ]  # fmt: skip


def written(made: list[TimelineBin]) -> pandas.DataFrame:
    file = io.BytesIO()
    write_timeline(file, made)
    return pandas.read_csv(io.BytesIO(file.getvalue()))


def test_gaps_are_straight_lines_and_the_ends_stay_level() -> None:
    table = written(
        bins((0, 2, None, 0.5), (2, 4, 40.0, 0.5), (4, 7, None, 0.5), (7, 9, 80.0, 0.5), (9, 10, None, 0.5))
    )
    assert table.time.tolist() == list(range(10))
    assert table.engagement.tolist() == [40, 40, 40, 40, 50, 60, 70, 80, 80, 80]
    assert table.engagement_measured.tolist() == [0, 0, 1, 1, 0, 0, 0, 1, 1, 0]
    assert not table.isna().any(axis=None)


def test_each_second_has_the_value_of_the_bin_it_lies_in() -> None:
    table = written(bins((0.5, 2.5, None, 0.25), (2.5, 4.2, None, 0.75)))
    assert (table.time.tolist(), table.coverage.tolist()) == ([1, 2, 3, 4], [0.25, 0.25, 0.75, 0.75])


def test_a_curve_without_a_value_is_left_out() -> None:
    made = bins((0, 10, None, 0.5))
    assert curves_shown(made) == ["coverage"]
    assert timeline_header(made) == ["time", "coverage", "coverage_measured"]
