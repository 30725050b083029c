import dataclasses

import pytest

from classroom_fer.lesson.expression_groups import GROUPS, class_of, group_of
from classroom_fer.lesson.records import EMOTIONS, FaceQuality, FaceSample, HeadPose
from classroom_fer.pictures.picture import GROUP_WORDS, why_no_class
from classroom_fer.settings.config import default_config

RULES = default_config().rules.expression


def likely(name, p=0.9):
    return tuple(p if n == name else (1 - p) / 7 for n in EMOTIONS)


FACE = FaceSample(
    frame_index=0, face_index=0, time_s=0.0, box=(0, 0, 50, 60), confidence=0.99, quality=FaceQuality(50, 100),
    pose=HeadPose(5, 0, 0), emotion=likely("happiness"), abstained_because=None,
)  # fmt: skip


def test_every_group_has_its_words():
    assert set(GROUP_WORDS) == set(GROUPS)


@pytest.mark.parametrize(
    ("emotion", "group"),
    [
        ("neutral", "neutral"), ("happiness", "smiling"), ("surprise", "surprised"), ("sadness", "other"),
        ("anger", "other"), ("disgust", "other"), ("fear", "other"), ("contempt", "other"),
    ],
)  # fmt: skip
def test_the_class_is_the_most_probable_and_has_its_group(emotion, group):
    face = dataclasses.replace(FACE, emotion=likely(emotion))
    assert (class_of(face), group_of(face)) == (emotion, group)
    assert why_no_class(face, RULES) is None


def test_an_uncertain_face_has_probabilities_and_a_group_but_no_class():
    face = dataclasses.replace(FACE, emotion=likely("happiness", 0.6999), abstained_because="uncertain")
    assert class_of(face) is None
    assert group_of(face) == "other"
    assert why_no_class(face, RULES) == "uncertain (smiling 0.69, at least 0.70 is needed)"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"abstained_because": "too small", "quality": FaceQuality(35.9, 10)},
         "too small (35 px, at least 36 are needed)"),
        ({"abstained_because": "turned away", "pose": HeadPose(-45.2, 0, 0)},
         "turned away (46 degrees to the side, up to 45 can be read)"),
        ({"abstained_because": "unsure detection", "frontal": 0.7999},
         "unsure detection (frontal and clear 0.79, at least 0.80 is needed)"),
        ({"abstained_because": "pose unknown", "pose": None}, "pose unknown"),
    ],
)  # fmt: skip
def test_a_reason_comes_with_numbers_that_miss_their_limit(changes, words):
    face = dataclasses.replace(FACE, emotion=None, **changes)
    assert why_no_class(face, RULES) == words
    assert class_of(face) is None
    assert group_of(face) is None
