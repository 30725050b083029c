"""What a network says of faces: the one place that knows the two shapes of output.

A network gives one tensor of logits, or a table of them: ``emotions_k`` (the protocol's classes) and ``fer7_k``
(FER2013's seven) for every branch k; branches are averaged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError
from training.data.protocols import one_hot
from training.data.splits import Split
from training.figures.calibration import Matrix, log_softmax

MAIN_HEAD, FER_HEAD = "emotions", "fer7"
HEADS = (MAIN_HEAD, FER_HEAD)
Output = TypeVar("Output")


def heads_by_output(model: Any) -> dict[str, str]:
    """The head that each output belongs to, in the order of the outputs."""
    names = list(model.output_names)
    return dict.fromkeys(names, MAIN_HEAD) if len(names) == 1 else {name: head_of(name) for name in names}


def by_head(output: Output | Mapping[str, Output]) -> dict[str, list[Output]]:
    """What a network gives, or gave, for each head: one entry a branch.

    >>> by_head({"emotions_0": 1, "fer7_0": 2, "emotions_1": 3}), by_head(4)
    ({'emotions': [1, 3], 'fer7': [2]}, {'emotions': [4]})
    """
    if not isinstance(output, Mapping):
        return {MAIN_HEAD: [output]}
    found: dict[str, list[Output]] = {}
    for name, value in output.items():
        found.setdefault(head_of(name), []).append(value)
    return found


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
    return {
        head: np.mean([np.asarray(branch).astype(np.float64) for branch in branches], axis=0)
        for head, branches in by_head(output).items()
    }


def predict_heads(model: Any, images: npt.NDArray[Any], *, batch: int = 256) -> dict[str, Matrix]:
    """Logits [N, C] of grey [N, 48, 48] by head."""
    return answers(model, images[..., None], batch=batch)


def answers(model: Any, given: npt.NDArray[Any], *, batch: int = 256) -> dict[str, Matrix]:
    """Logits [N, C] by head of what ``model`` takes, [N, ...]."""
    return head_logits(model.predict(given, batch_size=batch, verbose=0))


def predict_logits(model: Any, images: npt.NDArray[Any], head: str = MAIN_HEAD, *, batch: int = 256) -> Matrix:
    """Logits [N, C] of grey [N, 48, 48]: of the protocol's classes, or of FER2013's seven (head "fer7").

    Raises:
        ConfigError: the network has no such head.
    """
    heads = predict_heads(model, images, batch=batch)
    if head not in heads:
        raise ConfigError(f"the network has no head {head!r}", hint=f"it has {', '.join(heads)}")
    return heads[head]


def score(model: Any, split: Split, *, targets: str = "votes", batch: int = 256) -> tuple[float, float]:
    """Accuracy against the plurality and cross-entropy (nats) against the targets ("votes" or "label"), one view."""
    return score_logits(predict_logits(model, split.images, batch=batch), split, targets=targets)


def score_logits(logits: Matrix, split: Split, *, targets: str = "votes") -> tuple[float, float]:
    """Accuracy and cross-entropy of logits [N, C], see `score`."""
    log_p = log_softmax(logits)
    wanted = split.votes if targets == "votes" else one_hot(split.labels, log_p.shape[1])
    loss = -(wanted * log_p).sum(axis=1)
    return float((logits.argmax(axis=1) == split.labels).mean()), float(loss.mean())
