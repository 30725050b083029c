"""What the camera saw, in counts: the part of a report that needs no model of anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import get_args

import numpy as np

from classroom_fer.lesson.records import Abstention, Lesson, SizeClass, Visibility
from classroom_fer.lesson.shots import FrameKey, cuts
from classroom_fer.measurement.small_groups import may_show
from classroom_fer.measurement.track_bins import TrackBins
from classroom_fer.settings.rules import Rules

JUDGED = tuple(reason for reason in get_args(Abstention) if reason != "not inferred")
"""Reasons that can occur where expressions are judged at all."""


def describe(lesson: Lesson, cells: TrackBins, away: Collection[FrameKey], rules: Rules) -> Visibility:
    """Args: ``lesson`` with its frames in order of time, the track-bins made from it, and the frames in which the
    camera was away from its place."""
    faces = [face for frame in lesson.frames for face in frame.faces]
    possible = cells.simultaneous * cells.grid.size
    enough = may_show(cells.simultaneous, rules.evidence)  # sizes and reasons of two faces describe two children
    reasons = Counter("none" if face.abstained_because is None else face.abstained_because for face in faces)
    judged = enough and lesson.inferred
    views = cuts(lesson.frames)
    return Visibility(
        frames_sampled=len(lesson.frames),
        frames_lost=lesson.lost,
        unseen_s=lesson.span.unseen_s([frame.time_s for frame in lesson.frames]),
        faces=len(faces),
        tracks=len(cells.seen),
        simultaneous_p95=cells.simultaneous,
        coverage=min(1.0, int((cells.seen > 0).sum()) / possible) if possible and enough else None,
        sizes=size_classes([face.quality.size_px for face in faces], rules) if enough else (),
        abstentions=tuple((reason, reasons[reason]) for reason in (*JUDGED, "none")) if judged else (),
        cuts=views,
        camera_away=None if views is None else len(away) / len(lesson.frames),
    )


def size_classes(sizes_px: Sequence[float], rules: Rules) -> tuple[SizeClass, ...]:
    """Face samples by size, small to large, cut where rules begin to trust a face more."""
    cuts = sorted({rules.pose.min_face_px, rules.expression.min_face_px, rules.expression.good_face_px})
    counts = np.bincount(np.searchsorted(cuts, np.asarray(sizes_px), side="right"), minlength=len(cuts) + 1)
    ends = zip([0.0, *cuts], [*cuts, None], counts, strict=True)
    return tuple(SizeClass(low, high, int(count)) for low, high, count in ends)
