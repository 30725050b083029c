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


@dataclass(frozen=True, slots=True)
class MissedLimit:
    """The number for which a face has no class, and what it would have needed.

    Rounded away from the limit: a reader never sees one number that looks like the other.
    """

    found: float
    needed: float
    group: str | None = None
    """The one of GROUPS whose probability it is ("uncertain")."""


def missed_limit(face: FaceSample, rules: ExpressionRules) -> MissedLimit | None:
    """None where the face has a class, or no number says why it has none."""
    match face.abstained_because:
        case "too small":
            return MissedLimit(math.floor(face.quality.size_px), rules.min_face_px)
        case "turned away" if face.pose is not None:
            return MissedLimit(math.ceil(abs(face.pose.yaw_deg)), rules.max_yaw)
        case "unsure detection":
            return MissedLimit(_down(0.0 if face.frontal is None else face.frontal), rules.min_frontal)
        case "uncertain" if face.emotion is not None:
            group, _ = likeliest(face.emotion)
            found = float(group_probabilities(face.emotion)[group])
            return MissedLimit(_down(found), rules.least_of_group()[group], GROUPS[group])
        case _:
            return None


def why_no_class(face: FaceSample, rules: ExpressionRules) -> str | None:
    """The reason with its numbers, for a person; None where the face has a class.

    e.g. "too small (28 px, at least 36 are needed)".
    """
    limit = missed_limit(face, rules)
    if limit is None:
        return face.abstained_because
    match face.abstained_because:
        case "too small":
            numbers = f"{limit.found:g} px, at least {limit.needed:g} are needed"
        case "turned away":
            numbers = f"{limit.found:g} degrees to the side, up to {limit.needed:g} can be read"
        case "unsure detection":
            numbers = f"frontal and clear {limit.found:.2f}, at least {limit.needed:.2f} is needed"
        case _:
            numbers = f"{GROUP_WORDS[limit.group or 'other']} {limit.found:.2f}, at least {limit.needed:.2f} is needed"
    return f"{face.abstained_because} ({numbers})"


def _down(share: float) -> float:
    """Two digits, never rounded up."""
    return math.floor(100 * share) / 100
