"""What one face sample counts for: why an expression abstains, orientation O and expression E, both 0-1.

Formulas and constants: docs/measurement.md, section 3; every constant comes from ``settings.rules.Rules``. O and E do
not measure attention or feeling: they say which way a face was turned and how it looked to the camera.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.expression_groups import group_probabilities
from classroom_fer.lesson.records import Abstention, HeadPose, TaskMode
from classroom_fer.settings.rules import ExpressionRules, PoseRules

Floats = npt.NDArray[np.float64]
"""NaN stands for "missing" inside the pure half; it becomes None in every record."""

ORIENTED_MODES: tuple[TaskMode, ...] = ("board", "desk")
"""Modes with one right way to face; in the others O and the index are undefined."""


def abstains_before(
    size_px: float, frontal: float | None, pose: HeadPose | None, rules: ExpressionRules
) -> Abstention | None:
    """Why a face is not even shown to the classifier; None if it may be classified.

    Args: shorter side of the box in pixels, how frontal and clear the face is (0-1; None = not asked, nothing is read),
    head pose. The first reason that holds is given: of a face that is not clear, size and pose say little.

    >>> from classroom_fer.settings.config import default_config
    >>> abstains_before(20, 0.99, None, default_config().rules.expression)
    'too small'
    """
    if frontal is None or not frontal >= rules.min_frontal:
        return "unsure detection"
    if not size_px >= rules.min_face_px:
        return "too small"
    if pose is None:
        return "pose unknown"
    if not abs(pose.yaw_deg) <= rules.max_yaw:
        return "turned away"
    return None


def abstains_after(probabilities: Sequence[float], rules: ExpressionRules) -> Abstention | None:
    """ "uncertain" where the most probable group does not reach its limit (or there is no number), else None."""
    groups = group_probabilities(probabilities)
    group = int(groups.argmax())
    return None if groups[group] >= rules.least_of_group()[group] and not np.isnan(groups).any() else "uncertain"


def orientation_values(yaw_deg: npt.ArrayLike, down: npt.ArrayLike, mode: TaskMode | None, rules: PoseRules) -> Floats:
    """How far faces were turned to where the task is, 0-1, same shape as the angles.

    Args: yaw relative to the track's own baseline, degrees, NaN = unknown; whether the head is down. ``mode`` None =
    between tasks. NaN where the yaw is unknown and everywhere in modes without orientation.
    """
    yaw = np.asarray(yaw_deg, dtype=np.float64)
    if mode not in ORIENTED_MODES:
        return np.full(yaw.shape, np.nan)
    turned = np.clip((rules.yaw_zero - np.abs(yaw)) / (rules.yaw_zero - rules.yaw_full), 0.0, 1.0)
    head_down = 0.5 if mode == "board" else 1.0  # board: notes or not, cannot tell; desk: the work lies there
    value = np.where(np.asarray(down, dtype=bool), head_down, turned)
    return np.asarray(np.where(np.isnan(yaw), np.nan, value))


def expression_values(probabilities: npt.ArrayLike, weights: Sequence[float]) -> Floats:
    """Weighted expression, 0-1: 0 for the lowest weighted emotion alone, 1 for the highest.

    Args: probabilities [..., 8] and weights [8] in EMOTIONS order. Linear in the probabilities, so the value of a mean
    is the mean of the values; NaN in gives NaN out.
    """
    w = np.asarray(weights, dtype=np.float64)
    scaled = (w - w.min()) / (w.max() - w.min())
    p = np.asarray(probabilities, dtype=np.float64)
    return np.asarray(np.clip((p * scaled).sum(axis=-1), 0.0, 1.0))


def index_points(orientation_01: npt.ArrayLike, expression_01: npt.ArrayLike, alpha: float) -> Floats:
    """The Visible Engagement Index, 0-100; NaN where a component is missing."""
    o, e = np.asarray(orientation_01, dtype=np.float64), np.asarray(expression_01, dtype=np.float64)
    return np.asarray(100.0 * (alpha * o + (1.0 - alpha) * e))
