import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from synthetic_class import RULES

from classroom_fer.lesson.expression_groups import GROUP_OF_EMOTION
from classroom_fer.lesson.records import EMOTIONS, HeadPose
from classroom_fer.measurement.engagement import (
    abstains_after,
    abstains_before,
    expression_values,
    index_points,
    orientation_values,
)

FRONT = HeadPose(0.0, 0.0, 0.0)
simplex = st.lists(st.floats(0.01, 1), min_size=8, max_size=8).map(lambda v: np.array(v) / sum(v))


@pytest.mark.parametrize(
    ("size", "frontal", "pose", "reason"),
    [
        (80, 0.99, FRONT, None),
        (36, 0.80, HeadPose(-45, 50, 0), None),
        (80, 0.79, FRONT, "unsure detection"),
        (35.9, 0.99, FRONT, "too small"),
        (80, 0.99, None, "pose unknown"),
        (80, 0.99, HeadPose(45.1, 0, 0), "turned away"),
        (80, 0.99, HeadPose(-60, 0, 0), "turned away"),
        (20, 0.5, None, "unsure detection"),
        (20, 0.99, None, "too small"),
        (math.nan, 0.99, FRONT, "too small"),
        (80, math.nan, FRONT, "unsure detection"),
        (80, None, FRONT, "unsure detection"),
    ],
)
def test_a_face_that_cannot_be_judged_is_named_before_the_classifier_runs(size, frontal, pose, reason):
    assert abstains_before(size, frontal, pose, RULES.expression) == reason


@pytest.mark.parametrize(
    ("probabilities", "reason"),
    [
        ((0.61, 0.39, 0, 0, 0, 0, 0, 0), None),
        ((0.60, 0.40, 0, 0, 0, 0, 0, 0), "uncertain"),
        ((0.30, 0.70, 0, 0, 0, 0, 0, 0), None),
        ((0.31, 0.69, 0, 0, 0, 0, 0, 0), "uncertain"),
        ((0.49, 0, 0.51, 0, 0, 0, 0, 0), None),
        ((0.37, 0, 0, 0.23, 0.20, 0.10, 0.05, 0.05), None),
        ((0.38, 0, 0, 0.22, 0.20, 0.10, 0.05, 0.05), "uncertain"),
        ((0.125,) * 8, "uncertain"),
        ((math.nan,) * 8, "uncertain"),
        ((0.6, *(math.nan,) * 7), "uncertain"),
    ],
)
def test_a_face_is_uncertain_below_the_limit_of_its_likeliest_group(probabilities, reason):
    assert abstains_after(probabilities, RULES.expression) == reason


@pytest.mark.parametrize(
    ("yaw", "down", "board", "desk"),
    [
        (0, False, 1, 1),
        (20, False, 1, 1),
        (-20, False, 1, 1),
        (32.5, False, 0.5, 0.5),
        (-32.5, False, 0.5, 0.5),
        (45, False, 0, 0),
        (69, False, 0, 0),
        (0, True, 0.5, 1),
        (60, True, 0.5, 1),
    ],
)
def test_orientation_follows_the_table_of_the_design(yaw, down, board, desk):
    assert orientation_values(yaw, down, "board", RULES.pose) == pytest.approx(board)
    assert orientation_values(yaw, down, "desk", RULES.pose) == pytest.approx(desk)


@pytest.mark.parametrize("mode", ["group", "move", None])
def test_there_is_no_orientation_where_no_direction_is_right(mode):
    assert np.isnan(orientation_values([0.0, 60.0], [False, True], mode, RULES.pose)).all()


def test_an_unknown_pose_is_missing_and_not_turned_away():
    value = orientation_values([np.nan, 0.0], [False, False], "board", RULES.pose)
    assert np.isnan(value[0])
    assert value[1] == 1


@given(st.floats(-70, 70), st.booleans(), st.sampled_from(["board", "desk"]))
def test_orientation_lies_between_0_and_1_and_does_not_care_for_the_side(yaw, down, mode):
    value = orientation_values(yaw, down, mode, RULES.pose)
    assert 0 <= value <= 1
    assert value == orientation_values(-yaw, down, mode, RULES.pose)


@pytest.mark.parametrize("name", RULES.weight_sets)
def test_the_lowest_and_the_highest_weighted_emotion_alone_give_0_and_1(name):
    weights = RULES.weights(name)
    values = expression_values(np.eye(8), weights)
    assert values[np.argmin(weights)] == 0
    assert values[np.argmax(weights)] == 1


def test_expression_of_a_known_mixture():
    half = np.array([0.5, 0.5, 0, 0, 0, 0, 0, 0])  # neutral .9, happiness .6, lowest .2
    assert expression_values(half, RULES.weights("sharma2019")) == pytest.approx((0.75 - 0.2) / 0.7)


@given(st.lists(simplex, min_size=1, max_size=5), st.sampled_from(sorted(RULES.weight_sets)))
def test_expression_of_a_mean_is_the_mean_of_the_expressions(rows, name):
    weights = RULES.weights(name)
    assert expression_values(np.mean(rows, axis=0), weights) == pytest.approx(expression_values(rows, weights).mean())


def test_the_index_needs_both_parts():
    assert index_points(0.5, 1.0, 0.7) == pytest.approx(65)
    assert np.isnan(index_points([np.nan, 0.5], [1.0, np.nan], 0.7)).all()


def test_every_emotion_has_one_of_the_four_printed_groups():
    named = dict(zip(EMOTIONS, GROUP_OF_EMOTION.tolist(), strict=True))
    assert {name for name, group in named.items() if group < 3} == {"neutral", "happiness", "surprise"}
    assert (named["neutral"], named["happiness"], named["surprise"]) == (0, 1, 2)


def test_the_constants_come_from_the_rules():
    strict = dataclasses.replace(RULES.pose, yaw_full=5.0, yaw_zero=10.0)
    assert orientation_values([5.0, 7.5, 10.0], [False] * 3, "board", strict) == pytest.approx([1, 0.5, 0])
