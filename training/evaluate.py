"""Figures of a classifier on a split: accuracy, macro-F1, recall per class, calibration, and the temperature.

One view of each face; the label is the plurality vote (protocol P8).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar

from classroom_fer.errors import ConfigError
from classroom_fer.types import EMOTIONS, Image
from training.data import Split, read_split

SHIPPED = "shipped"
ECE_BINS = 15
"""Equal width on the largest probability, as in Guo et al. 2017 (arXiv 1706.04599)."""
Matrix = npt.NDArray[np.float64]


def softmax(logits: Matrix, temperature: float = 1.0) -> Matrix:
    """Probabilities [N, C] of logits [N, C]."""
    scaled = logits / temperature
    grown = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    result: Matrix = grown / grown.sum(axis=1, keepdims=True)
    return result


def cross_entropy(probabilities: Matrix, votes: npt.NDArray[np.floating[Any]]) -> float:
    """Mean over faces of -sum(votes * log p), in nats; ``votes`` [N, C] sum to 1."""
    return float(-(votes * np.log(np.maximum(probabilities, 1e-12))).sum(axis=1).mean())


def fit_temperature(logits: Matrix, votes: npt.NDArray[np.floating[Any]]) -> float:
    """The T in [.2, 5] of p = softmax(logits / T) that is nearest to the votes in cross-entropy.

    >>> votes = np.array([[0.5, 0.5], [0.9, 0.1]])
    >>> round(fit_temperature(2 * np.log(votes), votes), 3)
    2.0
    """
    found = minimize_scalar(
        lambda log_t: cross_entropy(softmax(logits, float(np.exp(log_t))), votes),
        bounds=(np.log(0.2), np.log(5.0)),
        method="bounded",
        options={"xatol": 1e-6},
    )
    return float(np.exp(found.x))


def calibration_error(probabilities: Matrix, labels: npt.NDArray[np.int64]) -> float:
    """Expected calibration error of the largest probability against being right.

    >>> calibration_error(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 1]))
    0.5
    """
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * ECE_BINS).astype(int), ECE_BINS - 1)
    count = np.bincount(bins, minlength=ECE_BINS)
    gap = np.abs(np.bincount(bins, right, ECE_BINS) - np.bincount(bins, confidence, ECE_BINS))
    return float(gap[count > 0].sum() / len(labels))


def confusion(predicted: npt.NDArray[np.int64], labels: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """[true, predicted] counts over the eight classes."""
    size = len(EMOTIONS)
    counts = np.bincount(labels * size + predicted, minlength=size * size)
    return counts.reshape(size, size).astype(np.int64)


def figures(logits: Matrix, split: Split, temperature: float) -> dict[str, Any]:
    """What is reported of one split; classes without faces have recall None and stay out of the macro means."""
    predicted = logits.argmax(axis=1)
    counts = confusion(predicted, split.labels)
    right, true, guessed = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    present = true > 0
    recall = right / np.maximum(true, 1)
    f1 = 2 * right / np.maximum(true + guessed, 1)
    before, after = softmax(logits), softmax(logits, temperature)
    return {
        "faces": len(split.labels),
        "accuracy": float(right.sum() / true.sum()),
        "macro_f1": float(f1[present].mean()),
        "macro_recall": float(recall[present].mean()),
        "recall": {name: float(recall[k]) if present[k] else None for k, name in enumerate(EMOTIONS)},
        "ece_before": calibration_error(before, split.labels),
        "ece": calibration_error(after, split.labels),
        "cross_entropy_votes": cross_entropy(after, split.votes),
        "temperature": temperature,
        "confusion": counts.tolist(),
    }


def evaluate(model: str, data: Path, *, protocol: str = "P8", split: str = "PublicTest") -> dict[str, Any]:
    """Figures of ``model`` ("shipped" or a run's folder) on a split, with and without faces seen in training.

    A run's temperature is fitted on PublicTest; the shipped one has its own.

    Raises:
        DataError, ConfigError, ModelError: see the readers.
    """
    if protocol != "P8":
        raise ConfigError(f"unknown protocol {protocol!r}", hint="known: P8")
    faces = read_split(data, split)
    if model == SHIPPED:
        logits, temperature = _shipped_logits(faces.images)
    else:
        logits, temperature = _run_logits(Path(model), faces, data, split)
    result = {"model": model, "protocol": protocol, "split": split} | figures(logits, faces, temperature)
    new = ~seen_in(faces.images, read_split(data, "Training").images)
    result["faces_not_in_training"] = int(new.sum())
    result["accuracy_not_in_training"] = float((logits.argmax(axis=1) == faces.labels)[new].mean())
    return result


def seen_in(images: Image, others: Image) -> npt.NDArray[np.bool_]:
    """[N]: is there a byte-identical picture in ``others``?"""
    known = {image.tobytes() for image in others}
    return np.array([image.tobytes() in known for image in images])


def _shipped_logits(images: Image) -> tuple[Matrix, float]:
    """Through the product's own classifier; logits up to a constant, as softmax does not see it."""
    from classroom_fer.adapters.emotions import load_classifier

    classifier = load_classifier(batch=128)
    temperature = classifier.manifest.temperature
    probabilities = classifier.classify(images).astype(np.float64)
    return np.log(np.maximum(probabilities, 1e-38)) * temperature, temperature


def _run_logits(workdir: Path, faces: Split, data: Path, split: str) -> tuple[Matrix, float]:
    from training.train import averaged_model, predict_logits

    model, _ = averaged_model(workdir)
    logits = predict_logits(model, faces.images)
    if split == "PublicTest":
        return logits, fit_temperature(logits, faces.votes)
    public = read_split(data, "PublicTest")
    return logits, fit_temperature(predict_logits(model, public.images), public.votes)
