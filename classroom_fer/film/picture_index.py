"""The picture index: when each picture of a film is shown, where its packets are, and which pictures need it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from classroom_fer.film.container import Packets, StreamFacts, read_packets
from classroom_fer.film.display_order import decoded_order
from classroom_fer.film.picture_times import (
    LONGEST_REORDER,
    NO_STAMP,
    Clock,
    Flags,
    Risen,
    Shown,
    Stamps,
    Ticks,
    order_by_stamps,
    rising,
    shown,
)
from classroom_fer.lesson.intervals import Positions, Times
from classroom_fer.lesson.records import FilmRepair

TIMES_FROM_ZERO = ("matroska", "mov")
"""Containers whose declared duration counts from time 0, not from the first packet (measured with libav 62)."""
FASTEST = 1000.0
"""Pictures a second; beyond it an average rate is a mistake (choice; libav says 60000 of DV)."""
LOST_SHARE = 0.25
"""A gap in time is one of missing pictures if the file holds at least this share of their bytes there, unread (choice;
a recorder that waits writes next to nothing)."""


@dataclass(frozen=True, slots=True, eq=False)
class PictureIndex:
    """One entry per picture in order of presentation, unless said otherwise."""

    stamps: Ticks
    """What the container calls its time, for seeking."""
    times_s: Times
    """Presentation times from media start, strictly ascending."""
    ends_s: Times
    """Until when it is shown."""
    missing_s: Times
    """Where pictures are missing: in mid-film, and those that the header promised, up to its end."""
    order: Positions
    """Number of the picture's first packet in coding order."""
    disposable: Flags
    """No other picture needs this one."""
    keys: Positions
    """Positions of key frames, ascending."""
    key_orders: Positions
    """Coding order numbers of the same key frames."""
    coded: Positions
    """Positions in coding order."""
    positions: Positions
    """[packets] position of the picture that a packet belongs to; -1 = it shows none."""
    places: Ticks
    """[packets] byte offset, or time stamp where the container tells no offsets: names a packet after a seek."""
    by_bytes: bool
    """Whether ``places`` are byte offsets."""
    delay: int
    """Frames that the decoder holds back to put them in order of presentation."""
    declared: int
    """Pictures of the film, the missing ones included."""
    duration_s: float
    repairs: tuple[FilmRepair, ...]

    def position_of_packet(self, number: int | None) -> int | None:
        """Position of the picture that packet ``number`` (coding order) belongs to; None if it shows none."""
        if number is None or not 0 <= number < len(self.positions):
            return None
        position = int(self.positions[number])
        return position if position >= 0 else None

    def number_of_packet(self, place: int) -> int | None:
        """Number of the first packet at a place in the file; None if none begins there."""
        found = np.flatnonzero(self.places == place)
        return int(found[0]) if found.size else None

    def key_before(self, position: int, back: int = 0) -> int | None:
        """Position of the last key frame at or before ``position``, or ``back`` key frames earlier; None = no such."""
        place = int(np.searchsorted(self.keys, position, side="right")) - 1 - back
        return int(self.keys[place]) if place >= 0 else None

    def relied_on_after(self, position: int) -> Positions:
        """Pictures after ``position`` whose damage the decoder meets before it has given ``position`` out."""
        known = self.coded[max(0, position - LONGEST_REORDER) : position + self.delay + 1]
        later = known[known > position]
        return later[~self.disposable[later]]

    def key_after_order(self, order: int) -> int:
        """Position of the first key frame coded after ``order``; past the end if there is none."""
        later = self.keys[self.key_orders > order]
        return int(later[0]) if later.size else len(self.times_s)


