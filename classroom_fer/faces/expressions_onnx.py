"""The shipped expression classifier on ONNX Runtime: what ``expressions.keras`` says, without TensorFlow.

Parity with Keras is a test (largest difference of probabilities below 1e-3; measured: 3e-6 in logits).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from classroom_fer.errors import ModelError
from classroom_fer.faces.calibrated import CalibratedClassifier, Crops, Floats
from classroom_fer.faces.model_manifest import MAIN, Manifest, read_manifest
from classroom_fer.faces.nets import Net, open_net

BATCH = 64
"""Crops at once: bounds memory (choice; 32 to 128 are equally fast)."""
REMEDY = "make it anew: python -m training nets; or install classroom-fer again"


class OnnxEmotionClassifier(CalibratedClassifier):
    """One ONNX net; batches of any size up to BATCH."""

    def __init__(self, net: Net, manifest: Manifest) -> None:
        super().__init__(manifest, batch=BATCH)
        self._net = net

    def _logits_of(self, part: Crops) -> Mapping[str, Floats]:
        return self._net.run(part.astype(np.float32))


def load_classifier(folder: Path | None = None, *, threads: int = 1) -> OnnxEmotionClassifier:
    """The classifier in ``folder`` (default: the shipped one), checked against its two manifests.

    Args:
        threads: cores to use, at least 1; the number changes no result.

    Raises:
        ModelError: net or manifest is missing or changed, the net was made from other weights than ``manifest.json``
            names, or ONNX Runtime is missing or too old.
    """
    manifest, net = read_manifest(folder), open_net("expressions", threads=threads, folder=folder)
    if net.manifest.source_sha256 != manifest.sha256:
        raise ModelError(
            f"{net.manifest.path}: made from other weights (sha256 {net.manifest.source_sha256[:12]}) than "
            f"{manifest.weights} ({manifest.sha256[:12]})",
            hint=REMEDY,
        )
    if MAIN not in net.manifest.outputs:
        raise ModelError(f"{net.manifest.path}: has no head {MAIN!r}", hint=REMEDY)
    return OnnxEmotionClassifier(net, manifest)
