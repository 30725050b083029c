"""One model of a film's time: a rising sequence of shown pictures, made from whatever the container says.

Pure arithmetic on time stamps. What players do is the measure: they carry on where stamps begin again, and they show
a picture until the next one comes. A stamp is trusted unless its neighbours contradict it.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.records import FilmRepair, RepairCode

Ticks = npt.NDArray[np.int64]
"""Time stamps in ticks of the stream's time base; NO_STAMP where there is none."""
FloatTicks = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NO_STAMP = int(np.iinfo(np.int64).min)
LONGEST_REORDER = 32
"""No codec moves a frame further between coding and presentation order (H.264 and HEVC: 16)."""
LONGEST_RUN = 16
"""Pictures shown between two that are coded one after the other: the most that encoders make of B-frames (x264)."""
AROUND = 9
"""Stamps on each side whose median says where time stands, wild ones aside (choice)."""
FEW = 3
"""Fewer pictures than this in a row are no new beginning of time but wild stamps (choice)."""
ASTRAY = 250
"""At most so many pictures in a row have wild stamps before time goes on as if nothing had been; longer stretches are
new beginnings (choice: 10 s of most films)."""
NEAR = 0.1
"""Stamps are where they would have been without a jump if they miss it by this share of the jump (choice)."""
LONG_STEPS = 3
"""Where pictures come as rarely as in a film of stills, a step of so many usual ones is no new beginning (choice)."""
HELD_S = 1.0
"""A picture shown for longer, and longer than twice the usual, counts as held (choice: one sampling interval)."""
STEADY = 0.98
"""Share of equal steps from which a film counts as one of constant frame rate (choice)."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What the numbers of one stream mean."""

    tick_s: float
    longest_s: float
    """A step beyond this is a new beginning, not a picture shown for so long."""
    delay: int
    """Frames that the decoder holds back to put them in order of presentation, as far as libav knows."""
    keeps_order: bool
    """Frames are shown in the order in which they are coded."""


@dataclass(frozen=True, slots=True, eq=False)
class Stamps:
    """What the container says of each picture, in coding order."""

    pts: Ticks
    dts: Ticks
    key: Flags

    def __len__(self) -> int:
        return len(self.pts)


def order_by_stamps(stamps: Stamps, clock: Clock) -> Ticks | None:
    """Places in coding order, in order of presentation; None where the stamps cannot be trusted with that.

    >>> stamps = Stamps(np.array([0, 30, 10, 20]), np.array([-10, 0, 10, 20]), np.array([True, False, False, False]))
    >>> order_by_stamps(stamps, Clock(0.1, 3600.0, 1, False)).tolist()
    [0, 2, 3, 1]
    """
    count = len(stamps)
    if clock.keeps_order or not count:
        return np.arange(count)
    if (stamps.pts == NO_STAMP).any():
        return None
    edges = [0, *_beginnings(stamps, clock), count]
    parts = []
    for first, last in pairwise(edges):
        part = stamps.pts[first:last]
        order = np.argsort(part, kind="stable")
        if not _is_orderly(part, order, clock) or _ends_behind_a_hole(part[order], clock, is_last=last == count):
            return None
        parts.append(order + first)
    return np.concatenate(parts)


def _beginnings(stamps: Stamps, clock: Clock) -> list[int]:
    """Key frames, in coding order, at which time begins again: a key frame is shown after all that was coded before."""
    pts, found = stamps.pts, [0]
    before = np.maximum.accumulate(pts)[:-1]
    longest = _longest(pts, clock)
    step = pts[1:] - before
    for place in np.flatnonzero(stamps.key[1:] & ((step <= 0) | (step > longest))) + 1:
        left = float(np.median(pts[max(found[-1], place - AROUND) : place]))
        right = float(np.median(pts[place : place + AROUND]))
        if right < left or right - left > longest:
            found.append(int(place))
    return found[1:]


def _is_orderly(pts: Ticks, order: Ticks, clock: Clock) -> bool:
    """Whether a decoder could give these pictures out in the order of their stamps."""
    rank = np.empty(len(pts), np.int64)
    rank[order] = np.arange(len(pts))
    moved = rank - np.arange(len(pts))
    steps = np.diff(pts[order])
    if (steps <= 0).any() or moved.max() > LONGEST_REORDER:
        return False
    is_even = not len(steps) or steps.max() < 1.6 * np.median(steps)
    if not is_even and (-moved.min() > clock.delay or moved.max() > LONGEST_RUN):
        return False
    return not _has_a_picture_out_of_step(steps)


