"""The four groups of expressions that are printed, from the eight classes; which of them a face is counted in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.records import EMOTIONS, FaceSample

Floats = npt.NDArray[np.float64]

GROUPS: tuple[str, ...] = ("neutral", "smiling", "surprised", "other")
"""The only four groups that are printed, in the order of records.ExpressionShares."""
OTHER_GROUP = GROUPS.index("other")
GROUP_OF_EMOTION: npt.NDArray[np.int64] = np.array(
    [{"neutral": 0, "happiness": 1, "surprise": 2}.get(name, OTHER_GROUP) for name in EMOTIONS], dtype=np.int64
)
"""[8] index into GROUPS for each of EMOTIONS."""
IN_GROUP: Floats = np.eye(len(GROUPS))[GROUP_OF_EMOTION]
"""[8, 4] 1 where an emotion belongs to a group."""


def group_probabilities(probabilities: npt.ArrayLike) -> Floats:
    """[..., 4] in GROUPS order, of class probabilities [..., 8]."""
    return np.asarray(np.asarray(probabilities, dtype=np.float64) @ IN_GROUP)


def likeliest(probabilities: Sequence[float]) -> tuple[int, int]:
    """The most probable group (index into GROUPS) and, inside it, the most probable class (into EMOTIONS).

    >>> likeliest([0.4, 0, 0, 0.3, 0.2, 0.1, 0, 0])  # neutral is the largest, but .6 say: something else
    (3, 3)
    """
    group = int(group_probabilities(probabilities).argmax())
    inside = np.where(group == GROUP_OF_EMOTION, probabilities, -1.0)
    return group, int(inside.argmax())


def class_of(face: FaceSample) -> str | None:
    """The most probable of EMOTIONS within the most probable group; None where the face abstains.

    Ties go to the first in EMOTIONS order.
    """
    if face.emotion is None or face.abstained_because is not None:
        return None
    _, emotion = likeliest(face.emotion)
    return EMOTIONS[emotion]


def group_of(face: FaceSample) -> str | None:
    """The one of GROUPS that a report counts the face in; None where the classifier was not asked."""
    if face.emotion is None:
        return None
    group, _ = likeliest(face.emotion)
    return GROUPS[group if face.abstained_because is None else OTHER_GROUP]
