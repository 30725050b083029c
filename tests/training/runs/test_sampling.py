"""Batches hold the faces, targets and weights that the config asks for, and can be repeated."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from labelled_faces import smooth_faces

from training.data.splits import Split
from training.runs.sampling import BatchSource, batch_source, drawn_order, face_weights
from training.settings.config import Augmentation, TrainConfig

BOTH = frozenset({"emotions", "fer7"})
LABELS = np.array([0, 0, 0, 0, 0, 0, 1, 2])


def source(heads: frozenset[str] = BOTH, **changes: Any) -> BatchSource:
    votes = np.full((8, 3), 0.1, np.float32)
    votes[np.arange(8), LABELS] = 0.8
    split = Split(images=smooth_faces(8), labels=LABELS, votes=votes, fer7=np.array([3, 3, 3, 3, 3, 3, -1, 5]))
    settings: dict[str, Any] = {"batch": 4, "balance": 0, "aux_smoothing": 0, "augmentation": Augmentation.nothing()}
    return batch_source(split, TrainConfig(**settings | changes), heads)


def test_an_epoch_shows_every_face_once_in_another_order_each_time() -> None:
    plain = source()
    seen = [np.concatenate([b.images[..., 0] for b in plain.batches(epoch)]) for epoch in (0, 1)]
    for images in seen:
        assert sorted(i.tobytes() for i in images) == sorted(i.tobytes() for i in plain.split.images)
    assert not np.array_equal(seen[0], seen[1])


def test_a_batch_can_be_made_again() -> None:
    for first, again in zip(source(mixup=0.4).batches(3), source(mixup=0.4).batches(3), strict=True):
        assert np.array_equal(first.images, again.images)
        assert np.array_equal(first.targets["emotions"], again.targets["emotions"])


def test_the_last_batch_is_filled_up_from_the_beginning() -> None:
    assert [len(b.images) for b in source(batch=5).batches(0)] == [5, 5]


def test_targets_are_votes_or_the_plurality_and_may_be_smoothed() -> None:
    assert source().targets["emotions"][0] == pytest.approx([0.8, 0.1, 0.1])
    assert source(targets="label").targets["emotions"][0].tolist() == [1, 0, 0]
    smooth = source(targets="label", label_smoothing=0.3).targets["emotions"][0]
    assert smooth == pytest.approx([0.8, 0.1, 0.1])


def test_a_face_without_fer2013_label_does_not_teach_the_second_head() -> None:
    weights = source().weights
    assert weights is not None
    assert weights["fer7"].tolist() == [1, 1, 1, 1, 1, 1, 0, 1]
    assert set(weights["emotions"]) == {1}
    assert source(frozenset({"emotions"})).weights is None


def test_balanced_weights_make_every_class_count_the_same() -> None:
    weights = face_weights(LABELS, "balanced")
    assert [weights[k].sum() for k in (LABELS == 0, LABELS == 1, LABELS == 2)] == pytest.approx([8 / 3] * 3)


def test_mixing_blends_faces_targets_and_weights_with_one_share() -> None:
    plain, blended = (next(source(targets="label", mixup=m, batch=8).batches(0)) for m in (0.0, 0.4))
    assert blended.images.dtype == np.float32
    assert blended.weights is not None
    share = blended.targets["emotions"].max(axis=1).min()
    assert 0.5 <= share < 1
    for k in range(8):
        partners = [share * plain.images[k] + (1 - share) * other for other in plain.images.astype(float)]
        assert min(np.abs(blended.images[k] - p).max() for p in partners) < 0.01
    assert blended.targets["emotions"].sum(axis=1) == pytest.approx(np.ones(8))


def test_balance_draws_rare_classes_more_often_and_keeps_the_length() -> None:
    labels = np.repeat([0, 1], [900, 100])
    share = [
        (labels[drawn_order(labels, balance, np.random.default_rng(0))] == 1).mean() for balance in (0.0, 0.5, 1.0)
    ]
    # expected: f**(1-b) / sum: .1, .1**.5 / (.1**.5 + .9**.5) = .25, .5; systematic sampling is off by one face at most
    assert share == pytest.approx([0.1, 0.25, 0.5], abs=0.002)