def _has_a_picture_out_of_step(steps: Ticks) -> bool:
    """Whether, at a constant frame rate, one picture is missing where it should be and squeezed in elsewhere."""
    if not _are_steady(steps):
        return False
    usual = float(np.median(steps))
    squeezed, hole = np.flatnonzero(steps < 0.6 * usual), np.flatnonzero(steps > 1.6 * usual)
    if not squeezed.size or not hole.size:
        return False
    return bool((np.abs(squeezed[:, None] - hole[None, :]) <= LONGEST_REORDER).any())


def _ends_behind_a_hole(sorted_pts: Ticks, clock: Clock, *, is_last: bool) -> bool:
    """Whether only the last pictures before time begins again, or of a film of constant frame rate, lie far behind the
    others: is one held, or are they out of line?

    In the second case their stamps do not tell: a picture that is coded last may be shown before others.
    """
    steps = np.diff(sorted_pts)
    if not len(steps) or (is_last and not _are_steady(steps)):
        return False
    held = max(HELD_S / clock.tick_s, 2 * float(np.median(steps)))
    return bool((steps[-(LONGEST_REORDER if is_last else ASTRAY) :] > held).any())


def _are_steady(steps: Ticks) -> bool:
    """Whether these are the steps of a film of constant frame rate, some aside."""
    if len(steps) < LONGEST_REORDER:
        return False
    usual = float(np.median(steps))
    return bool((np.abs(steps - usual) <= 0.2 * usual).mean() >= STEADY)


def _longest(stamps: Ticks, clock: Clock) -> float:
    """Ticks beyond which a step is a new beginning."""
    return max(clock.longest_s / clock.tick_s, LONG_STEPS * usual_step(stamps))


def usual_step(stamps: Ticks) -> float:
    """Ticks from one picture to the next as a rule, in order of presentation; 0 where no two stamps rise.

    >>> usual_step(np.array([100, 120, 140, 900, 160, 0, 20]))
    20.0
    """
    steps = np.diff(stamps[stamps != NO_STAMP])
    return float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Risen:
    """Stamps made rising, and what that took."""

    ticks: FloatTicks
    """[N] strictly ascending."""
    repairs: tuple[FilmRepair, ...]
    begins_repaired: bool = False
    """The first stamp could not be used."""
    is_wild: bool = False
    """Stamps begin again, or some are far out of line."""


def rising(stamps: Ticks, clock: Clock) -> Risen:
    """Time stamps of pictures in order of presentation, as a player would follow them.

    Where they begin again, or jump by more than ``clock.longest_s``, the next picture follows one step after the last.
    Stamps that fit neither side, and pictures without one, are put evenly between their neighbours.

    >>> rising(np.array([0, 10, 950, 30, 0, 10, 20]), Clock(0.1, 3600.0, 0, True)).ticks.tolist()
    [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0]
    """
    steps, longest = np.diff(stamps), _longest(stamps, clock)
    if (stamps != NO_STAMP).all() and (steps > 0).all() and (steps <= longest).all():
        return Risen(stamps.astype(np.float64), ())
    step = usual_step(stamps) or 0.04 / clock.tick_s
    meant, is_good, is_repeated, shifts = _followed(stamps, clock, step)
    ticks = _filled(np.where(is_good, meant, np.nan), step)
    change = np.abs(ticks - meant)
    is_wild = ~is_good & ~is_repeated & ~np.isnan(meant)
    repairs = [
        _repair("times_restarted", len(shifts), np.abs(shifts), clock),
        _repair("time_outliers", int(is_wild.sum()), change[is_wild], clock),
        _repair("times_equal", int(is_repeated.sum()), change[is_repeated], clock),
        _repair("times_made", int(np.isnan(meant).sum()), np.zeros(0), clock),
    ]
    return Risen(
        ticks,
        tuple(repair for repair in repairs if repair.count),
        begins_repaired=bool(len(ticks) and not is_good[0]),
        is_wild=any(repair.count for repair in repairs[:2]),
    )


