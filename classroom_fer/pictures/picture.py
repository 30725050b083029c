"""One still picture and the faces in it, for ``classroom-fer predict``.

The faces are the same records as those of a film's frames: same detector, crop, classifier and rules.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from classroom_fer.lesson.expression_groups import GROUPS, group_probabilities, likeliest
from classroom_fer.lesson.records import FaceSample, Image
from classroom_fer.settings.rules import ExpressionRules

GROUP_WORDS = {
    "neutral": "neutral-looking",
    "smiling": "smiling",
    "surprised": "surprised-looking",
    "other": "other or uncertain",
}
"""The four groups as reports name them (docs/measurement.md, section 7)."""


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture, held in memory only."""

    name: str
    """As the user gave it: a path or a URL."""
    image: Image
    """Upright RGB [H, W, 3]."""
    notes: tuple[str, ...] = ()
    """What was done to it that a user should know, e.g. "animated: its first picture"."""

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height, upright."""
        return self.image.shape[1], self.image.shape[0]


def why_no_class(face: FaceSample, rules: ExpressionRules) -> str | None:
    """The reason with its numbers, for a person; None where the face has a class.

    e.g. "too small (28 px, at least 36 are needed)". Numbers are rounded away from the limit that they miss.
    """
    match face.abstained_because:
        case None:
            return None
        case "too small":
            numbers = f"{math.floor(face.quality.size_px)} px, at least {rules.min_face_px:g} are needed"
        case "turned away" if face.pose is not None:
            numbers = f"{math.ceil(abs(face.pose.yaw_deg))} degrees to the side, up to {rules.max_yaw:g} can be read"
        case "unsure detection":
            clear = 0.0 if face.frontal is None else face.frontal
            numbers = f"frontal and clear {_down(clear):.2f}, at least {rules.min_frontal:.2f} is needed"
        case "uncertain" if face.emotion is not None:
            group, _ = likeliest(face.emotion)
            found, needed = group_probabilities(face.emotion)[group], rules.least_of_group()[group]
            numbers = f"{GROUP_WORDS[GROUPS[group]]} {_down(found):.2f}, at least {needed:.2f} is needed"
        case reason:
            return reason
    return f"{face.abstained_because} ({numbers})"


def _down(share: float) -> float:
    """Two digits, never rounded up."""
    return math.floor(100 * share) / 100
