"""What a network says of faces: the one place that knows the two shapes of output.

A network gives one tensor of logits, or a table of them: ``emotions_k`` (the protocol's classes) and ``fer7_k``
(FER2013's seven) for every branch k; branches are averaged.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from classroom_fer.errors import ConfigError
from training.data.splits import Split

HEADS = ("emotions", "fer7")
Matrix = npt.NDArray[np.float64]


def heads_by_output(model: Any) -> dict[str, str]:
    """The head that each output belongs to, in the order of the outputs."""
    names = list(model.output_names)
    return dict.fromkeys(names, "emotions") if len(names) == 1 else {name: head_of(name) for name in names}


def head_of(output: str) -> str:
    """``emotions_2`` belongs to head "emotions".

    Raises:
        ConfigError: an output of no known head.
    """
    head = output.rpartition("_")[0] or output
    if head not in HEADS:
        raise ConfigError(f"the network has an output {output!r}", hint="outputs are called emotions_K and fer7_K")
    return head


def head_logits(output: Any) -> dict[str, Matrix]:
    """Logits [N, C] by head of what a network gave, averaged over its branches."""
    if not isinstance(output, dict):
        return {"emotions": np.asarray(output).astype(np.float64)}
    found: dict[str, list[Matrix]] = {}
    for name, values in output.items():
        found.setdefault(head_of(name), []).append(np.asarray(values).astype(np.float64))
    return {head: np.mean(branches, axis=0) for head, branches in found.items()}


def predict_heads(model: Any, images: npt.NDArray[Any], *, batch: int = 256) -> dict[str, Matrix]:
    """Logits [N, C] of grey [N, 48, 48] by head."""
    return head_logits(model.predict(images[..., None], batch_size=batch, verbose=0))


def predict_logits(model: Any, images: npt.NDArray[Any], head: str = "emotions", *, batch: int = 256) -> Matrix:
    """Logits [N, C] of grey [N, 48, 48]: of the protocol's classes, or of FER2013's seven (head "fer7").

    Raises:
        ConfigError: the network has no such head.
    """
    heads = predict_heads(model, images, batch=batch)
    if head not in heads:
        raise ConfigError(f"the network has no head {head!r}", hint=f"it has {', '.join(heads)}")
    return heads[head]


def log_softmax(logits: Matrix, temperature: float = 1.0) -> Matrix:
    """Log-probabilities [N, C].

    >>> log_softmax(np.zeros((1, 4))).round(3).tolist()
    [[-1.386, -1.386, -1.386, -1.386]]
    """
    result: Matrix = special.log_softmax(logits / temperature, axis=1)
    return result


def score(model: Any, split: Split, *, targets: str = "votes", batch: int = 256) -> tuple[float, float]:
    """Accuracy against the plurality and cross-entropy (nats) against the targets ("votes" or "label"), one view."""
    return score_logits(predict_logits(model, split.images, batch=batch), split, targets=targets)


def score_logits(logits: Matrix, split: Split, *, targets: str = "votes") -> tuple[float, float]:
    """Accuracy and cross-entropy of logits [N, C], see `score`."""
    log_p = log_softmax(logits)
    wanted = split.votes if targets == "votes" else np.eye(log_p.shape[1])[split.labels]
    loss = -(wanted * log_p).sum(axis=1)
    return float((logits.argmax(axis=1) == split.labels).mean()), float(loss.mean())