def _followed(stamps: Ticks, clock: Clock, step: float) -> tuple[FloatTicks, Flags, Flags, list[float]]:
    """Which stamps are followed.

    Returns: [N] ticks as the stamps say, new beginnings moved to where they follow on, NaN without one; [N] those that
    are followed; [N] those that repeat a followed one; by how much each new beginning was moved.
    """
    meant = stamps.astype(np.float64)
    meant[stamps == NO_STAMP] = np.nan
    is_good, is_repeated = np.zeros(len(stamps), bool), np.zeros(len(stamps), bool)
    end: float | None = None
    shifts: list[float] = []
    for piece in _pieces(stamps, clock):
        good = piece[_longest_rise(stamps[piece])]
        if end is not None:
            shifts.append(end + step * float(good[0] - piece[0] + 1) - float(stamps[good[0]]))
            meant[piece] += shifts[-1]
        is_good[good] = True
        same = np.diff(stamps[piece]) == 0
        is_repeated[piece] = (np.append(False, same) | np.append(same, False)) & ~is_good[piece]
        end = float(meant[good[-1]]) + float(piece[-1] - good[-1]) * step
    return meant, is_good, is_repeated, shifts


def _repair(code: RepairCode, count: int, changes: npt.ArrayLike, clock: Clock) -> FilmRepair:
    largest = float(np.max(np.asarray(changes, np.float64), initial=0.0))
    return FilmRepair(code, count, round(largest * clock.tick_s, 3))


def _pieces(stamps: Ticks, clock: Clock) -> list[Ticks]:
    """Positions of the stamps to be followed, cut where time begins again; wild stretches of a few are left out."""
    known = np.flatnonzero(stamps != NO_STAMP)
    longest = _longest(stamps, clock)
    astray = _astray(stamps[known], longest)
    if 2 * astray.sum() < len(known):
        known = known[~astray]
    values = stamps[known]
    step = np.diff(values)
    edges = [0]
    for place in np.flatnonzero((step <= 0) | (step > longest)) + 1:
        left = float(np.median(values[max(edges[-1], place - AROUND) : place]))
        right = float(np.median(values[place : place + AROUND]))
        is_long = min(place - edges[-1], len(values) - place) >= FEW
        if (right < left and is_long) or right - left > longest:
            edges.append(int(place))
    edges.append(len(values))
    pieces = [known[a:b] for a, b in pairwise(edges) if b > a]
    long = [piece for piece in pieces if len(piece) >= FEW]
    return long or pieces[:1]


def _astray(values: Ticks, longest: float) -> Flags:
    """Which stamps leave the film's time for a while, after which it goes on as if nothing had been.

    >>> _astray(np.array([0, 10, 20, 930, 40, 950, 960, 70, 80]), 36000.0).astype(int).tolist()
    [0, 0, 0, 1, 0, 1, 1, 0, 0]
    """
    step, steps = usual_step(values), np.diff(values)
    astray = np.zeros(len(values), bool)
    if not step:
        return astray
    line = values - step * np.arange(len(values))  # level where pictures come steadily
    for left in np.flatnonzero((steps <= 0) | (steps > longest)).tolist():
        if astray[left]:
            continue
        ahead = _left_before(line, astray, left + 1, step) if steps[left] <= 0 else None
        first, last = ahead or _back_after(line, left, step)
        level = line[first - 1]
        astray[first:last] |= np.abs(line[first:last] - level) > np.abs(line[first] - level) / 2
    return astray


def _left_before(line: FloatTicks, astray: Flags, back: int, step: float) -> tuple[int, int] | None:
    """The stretch [first, back) that a jump ahead began, if time goes on at ``back`` where it was before it."""
    begin = max(1, back - ASTRAY)
    jumps, misses = np.diff(line[begin - 1 : back]), np.abs(line[back] - line[begin - 1 : back - 1])
    fitting = np.flatnonzero(
        ~astray[begin - 1 : back - 1] & (jumps > 2 * step) & (misses <= np.maximum(2 * step, NEAR * jumps))
    )
    return (begin + int(fitting[-1]), back) if fitting.size else None


def _back_after(line: FloatTicks, left: int, step: float) -> tuple[int, int]:
    """The stretch [left + 1, end) after which time goes on where it was at ``left``; empty if it does not."""
    jump = abs(float(line[left + 1] - line[left]))
    misses = np.abs(line[left + 2 : left + 2 + ASTRAY] - line[left])
    fitting = np.flatnonzero(misses <= max(2 * step, NEAR * jump))
    return left + 1, left + 2 + int(fitting[0]) if fitting.size and jump > 2 * step else left + 1


