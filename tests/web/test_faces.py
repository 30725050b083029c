"""Faces of a picture as cards: places in per cent, words in the reader's language, reasons with their numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classroom_fer.errors import PictureError, PolicyError
from classroom_fer.lesson.records import FaceQuality, FaceSample, HeadPose
from classroom_fer.pictures.picture import Picture, missed_limit
from classroom_fer.settings.config import default_config
from classroom_fer.web.faces import FaceReader, face_cards
from classroom_fer.web.texts import AppWording

PICTURE = Picture("group.jpg", np.zeros((100, 200, 3), np.uint8))
RULES = default_config().rules.expression
HAPPY = (0.02, 0.97, 0.01, 0.0, 0.0, 0.0, 0.0, 0.0)
BOX, ASIDE = (20.0, 10.0, 60.0, 60.0), HeadPose(80.0, 0.0, 0.0)
FACE = FaceSample(0, 0, 0.0, BOX, 0.99, FaceQuality(50.0, 10.0), ASIDE, HAPPY, None)


def cards(*faces: FaceSample, lang: str = "en") -> list[tuple[str, str]]:
    return [(card.verdict, card.detail) for card in face_cards(PICTURE, faces, RULES, AppWording(lang))]


def test_a_face_has_its_place_its_class_and_all_eight_probabilities() -> None:
    (card,) = face_cards(PICTURE, [FACE], RULES, AppWording())
    assert (card.left, card.top, card.width, card.height) == (10.0, 10.0, 20.0, 50.0)
    assert (card.verdict, card.detail) == ("happiness", "A report would count it as: smiling")
    assert [name for name, _, _ in card.bars][:3] == ["neutral", "happiness", "surprise"]
    assert [share for _, share, _ in card.bars] == [2, 97, 1, 0, 0, 0, 0, 0]


def test_every_reason_to_abstain_says_the_number_that_was_missed() -> None:
    unseen = replace(FACE, emotion=None)
    said = cards(
        replace(unseen, abstained_because="too small", quality=FaceQuality(28.4, 1.0)),
        replace(unseen, abstained_because="turned away"),
        replace(unseen, abstained_because="unsure detection", frontal=0.2),
        replace(FACE, abstained_because="uncertain", emotion=(0.3, 0.4, 0.3, 0, 0, 0, 0, 0)),
        replace(unseen, abstained_because="pose unknown"),
    )
    assert [verdict for verdict, _ in said] == [
        "No class: too small", "No class: turned away", "No class: not clear or not from the front",
        "No class: no clear answer", "No class: direction unknown",
    ]  # fmt: skip
    details = [detail for _, detail in said]
    assert details[0] == f"28 pixels; at least {RULES.min_face_px:g} are needed"
    assert details[1] == f"80 degrees to the side; up to {RULES.max_yaw:g} can be read"
    assert details[2].startswith("0.2; at least")
    assert details[3].startswith("smiling 40\N{NO-BREAK SPACE}%; at least")
    assert details[4] == ""


def test_the_numbers_are_those_of_the_command_line() -> None:
    small = replace(FACE, emotion=None, abstained_because="too small", quality=FaceQuality(28.4, 1.0))
    limit = missed_limit(small, RULES)
    assert limit is not None
    assert (limit.found, limit.needed, limit.group) == (28, RULES.min_face_px, None)
    assert missed_limit(FACE, RULES) is None


def test_classes_and_reasons_are_in_the_readers_language() -> None:
    assert cards(FACE, lang="de") == [("Freude", "Ein Bericht zählte es als: lächelnd")]


def test_what_was_declared_is_asked_before_anything_is_decoded_or_loaded() -> None:
    reader = FaceReader(replace(default_config(), profile="presence"))
    with pytest.raises(PolicyError):
        reader.read(b"not even a picture", "x.jpg")


def test_what_is_no_picture_loads_no_model() -> None:
    reader = FaceReader(default_config())
    with pytest.raises(PictureError, match="is empty"):
        reader.read(b"", "x.jpg")
    assert reader._parts is None
