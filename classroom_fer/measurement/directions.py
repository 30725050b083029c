"""Which way each face sample is turned, against its track's own zero (docs/measurement.md, sections 2 and 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from classroom_fer.measurement.baselines import Baselines, has_pose
from classroom_fer.measurement.engagement import Floats
from classroom_fer.measurement.sample_table import Mask, SampleTable
from classroom_fer.settings.rules import PoseRules


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """Columns of length N, one for each row of the sample table."""

    yaw_deg: Floats
    """Relative to the track's zero; NaN where it is unknown."""
    down: Mask
    """Whether the head is lowered; never where that is unknown."""
    known: Mask
    """Whether the direction may be used."""


def make_directions(table: SampleTable, baselines: Baselines, rules: PoseRules) -> Directions:
    """The direction of every sample.

    A head is down by its pitch; or, where the points say little of it, by its place: from 45 degrees on a head is read
    as bent by 15 to 30 degrees only, but O-Net no longer finds it frontal and its box sinks.
    """
    track = table.track
    sunk = (table.steady_y_px - baselines.place.y_px[track]) / baselines.place.size_px[track] >= rules.sunk
    down = (table.pitch_deg - baselines.pitch0_deg[track] >= rules.down) | ((table.frontal < rules.unclear) & sunk)
    return Directions(
        yaw_deg=table.yaw_deg - baselines.yaw0_deg[track],
        down=np.asarray(down),
        known=has_pose(table, rules) & ~np.isnan(baselines.yaw0_deg[track]),
    )
