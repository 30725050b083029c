"""A lesson between its cuts, and where the camera looked in each part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classroom_fer.lesson.camera import Similarity, to_first
from classroom_fer.lesson.records import FrameSample

FrameKey = tuple[int, int]
"""(frame_index, held): names a sampled frame within its session."""


def shots(frames: Sequence[FrameSample]) -> list[Sequence[FrameSample]]:
    """Frames in order of time, parted where the view is another."""
    starts = [0, *(n for n, frame in enumerate(frames) if n and frame.camera and frame.camera.change == "cut")]
    return [frames[start:end] for start, end in zip(starts, [*starts[1:], len(frames)], strict=True)]


def cuts(frames: Sequence[FrameSample]) -> int | None:
    """How often the view of ``frames``, in order of time, became another; None if nobody looked."""
    looked = any(frame.camera is not None for frame in frames)
    return len(shots(frames)) - 1 if looked else None


def steadied(frames: Sequence[FrameSample]) -> dict[FrameKey, Similarity]:
    """For each of ``frames``, given in order of time, what takes a place in it to that in the first one of its shot."""
    places = to_first(frame.camera for frame in frames)
    return {(frame.frame_index, frame.held): place for frame, place in zip(frames, places, strict=True)}


def away(frames: Sequence[FrameSample], width_px: int, limit: float) -> frozenset[FrameKey]:
    """The frames, given in order of time, in which the camera looked elsewhere than it mostly did between two cuts.

    Args:
        width_px: of the picture.
        limit: how far off, as a share of the width, the middle of the upper edge may lie from its median place.
    """
    found: set[FrameKey] = set()
    for shot in shots(frames):
        places = np.array([place(width_px / 2 + 0j) for place in to_first(frame.camera for frame in shot)])
        home = complex(np.median(places.real), np.median(places.imag))
        far = np.abs(places - home) > limit * width_px
        found.update((frame.frame_index, frame.held) for frame, off in zip(shot, far, strict=True) if off)
    return frozenset(found)
