"""The shipped classifier keeps its promises, and a wrong model is a clear error."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import numpy as np
import pytest
from contracts.classifier import ClassifierContract, crops
from fakes import FakeClassifier

from classroom_fer.errors import ModelError
from classroom_fer.faces.expressions import KerasEmotionClassifier, load_classifier, multiplies_bfloat16
from classroom_fer.faces.model_manifest import MANIFEST_FILE, MODEL_DIR, read_manifest
from classroom_fer.files import file_sha256

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


@pytest.fixture(scope="module")
def shipped() -> KerasEmotionClassifier:
    return load_classifier(batch=8)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the shipped model that a test may spoil."""
    folder = tmp_path / "model"
    shutil.copytree(MODEL_DIR, folder)
    return folder


def change_manifest(folder: Path, **changes: object) -> None:
    path = folder / MANIFEST_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


class TestShippedClassifier(ClassifierContract):
    @pytest.fixture
    def classifier(self, shipped: KerasEmotionClassifier) -> Any:
        return shipped


class TestFakeClassifier(ClassifierContract):
    @pytest.fixture
    def classifier(self) -> Any:
        return FakeClassifier()


def test_the_hash_is_that_of_the_weights_file(shipped: KerasEmotionClassifier) -> None:
    assert shipped.sha256 == file_sha256(read_manifest().weights_path)


def test_the_answer_does_not_depend_on_the_batch(shipped: KerasEmotionClassifier) -> None:
    many = crops(5, 48, seed=2)
    np.testing.assert_allclose(load_classifier(batch=3).classify(many), shipped.classify(many), atol=1e-5)


@pytest.mark.parametrize("wrong", [np.zeros((2, 40, 48), np.uint8), np.zeros((2, 48, 48), np.float32)])
def test_crops_of_another_kind_are_refused(shipped: KerasEmotionClassifier, wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="expected uint8 crops"):
        shipped.classify(wrong)  # type: ignore[arg-type]  # that is the point


def test_a_missing_model_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="manifest cannot be read") as caught:
        load_classifier(tmp_path / "nowhere")
    assert "install" in caught.value.hint


def test_missing_weights_are_an_error(copy: Path) -> None:
    read_manifest(copy).weights_path.unlink()
    with pytest.raises(ModelError, match="weights cannot be read"):
        load_classifier(copy)


def test_changed_weights_are_not_loaded(copy: Path) -> None:
    path = read_manifest(copy).weights_path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match="were changed"):
        load_classifier(copy)


def test_a_file_that_is_no_model_is_an_error_though_its_hash_is_right(copy: Path) -> None:
    path = read_manifest(copy).weights_path
    path.write_bytes(b"<html>not found</html>")
    change_manifest(copy, sha256=file_sha256(path))
    with pytest.raises(ModelError, match="not a Keras 3 archive"):
        load_classifier(copy)


def test_a_model_of_another_shape_is_an_error(copy: Path) -> None:
    import keras

    path = read_manifest(copy).weights_path
    image = keras.Input((32, 32, 3))
    keras.Model(image, keras.layers.Dense(7)(keras.layers.Flatten()(image))).save(path)
    change_manifest(copy, sha256=file_sha256(path))
    with pytest.raises(ModelError, match="not one grey crop and 8 logits"):
        load_classifier(copy)


def test_importing_the_adapter_does_not_load_tensorflow() -> None:
    code = "import sys, classroom_fer.faces.expressions; print({'tensorflow', 'keras', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.fixture(scope="module")
def many() -> np.ndarray:
    return crops(40, 48, seed=5)


def test_bfloat16_says_nearly_what_float32_says(many: np.ndarray) -> None:
    exact, fast = (load_classifier(batch=8, precision=p).classify(many) for p in ("float32", "bfloat16"))
    assert 0 < np.abs(exact - fast).max() < 0.03


@pytest.mark.parametrize(("flags", "found"), [("fpu avx512_bf16 sse", True), ("fpu avx512f", False)])
def test_bfloat16_is_used_where_the_processor_has_it(tmp_path: Path, flags: str, found: bool) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t: avx512_bf16\n")
    assert multiplies_bfloat16(cpuinfo) is found
    assert not multiplies_bfloat16(tmp_path / "nowhere")


def test_a_model_with_two_heads_answers_with_both(copy: Path, many: np.ndarray) -> None:
    import keras

    path = read_manifest(copy).weights_path
    image = keras.Input((48, 48, 1))
    pooled = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 5, activation="relu")(image))
    heads = {"emotions": keras.layers.Dense(8)(pooled), "fer7": keras.layers.Dense(7)(pooled)}
    net = keras.Model(image, heads)
    net.save(path)
    change_manifest(copy, sha256=file_sha256(path))
    classifier = load_classifier(copy, batch=8, precision="float32")
    expected = net.predict(many[..., None], verbose=0)
    got = classifier.logits(many)
    for head in heads:
        np.testing.assert_allclose(got[head], expected[head], rtol=1e-4, atol=1e-3)
    assert classifier.classify(many).shape == (40, 8)
