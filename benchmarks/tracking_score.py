"""How good tracks are, from who was there and whom each track's faces show.

IDF1 is py-motmetrics' own. Its newest release (1.4.0) has no HOTA, so that of Luiten et al. 2021 (IJCV 129) is written
here. Where a face is has been decided before (it lies in a seat or not), so there is one threshold of place, not
nineteen: HOTA = sqrt(DetA AssA).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import motmetrics
import numpy as np
from scipy.optimize import linear_sum_assignment


@dataclass(frozen=True, slots=True)
class Moment:
    """One sampled frame."""

    there: frozenset[int]
    """Seats whose pupil a tracker could follow, and other people by further numbers."""
    tracked: tuple[tuple[int, int | None], ...]
    """(track, whom its face shows; None = nobody)."""


@dataclass(frozen=True, slots=True)
class TrackScore:
    """What is reported of one lesson."""

    idf1: float
    hota: float
    seats: int
    seat_tracks: int
    """Tracks that show a seat's pupil most of the time."""
    other_tracks: int
    """The rest: people who walk about, and what is no face."""
    duplicates_per_seat_hour: float
    two_seats: int
    """Tracks with faces of two seats."""
    strays: int
    """Faces in a track that is somebody else's most of the time."""
    faces: int
    """In tracks."""
    switches: int


def track_score(moments: Sequence[Moment], seats: int, hours: float) -> TrackScore:
    """Scores tracks.

    Args:
        moments: in order of time.
        seats: how many; they are 0 to ``seats`` - 1 in ``Moment``.
        hours: of the lesson.
    """
    shown: dict[int, Counter[int | None]] = defaultdict(Counter)
    for moment in moments:
        for track, whom in moment.tracked:
            shown[track][whom] += 1
    owners = {track: counts.most_common(1)[0][0] for track, counts in shown.items()}
    per_seat = Counter(owner for owner in owners.values() if owner is not None and owner < seats)
    duplicates = sum(count - 1 for count in per_seat.values())
    on_two = [sum(whom is not None and whom < seats for whom in counts) > 1 for counts in shown.values()]
    identity = _motmetrics(moments)
    return TrackScore(
        idf1=round(identity["idf1"], 4),
        hota=round(hota(moments), 4),
        seats=seats,
        seat_tracks=per_seat.total(),
        other_tracks=len(owners) - per_seat.total(),
        duplicates_per_seat_hour=round(duplicates / (seats * hours), 3),
        two_seats=sum(on_two),
        strays=sum(counts.total() - counts[owners[track]] for track, counts in shown.items()),
        faces=sum(counts.total() for counts in shown.values()),
        switches=int(identity["num_switches"]),
    )


def _motmetrics(moments: Sequence[Moment]) -> dict[str, float]:
    """IDF1 and switches; a face can only be paired with whom it shows."""
    accumulator = motmetrics.MOTAccumulator(auto_id=True)
    for moment in moments:
        there = sorted(moment.there)
        far = np.array([[0.5 if whom == person else np.nan for _, whom in moment.tracked] for person in there])
        accumulator.update(there, [track for track, _ in moment.tracked], far)
    names = ["idf1", "num_switches"]
    summary = motmetrics.metrics.create().compute(accumulator, metrics=names, name="lesson")
    return {name: float(summary.loc["lesson", name]) for name in names}


def hota(moments: Sequence[Moment]) -> float:
    """Higher order tracking accuracy.

    >>> alone = Moment(frozenset([0]), ((1, 0),))
    >>> hota([alone, alone])
    1.0
    """
    people = Counter(person for moment in moments for person in moment.there)
    tracks = Counter(track for moment in moments for track, _ in moment.tracked)
    together = Counter((whom, track) for moment in moments for track, whom in moment.tracked if whom in moment.there)
    alike = {pair: n / (people[pair[0]] + tracks[pair[1]] - n) for pair, n in together.items()}
    matched: Counter[tuple[int | None, int]] = Counter()
    for moment in moments:
        matched.update(_pairs(moment, alike))
    hits = matched.total()
    if not hits:
        return 0.0
    held = sum(n * n / (people[pair[0]] + tracks[pair[1]] - n) for pair, n in matched.items()) / hits
    found = hits / (people.total() + tracks.total() - hits)
    return float(np.sqrt(found * held))


def _pairs(moment: Moment, alike: dict[tuple[int | None, int], float]) -> list[tuple[int | None, int]]:
    """Of each person's tracks in this frame the one that is most alike over the whole lesson."""
    possible = [(whom, track) for track, whom in moment.tracked if whom in moment.there]
    if len({whom for whom, _ in possible}) == len(possible):
        return possible
    people, tracks = sorted({whom for whom, _ in possible}), [track for _, track in possible]
    gain = np.array([[alike[who, track] if (who, track) in possible else -1.0 for track in tracks] for who in people])
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return [(people[row], tracks[column]) for row, column in zip(rows, columns, strict=True)]
