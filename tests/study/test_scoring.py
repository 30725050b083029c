"""Figures of coded clips: what is known is found back, what is of few is joined, what is missing is left out."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classroom_fer.study.clusters import resampling
from classroom_fer.study.coded import CodedClips
from classroom_fer.study.scoring import figures, row_parts, score, seats_of_a_lesson, size_parts

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "validation.py"


def clips(n: int = 40, **columns: Any) -> CodedClips:
    """Clips of ten seats of two lessons, in which the observers and the program agree on everything."""
    number = np.arange(n)
    code = np.stack([number % 2] * 2, axis=1)
    nothing = np.full(n, -1)
    whole = CodedClips(
        weight=np.ones(n), lesson=number % 2, task=number % 2, seat=number % 10, row=number % 10 // 5 + 1,
        size_px=np.where(number % 10 < 5, 30.0, 60.0), present=np.zeros((n, 2), dtype=int), on_task=code, facing=code,
        head_down=code, expression=code, pupils=np.full((n, 2), 20.0), program_orientation=1.0 - number % 2,
        program_expression=np.full(n, np.nan), program_index=np.full(n, np.nan), program_facing=number % 2,
        program_head_down=nothing, program_group=nothing, has_value=np.ones(n, dtype=bool),
        has_face=np.ones(n, dtype=bool), faces=np.full(n, 15.0),
    )  # fmt: skip
    return replace(whole, **columns)


def told(rows: CodedClips, group: int = 2) -> dict[tuple[str, str], float]:
    return {(a.statistic, a.about): a.value for a in score(rows, resampling(rows, 5), [], group)}


@pytest.mark.parametrize("seed", [1, 2])
def test_known_kappa_and_auc_of_a_simulated_study_lie_in_their_intervals(seed: int) -> None:
    """A small one; benchmarks/validation.py does twenty."""
    recover = runpy.run_path(str(BENCHMARK))["recover"]
    for found in recover(seed, lessons=6, clips=120):
        assert found.low <= found.truth <= found.high, found
        assert found.high - found.low < 0.7


def test_wholly_agreeing_codes_give_the_largest_figures() -> None:
    found = told(clips())
    assert found["kappa", "on_task"] == found["weighted_kappa", "facing"] == found["auc", "orientation"] == 1.0
    assert found["recall", "facing"] == 1.0
    assert found["share", "missed"] == pytest.approx(0.25)


def test_what_is_not_defined_is_not_told() -> None:
    found = told(clips())
    assert ("auc", "expression") not in found  # no value of E
    assert ("icc", "pupils") not in found  # every count is the same
    assert ("recall", "head_down") not in found
    assert ("task_rank", "orientation") not in found  # two tasks


def test_a_clip_on_which_observers_disagree_is_no_truth_for_recall() -> None:
    facing = np.stack([np.arange(40) % 2, np.zeros(40, dtype=int)], axis=1)
    rows = clips(facing=facing)
    behind = next(f for f in figures() if (f.statistic, f.about) == ("recall", "facing")).behind(rows)
    assert behind.sum() == 20


def test_a_figure_of_a_few_seats_is_not_told() -> None:
    """Each lesson has five seats; only two of them have a value of E."""
    e = np.where(np.arange(40) % 10 < 4, np.arange(40) / 40.0, np.nan)
    assert ("auc", "expression") in told(clips(program_expression=e), 2)
    assert ("auc", "expression") not in told(clips(program_expression=e), 3)
    assert told(clips(), 6) == {}


def test_an_empty_place_counts_neither_as_seen_nor_as_missed() -> None:
    empty = np.ones((40, 2), dtype=int)
    assert ("share", "unseen") not in told(clips(present=empty))


def test_what_is_missing_is_told_apart_from_what_was_seen() -> None:
    """On task are the even clips; those have no value."""
    rows = clips(has_value=np.arange(40) % 2 == 1)
    assert told(rows)["difference", "on_task_where_valued"] == -1.0


def test_parts_are_joined_until_each_has_enough_seats_of_one_lesson() -> None:
    """Each lesson has five seats of ten: three of one size and row, two of the other."""
    rows = clips()
    assert seats_of_a_lesson(rows) == 5
    assert size_parts(rows, [32.0, 36.0, 72.0], 5) == row_parts(rows, 5) == []
    two = size_parts(rows, [32.0, 36.0, 72.0], 2)
    assert [(part.low, part.high) for part, _ in two] == [(0.0, 32.0), (32.0, None)]
    assert [int(mask.sum()) for _, mask in two] == [20, 20]
    assert [(part.low, part.high) for part, _ in row_parts(rows, 2)] == [(1.0, 1.0), (2.0, 2.0)]


def test_lessons_are_the_clusters_where_there_are_six() -> None:
    assert resampling(clips()).cluster == "seat"
    assert resampling(clips(lesson=np.arange(40) % 6)).cluster == "lesson"
