"""A run becomes the product's classifier, and both say the same of a face."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from labelled_faces import smooth_faces
from typer.testing import CliRunner

from classroom_fer.errors import ConfigError
from classroom_fer.faces.calibrated import joined
from classroom_fer.faces.expressions import load_classifier
from classroom_fer.faces.model_manifest import read_manifest, verify
from classroom_fer.lesson.records import EMOTIONS
from training.__main__ import app
from training.commands.export import export_lines
from training.data.splits import FER7, read_split
from training.evaluation.evaluate import Request, evaluate
from training.evaluation.question import Question
from training.evaluation.results import read_result, save_result
from training.figures.calibration import fit_temperature, softmax
from training.figures.heads import second_head
from training.runs.folder import averaged_model
from training.runs.predictions import predict_logits
from training.settings.config import TrainConfig
from training.shipping import export
from training.shipping.export import ExportSettings, export_run

PARITY = 1e-4

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


@pytest.fixture(scope="module")
def exported(tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny run with an offset that reaches a macro recall of .15."""
    folder = tmp_path_factory.mktemp("exported")
    arguments = ["export", str(tiny_run), "--data", str(tiny_run / "data"), "--folder", str(folder)]
    done = CliRunner().invoke(app, [*arguments, "--macro-recall", "0.15"])
    assert done.exit_code == 0, done.output
    assert "offset: macro recall" in done.stdout
    return folder


def test_the_shipped_form_says_what_the_training_graph_says(tiny_run: Path, exported: Path) -> None:
    manifest = json.loads((exported / "manifest.json").read_text())
    faces = smooth_faces(11, seed=4)
    offset = [manifest["offset"]["values"][name] for name in EMOTIONS]
    model = averaged_model(tiny_run)[0]
    votes = softmax(predict_logits(model, faces) + offset, manifest["temperature"])
    second = read_manifest(exported).second
    assert second == second_head(manifest["second_head"]["temperature"])
    labels = softmax(predict_logits(model, faces, second.head), second.temperature)
    classifier = load_classifier(exported, batch=4, precision="float32")
    said = classifier.expressions(faces)
    assert np.abs(said.votes - votes).max() < PARITY
    assert np.abs(said.classes - joined(votes, labels, second)).max() < PARITY
    assert np.abs(classifier.logits(faces)["fer7"] - predict_logits(model, faces, "fer7")).max() < PARITY


def test_the_manifest_says_what_was_exported_and_how_it_was_chosen(exported: Path) -> None:
    manifest = read_manifest(exported)
    verify(manifest)
    assert manifest.labels == EMOTIONS
    assert manifest.data["faces"] == {"Training": 16, "PublicTest": 16}
    assert {len(digest) for digest in manifest.data["sha256"].values()} == {64}
    assert {"accuracy", "macro_f1", "recall", "ece", "ece_before"} <= set(manifest.metrics)
    table = json.loads((exported / "manifest.json").read_text())
    assert table["outputs"] == {"emotions": list(EMOTIONS), "fer7": list(FER7)}
    assert table["temperature_from"] == "labels, PublicTest"
    assert table["offset"]["chosen_on"] == "PublicTest"
    assert table["metrics"]["macro_recall"] == pytest.approx(table["offset"]["after"]["macro_recall"])
    assert table["metrics"]["macro_recall"] >= 0.15
    assert table["parity"]["float32"]["largest_difference"] < PARITY
    assert table["parity"]["onnx"]["largest_difference"] < PARITY
    assert table["network"]["bytes"] == manifest.weights_path.stat().st_size
    assert sorted(p.name for p in exported.iterdir()) == [
        *("expressions.json", "expressions.keras", "expressions.onnx", "manifest.json")
    ]


def test_an_exported_folder_is_evaluated_like_the_shipped_model(tiny_run: Path, exported: Path, tmp_path: Path) -> None:
    record = evaluate(Request(str(exported), Question(tiny_run / "data")))
    manifest = read_manifest(exported)
    # bfloat16 may turn one of the sixteen faces
    assert record["accuracy"]["value"] == pytest.approx(manifest.metrics["accuracy"], abs=1 / 16)
    assert record["calibration"]["temperature"] == manifest.temperature
    assert {key: record["facts"][key] for key in ("system", "trained_on", "epochs", "weights")} == {
        "system": "ours", "trained_on": "P8", "epochs": 1, "weights": "none",
    }  # fmt: skip
    assert read_result(save_result(record, folder=tmp_path))["system"] == "ours"


def test_a_temperature_may_be_fitted_to_the_votes(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "check_parity", lambda *_: None)  # compiles two graphs
    data = tiny_run / "data"
    manifest = export_run(tiny_run, data, folder=tmp_path, settings=ExportSettings(temperature_from="votes"))
    public = read_split(data, "PublicTest")
    logits = predict_logits(averaged_model(tiny_run)[0], public.images)
    assert manifest["temperature"] == pytest.approx(fit_temperature(logits, public.votes), rel=1e-3)
    assert (manifest["temperature_from"], manifest["offset"]) == ("votes, PublicTest", None)


