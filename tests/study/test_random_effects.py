"""The mixed model, on a published example and on lessons whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from classroom_fer.study.random_effects import MODEL_FROM, Fit, around_lessons, fit_lessons, mean_of_lessons

DYESTUFF = np.array([
    [1545, 1440, 1440, 1520, 1580], [1540, 1555, 1490, 1560, 1495], [1595, 1550, 1605, 1510, 1560],
    [1445, 1440, 1595, 1465, 1545], [1595, 1630, 1515, 1635, 1625], [1520, 1455, 1450, 1480, 1445],
], dtype=float)  # fmt: skip
"""Yields of six batches: Davies & Goldsmith 1972, as in Bates, lme4 (2010), section 1.2; one random effect, REML."""


def test_the_worked_example_of_lme4_comes_out():
    """Bates prints: intercept 1527.50, its error 19.38; SD between batches 42.00, within 49.51."""
    fit = fit_lessons(DYESTUFF.ravel(), np.ones((30, 1)), np.repeat(np.arange(6), 5))
    assert isinstance(fit, Fit)
    assert fit.coefficients[0] == pytest.approx(1527.50, abs=0.005)
    assert fit.errors[0] == pytest.approx(19.38, abs=0.005)
    assert fit.lesson_sd == pytest.approx(42.00, abs=0.01)
    assert fit.residual_sd == pytest.approx(49.51, abs=0.01)


def lessons(rng, count, tasks=3, between=5.0, within=4.0):
    """Values of ``tasks`` tasks with levels 60, 55, 50 ... in each of ``count`` lessons."""
    level = 60.0 - 5.0 * np.arange(tasks)
    values = level + rng.normal(0, between, (count, 1)) + rng.normal(0, within, (count, tasks))
    return values.ravel(), np.tile(np.eye(tasks), (count, 1)), np.repeat(np.arange(count), tasks)


def hold_the_truth(count, seeds):
    """Share of the intervals of the first task that hold 60, by the model; how many fits were singular."""
    held, singular = [], 0
    for seed in range(seeds):
        values, design, lesson = lessons(np.random.default_rng(seed), count)
        fit = fit_lessons(values, design, lesson)
        if isinstance(fit, Fit):
            found = around_lessons(float(fit.coefficients[0]), float(fit.errors[0]), count)
        else:
            singular += 1
            found = mean_of_lessons(values[::3], lesson[::3])
        held.append(found.low <= 60 <= found.high)
    return float(np.mean(held)), singular


def test_95_percent_intervals_of_eight_lessons_hold_the_truth():
    """Of 80: within three binomial errors of .95; docs/across-lessons.md has the long run."""
    share, singular = hold_the_truth(8, 80)
    assert share >= 0.95 - 3 * math.sqrt(0.95 * 0.05 / 80)
    assert singular < 8


def test_the_mean_of_three_lessons_holds_the_truth_too():
    held = []
    for seed in range(400):
        values, _, lesson = lessons(np.random.default_rng(seed), 3, tasks=1)
        found = mean_of_lessons(values, lesson)
        held.append(found.low <= 60 <= found.high)
    assert abs(np.mean(held) - 0.95) <= 3 * math.sqrt(0.95 * 0.05 / 400)


def test_too_few_lessons_a_singular_fit_and_no_second_value_are_said():
    rng = np.random.default_rng(1)
    assert fit_lessons(*lessons(rng, MODEL_FROM - 1)) == "few_lessons"
    alike = np.tile([60.0, 50.0, 40.0], 8) + np.tile([1.0, 0, -1, -1, 0, 1], 4)  # every lesson has the same mean
    assert fit_lessons(alike, np.tile(np.eye(3), (8, 1)), np.repeat(np.arange(8), 3)) == "singular"
    assert fit_lessons(rng.normal(60, 5, 8), np.ones((8, 1)), np.arange(8)) == "not_separable"
    twice = np.column_stack([np.ones(24), np.ones(24)])
    assert fit_lessons(rng.normal(60, 5, 24), twice, np.repeat(np.arange(8), 3)) == "not_separable"
