"""Which of the four printed groups a face is counted in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from classroom_fer.lesson.expression_groups import class_of, group_of, group_probabilities, likeliest
from classroom_fer.lesson.records import EMOTIONS, FaceQuality, FaceSample

FACE = FaceSample(0, 0, 0.0, (0.0, 0.0, 50.0, 50.0), 0.9, FaceQuality(50.0, 100.0), None, None, None)
SPREAD = (0.4, 0.0, 0.0, 0.25, 0.2, 0.1, 0.05, 0.0)
"""Neutral is the largest single class, but .6 lie in the group "other"."""


def test_a_groups_probability_is_the_sum_of_its_classes() -> None:
    assert group_probabilities(SPREAD) == pytest.approx([0.4, 0.0, 0.0, 0.6])
    assert group_probabilities([SPREAD, SPREAD]).shape == (2, 4)


def test_the_class_lies_within_the_group_that_is_counted() -> None:
    group, emotion = likeliest(SPREAD)
    assert (group, EMOTIONS[emotion]) == (3, "sadness")
    face = replace(FACE, emotion=SPREAD)
    assert (group_of(face), class_of(face)) == ("other", "sadness")


def test_an_uncertain_face_is_counted_as_other_and_has_no_class() -> None:
    smiling = replace(FACE, emotion=(0.1, 0.9, 0, 0, 0, 0, 0, 0), abstained_because="uncertain")
    assert (group_of(smiling), class_of(smiling)) == ("other", None)


def test_a_face_that_was_not_classified_is_in_no_group() -> None:
    assert (group_of(FACE), class_of(FACE)) == (None, None)
