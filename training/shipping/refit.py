"""Last layers fitted anew on the features of a trained net: one joint head instead of one a branch.

While a net learns, each branch's head answers for itself, from vote shares, on faces drawn by class. What is asked of
the exported net is another question: the plurality label, answered by all branches together. A head is linear in the
pooled features, so its best weights can be found afterwards, exactly and in minutes, with the convolutions as they are
(Kang et al. 2020, arXiv 1910.09217, do so for rare classes). Only training faces are used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.optimize import minimize

from training.data.splits import FER7, PROTOCOLS, Split
from training.runs.augment import augment_batch
from training.settings.config import RefitSettings, TrainConfig
from training.shipping.inference_net import Head, feature_net, joint_heads

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
BATCH = 256
ITERATIONS = 60
"""Of L-BFGS; the penalty keeps what is left to gain small."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Which of ``columns`` is it? Asked of some rows."""

    columns: Ints
    rows: Ints
    labels: Ints
    """[len(rows)], position in ``columns``."""
    weights: Floats
    """[len(rows)], sum to the question's share of the loss."""


def refitted_heads(
    model: Any,
    config: TrainConfig,
    training: Split,
    settings: RefitSettings,
    *,
    on_view: Callable[[int, int], None] | None = None,
) -> dict[str, Head]:
    """The heads of ``model`` fitted anew on ``training``; ``on_view`` hears of each finished view."""
    started = joint_heads(model)
    features = _features(model, config, training.images, settings, on_view)
    times = settings.views + 1
    questions = {
        "emotions": [question(np.tile(training.labels, times), range(training.votes.shape[1]), settings.balance)]
    }
    if "fer7" in started:
        questions["fer7"] = fer7_questions(np.tile(training.fer7, times))
    return {head: refit(features, started[head], asked, settings.penalty) for head, asked in questions.items()}


def question(labels: Ints, classes: Sequence[int], balance: float = 0.0) -> Question:
    """Which of ``classes``, asked of the faces that have one of them.

    >>> asked = question(np.array([3, 0, 4, 4]), [3, 4], balance=1.0)
    >>> asked.rows.tolist(), asked.labels.tolist(), asked.weights.round(3).tolist()
    ([0, 2, 3], [0, 1, 1], [0.5, 0.25, 0.25])
    """
    columns = np.array(sorted(classes), np.int64)
    rows = np.flatnonzero(np.isin(labels, columns))
    found = np.searchsorted(columns, labels[rows])
    counts = np.bincount(found, minlength=len(columns)).clip(1)
    weights = (counts.astype(np.float64) ** -balance)[found]
    return Question(columns, rows, found, (weights / weights.sum()).astype(np.float32))


def fer7_questions(labels: Ints) -> list[Question]:
    """FER2013's seven, and the four of P4 among themselves: the head is asked both."""
    four = [FER7.index(name) for name in PROTOCOLS["P4"].classes]
    return [question(labels, range(len(FER7))), question(labels, four)]


def refit(features: Floats, start: Head, questions: Sequence[Question], penalty: float) -> Head:
    """The head [F, C] of least cross-entropy on ``features`` [N, F], summed over ``questions``, by L-BFGS.

    Convex: ``penalty`` times the squared distance from ``start`` makes the answer unique.
    """
    inputs = np.hstack([features, np.ones((len(features), 1), np.float32)])
    before = np.vstack([start.kernel, start.bias[None]]).astype(np.float32)

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weights = flat.reshape(before.shape).astype(np.float32)
        logits, total = inputs @ weights, 0.0
        slope = np.zeros_like(logits)
        for asked in questions:
            place = np.ix_(asked.rows, asked.columns)
            log_p: Floats = special.log_softmax(logits[place], axis=1)
            right = (np.arange(len(asked.rows)), asked.labels)
            total -= float((asked.weights * log_p[right]).sum(dtype=np.float64))
            error = np.exp(log_p)
            error[right] -= 1
            slope[place] += error * asked.weights[:, None]
        moved = weights - before
        gradient = inputs.T @ slope + 2 * penalty * moved
        return total + penalty * float((moved**2).sum(dtype=np.float64)), gradient.ravel().astype(np.float64)

    found = minimize(
        loss, before.ravel().astype(np.float64), jac=True, method="L-BFGS-B", options={"maxiter": ITERATIONS}
    )
    weights = found.x.reshape(before.shape)
    return Head(weights[:-1], weights[-1])


def _features(
    model: Any,
    config: TrainConfig,
    images: npt.NDArray[np.uint8],
    settings: RefitSettings,
    on_view: Callable[[int, int], None] | None,
) -> Floats:
    """[(views + 1) N, F]: of the faces, then of each changed copy."""
    net, rng, parts = feature_net(model), np.random.default_rng(settings.seed), []
    for view in range(settings.views + 1):
        shown = images if view == 0 else augment_batch(images, config.augmentation, rng)
        parts.append(net.predict(shown[..., None], batch_size=BATCH, verbose=0))
        if on_view is not None:
            on_view(view + 1, settings.views + 1)
    result: Floats = np.concatenate(parts).astype(np.float32)
    return result


def refit_record(settings: RefitSettings, heads: Mapping[str, Head]) -> dict[str, Any]:
    """For the manifest."""
    return asdict(settings) | {"heads": list(heads), "fitted_on": "Training, plurality labels"}
