"""What a data set had better be without: copies, pictures of nothing, outliers.

Of pictures that occur more than once one is kept: PrivateTest's before PublicTest's before Training's, so that test
sets stay whole and training does not see them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from training.data.leave_out import Entry
from training.data.readers.faces import USAGES
from training.dataset_report.duplicates import (
    NEAR,
    OnProgress,
    Pair,
    exact_groups,
    flat_faces,
    joined,
    near_pairs,
    no_progress,
)
from training.dataset_report.outliers import Spectrum, spectrum
from training.dataset_report.pool import NOT_A_FACE, Pool

REASONS: tuple[str, ...] = ("unreadable", "blank", "not a face", "exact duplicate", "near duplicate", "outlier")


@dataclass(frozen=True, slots=True)
class Group:
    """One picture that occurs several times."""

    kept: int
    """Number of the face that stays."""
    others: tuple[int, ...]
    exact: tuple[bool, ...]
    """For each of the others: is it a byte-identical copy of one that comes before it?"""

    @property
    def members(self) -> tuple[int, ...]:
        """The kept one first."""
        return (self.kept, *self.others)


@dataclass(frozen=True, slots=True, eq=False)
class Findings:
    """All that was found in a source."""

    pool: Pool
    threshold: float
    pairs: tuple[Pair, ...]
    identical: tuple[tuple[int, ...], ...]
    """Groups of byte-identical pictures."""
    groups: tuple[Group, ...]
    """The same with near copies joined to them."""
    blank: tuple[int, ...]
    not_a_face: tuple[int, ...]
    spectrum: Spectrum | None

    def across_splits(self, groups: Collection[tuple[int, ...]]) -> int:
        """How many of the groups lie in more than one split."""
        return sum(len({int(self.pool.usages[k]) for k in group}) > 1 for group in groups)

    def with_two_labels(self, groups: Collection[tuple[int, ...]]) -> int:
        """How many of the groups carry more than one label."""
        labels = self.pool.labels
        return sum(len({labels[k] for k in group}) > 1 for group in groups) if labels else 0


def find(pool: Pool, *, near: float = NEAR, on_progress: OnProgress = no_progress) -> Findings:
    """Everything that is to be told of the faces."""
    identical = exact_groups(pool.images)
    pairs = near_pairs(pool.images, threshold=near, on_progress=on_progress)
    links = [(group[0], other) for group in identical for other in group[1:]]
    links += [(pair.first, pair.second) for pair in pairs]
    on_progress("outliers", 0, 1)
    seen = spectrum(pool.images)
    on_progress("outliers", 1, 1)
    return Findings(
        pool=pool,
        threshold=near,
        pairs=pairs,
        identical=identical,
        groups=tuple(_group(pool, members) for members in joined(len(pool.names), links)),
        blank=flat_faces(pool.images),
        not_a_face=_not_a_face(pool),
        spectrum=seen,
    )


def leave_out(findings: Findings) -> Iterator[Entry]:
    """One entry for each face and reason, in the order of REASONS."""
    pool = findings.pool
    for fault in pool.faults:
        yield Entry(fault.usage, fault.name, "unreadable", f"{fault.place}: {fault.reason}")
    for face in findings.blank:
        yield _entry(pool, face, "blank", "one grey value")
    for face in findings.not_a_face:
        votes = 0 if pool.votes is None else int(pool.votes[face, NOT_A_FACE])
        yield _entry(pool, face, "not a face", f"{votes} of {_total(pool, face)} votes")
    for reason in ("exact duplicate", "near duplicate"):
        for group in findings.groups:
            for face, exact in zip(group.others, group.exact, strict=True):
                if exact == (reason == "exact duplicate"):
                    yield _entry(pool, face, reason, _copy_of(pool, face, group.kept))
    if findings.spectrum is not None:
        for face in findings.spectrum.outliers:
            error = findings.spectrum.errors[face]
            yield _entry(pool, face, "outlier", f"error {error:.1f} over {findings.spectrum.fence:.1f} grey levels")


def _entry(pool: Pool, face: int, reason: str, detail: str) -> Entry:
    return Entry(USAGES[pool.usages[face]], pool.names[face], reason, detail)


def _copy_of(pool: Pool, face: int, kept: int) -> str:
    labels = pool.labels
    differ = f"; labels {labels[face]} and {labels[kept]}" if labels and labels[face] != labels[kept] else ""
    return f"as {pool.place(kept)}{differ}"


def _group(pool: Pool, members: tuple[int, ...]) -> Group:
    """Last split first, then as they come."""
    order = sorted(members, key=lambda k: (-int(pool.usages[k]), k))
    seen: set[bytes] = set()
    exact = []
    for face in order:
        content = pool.images[face].tobytes()
        exact.append(content in seen)
        seen.add(content)
    return Group(order[0], tuple(order[1:]), tuple(exact[1:]))


def _not_a_face(pool: Pool) -> tuple[int, ...]:
    """Faces whose votes name "NF" most often."""
    if pool.votes is None:
        return ()
    winner = pool.votes.argmax(axis=1)
    return tuple(int(k) for k in np.flatnonzero((winner == NOT_A_FACE) & (pool.votes.sum(axis=1) > 0)))


def _total(pool: Pool, face: int) -> int:
    return 0 if pool.votes is None else int(pool.votes[face].sum())
