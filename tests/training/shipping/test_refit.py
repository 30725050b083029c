"""Last layers fitted anew: the questions, the fit, and what the network then says."""

from __future__ import annotations

import json
from pathlib import Path

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import numpy as np
import pytest
from labelled_faces import smooth_faces
from scipy.special import softmax
from typer.testing import CliRunner

from classroom_fer.faces.expressions import load_classifier
from training.__main__ import app
from training.data.splits import FER7, PROTOCOLS, read_split
from training.runs.folder import averaged_model
from training.runs.predictions import predict_heads
from training.settings.config import RefitSettings
from training.shipping.inference_net import Head, feature_net, joint_heads
from training.shipping.refit import fer7_questions, question, refit, refitted_heads

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


def separable(count: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Features of three classes that a linear head tells apart, and their labels."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, count)
    return (2 * np.eye(3)[labels] + 0.3 * rng.normal(size=(count, 3))).astype(np.float32), labels


def test_the_fit_finds_what_the_features_say() -> None:
    features, labels = separable()
    nothing = Head(np.zeros((3, 3)), np.zeros(3))
    head = refit(features, nothing, [question(labels, range(3))], penalty=1e-4)
    right = (features @ head.kernel + head.bias).argmax(axis=1) == labels
    assert right.mean() > 0.99


def test_a_large_penalty_leaves_the_head_as_it_was() -> None:
    features, labels = separable()
    start = Head(np.full((3, 3), 0.25), np.array([0.0, 1.0, 0.0]))
    head = refit(features, start, [question(labels, range(3))], penalty=1e4)
    np.testing.assert_allclose(head.kernel, start.kernel, atol=1e-3)
    np.testing.assert_allclose(head.bias, start.bias, atol=1e-3)


def test_at_the_optimum_expected_and_counted_classes_agree() -> None:
    """The bias's gradient is zero there: mean probability = share of the class (with next to no penalty)."""
    rng = np.random.default_rng(1)
    features = rng.normal(size=(500, 4)).astype(np.float32)
    labels = np.minimum(rng.geometric(0.5, 500) - 1, 2)
    head = refit(features, Head(np.zeros((4, 3)), np.zeros(3)), [question(labels, range(3))], penalty=1e-9)
    expected = softmax(features @ head.kernel + head.bias, axis=1).mean(axis=0)
    np.testing.assert_allclose(expected, np.bincount(labels) / 500, atol=2e-3)


def test_balance_moves_answers_to_the_rare_class() -> None:
    rng = np.random.default_rng(2)
    labels = (rng.random(400) < 0.1).astype(np.int64)
    features = (labels[:, None] + rng.normal(size=(400, 2))).astype(np.float32)
    start = Head(np.zeros((2, 2)), np.zeros(2))
    found = [
        (features @ head.kernel + head.bias).argmax(axis=1).mean()
        for head in (refit(features, start, [question(labels, range(2), b)], penalty=1e-6) for b in (0.0, 1.0))
    ]
    assert found[0] < 0.1 < found[1]


def test_the_second_head_is_asked_of_seven_and_of_four() -> None:
    labels = np.array([FER7.index(name) for name in (*FER7, "happy")])
    seven, four = fer7_questions(np.append(labels, -1))
    assert seven.rows.tolist() == list(range(8)), "a face without FER2013's label asks nothing"
    assert {FER7[k] for k in four.columns} == set(PROTOCOLS["P4"].classes)
    assert [FER7[labels[k]] for k in four.rows] == ["happy", "sad", "surprise", "neutral", "happy"]
    assert seven.weights.sum() == pytest.approx(1.0)
    assert four.weights.sum() == pytest.approx(1.0)


def test_joint_heads_on_features_are_the_network(tiny_run: Path) -> None:
    model = averaged_model(tiny_run)[0]
    faces = smooth_faces(5)
    features = feature_net(model).predict(faces[..., None], verbose=0)
    for head, logits in predict_heads(model, faces).items():
        joint = joint_heads(model)[head]
        np.testing.assert_allclose(features @ joint.kernel + joint.bias, logits, atol=1e-4)


def test_a_run_is_fitted_anew_on_its_training_faces(tiny_run: Path) -> None:
    model, config = averaged_model(tiny_run)
    training = read_split(tiny_run / "data", "Training")
    views: list[tuple[int, int]] = []
    settings = RefitSettings(views=1, penalty=1e-6)
    heads = refitted_heads(model, config, training, settings, on_view=lambda n, of: views.append((n, of)))
    assert views == [(1, 2), (2, 2)]
    features = feature_net(model).predict(training.images[..., None], verbose=0)
    right = (features @ heads["emotions"].kernel + heads["emotions"].bias).argmax(axis=1) == training.labels
    before = predict_heads(model, training.images)["emotions"].argmax(axis=1) == training.labels
    assert right.mean() > before.mean(), "sixteen faces are learned by heart"


def test_a_setting_of_the_refit_alone_is_an_error(tiny_run: Path) -> None:
    done = CliRunner().invoke(app, ["export", str(tiny_run), "--refit-views", "1"])
    assert done.exit_code != 0
    assert "--refit-views does nothing alone" in done.stderr
    assert "add --refit" in done.stderr


def test_what_is_exported_answers_with_the_new_heads(tiny_run: Path, tmp_path: Path) -> None:
    arguments = ["export", str(tiny_run), "--data", str(tiny_run / "data"), "--folder", str(tmp_path), "--refit"]
    done = CliRunner().invoke(app, [*arguments, "--refit-views", "1", "--refit-penalty", "1e-6"])
    assert done.exit_code == 0, done.output
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["refit"] == {
        "views": 1, "penalty": 1e-6, "balance": RefitSettings().balance, "seed": 1, "heads": ["emotions", "fer7"],
        "fitted_on": "Training, plurality labels",
    }  # fmt: skip
    assert manifest["parity"]["float32"]["largest_difference"] < 1e-4
    model, config = averaged_model(tiny_run)
    settings = RefitSettings(views=1, penalty=1e-6)
    heads = refitted_heads(model, config, read_split(tiny_run / "data", "Training"), settings)
    faces = smooth_faces(6, seed=9)
    features = feature_net(model).predict(faces[..., None], verbose=0)
    got = load_classifier(tmp_path, batch=4, precision="float32").logits(faces)
    for name, head in heads.items():
        np.testing.assert_allclose(got[name], features @ head.kernel + head.bias, atol=1e-2, rtol=1e-3)
