"""The manifest is read without TensorFlow and believed only when whole."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from classroom_fer.errors import ModelError
from classroom_fer.faces.model_manifest import MANIFEST_FILE, MODEL_DIR, read_manifest, verify
from classroom_fer.lesson.records import EMOTIONS


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    shutil.copytree(MODEL_DIR, folder)
    return folder


def test_the_shipped_model_is_whole_small_and_documented() -> None:
    manifest = read_manifest()
    verify(manifest)
    assert manifest.labels == EMOTIONS
    assert manifest.weights_path.stat().st_size < 15_000_000
    assert (MODEL_DIR / "MODEL_CARD.md").is_file()


def test_the_shipped_model_reaches_the_accuracy_that_was_asked_for() -> None:
    metrics = read_manifest().metrics
    assert (metrics["split"], metrics["faces"]) == ("PublicTest", 3553)
    assert metrics["accuracy"] >= 0.845
    assert json.dumps(read_manifest().summary())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 99}, "format 1"),
        ({"labels": list(EMOTIONS[::-1])}, "labels are contempt"),
        ({"temperature": 0}, "temperature 0"),
        ({"temperature": "warm"}, "warm"),
        ({"weights": "../../etc/passwd"}, "weights"),
        ({"data": None}, "not a whole manifest"),
    ],
)
def test_a_manifest_with_a_wrong_value_is_refused(copy: Path, changes: dict[str, object], message: str) -> None:
    path = copy / MANIFEST_FILE
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    with pytest.raises(ModelError, match=message):
        read_manifest(copy)


def test_a_manifest_says_what_its_temperature_was_fitted_to(copy: Path) -> None:
    path = copy / MANIFEST_FILE
    table = json.loads(path.read_text())
    path.write_text(json.dumps(table | {"temperature_from": "labels, PublicTest"}))
    assert read_manifest(copy).summary()["temperature_from"] == "labels, PublicTest"
    table.pop("temperature_from", None)
    path.write_text(json.dumps(table))
    assert read_manifest(copy).temperature_from == "votes, PublicTest"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}'])
def test_a_file_that_is_no_manifest_is_refused_with_a_remedy(copy: Path, text: str) -> None:
    (copy / MANIFEST_FILE).write_text(text)
    with pytest.raises(ModelError) as caught:
        read_manifest(copy)
    assert caught.value.hint


def test_reading_it_loads_nothing_heavy() -> None:
    code = "import sys; from classroom_fer.faces.model_manifest import read_manifest, verify; verify(read_manifest()); "
    code += "print({'tensorflow', 'keras', 'torch', 'cv2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
