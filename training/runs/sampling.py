"""The batches of a run: which faces, how they are changed and mixed, with which targets and weights.

A batch depends on the seed, the epoch and its number alone, so a resumed run sees what an uninterrupted one sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.class_weight import compute_class_weight

from training.data.protocols import one_hot
from training.data.splits import FER7, Split
from training.runs.augment import augment_batch
from training.settings.config import TrainConfig

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """One step's faces, with what each head ("emotions", "fer7") should say of them."""

    images: npt.NDArray[Any]
    """Grey [B, 48, 48, 1] in 0..255: bytes, or floats where faces are mixed; or, in their place, their frozen maps."""
    targets: dict[str, Floats]
    """[B, C] by head; rows sum to 1."""
    weights: dict[str, Floats] | None
    """[B] by head; None = every face counts 1."""


@dataclass(frozen=True, slots=True, eq=False)
class BatchSource:
    """Makes the batches of one split; the fields are read, never changed."""

    split: Split
    config: TrainConfig
    targets: dict[str, Floats]
    weights: dict[str, Floats] | None
    maps: npt.NDArray[Any] | None = None
    """[N, ...], what the network's frozen layers say of the faces: then batches hold this instead of faces."""

    @property
    def steps(self) -> int:
        """Batches an epoch."""
        return -(-len(self.split.images) // self.config.batch)

    def batches(self, epoch: int, count: int | None = None) -> Iterator[Batch]:
        """The first ``count`` batches of an epoch (default: all), made one ahead in a thread while the step runs."""
        order = drawn_order(self.split.labels, self.config.balance, np.random.default_rng([self.config.seed, epoch]))
        count = self.steps if count is None else count
        with ThreadPoolExecutor(max_workers=1) as pool:
            coming = pool.submit(self.batch, order, epoch, 0)
            for index in range(count):
                ready = coming.result()
                if index + 1 < count:
                    coming = pool.submit(self.batch, order, epoch, index + 1)
                yield ready

    def batch(self, order: npt.NDArray[np.int64], epoch: int, index: int) -> Batch:
        """Batch ``index`` of an epoch in this order; full, wrapping round at the end."""
        size = self.config.batch
        rows = np.take(order, range(index * size, (index + 1) * size), mode="wrap")
        rng = np.random.default_rng([self.config.seed, epoch, index])
        if self.maps is None:
            images = augment_batch(self.split.images[rows], self.config.augmentation, rng)[..., None]
        else:
            images = self.maps[rows]
        targets = {head: table[rows] for head, table in self.targets.items()}
        weights = None if self.weights is None else {head: row[rows] for head, row in self.weights.items()}
        batch = Batch(images, targets, weights)
        return mixed(batch, self.config.mixup, rng) if self.config.mixup > 0 else batch


def batch_source(split: Split, config: TrainConfig, heads: frozenset[str]) -> BatchSource:
    """The batches of ``split`` for a net with these ``heads``.

    >>> from types import SimpleNamespace as Some
    >>> split = Some(images=np.zeros((3, 48, 48), np.uint8), labels=np.array([0, 1, 1]), fer7=np.array([0, 6, -1]),
    ...              votes=np.array([[1, 0], [0.4, 0.6], [0, 1]], np.float32))
    >>> source = batch_source(split, TrainConfig(class_weights="balanced"), frozenset({"emotions", "fer7"}))
    >>> source.weights["emotions"].tolist(), source.weights["fer7"].tolist()
    ([1.5, 0.75, 0.75], [1.0, 1.0, 0.0])
    """
    classes = split.votes.shape[1]
    own = split.votes if config.targets == "votes" else one_hot(split.labels, classes)
    targets = {"emotions": smoothed(own, config.label_smoothing)}
    weights = {"emotions": face_weights(split.labels, config.class_weights)}
    if "fer7" in heads:
        known = split.fer7 >= 0
        targets["fer7"] = smoothed(one_hot(np.where(known, split.fer7, 0), len(FER7)), config.aux_smoothing)
        weights["fer7"] = known.astype(np.float32)
    needed = any((row != 1).any() for row in weights.values())
    return BatchSource(split, config, targets, weights if needed else None)


def smoothed(targets: Floats, share: float) -> Floats:
    """``share`` of every row's weight spread over all classes (Szegedy et al. 2016, arXiv 1512.00567)."""
    result: Floats = (targets * np.float32(1 - share) + np.float32(share / targets.shape[1])).astype(np.float32)
    return result if share > 0 else targets


def face_weights(labels: npt.NDArray[np.int64], kind: str) -> Floats:
    """[N]: what each face counts: 1, or scikit-learn's balanced weight of its class, N / (classes * class size)."""
    if kind == "none":
        return np.ones(len(labels), np.float32)
    present = np.unique(labels)
    table = np.zeros(int(present.max()) + 1)
    table[present] = compute_class_weight("balanced", classes=present, y=labels)
    weights: Floats = table[labels].astype(np.float32)
    return weights


def mixed(batch: Batch, alpha: float, rng: np.random.Generator) -> Batch:
    """Every face blended with another of the batch, targets and weights alike; the larger share is a face's own."""
    drawn = float(rng.beta(alpha, alpha))
    share, other = max(drawn, 1 - drawn), rng.permutation(len(batch.images))

    def blend(values: npt.NDArray[Any]) -> Floats:
        floats: Floats = values.astype(np.float32)
        return (share * floats + (1 - share) * floats[other]).astype(np.float32)

    targets = {head: blend(table) for head, table in batch.targets.items()}
    weights = None if batch.weights is None else {head: blend(row) for head, row in batch.weights.items()}
    return Batch(blend(batch.images), targets, weights)


def drawn_order(labels: npt.NDArray[np.int64], balance: float, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """One epoch's faces: N indices, rare classes repeated, by systematic sampling, shuffled."""
    if balance == 0:
        return rng.permutation(len(labels))
    weights = (np.bincount(labels) / len(labels)).clip(1e-9)[labels] ** -balance
    start = rng.permutation(len(labels))
    edges = np.cumsum(weights[start]) * (len(labels) / weights.sum())
    picks = np.minimum(np.searchsorted(edges, np.arange(len(labels)) + rng.random()), len(labels) - 1)
    order: npt.NDArray[np.int64] = rng.permutation(start[picks])
    return order
