"""What every form of the expression classifier has in common: its manifest, and probabilities made from its logits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from classroom_fer.faces.model_manifest import MAIN, Manifest, SecondHead
from classroom_fer.lesson.records import EMOTIONS, Expressions

Floats = npt.NDArray[np.float32]
AnyFloats = npt.NDArray[Any]
Crops = npt.NDArray[np.uint8]


def softmax(logits: Floats, temperature: float) -> Floats:
    """Probabilities [N, C] of logits [N, C] / temperature."""
    scaled = logits / np.float32(temperature)
    grown = np.exp(scaled - scaled.max(axis=1, keepdims=True, initial=-np.inf))
    answer: Floats = grown / grown.sum(axis=1, keepdims=True)
    return answer


def joined(votes: AnyFloats, labels: AnyFloats, second: SecondHead) -> AnyFloats:
    """[N, 8]: the weighted mean of what both heads say; of classes that the second one lacks the first one's answer.

    The second head never saw those, so its answer is about the rest: it shares out what the first head leaves.
    Source: docs/classifier.md (measured; an arithmetic mean, so two heads that disagree are never sure).

    >>> second = SecondHead("fer7", EMOTIONS[:7], 1.0, 0.5)
    >>> votes = np.array([[0.6, 0.2, 0, 0, 0, 0, 0, 0.2]]); labels = np.array([[0, 1.0, 0, 0, 0, 0, 0]])
    >>> joined(votes, labels, second).round(2).tolist()
    [[0.3, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.2]]
    """
    known = [EMOTIONS.index(name) for name in second.emotions]
    both = votes.copy()
    left = votes[:, known].sum(axis=1, keepdims=True)
    both[:, known] = (1 - second.share) * votes[:, known] + second.share * left * labels
    return both


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
        """Calibrated probabilities [N, 8] in EMOTIONS order of grey crops [N, S, S]: the classes of `expressions`.

        Raises:
            ValueError: crops of another shape or type.
        """
        return self.expressions(crops).classes

    def expressions(self, crops: Crops) -> Expressions:
        """What the heads say of grey crops [N, S, S], together and of the votes alone; N may be 0.

        Raises:
            ValueError: crops of another shape or type.
        """
        logits, second = self.logits(crops), self._manifest.second
        votes = softmax(logits[MAIN], self._manifest.temperature)
        if second is None or second.head not in logits:
            return Expressions(votes, votes)
        return Expressions(joined(votes, softmax(logits[second.head], second.temperature), second), votes)

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
            return {head: np.empty((0, len(names)), np.float32) for head, names in self._manifest.outputs.items()}
        return {head: np.concatenate([part[head] for part in parts]) for head in parts[0]}
