"""What every form of the expression classifier has in common: its manifest, and probabilities made from its logits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from classroom_fer.faces.model_manifest import MAIN, Manifest
from classroom_fer.lesson.records import EMOTIONS

Floats = npt.NDArray[np.float32]
Crops = npt.NDArray[np.uint8]


class CalibratedClassifier(ABC):
    """``protocols.EmotionClassifier``; a form of the model gives the logits of up to ``batch`` crops."""

    def __init__(self, manifest: Manifest, *, batch: int) -> None:
        self._manifest, self._batch = manifest, batch

    @abstractmethod
    def _logits_of(self, part: Crops) -> Mapping[str, Floats]:
        """[N, C] by head for 1 to ``batch`` crops."""

    @property
    def input_px(self) -> int:
        """Side of the square grey crop."""
        return self._manifest.input_px

    @property
    def sha256(self) -> str:
        """Of the trained weights."""
        return self._manifest.sha256

    @property
    def manifest(self) -> Manifest:
        """What the model is."""
        return self._manifest

    def classify(self, crops: Crops) -> Floats:
        """Calibrated probabilities [N, 8] in EMOTIONS order of grey crops [N, S, S]; N may be 0.

        Raises:
            ValueError: crops of another shape or type.
        """
        scaled = self.logits(crops)[MAIN] / np.float32(self._manifest.temperature)
        grown = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        answer: Floats = grown / grown.sum(axis=1, keepdims=True)
        return answer

    def logits(self, crops: Crops) -> dict[str, Floats]:
        """What each head of the network says of grey crops [N, S, S], before the temperature: [N, C] by head.

        "emotions" always; "fer7" (FER2013's seven labels, in FER2013's order) where the network has it.

        Raises:
            ValueError: crops of another shape or type.
        """
        side = self.input_px
        if crops.ndim != 3 or crops.shape[1:] != (side, side) or crops.dtype != np.uint8:
            raise ValueError(f"expected uint8 crops [N, {side}, {side}], got {crops.dtype} {list(crops.shape)}")
        parts = [self._logits_of(crops[k : k + self._batch]) for k in range(0, len(crops), self._batch)]
        if not parts:
            return {MAIN: np.empty((0, len(EMOTIONS)), np.float32)}
        return {head: np.concatenate([part[head] for part in parts]) for head in parts[0]}
