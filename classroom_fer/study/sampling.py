"""A stratified random sample of clips with known inclusion probabilities.

Strata are task (of a lesson), coverage and face size. A stratum of N clips gets a share in proportion to the square
root of N (power allocation, Bankier 1988, Am. Stat. 42:174, with power 1/2: a compromise between equal strata, which
small groups need, and proportional ones, which the whole needs). Within it every clip has the same probability
pi = n_h / N_h. The draw is systematic from a random start through the strata in order, each shuffled (Madow 1949): it
takes n clips exactly, each with its own pi, from every stratum the whole part of n_h or one more, and works for any
number of strata. Weighted by 1 / pi, means over the sample are right for all clips of the lessons.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classroom_fer.study.clips import Clip

POWER = 0.5


@dataclass(frozen=True, slots=True)
class DrawnClip:
    """A clip of a sample."""

    clip: Clip
    stratum: str
    probability: float
    """Of being drawn, in (0, 1]."""


def draw(clips: Sequence[Clip], count: int, seed: int, cuts_px: Sequence[float]) -> list[DrawnClip]:
    """``count`` of the clips (all, if there are fewer), in order of lesson, time and place.

    Args: ``cuts_px`` sizes of faces at which a new class of sizes begins. The same clips and seed give the same sample.
    """
    strata: dict[str, list[Clip]] = {}
    for clip in sorted(clips, key=_place):
        strata.setdefault(stratum_name(clip, cuts_px), []).append(clip)
    names = sorted(strata)
    expected = allocate([len(strata[name]) for name in names], count)
    random = np.random.default_rng(seed)
    listed: list[DrawnClip] = []
    for name, wanted in zip(names, expected, strict=True):
        members = strata[name]
        listed += [DrawnClip(members[k], name, wanted / len(members)) for k in random.permutation(len(members))]
    ends = np.cumsum([drawn.probability for drawn in listed]).round(
        9
    )  # a sum of floats that is whole may lie beside it
    points_before = np.ceil(ends - random.random())  # of the points u, u + 1, u + 2 ... on the line of probabilities
    taken = np.diff(points_before, prepend=0) > 0
    return sorted(itertools.compress(listed, taken), key=lambda drawn: _place(drawn.clip))


def stratum_name(clip: Clip, cuts_px: Sequence[float]) -> str:
    """The stratum of a clip, in words that sort alike on every machine."""
    size = int(np.searchsorted(cuts_px, clip.seat.size_px, side="right"))
    return f"session {clip.session_id:06d} / {clip.task} / {clip.coverage} / size {size}"


def allocate(sizes: Sequence[int], count: int) -> list[float]:
    """Expected clips from strata of so many; they sum to ``count`` (or to all there are), none above its size.

    >>> allocate([100, 400, 4], 22)
    [6.875, 13.75, 1.375]
    >>> allocate([1, 2], 9)
    [1.0, 2.0]
    """
    shares, left = [0.0] * len(sizes), float(min(count, sum(sizes)))
    open_ = {index for index, size in enumerate(sizes) if size}
    while open_:
        scale = left / sum(sizes[i] ** POWER for i in open_)
        full = {i for i in open_ if scale * sizes[i] ** POWER >= sizes[i]}
        for i in full or open_:
            shares[i] = float(sizes[i]) if full else scale * sizes[i] ** POWER
        left -= sum(sizes[i] for i in full)
        open_ = open_ - full if full else set()
    return shares


def _place(clip: Clip) -> tuple[int, float, int]:
    return clip.session_id, clip.start_s, clip.seat.track
