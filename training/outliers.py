"""Faces that a principal component analysis cannot rebuild: drawings, writing, hats, hard light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from classroom_fer.types import Image

COMPONENTS = 64
"""Hold 86 % of the variance of FER2013; with 128 nearly the same faces stand out (86 and 97 above the fence)."""
FIT_FACES = 10_000
"""A random part is enough to find the components, and takes a third of the time; choice."""
FENCE = 3.0
"""Interquartile ranges above the third quartile: Tukey's "far out"."""
FEW = 16
"""Fewer faces than this say nothing about what is usual."""
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
    """Principal components of the faces [N, 48, 48] and each face's reconstruction error; None of too few faces."""
    from sklearn.decomposition import PCA

    if len(images) < FEW:
        return None
    flat = images.reshape(len(images), -1).astype(np.float32)
    rng = np.random.default_rng(SEED)
    chosen = rng.permutation(len(flat))[:FIT_FACES]
    count = min(components, len(chosen) // 2)
    found = PCA(count, svd_solver="randomized", random_state=SEED).fit(flat[chosen])
    placed = found.transform(flat)
    errors = np.sqrt(((flat - found.inverse_transform(placed)) ** 2).mean(axis=1, dtype=np.float64))
    first, third = np.percentile(errors, [25, 75])
    return Spectrum(
        variance=found.explained_variance_ratio_.astype(np.float64),
        components=found.components_.reshape(count, *images.shape[1:]).astype(np.float32),
        plane=placed[:, :2].astype(np.float32),
        errors=errors,
        fence=float(third + FENCE * (third - first)),
    )