def index_film(path: Path) -> tuple[StreamFacts, PictureIndex]:
    """Reads every packet of the film once; decodes nothing, unless its stamps cannot be trusted with the order.

    Raises:
        VideoError: no film, or one that cannot be shown or timed.
    """
    facts, packets = read_packets(path)
    first = np.flatnonzero(packets.shown & ~packets.joins)  # number of each picture's first packet, coding order
    order, risen = _in_time(path, first, packets, facts)
    joined = int((packets.joins & packets.shown).sum())
    start, times = _media_times(risen, facts)
    positions = _positions(packets, first, order)
    last = np.flatnonzero(positions == len(first) - 1)
    seen = shown(times, _shown_last_s(packets, last, times, facts), _is_missing(packets, first, order, times))
    promised = _promised(facts, packets) - joined
    absent = max(0, promised - len(first) - len(seen.missing_s))
    duration = _duration(facts, start, seen, is_wild=risen.is_wild and not absent)
    numbers = first[order]
    said = np.where(packets.pts == NO_STAMP, packets.dts, packets.pts)
    by_bytes = bool((packets.place >= 0).all())
    keys = np.flatnonzero(packets.key[numbers])
    index = PictureIndex(
        stamps=said[numbers],
        times_s=times,
        ends_s=seen.ends_s,
        missing_s=np.concatenate((seen.missing_s, _promised_times(absent, times, duration))),
        order=numbers,
        disposable=_disposable(packets, positions, len(numbers)),
        keys=keys,
        key_orders=numbers[keys],
        coded=np.argsort(numbers),
        positions=positions,
        places=packets.place if by_bytes else said,
        by_bytes=by_bytes,
        delay=facts.delay,
        declared=len(numbers) + len(seen.missing_s) + absent,
        duration_s=duration,
        repairs=(*_joined_fields(joined), *risen.repairs, *seen.repairs),
    )
    rate = _rate(facts.average_rate, times, joined, is_wild=risen.is_wild)
    return replace(facts, average_rate=rate), index


def _joined_fields(count: int) -> tuple[FilmRepair, ...]:
    return (FilmRepair("fields_joined", count, 0.0),) if count else ()


def _in_time(path: Path, first: Ticks, packets: Packets, facts: StreamFacts) -> tuple[Ticks, Risen]:
    """The pictures (places in coding order) in order of presentation, and their ticks."""
    stamps = Stamps(packets.pts[first], packets.dts[first], packets.key[first])
    keeps_order = facts.delay == 0 if packets.has_b is None else not packets.has_b
    clock = Clock(float(facts.base), facts.longest_s, facts.delay, keeps_order)
    if _tells_coding_times_only(stamps, clock, packets, facts):
        place = {int(number): at for at, number in enumerate(first)}
        order = np.array([place[number] for number in decoded_order(path, set(place))], np.int64)
        risen = rising(np.sort(stamps.dts), clock)
        made = FilmRepair("times_made", len(order), 0.0)
        return order, risen if facts.container == "avi" else replace(risen, repairs=(made, *risen.repairs))
    if (stamps.pts == NO_STAMP).all():
        stamps = replace(stamps, pts=stamps.dts)
    order_known = order_by_stamps(stamps, clock)
    if order_known is None:
        place = {int(number): at for at, number in enumerate(first)}
        order_known = np.array([place[number] for number in decoded_order(path, set(place))], np.int64)
    return order_known, rising(stamps.pts[order_known], clock)


def _tells_coding_times_only(stamps: Stamps, clock: Clock, packets: Packets, facts: StreamFacts) -> bool:
    """Whether frames are reordered and no presentation time says how (H.264 in AVI; a bare stream put into MP4)."""
    # where the codec does not tell: AVI alone keeps no presentation times
    reorders = packets.has_b if packets.has_b is not None else facts.container == "avi"
    if not reorders or not clock.delay or len(stamps) < 2 or (stamps.dts == NO_STAMP).any():
        return False
    given = stamps.pts[stamps.pts != NO_STAMP]
    partly = len(given) < len(stamps) and (facts.container == "avi" or not len(given))
    return partly or bool(len(given) == len(stamps) and (np.diff(given) > 0).all())


def _media_times(risen: Risen, facts: StreamFacts) -> tuple[float, Times]:
    """Media start, seconds of the container's clock, and the times from there.

    Media start is where players show 0:00: the container's start, which may lie before its first picture.
    """
    base = facts.base
    first = float(risen.ticks[0]) if len(risen.ticks) else 0.0
    begin_s = Fraction(first) * base
    lead = 0.0
    if facts.start_s is not None and len(risen.ticks) and not risen.begins_repaired:
        lead = float(begin_s - facts.start_s)
        lead = lead if lead > float(base) else 0.0  # less than a tick is the container's rounding
    times = (risen.ticks - first) * base.numerator / base.denominator + lead
    return float(begin_s) - lead, times