def _longest_rise(values: Ticks) -> Ticks:
    """Places of the longest strictly rising selection of ``values``.

    >>> _longest_rise(np.array([1, 2, 9, 3, 4])).tolist()
    [0, 1, 3, 4]
    """
    if (np.diff(values) > 0).all():
        return np.arange(len(values))
    tops: list[int] = []
    places: list[int] = []
    before = np.full(len(values), -1, np.int64)
    for place, value in enumerate(values.tolist()):
        at = bisect_left(tops, value)
        if at < len(tops) and tops[at] == value:
            continue  # of equal stamps the first holds
        before[place] = places[at - 1] if at else -1
        tops[at : at + 1] = [value]
        places[at : at + 1] = [place]
    chosen, place = [], places[-1]
    while place >= 0:
        chosen.append(place)
        place = int(before[place])
    return _likelier(values, np.array(chosen[::-1], np.int64))


def _likelier(values: Ticks, chosen: Ticks) -> Ticks:
    """Where one of two stamps has to go, the one that lies nearer to where it should be stays.

    >>> _likelier(np.array([0, -50, 20, 30, 40]), np.array([1, 2, 3, 4])).tolist()
    [0, 2, 3, 4]
    """
    step, better = usual_step(values[chosen]), chosen.copy()
    for dropped in np.setdiff1d(np.arange(len(values)), chosen).tolist():
        at = int(np.searchsorted(better, dropped))
        for rival in (at - 1, at):
            if not 0 <= rival < len(better):
                continue
            inside = [int(better[i]) for i in (rival - 1, rival + 1) if 0 <= i < len(better)]
            if any((values[dropped] - values[i]) * (dropped - i) <= 0 for i in inside):
                continue

            def error(place: int, inside: list[int] = inside) -> float:
                return min(abs(float(values[place] - values[i]) - step * (place - i)) for i in inside)

            if inside and error(dropped) < error(int(better[rival])):
                better[rival] = dropped
                break
    return better


def _filled(ticks: FloatTicks, step: float) -> FloatTicks:
    """NaN filled evenly between neighbours, and by ``step`` at the ends; with no stamp at all, counted from 0."""
    good = np.flatnonzero(~np.isnan(ticks))
    places = np.arange(len(ticks))
    if not good.size:
        return (places * step).astype(np.float64)
    filled = np.interp(places, good, ticks[good])
    first, last = int(good[0]), int(good[-1])
    filled[:first] = ticks[first] - step * (first - places[:first])
    filled[last + 1 :] = ticks[last] + step * (places[last + 1 :] - last)
    return np.asarray(filled)


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """When each picture is seen, seconds from media start, in order of presentation."""

    times_s: npt.NDArray[np.float64]
    ends_s: npt.NDArray[np.float64]
    """Until when it is shown: the next picture comes, or what follows it is missing, or the film ends."""
    missing_s: npt.NDArray[np.float64]
    """When the pictures would have come that are missing from the film's middle."""
    repairs: tuple[FilmRepair, ...]
    """Pictures shown for long."""


def shown(times_s: npt.NDArray[np.float64], last_s: float, is_missing: Flags) -> Shown:
    """Args: presentation times; how long the last picture is shown; [N - 1] what comes after a picture is missing.

    >>> shown(np.array([0.0, 1.0, 2.0, 9.0, 10.0, 13.0]), 1.0, np.array([0, 0, 0, 0, 1], bool)).missing_s.tolist()
    [11.0, 12.0]
    """
    steps = np.diff(times_s)
    usual = float(np.median(steps)) if len(steps) else 0.0
    gone = is_missing & (steps > 1.5 * usual)
    lengths = np.append(np.where(gone, usual, steps), last_s)[: len(times_s)]
    counts = np.where(gone, np.round(steps / usual) - 1 if usual else 0, 0).astype(np.int64)
    missing = [
        np.linspace(times_s[place], times_s[place + 1], counts[place] + 2)[1:-1] for place in np.flatnonzero(gone)
    ]
    held = np.flatnonzero((steps > max(HELD_S, 2 * usual)) & ~gone)
    repairs = (FilmRepair("pictures_held", len(held), round(float(steps[held].sum()), 3)),) if held.size else ()
    return Shown(times_s, times_s + lengths, np.concatenate(missing) if missing else np.zeros(0), repairs)
