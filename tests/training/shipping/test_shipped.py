"""The shipped classifier is the one that its card and the results table describe, and reaches what was asked for."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import facenet_pytorch  # noqa: F401  # before TensorFlow, see wiring
import numpy as np
import pytest

from classroom_fer.faces.model_manifest import MANIFEST_FILE, MODEL_DIR, read_manifest
from training.data.splits import read_split
from training.evaluation.answers import Subject, answer_for, answer_logits, open_subject
from training.evaluation.results import FOLDER, read_result
from training.settings.config import DEFAULT_DATA

DATA = Path(__file__).resolve().parents[3] / DEFAULT_DATA
ASKED = {"P8": 0.845, "P8-lit": 0.88, "P7": 0.69, "P4": 0.82, "P2": 0.95}
"""Accuracy that the shipped model has to reach, by protocol."""
SECTIONS = (
    "What it is", "Data and licences", "Training", "Figures", "Limits", "Intended use", "Forbidden use",
)  # fmt: skip
"""Of Mitchell et al. 2019, "Model Cards for Model Reporting", as the card names them."""

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras on NumPy 2


def card() -> str:
    return (MODEL_DIR / "MODEL_CARD.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("protocol", ASKED)
def test_the_kept_figures_are_of_the_shipped_weights_and_reach_what_was_asked_for(protocol: str) -> None:
    result = read_result(FOLDER / f"shipped-{protocol}.json")
    assert result["sha256"] == read_manifest().sha256
    assert (result["limit"], result["leave_out"]) == (None, None)
    for split in ("PublicTest", "PrivateTest"):
        assert result["splits"][split]["accuracy"]["value"] >= ASKED[protocol], split


def test_the_shipped_model_knows_its_rare_classes_is_calibrated_and_small() -> None:
    manifest = json.loads((MODEL_DIR / MANIFEST_FILE).read_text())
    assert manifest["network"]["multiply_adds"] <= 80_000_000
    assert manifest["network"]["bytes"] < 15_000_000
    for split in read_result(FOLDER / "shipped-P8.json")["splits"].values():
        assert split["balanced_accuracy"]["value"] >= 0.70
        assert split["ece"] < 0.05


def test_the_manifest_tells_no_path_of_the_machine_that_made_it() -> None:
    assert not re.search(r'"(/|[A-Z]:\\)', (MODEL_DIR / MANIFEST_FILE).read_text())


def test_the_card_has_the_sections_of_a_model_card() -> None:
    assert tuple(re.findall(r"^## (.+)$", card(), re.M)) == SECTIONS


def test_the_card_describes_the_weights_beside_it() -> None:
    manifest = json.loads((MODEL_DIR / MANIFEST_FILE).read_text())
    network, text = manifest["network"], card()
    assert f"sha256 {manifest['sha256'][:12]}" in text
    assert manifest["created"][:10] in text
    assert f"{network['parameters']:,} parameters" in text
    assert f"{network['multiply_adds'] / 1e6:.1f} million multiply-adds" in text
    assert f"{network['bytes'] / 1e6:.1f} MB" in text
    assert f"softmax(emotions / {manifest['temperature']:.3f})" in text
    assert f"softmax({manifest['second_head']['head']} / {manifest['second_head']['temperature']:.3f})" in text
    for split in ("Training", "PublicTest"):
        assert f"{manifest['data']['faces'][split]:,}" in text


@pytest.mark.parametrize("protocol", ASKED)
def test_the_card_gives_the_kept_figures(protocol: str) -> None:
    (row,) = [
        line for line in card().splitlines()
        if line.startswith("| accuracy |" if protocol == "P8" else f"| {protocol} accuracy")
    ]  # fmt: skip
    splits = read_result(FOLDER / f"shipped-{protocol}.json")["splits"]
    for split, cell in zip(("PublicTest", "PrivateTest"), row.strip("| ").split(" | ")[1:], strict=True):
        printed = [float(figure) for figure in re.findall(r"\.\d{3}", cell)]
        kept = [splits[split]["accuracy"][key] for key in ("value", "low", "high")]
        assert printed == pytest.approx(kept, abs=0.00056), split  # both are rounded, to three and to four places


@pytest.fixture(scope="module")
def answered() -> Subject:
    """The product's classifier, asked of every face once: the protocols share their faces."""
    shipped = open_subject("shipped")
    known: dict[bytes, dict[str, np.ndarray]] = {}

    def answer(images: np.ndarray) -> dict[str, np.ndarray]:
        new = {image.tobytes(): image for image in images if image.tobytes() not in known}
        if new:
            logits = shipped.answer(np.stack(list(new.values())))
            known.update({name: {head: values[k] for head, values in logits.items()} for k, name in enumerate(new)})
        rows = [known[image.tobytes()] for image in images]
        return {head: np.stack([row[head] for row in rows]) for head in shipped.heads}

    return replace(shipped, answer=answer)


@pytest.mark.shared
@pytest.mark.skipif(not DATA.is_dir(), reason="needs FER2013 in ../shared")
@pytest.mark.parametrize("protocol", ASKED)
def test_the_product_gives_the_kept_figures_on_real_faces(protocol: str, answered: Subject) -> None:
    """PublicTest only: PrivateTest was read once, for the record."""
    faces = read_split(DATA, "PublicTest", protocol=protocol)
    answer = answer_for(protocol, faces.classes, answered)
    logits = answer_logits(answered, answer, faces.images, "one")
    accuracy = float((logits.argmax(axis=1) == faces.labels).mean())
    kept = read_result(FOLDER / f"shipped-{protocol}.json")["splits"]["PublicTest"]
    assert kept["faces"] == len(faces.labels)
    assert accuracy == pytest.approx(kept["accuracy"]["value"], abs=0.002)  # float32 or bfloat16
