"""The changes of a whole batch are those of `augment`, face by face."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from labelled_faces import smooth_faces

from training.card.changes import _Draws as Draws
from training.card.changes import _jitter as jitter
from training.card.changes import blurred, changed, coarsened, compressed, warped
from training.runs import augment
from training.settings.config import Augmentation
from training.settings.systems import TRAVELLING

FACES = smooth_faces(24)
BATCH = torch.from_numpy(FACES)[:, None].float()
EACH = torch.arange(len(FACES)).reshape(-1, 1, 1, 1)


def apart(found: torch.Tensor, wanted: list[np.ndarray]) -> np.ndarray:
    return np.abs(found[:, 0].numpy() - np.stack(wanted))


def generator(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_warped() -> None:
    matrices = [augment.jitter_matrix(48, TRAVELLING, np.random.default_rng(k)) for k in range(len(FACES))]
    found = warped(BATCH, torch.from_numpy(np.stack(matrices)).float())
    assert apart(found, [augment.warped(f, m) for f, m in zip(FACES, matrices, strict=True)]).max() < 1


def test_coarsened() -> None:
    found = coarsened(BATCH, EACH + 12)
    assert apart(found, [augment.coarsened(f, k + 12) for k, f in enumerate(FACES)]).max() <= 1


def test_compressed() -> None:
    """The decoder's whole-number transform rounds otherwise here and there."""
    found = compressed(BATCH, 3 * EACH + 20)
    difference = apart(found, [augment.compressed(f, 3 * k + 20) for k, f in enumerate(FACES)])
    assert difference.mean() < 0.5
    assert np.quantile(difference, 0.99) <= 3
    assert difference.mean() < 0.3 * np.abs(compressed(BATCH, 3 * EACH + 20)[:, 0].numpy() - FACES).mean()


def test_blurred() -> None:
    sigma = torch.linspace(0.3, 2.0, len(FACES)).reshape(-1, 1, 1, 1)
    found = blurred(BATCH, sigma, radius=6)
    assert apart(found, [cv2.GaussianBlur(f, (0, 0), float(s)) for f, s in zip(FACES, sigma, strict=True)]).max() < 2


def test_the_moves_have_the_same_distribution() -> None:
    settings = replace(TRAVELLING, shear=0.1)
    here = jitter(48, settings, Draws(4000, generator())).numpy()
    there = np.stack([augment.jitter_matrix(48, settings, np.random.default_rng(k)) for k in range(4000)])
    for found, wanted in ((here.mean(0), there.mean(0)), (here.std(0), there.std(0))):
        assert np.abs(found - wanted)[:, :2].max() < 0.04
        assert np.abs(found - wanted)[:, 2].max() < 1.2
    assert np.allclose(np.corrcoef(here.reshape(-1, 6).T), np.corrcoef(there.reshape(-1, 6).T), atol=0.1)


def test_nothing_changes_where_all_is_off() -> None:
    nothing = Augmentation.nothing()
    assert torch.equal(changed(BATCH.byte(), nothing, generator()), BATCH.byte())


@pytest.mark.parametrize("change", ["flip", "blur", "resample", "dark", "jpeg", "erase"])
def test_each_change_alone_is_made_at_its_rate(change: str) -> None:
    settings = replace(Augmentation.nothing(), **{change: 0.5})
    faces = BATCH.byte().repeat(10, 1, 1, 1)
    found = changed(faces, settings, generator())
    share = float((found != faces).flatten(1).any(1).float().mean())
    assert 0.4 < share < 0.6


def test_the_same_seed_gives_the_same_views() -> None:
    one, other, third = (changed(BATCH.byte(), TRAVELLING, generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(one, other)
    assert not torch.equal(one, third)
