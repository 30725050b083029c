"""A head answers a protocol that it knows the classes of, and says how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from labelled_faces import smooth_faces
from layouts import write_folder_layout

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import EMOTIONS
from training.data.splits import FER7, PROTOCOLS
from training.evaluation.answers import (
    MAIN_HEAD,
    Subject,
    answer_for,
    answer_logits,
    heads_of,
    open_subject,
    views_of,
)
from training.figures.calibration import softmax
from training.runs.teachers import SHIPPED
from training.settings.config import TrainConfig


def subject(heads: Mapping[str, tuple[str, ...]]) -> Subject:
    """Answers with the mean grey level of the left half, class k at its k-fold."""

    def answer(images: np.ndarray) -> dict[str, np.ndarray]:
        left = images[:, :, :24].mean(axis=(1, 2))[:, None] / 100
        return {head: left * np.arange(len(names)) for head, names in heads.items()}

    return Subject("it", heads, {}, {}, answer)


BOTH = subject({"emotions": EMOTIONS, "fer7": FER7})
PLUS = subject({"emotions": EMOTIONS})


@pytest.mark.parametrize("protocol", ["P8", "P8-lit"])
def test_the_emotions_answer_ferplus(protocol: str) -> None:
    answer = answer_for(protocol, PROTOCOLS[protocol].classes, BOTH)
    assert (answer.head, answer.columns, answer.is_whole) == ("emotions", tuple(range(8)), True)


def test_the_head_of_fer2013_answers_fer2013() -> None:
    answer = answer_for("P7", PROTOCOLS["P7"].classes, BOTH)
    assert (answer.head, answer.columns, answer.is_whole) == ("fer7", tuple(range(7)), True)
    four = answer_for("P4", PROTOCOLS["P4"].classes, BOTH)
    assert (four.head, four.columns) == ("fer7", (3, 4, 5, 6))
    assert four.description == "head fer7, angry, disgust, fear left out and the rest renormalised"


def test_without_such_a_head_the_emotions_are_mapped_by_name_and_it_is_said() -> None:
    answer = answer_for("P2", PROTOCOLS["P2"].classes, PLUS)
    assert (answer.head, [EMOTIONS[k] for k in answer.columns]) == ("emotions", ["happiness", "sadness"])
    assert answer.description.startswith("FER+ classes mapped by name, neutral, surprise")
    logits = answer_logits(PLUS, answer, smooth_faces(3))
    assert logits.shape == (3, 2)
    np.testing.assert_allclose(softmax(logits).sum(axis=1), 1)


def test_a_net_that_lacks_a_class_cannot_answer() -> None:
    with pytest.raises(ConfigError, match="it cannot answer P8") as caught:
        answer_for("P8", EMOTIONS, subject({"emotions": FER7}))
    assert "angry" in caught.value.hint


def test_the_remedy_names_the_protocol_that_was_trained_on() -> None:
    two = Subject("net", {"classes": ("happy", "sad")}, {}, {"trained_on": "P2"}, lambda images: {})
    with pytest.raises(ConfigError, match="cannot answer P8") as caught:
        answer_for("P8", EMOTIONS, two)
    assert caught.value.hint == "add --protocol P2: it knows happy, sad"


def test_views_are_one_unless_asked_for() -> None:
    faces = smooth_faces(2)
    assert [len(views_of(faces, name)) for name in ("one", "flip", "ten")] == [1, 2, 10]
    assert all(v.shape == faces.shape and v.dtype == np.uint8 for v in views_of(faces, "ten"))
    with pytest.raises(ConfigError, match="unknown views"):
        views_of(faces, "twenty")


def test_several_views_give_the_mean_of_their_probabilities() -> None:
    faces = smooth_faces(4)
    answer = answer_for("P8", EMOTIONS, PLUS)
    both = softmax(answer_logits(PLUS, answer, faces, "flip"))
    one, other = (softmax(answer_logits(PLUS, answer, f)) for f in (faces, faces[:, :, ::-1]))
    assert np.abs(one - other).max() > 0.01
    np.testing.assert_allclose(both, (one + other) / 2, atol=1e-9)


def test_the_products_classifier_needs_tensorflow_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(ConfigError, match="KERAS_BACKEND is torch") as caught:
        open_subject(SHIPPED)
    assert "unset" in caught.value.hint


def test_a_net_trained_on_folders_of_any_names_answers_in_those_names(tmp_path: Path) -> None:
    data = write_folder_layout(tmp_path, names=("bored", "b", "c", "d", "e", "f", "g"))
    config = TrainConfig(data=data, protocol="folders")
    assert heads_of(SimpleNamespace(output=None), config)[MAIN_HEAD] == (
        "b",
        "bored",
        "c",
        "d",
        "e",
        "f",
        "g",
    )
