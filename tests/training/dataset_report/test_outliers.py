"""What the usual faces are not made of stands out."""

from __future__ import annotations

import numpy as np
from labelled_faces import smooth_faces

from training.dataset_report.outliers import spectrum


def alike(count: int) -> np.ndarray:
    """Mixtures of three pictures."""
    rng = np.random.default_rng(1)
    parts = smooth_faces(3).reshape(3, -1).astype(float)
    weights = rng.dirichlet(np.ones(3), count)
    noise = rng.normal(0, 1, (count, parts.shape[1]))
    return np.clip(weights @ parts + noise, 0, 255).astype(np.uint8).reshape(count, 48, 48)


def test_a_picture_of_another_kind_is_the_only_outlier() -> None:
    images = alike(80)
    images[33] = np.random.default_rng(2).integers(0, 256, (48, 48))
    seen = spectrum(images, components=4)
    assert seen is not None
    assert seen.outliers == (33,)
    assert seen.errors[33] > seen.fence > np.median(seen.errors)


def test_the_spectrum_falls_and_three_patterns_hold_nearly_all() -> None:
    seen = spectrum(alike(80), components=6)
    assert seen is not None
    assert (np.diff(seen.variance) <= 0).all()
    assert seen.variance[:2].sum() > 0.9  # weights that sum to 1 leave two directions of three
    assert seen.components.shape == (6, 48, 48)
    assert seen.plane.shape == (80, 2)


def test_errors_are_grey_levels() -> None:
    images = alike(80)
    seen = spectrum(images, components=4)
    assert seen is not None
    assert 0.8 < np.median(seen.errors) < 1.2  # the noise that was added, and rounding


def test_the_same_faces_give_the_same_spectrum() -> None:
    one, two = spectrum(alike(40)), spectrum(alike(40))
    assert one is not None
    assert two is not None
    assert np.array_equal(one.errors, two.errors)


def test_too_few_faces_have_no_spectrum() -> None:
    assert spectrum(alike(15)) is None
