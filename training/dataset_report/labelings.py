"""The ways in which a source labels its faces: FER+ votes, FER2013's label, class folders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.data.readers.faces import FER7, UNKNOWN, USAGES, VOTE_COLUMNS, Ints
from training.dataset_report.pool import Pool


@dataclass(frozen=True, slots=True, eq=False)
class Labeling:
    """One label for each face."""

    name: str
    classes: tuple[str, ...]
    labels: Ints
    """[N], index into ``classes``; UNKNOWN where a face has none."""

    def counts(self, usages: Ints) -> Ints:
        """[split, class] faces; ``usages`` [N] are the faces' splits."""
        known = self.labels != UNKNOWN
        cells = usages[known] * len(self.classes) + self.labels[known]
        size = len(USAGES) * len(self.classes)
        return np.bincount(cells, minlength=size).reshape(len(USAGES), -1).astype(np.int64)


def labelings(pool: Pool) -> tuple[Labeling, ...]:
    """What the source has, the votes first."""
    found: list[Labeling] = []
    if pool.votes is not None:
        winner = np.where(pool.votes.sum(axis=1) > 0, pool.votes.argmax(axis=1), UNKNOWN)
        found.append(Labeling("FER+ votes", VOTE_COLUMNS, winner.astype(np.int64)))
    if (pool.fer7 != UNKNOWN).any():
        found.append(Labeling("FER2013 labels", FER7, pool.fer7))
    elif pool.folder_labels is not None:
        found.append(Labeling("class folders", pool.folder_classes, pool.folder_labels))
    return tuple(found)
