"""What the shipped model is, read without TensorFlow: the manifest beside the weights, and whether they are whole."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from classroom_fer.errors import ModelError
from classroom_fer.files import file_sha256
from classroom_fer.lesson.records import EMOTIONS

MODEL_DIR = Path(__file__).with_name("model")
MANIFEST_FILE = "manifest.json"
MAIN = "emotions"
"""The head with our eight labels."""
FORMAT = 1
"""Version of the manifest's layout."""
FIRST_TEMPERATURES = "votes, PublicTest"
"""Where the temperature of a manifest is from that does not say so: release 0.1's."""
REMEDY = "install classroom-fer again, or export a model with `python -m training export RUN`"


@dataclass(frozen=True, slots=True)
class SecondHead:
    """The head that learnt FER2013's labels, and how its answers join those of the main one."""

    head: str
    emotions: tuple[str, ...]
    """What each of its classes is called in EMOTIONS, in the order of its logits."""
    temperature: float
    """Of this head alone, fitted to its own labels."""
    share: float
    """Of its answer in the joint one, 0-1."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The record that `python -m training export` writes beside the weights."""

    folder: Path
    """Where it was read from; not part of the file."""
    weights: str
    """Name of the weights file in ``folder``, a Keras 3 archive."""
    sha256: str
    """Of the weights file."""
    labels: tuple[str, ...]
    outputs: Mapping[str, tuple[str, ...]]
    """Labels of each head, in the order of its logits."""
    input_px: int
    scaling: str
    """Words: what happens to grey levels 0-255, and where."""
    temperature: float
    """p = softmax(logits / temperature)."""
    temperature_from: str
    """What it was fitted to, and on which split: "labels, PublicTest"."""
    data: Mapping[str, Any]
    """Faces per split, protocol, source."""
    metrics: Mapping[str, Any]
    """As measured at export, by split."""
    code_version: str
    created: str
    """UTC, ISO 8601."""
    second: SecondHead | None = None
    """None: the main head answers alone (models of before)."""

    @property
    def weights_path(self) -> Path:
        return self.folder / self.weights

    def summary(self) -> dict[str, Any]:
        """What a session and its report record of the model; JSON-able."""
        return {
            "sha256": self.sha256,
            "labels": list(self.labels),
            "input_px": self.input_px,
            "temperature": self.temperature,
            "temperature_from": self.temperature_from,
            "second_head": None if self.second is None else asdict(self.second),
            "created": self.created,
            "code_version": self.code_version,
            "data": dict(self.data),
            "metrics": dict(self.metrics),
        }


def read_manifest(folder: Path | None = None) -> Manifest:
    """The manifest in ``folder`` (default: the shipped model's).

    Raises:
        ModelError: missing, not JSON, of another format, or not a model with our eight labels.
    """
    folder = folder or MODEL_DIR
    path = folder / MANIFEST_FILE
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"{path}: the model's manifest cannot be read ({error.strerror})", hint=REMEDY) from error
    except ValueError as error:
        raise ModelError(f"{path}: not a manifest ({error})", hint=REMEDY) from error
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise ModelError(f"{path}: not a manifest of format {FORMAT}", hint=REMEDY)
    try:
        return _manifest(folder, table)
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path}: not a whole manifest ({type(error).__name__}: {error})", hint=REMEDY) from error


def _manifest(folder: Path, table: Mapping[str, Any]) -> Manifest:
    labels = tuple(str(name) for name in table["labels"])
    if labels != EMOTIONS:
        raise ValueError(f"labels are {', '.join(labels)}, not {', '.join(EMOTIONS)}")
    weights, temperature, input_px = str(table["weights"]), float(table["temperature"]), int(table["input_px"])
    if Path(weights).name != weights or not 0.05 <= temperature <= 20 or not 8 <= input_px <= 512:
        raise ValueError(f"weights {weights!r}, temperature {temperature}, input_px {input_px}")
    return Manifest(
        folder=folder,
        weights=weights,
        sha256=str(table["sha256"]),
        labels=labels,
        outputs={str(head): tuple(map(str, names)) for head, names in table.get("outputs", {}).items()}
        or {MAIN: labels},
        input_px=input_px,
        scaling=str(table["scaling"]),
        temperature=temperature,
        temperature_from=str(table.get("temperature_from", FIRST_TEMPERATURES)),
        data=dict(table["data"]),
        metrics=dict(table["metrics"]),
        code_version=str(table["code_version"]),
        created=str(table["created"]),
        second=_second_head(table.get("second_head")),
    )


def _second_head(table: Mapping[str, Any] | None) -> SecondHead | None:
    if table is None:
        return None
    second = SecondHead(
        str(table["head"]), tuple(map(str, table["emotions"])), float(table["temperature"]), float(table["share"])
    )
    if not set(second.emotions) <= set(EMOTIONS) or not 0.05 <= second.temperature <= 20 or not 0 <= second.share <= 1:
        raise ValueError(f"second head {second}")
    return second


def verify(manifest: Manifest) -> None:
    """Nothing, if the weights file is the one that the manifest names.

    Raises:
        ModelError: the file is missing or its sha256 differs.
    """
    require_unchanged(manifest.weights_path, manifest.sha256, what="the model's weights", remedy=REMEDY)


def require_unchanged(path: Path, sha256: str, *, what: str, remedy: str) -> None:
    """Nothing, if the file's bytes are those that its manifest names; ModelError if it is missing or changed."""
    try:
        found = file_sha256(path)
    except OSError as error:
        raise ModelError(f"{path}: {what} cannot be read ({error.strerror})", hint=remedy) from error
    if found != sha256:
        raise ModelError(f"{path}: the weights were changed (sha256 {found[:12]}, expected {sha256[:12]})", hint=remedy)