def _shown_last_s(packets: Packets, last: Ticks, times: Times, facts: StreamFacts) -> float:
    """How long the last picture is shown: as its packets say, unless that counts from its time of coding.

    Args: ``last``: numbers of its packets.
    """
    said = float(packets.duration[last].sum()) * float(facts.base)
    usual = float(np.median(np.diff(times))) if len(times) > 1 else 1.0 / (facts.average_rate or 25.0)
    if said > 0 and (packets.pts[last] == packets.dts[last]).all():
        return said
    if facts.container.startswith("mov"):  # what all of them last, from one coding time to the next, is the film
        left = float(packets.duration[packets.shown].sum()) * float(facts.base) - float(times[-1] - times[0])
        if left > 2 * usual:
            return left
    return min(said, usual) if said > 0 else usual


def _is_missing(packets: Packets, first: Ticks, order: Ticks, times: Times) -> Flags:
    """[N - 1] whether pictures are missing after each: the container says so, or the file holds bytes unread there."""
    count = max(0, len(order) - 1)
    if not count or times[-1] <= times[0]:
        return np.zeros(count, bool)
    steps = np.diff(times)
    gaps = np.flatnonzero(steps > 1.5 * np.median(steps))
    found = np.zeros(count, bool)
    unread = np.append(packets.place[1:] - packets.place[:-1] - packets.size[:-1], 0)
    if (packets.place < 0).any():
        unread[:] = 0
    between = np.maximum(unread, 0)
    span = float(times[-1] - times[0])
    overhead, rate = float(between.sum()) / span, float(packets.size.sum()) / span
    for gap in gaps.tolist():
        a, b = sorted((int(first[order[gap]]), int(first[order[gap + 1]])))
        left = max(0, a - 1)
        excess = float(between[left : b + 1].max()) - 2 * overhead * float(steps[gap])
        corrupt = bool(packets.corrupt[left : b + 1].any())
        found[gap] = corrupt or excess > LOST_SHARE * rate * float(steps[gap])
    return found


def _promised(facts: StreamFacts, packets: Packets) -> int:
    """Pictures that the header speaks of. AVI's counts frames that the recorder left out, too: by the times of those
    that are there, so many were left out."""
    if facts.container == "avi" and len(packets.dts):
        left_out = int(packets.dts.max() - packets.dts.min()) + 1 - len(packets.dts)
        return facts.promised - max(0, left_out)
    return facts.promised - int((~packets.shown).sum())


def _rate(average: float | None, times: Times, joined: int, *, is_wild: bool) -> float | None:
    """Pictures a second: the container's average, unless it counts fields, or wild stamps, or is no rate of a film."""
    if average is not None and average <= FASTEST and not is_wild:
        return average * len(times) / (len(times) + joined) if joined else average
    if average is None or len(times) < 2:
        return None
    return 1 / float(np.median(np.diff(times))) if is_wild else (len(times) - 1) / float(times[-1] - times[0])


def _duration(facts: StreamFacts, start: float, seen: Shown, *, is_wild: bool) -> float:
    """Seconds that the container declares; those of its pictures where they last longer or it says nothing.

    ``is_wild``: its time stamps lie, and what it declares is made from them.
    """
    declared = 0.0 if is_wild else facts.duration_s
    if declared and facts.container.startswith(TIMES_FROM_ZERO):
        declared -= max(start, 0.0)
    last = float(seen.times_s[-1]) if len(seen.times_s) else 0.0
    if declared > last:
        return declared
    return max(float(seen.ends_s[-1]) if len(seen.ends_s) else 0.0, last)


def _promised_times(count: int, times: Times, duration: float) -> Times:
    """Where ``count`` frames that the header promised and the file lacks would have been: evenly up to the end."""
    last = float(times[-1]) if len(times) else 0.0
    if duration <= last:
        return np.full(count, last)
    return np.linspace(last, duration, count + 2)[1:-1]


def _positions(packets: Packets, first: Ticks, order: Ticks) -> Positions:
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    positions = np.full(len(packets.pts), -1, np.int64)
    positions[first] = rank
    for number in np.flatnonzero(packets.joins & packets.shown).tolist():
        positions[number] = positions[number - 1]
    return positions


def _disposable(packets: Packets, positions: Positions, count: int) -> Flags:
    """A picture may be left out if all of its packets may."""
    disposable = np.ones(count, bool)
    shown_ones = positions >= 0
    np.logical_and.at(disposable, positions[shown_ones], packets.disposable[shown_ones])
    return disposable
