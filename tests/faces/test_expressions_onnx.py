"""The shipped classifier on ONNX Runtime keeps its promises and says what Keras says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from contracts.classifier import ClassifierContract, crops
from labelled_faces import smooth_faces

from classroom_fer.errors import ModelError
from classroom_fer.faces.calibrated import joined, softmax
from classroom_fer.faces.expressions_onnx import OnnxEmotionClassifier, load_classifier
from classroom_fer.faces.model_manifest import MANIFEST_FILE, MODEL_DIR, read_manifest
from classroom_fer.lesson.records import EMOTIONS

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


@pytest.fixture(scope="module")
def shipped() -> OnnxEmotionClassifier:
    return load_classifier(threads=2)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped model that a test may spoil."""
    folder = tmp_path / "model"
    shutil.copytree(MODEL_DIR, folder)
    return folder


class TestShippedClassifier(ClassifierContract):
    @pytest.fixture
    def classifier(self, shipped: OnnxEmotionClassifier) -> Any:
        return shipped


def test_probabilities_are_those_of_keras_in_float32(shipped: OnnxEmotionClassifier) -> None:
    import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring

    from classroom_fer.faces import expressions

    grey = np.concatenate([smooth_faces(40), crops(40, 48, seed=5)])
    keras = expressions.load_classifier(precision=expressions.FLOAT32, batch=8)
    np.testing.assert_allclose(shipped.classify(grey), keras.classify(grey), atol=1e-3)
    for head, expected in keras.logits(grey).items():
        np.testing.assert_allclose(shipped.logits(grey)[head], expected, atol=1e-3)


def test_the_model_is_named_by_its_trained_weights(shipped: OnnxEmotionClassifier) -> None:
    assert shipped.sha256 == read_manifest().sha256


def test_both_heads_have_a_share_in_the_classes_and_the_votes_are_those_of_one(shipped: OnnxEmotionClassifier) -> None:
    faces = smooth_faces(40)
    said, logits, second = shipped.expressions(faces), shipped.logits(faces), shipped.manifest.second
    assert second is not None
    votes = softmax(logits["emotions"], shipped.manifest.temperature)
    labels = softmax(logits["fer7"], second.temperature)
    np.testing.assert_array_equal(said.votes, votes)
    np.testing.assert_array_equal(said.classes, joined(votes, labels, second))
    contempt = EMOTIONS.index("contempt")
    np.testing.assert_array_equal(said.classes[:, contempt], votes[:, contempt])
    assert np.abs(said.classes - votes).max() > 0.1, "the heads differ"


def test_a_model_of_before_answers_with_its_main_head(copy: Path, shipped: OnnxEmotionClassifier) -> None:
    path = copy / MANIFEST_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | {"second_head": None}))
    said = load_classifier(copy).expressions(crops(3, 48))
    np.testing.assert_array_equal(said.classes, said.votes)


def test_the_number_of_threads_changes_no_answer(shipped: OnnxEmotionClassifier) -> None:
    np.testing.assert_array_equal(load_classifier(threads=1).classify(crops(9, 48)), shipped.classify(crops(9, 48)))


@pytest.mark.parametrize("wrong", [np.zeros((2, 40, 48), np.uint8), np.zeros((2, 48, 48), np.float32)])
def test_crops_of_another_kind_are_refused(shipped: OnnxEmotionClassifier, wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected uint8 crops"):
        shipped.classify(wrong)  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize("name", [MANIFEST_FILE, "expressions.json", "expressions.onnx"])
def test_a_missing_file_is_an_error_with_a_remedy(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelError, match="cannot be read") as caught:
        load_classifier(copy)
    assert "install" in caught.value.hint


def test_the_trained_weights_are_not_needed(copy: Path, shipped: OnnxEmotionClassifier) -> None:
    (copy / "expressions.keras").unlink()
    np.testing.assert_array_equal(load_classifier(copy).classify(crops(2, 48)), shipped.classify(crops(2, 48)))


def test_a_net_of_other_weights_than_the_manifests_is_refused(copy: Path) -> None:
    path = copy / MANIFEST_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | {"sha256": "0" * 64}))
    with pytest.raises(ModelError, match="made from other weights") as caught:
        load_classifier(copy)
    assert "python -m training nets" in caught.value.hint


def test_a_net_without_our_eight_classes_is_refused(copy: Path) -> None:
    path = copy / "expressions.json"
    table = json.loads(path.read_text())
    del table["outputs"]["emotions"]
    path.write_text(json.dumps(table))
    with pytest.raises(ModelError, match="no head 'emotions'"):
        load_classifier(copy)


def test_it_needs_no_training_framework_and_says_nothing() -> None:
    code = (
        "import sys, numpy as np; from classroom_fer.faces.expressions_onnx import load_classifier;"
        "load_classifier().classify(np.zeros((1, 48, 48), np.uint8));"
        "assert not {'torch', 'tensorflow', 'keras', 'facenet_pytorch', 'onnx'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
