"""What the camera saw, in counts: the part of a report that needs no model of anything."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from typing import get_args

import numpy as np

from classroom_fer.lesson.records import Abstention, FrameSample, Visibility
from classroom_fer.measurement.bins import SLACK_S
from classroom_fer.measurement.small_groups import may_show
from classroom_fer.measurement.track_bins import TrackBins
from classroom_fer.settings.rules import Rules

JUDGED = tuple(reason for reason in get_args(Abstention) if reason != "not inferred")
"""Reasons that can occur where expressions are judged at all."""


def describe(
    frames: Sequence[FrameSample],
    cells: TrackBins,
    *,
    rules: Rules,
    fps: float,
    start_s: float,
    end_s: float,
    frames_lost: int,
    judged: bool = True,
) -> Visibility:
    """Args: all sampled frames, the track-bins made from them, the analysed span and its sampling rate; ``judged``:
    expressions were looked at, so that reasons to abstain mean something."""
    faces = [face for frame in frames for face in frame.faces]
    possible = cells.simultaneous * cells.grid.size
    told = may_show(cells.simultaneous, rules.evidence)  # sizes and reasons of two faces describe two children
    reasons = Counter("none" if face.abstained_because is None else face.abstained_because for face in faces)
    return Visibility(
        frames_sampled=len(frames),
        frames_lost=frames_lost,
        unseen_s=unseen_s([frame.time_s for frame in frames], fps, start_s, end_s),
        faces=len(faces),
        tracks=len(cells.seen),
        simultaneous_p95=cells.simultaneous,
        coverage=min(1.0, int((cells.seen > 0).sum()) / possible) if possible and told else None,
        sizes=size_classes([face.quality.size_px for face in faces], rules) if told else (),
        abstentions=tuple((reason, reasons[reason]) for reason in (*JUDGED, "none")) if told and judged else (),
    )


def unseen_s(times_s: Sequence[float], fps: float, start_s: float, end_s: float) -> float:
    """Seconds of [start, end) in sampling intervals [k/fps, (k+1)/fps) that gave no frame.

    As in VideoSource.sample, an interval belongs to the span if it begins inside it; the last one ends with the span.

    >>> unseen_s([0.0, 1.0, 3.0], fps=1, start_s=0, end_s=4.5)
    1.5
    """
    seen = {math.floor(time * fps + SLACK_S) for time in times_s}
    first, beyond = math.ceil(start_s * fps - SLACK_S), math.ceil(end_s * fps - SLACK_S)
    missed = [k for k in range(first, beyond) if k not in seen]
    return float(sum(max(0.0, min((k + 1) / fps, end_s) - k / fps) for k in missed))


def size_classes(sizes_px: Sequence[float], rules: Rules) -> tuple[tuple[str, int], ...]:
    """(label, face samples), small to large, cut where rules begin to trust a face more."""
    cuts = sorted({rules.pose.min_face_px, rules.expression.min_face_px, rules.expression.good_face_px})
    labels = [f"under {cuts[0]:g} px"]
    labels += [f"{low:g} to {high:g} px" for low, high in itertools.pairwise(cuts)]
    labels += [f"{cuts[-1]:g} px and more"]
    counts = np.bincount(np.searchsorted(cuts, np.asarray(sizes_px), side="right"), minlength=len(labels))
    return tuple((label, int(count)) for label, count in zip(labels, counts, strict=True))