def test_the_data_of_the_manifest_are_those_that_were_trained_on(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "leave_out.csv").write_text("usage,name\nTraining,fer0000003.png\nTraining,fer0000012.png\n")
    model, config = averaged_model(tiny_run)
    config = replace(config, leave_out=tmp_path / "leave_out.csv")
    monkeypatch.setattr(export, "averaged_model", lambda _: (model, config))
    monkeypatch.setattr(export, "check_parity", lambda *_: None)
    manifest = export_run(tiny_run, tiny_run / "data", folder=tmp_path / "out")
    assert manifest["data"]["faces"] == {"Training": 14, "PublicTest": 16}
    whole = export.data_sha256(read_split(tiny_run / "data", "Training"))
    assert manifest["data"]["sha256"]["Training"] != whole


def test_a_file_over_the_limit_is_refused_and_nothing_is_left(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MAX_BYTES", 1000)
    with pytest.raises(export.ExportError, match="1000 is the limit"):
        export_run(tiny_run, tiny_run / "data", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_net_of_too_many_multiply_adds_is_refused(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MAX_MULTIPLY_ADDS", 1000)
    with pytest.raises(export.ExportError, match="million multiply-adds"):
        export_run(tiny_run, tiny_run / "data", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_shipped_model_is_not_replaced_where_the_product_cannot_check_it(
    tiny_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keras.backend.backend", lambda: "torch")
    with pytest.raises(export.ExportError, match="Keras runs on torch") as caught:
        export_run(tiny_run, tiny_run / "data")
    assert caught.value.hint is not None and "--folder" in caught.value.hint


def test_an_export_without_parity_says_so(tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "PRODUCT_BACKEND", "another")
    manifest = export_run(tiny_run, tiny_run / "data", folder=tmp_path)
    assert manifest["parity"] is None
    assert "not compared with the product's classifier" in export_lines(manifest)


def test_a_manifest_names_runs_and_files_but_not_where_they_lay(tmp_path: Path) -> None:
    teachers, manifest = (str(tmp_path / "runs" / "b"),), tmp_path / "m.csv"
    config = TrainConfig(data=tmp_path, start=str(tmp_path / "runs" / "a"), teachers=teachers, leave_out=manifest)
    table = export.recipe_of(config)
    assert (table["start"], table["teachers"], table["leave_out"]) == ("a", ["b"], "m.csv")
    assert str(tmp_path) not in json.dumps(table)


def test_the_hash_of_the_data_covers_pictures_and_every_label(tiny_run: Path) -> None:
    split = read_split(tiny_run / "data", "Training")
    changed = [replace(split, **{name: 1 - getattr(split, name)}) for name in ("images", "labels", "votes", "fer7")]
    assert len({export.data_sha256(s) for s in (split, *changed)}) == 5


def test_bfloat16_may_turn_a_few_faces_of_a_trial_and_the_error_says_how_many(
    exported: Path, tiny_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = read_split(tiny_run / "data", "PublicTest")
    expected = load_classifier(exported, batch=16, precision="float32").classify(split.images)
    right = replace(split, labels=expected.argmax(axis=1))  # every answer is right

    class Turned:
        """In bfloat16 so many first faces get another answer."""

        def __init__(self, precision: str, faces: int) -> None:
            self.faces = faces if precision == "bfloat16" else 0

        def classify(self, images: np.ndarray) -> np.ndarray:
            answer = expected.copy()
            answer[: self.faces] = np.roll(answer[: self.faces], 1, axis=1)
            return answer

    for faces, refused in ((3, False), (4, True)):
        monkeypatch.setattr(
            "training.shipping.export.load_classifier",
            lambda *_, precision, batch, n=faces: Turned(precision, n),
        )
        if refused:
            with pytest.raises(export.ExportError, match=r"costs 25\.0 points of accuracy on 16 faces"):
                export.check_parity(exported, export.Answers(right, expected, {}))
        else:
            assert export.check_parity(exported, export.Answers(right, expected, {})) is not None


def test_a_macro_recall_out_of_reach_is_said(tiny_run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no offset reaches macro recall 0\.999"):
        export_run(tiny_run, tiny_run / "data", folder=tmp_path, settings=ExportSettings(macro_recall=0.999))


def test_a_net_of_other_classes_is_not_the_products(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, config = averaged_model(tiny_run)
    monkeypatch.setattr(export, "averaged_model", lambda _: (model, replace(config, protocol="P7")))
    with pytest.raises(export.ExportError, match="needs the eight emotions"):
        export_run(tiny_run, tiny_run / "data", folder=tmp_path)
