"""The shipped expression classifier on ONNX Runtime: what ``expressions.keras`` says, without TensorFlow.

Parity with Keras is a test (largest difference of probabilities below 1e-3; measured: 3e-6 in logits).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ModelError
from classroom_fer.faces.model_manifest import MAIN, Manifest, read_manifest
from classroom_fer.faces.nets import Floats, Net, open_net
from classroom_fer.lesson.records import EMOTIONS

BATCH = 64
"""Crops at once: bounds memory (choice; 32 to 128 are equally fast)."""
REMEDY = "make it anew: python -m training nets; or install classroom-fer again"


class OnnxEmotionClassifier:
    """``protocols.EmotionClassifier``."""

    def __init__(self, net: Net, manifest: Manifest) -> None:
        self._net, self._manifest = net, manifest

    @property
    def input_px(self) -> int:
        """Side of the square grey crop."""
        return self._manifest.input_px

    @property
    def sha256(self) -> str:
        """Of the trained weights that the net was made from."""
        return self._manifest.sha256

    @property
    def manifest(self) -> Manifest:
        """What the model is."""
        return self._manifest

    def classify(self, crops: npt.NDArray[np.uint8]) -> Floats:
        """Calibrated probabilities [N, 8] in EMOTIONS order of grey crops [N, S, S]; N may be 0.

        Raises:
            ValueError: crops of another shape or type.
        """
        scaled = self.logits(crops)[MAIN] / np.float32(self._manifest.temperature)
        grown = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        answer: Floats = grown / grown.sum(axis=1, keepdims=True)
        return answer

    def logits(self, crops: npt.NDArray[np.uint8]) -> dict[str, Floats]:
        """What each head says of grey crops [N, S, S], before the temperature: [N, C] by head.

        Raises:
            ValueError: crops of another shape or type.
        """
        side = self.input_px
        if crops.ndim != 3 or crops.shape[1:] != (side, side) or crops.dtype != np.uint8:
            raise ValueError(f"expected uint8 crops [N, {side}, {side}], got {crops.dtype} {list(crops.shape)}")
        if not len(crops):
            return {MAIN: np.empty((0, len(EMOTIONS)), np.float32)}
        parts = [self._net.run(crops[k : k + BATCH].astype(np.float32)) for k in range(0, len(crops), BATCH)]
        return {head: np.concatenate([part[head] for part in parts]) for head in parts[0]}


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
