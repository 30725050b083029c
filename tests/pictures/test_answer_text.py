"""What is said of a picture and its faces."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from fakes import FakeClassifier, FakeDetector

from classroom_fer.lesson.records import EMOTIONS, Abstention
from classroom_fer.pictures import answer_text
from classroom_fer.pictures.picture import Picture
from classroom_fer.pipeline import Parts, observe_picture
from classroom_fer.settings.config import default_config

CONFIG = default_config()
RULES = CONFIG.rules.expression
ABSTENTIONS = {"too small", "turned away", "pose unknown", "unsure detection", "uncertain"}


def faces(abstained: Abstention | None = None) -> list[Any]:
    (face, _) = observe_picture(
        np.zeros((240, 320, 3), np.uint8), Parts(FakeDetector(seats=2), FakeClassifier()), CONFIG
    )
    if abstained is None:
        return [face]
    emotion = face.emotion if abstained == "uncertain" else None
    return [dataclasses.replace(face, abstained_because=abstained, emotion=emotion)]


PICTURE = Picture("a.jpg", np.zeros((240, 320, 3), np.uint8), ("animated: only the first picture is looked at",))


def test_lines_name_class_probability_and_printed_group() -> None:
    text = answer_text.lines(PICTURE, faces(), RULES, cell=None)
    assert text == [
        "a.jpg: 1 face in 320x240 px",
        "  animated: only the first picture is looked at",
        "  face 1 at 0,100-40,140 (40 px): neutral 0.80 (a report would count it as neutral-looking)",
        "      neutral 0.80  happiness 0.03  surprise 0.03  sadness 0.03  anger 0.03  disgust 0.03  fear 0.03  "
        "contempt 0.03",
    ]


def test_a_terminal_gets_a_bar_per_class() -> None:
    text = answer_text.lines(PICTURE, faces(), RULES, cell="#")
    bars = [line.split() for line in text[3:]]
    assert [bar[0] for bar in bars] == list(EMOTIONS)
    assert [len(bar[1]) if len(bar) == 3 else 0 for bar in bars] == [16] + [1] * 7
    assert len({line.rindex(" ") for line in text[3:]}) == 1, "the numbers stand below each other"


@pytest.mark.parametrize("reason", sorted(ABSTENTIONS))
def test_without_a_class_the_reason_is_given_and_probabilities_only_of_classified_faces(reason: Abstention) -> None:
    text = answer_text.lines(PICTURE, faces(reason), RULES, cell="#")
    assert f"no class: {reason}" in text[2]
    assert len(text) == (11 if reason == "uncertain" else 3)


def test_no_face_is_said() -> None:
    assert answer_text.lines(Picture("a", PICTURE.image), [], RULES, cell="#") == ["a: no face found in 320x240 px"]
