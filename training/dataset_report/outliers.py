"""Faces that a principal component analysis cannot rebuild: drawings, writing, hats, hard light."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from classroom_fer.lesson.records import Image

COMPONENTS = 64
"""Hold 86 % of the variance of FER2013; with 128 nearly the same faces stand out (86 and 97 above the fence)."""
FIT_FACES = 10_000
"""A random part is enough to find the components, and takes a third of the time; choice."""
FENCE = 3.0
"""Interquartile ranges above the third quartile: Tukey's "far out"."""
FEW = 16
"""Fewer faces than this say nothing about what is usual."""
ONE_THREAD = 2_000
"""Fewer faces than this are small matrices: on a busy machine threads then mostly wait for each other (measured: five
times as long)."""
SEED = 0


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """What the components say of the faces."""

    variance: npt.NDArray[np.float64]
    """[K], share of the variance that each component holds, largest first."""
    components: npt.NDArray[np.float32]
    """[K, 48, 48]."""
    plane: npt.NDArray[np.float32]
    """[N, 2], each face by the first two components, in grey levels."""
    errors: npt.NDArray[np.float64]
    """[N], root mean square of what the components cannot rebuild, in grey levels."""
    fence: float
    """Errors above this are outliers."""

    @property
    def outliers(self) -> tuple[int, ...]:
        """Numbers of the faces above the fence, worst first."""
        order = np.argsort(-self.errors, kind="stable")
        return tuple(int(k) for k in order if self.errors[k] > self.fence)


def spectrum(images: Image, *, components: int = COMPONENTS) -> Spectrum | None:
    """Principal components of the faces [N, 48, 48] and each face's reconstruction error; None of too few faces.

    A face's error is measured with components of the other half of the faces: among few faces a strange one would
    have a component of its own, and be rebuilt well.
    """
    if len(images) < FEW:
        return None
    with threadpool_limits(1 if len(images) < ONE_THREAD else None):
        return _spectrum(images, components)


def _spectrum(images: Image, components: int) -> Spectrum:
    flat = images.reshape(len(images), -1).astype(np.float32)
    order = np.random.default_rng(SEED).permutation(len(flat))
    whole = _fitted(flat[order[:FIT_FACES]], components)
    errors = np.zeros(len(flat))
    for rows, others in ((order[::2], order[1::2]), (order[1::2], order[::2])):
        half = _fitted(flat[others[:FIT_FACES]], components)
        rebuilt = half.inverse_transform(half.transform(flat[rows]))
        errors[rows] = np.sqrt(((flat[rows] - rebuilt) ** 2).mean(axis=1, dtype=np.float64))
    first, third = np.percentile(errors, [25, 75])
    return Spectrum(
        variance=whole.explained_variance_ratio_.astype(np.float64),
        components=whole.components_.reshape(-1, *images.shape[1:]).astype(np.float32),
        plane=whole.transform(flat)[:, :2].astype(np.float32),
        errors=errors,
        fence=float(third + FENCE * (third - first)),
    )


def _fitted(flat: npt.NDArray[np.float32], components: int) -> Any:
    """scikit-learn's PCA of pictures [N, D]."""
    return PCA(min(components, len(flat) // 2), svd_solver="randomized", random_state=SEED).fit(flat)
