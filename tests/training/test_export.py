"""A run becomes the product's classifier, and both say the same of a face."""

from __future__ import annotations

import json
from pathlib import Path

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import numpy as np
import pytest
from faces import smooth_faces, tiny_config, write_dataset
from typer.testing import CliRunner

from classroom_fer.adapters.emotions import load_classifier
from classroom_fer.model_manifest import read_manifest, verify
from classroom_fer.types import EMOTIONS
from training import export
from training.__main__ import app
from training.evaluate import softmax
from training.train import averaged_model, predict_logits, train_and_evaluate

PARITY = 1e-4

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one epoch; its data lies in ``data`` inside it."""
    folder = tmp_path_factory.mktemp("run")
    train_and_evaluate(tiny_config(write_dataset(folder / "data"), epochs=1), folder)
    return folder


def test_the_shipped_form_says_what_the_training_graph_says(run: Path, tmp_path: Path) -> None:
    manifest = export.export_run(run, run / "data", folder=tmp_path)
    faces = smooth_faces(11, seed=4)
    expected = softmax(predict_logits(averaged_model(run)[0], faces), manifest["temperature"])
    got = load_classifier(tmp_path, batch=4).classify(faces)
    assert np.abs(got - expected).max() < PARITY


def test_the_manifest_says_what_was_exported(run: Path, tmp_path: Path) -> None:
    export.export_run(run, run / "data", folder=tmp_path)
    manifest = read_manifest(tmp_path)
    verify(manifest)
    assert manifest.labels == EMOTIONS
    assert manifest.data["faces"] == {"Training": 8, "PublicTest": 8}
    assert {"accuracy", "macro_f1", "recall", "ece", "ece_before"} <= set(manifest.metrics)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["expressions.keras", "manifest.json"]


def test_a_file_over_the_limit_is_refused_and_nothing_is_left(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MAX_BYTES", 1000)
    with pytest.raises(export.ExportError, match="1000 is the limit"):
        export.export_run(run, run / "data", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_evaluate_prints_one_json_document(run: Path) -> None:
    arguments = ["evaluate", "--model", str(run), "--data", str(run / "data"), "--split", "PrivateTest", "--json"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    result = json.loads(done.stdout)
    assert (result["split"], result["faces"], result["faces_not_in_training"]) == ("PrivateTest", 8, 8)


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--workdir", "RUN", "--data", "nowhere", "--epochs", "1"],
        ["evaluate", "--data", "nowhere"],
        ["export", "nowhere"],
        ["evaluate", "--protocol", "P9"],
    ],
)
def test_what_is_missing_is_said_with_a_hint_and_no_traceback(tmp_path: Path, arguments: list[str]) -> None:
    done = CliRunner().invoke(app, [str(tmp_path) if a == "RUN" else a for a in arguments])
    assert done.exit_code in {1, 2}
    assert done.stderr.startswith("error: ")
    assert "hint: " in done.stderr
    assert "Traceback" not in done.output
