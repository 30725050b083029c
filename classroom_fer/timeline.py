"""The class over time, bin by bin, centred on each track (measurement.md section 4).

``y_t = mean_i(x_it - xbar_i) + grand mean``: when a pupil who always looks elsewhere leaves the picture, the curve does
not rise. Choices:
  - O is centred over the bins of board and desk tasks, E over all bins; the grand mean is the mean of the track means;
  - a track enters with at least ``track_min_bins`` bins of the component, else its own mean is noise;
  - the index is ``100 (a y_O + (1-a) y_E)`` although a bin's O and E may come from different tracks (E abstains where
    heads turn away); its variance is that of two means across tracks with the covariance of the tracks that have both;
  - no value comes from a bin of a hidden task, nor reaches another bin from there (safeguard S3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from classroom_fer.bins import OUTSIDE
from classroom_fer.config import EvidenceRules, Rules
from classroom_fer.engagement import Floats
from classroom_fer.intervals import around
from classroom_fer.privacy import may_count, timeline_threshold
from classroom_fer.sample_table import Ints, Mask
from classroom_fer.summaries import POINTS, covered
from classroom_fer.track_bins import TrackBins
from classroom_fer.types import Estimate, Probabilities, TimelineBin


@dataclass(frozen=True, slots=True, eq=False)
class Centred:
    """One component about the tracks' own means."""

    deviation: Floats
    """[T, B] x_it - xbar_i; NaN where missing."""
    grand_mean: float
    """NaN without tracks."""

    def at(self, b: int) -> tuple[Floats, float]:
        """The deviations in bin ``b`` ([T], NaN where missing) and the class value, clipped to 0-1."""
        column = self.deviation[:, b]
        return column, float(np.clip(column[~np.isnan(column)].mean() + self.grand_mean, 0.0, 1.0))


def centre(values: Floats, bins: Mask, rules: EvidenceRules) -> Centred:
    """Args: values [T, B] of one component, the bins [B] that count."""
    kept = np.where(bins, values, np.nan)
    count = (~np.isnan(kept)).sum(axis=1)
    enough = count >= max(1, min(rules.track_min_bins, int(bins.sum())))
    kept = np.where(enough[:, None], kept, np.nan)
    own = np.nansum(kept, axis=1)[enough] / count[enough]
    means = np.full(len(values), np.nan)
    means[enough] = own
    return Centred(kept - means[:, None], float(own.mean()) if own.size else math.nan)


def make_timeline(
    cells: TrackBins, open_bins: Mask, frames: Ints, faces: Floats, rules: Rules
) -> tuple[TimelineBin, ...]:
    """All bins of the grid in order of time.

    Args: ``open_bins`` [B] as of privacy.open_bins, sampled ``frames`` [B], mean simultaneous ``faces`` [B] (NaN where
    no frame was sampled).
    """
    facing = centre(cells.orientation, open_bins & cells.grid.oriented(), rules.evidence)
    looks = centre(cells.expression, open_bins, rules.evidence)
    return tuple(_bin(cells, b, facing, looks, int(frames[b]), float(faces[b]), rules) for b in range(cells.grid.size))


def _bin(
    cells: TrackBins, b: int, facing: Centred, looks: Centred, frames: int, faces: float, rules: Rules
) -> TimelineBin:
    grid = cells.grid
    needed = timeline_threshold(cells.simultaneous, rules.evidence)
    counts = [int((~np.isnan(part.deviation[:, b])).sum()) for part in (facing, looks)]
    shown = [min(count, cells.simultaneous) >= needed for count in counts]
    behind = [min(count, cells.simultaneous) for count, show in zip(counts, shown, strict=True) if show]
    only = np.arange(grid.size) == b
    share = covered(cells, only)

    def told(count: float) -> bool:
        return bool(frames) and may_count(count, cells.simultaneous, rules.evidence)

    return TimelineBin(
        task=None if grid.task[b] == OUTSIDE else grid.tasks[grid.task[b]].name,
        start_s=float(grid.edges_s[b]),
        end_s=float(grid.edges_s[b + 1]),
        frames=frames,
        faces=faces if told(faces) else None,
        n=min(behind) if behind else None,
        coverage=share if told(round(share * cells.simultaneous)) else None,
        engagement=_index(facing, looks, b, cells.simultaneous, rules) if all(shown) else None,
        orientation=facing.at(b)[1] if shown[0] else None,
        expression=looks.at(b)[1] if shown[1] else None,
        probabilities=_mean_probabilities(cells, looks, b) if shown[1] else None,
    )


def _index(facing: Centred, looks: Centred, b: int, simultaneous: int, rules: Rules) -> Estimate:
    """The index in bin ``b`` with the interval of its change across tracks (the grand mean's own error left out)."""
    (o, y_o), (e, y_e) = facing.at(b), looks.at(b)
    has_o, has_e = ~np.isnan(o), ~np.isnan(e)
    n_o, n_e, a = int(has_o.sum()), int(has_e.sum()), rules.alpha_orientation
    both = has_o & has_e
    n_both = int(both.sum())
    shared = float(np.cov(o[both], e[both])[0, 1]) * n_both / (n_o * n_e) if n_both > 1 else 0.0
    variance = a**2 * float(o[has_o].var(ddof=1)) / n_o + (1 - a) ** 2 * float(e[has_e].var(ddof=1)) / n_e
    variance = max(0.0, variance + 2 * a * (1 - a) * shared)
    more_tracks_than_pupils = max(1.0, max(n_o, n_e) / simultaneous)
    error = 100.0 * math.sqrt(variance * more_tracks_than_pupils)
    return around(100.0 * (a * y_o + (1 - a) * y_e), error, min(n_o, n_e, simultaneous), POINTS)


def _mean_probabilities(cells: TrackBins, looks: Centred, b: int) -> Probabilities:
    """Mean over the tracks behind the bin's E, not centred; sums to 1."""
    rows = ~np.isnan(looks.deviation[:, b])
    mean = cells.probabilities[rows, b].mean(axis=0)
    return tuple(float(p) for p in mean / mean.sum())
