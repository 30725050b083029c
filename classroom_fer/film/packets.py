"""The packet index: every frame's presentation time, coding order and use, from one pass without decoding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.packet import Packet
from av.video.stream import VideoStream

from classroom_fer.film.film_file import open_container
from classroom_fer.film.nal import is_shown, reference_reader
from classroom_fer.lesson.sampling import Positions, Times

TIMES_FROM_ZERO = ("matroska", "mov")
"""Containers whose declared duration counts from time 0, not from the first packet (measured with libav 62)."""
LONGEST_REORDER = 32
"""No codec moves a frame further between coding and presentation order (H.264 and HEVC: 16)."""
BAD_READS = 64
"""Rejected reads in a row after which the rest of a file is given up (choice)."""


@dataclass(frozen=True, slots=True, eq=False)
class PacketIndex:
    """One entry per source frame in presentation order, unless said otherwise."""

    pts: npt.NDArray[np.int64]
    """Presentation time stamps, ascending, in ticks of ``time_base``."""
    times_s: Times
    """Presentation times from media start."""
    order: Positions
    """Number of the frame's packet in coding order."""
    disposable: npt.NDArray[np.bool_]
    """No other frame refers to this one."""
    keys: Positions
    """Positions of key frames, ascending."""
    key_orders: Positions
    """Coding order numbers of the same key frames."""
    coded: Positions
    """Positions in coding order."""
    delay: int
    """Frames that the decoder holds back to put them in order of presentation."""
    shown_at: dict[int, int] | None
    """dts -> pts for containers without presentation times (AVI); else None."""
    declared: int
    """Frames that the header promises, or the packets found if more."""
    duration_s: float
    frame_s: float
    """Typical time between frames."""

    def position(self, pts: int | None) -> int | None:
        """Position of the frame with this time stamp; None if there is none."""
        if pts is None:
            return None
        place = int(np.searchsorted(self.pts, pts))
        return place if place < len(self.pts) and self.pts[place] == pts else None

    def key_before(self, position: int, back: int = 0) -> int | None:
        """Position of the last key frame at or before ``position``, or ``back`` key frames earlier; None = no such."""
        place = int(np.searchsorted(self.keys, position, side="right")) - 1 - back
        return int(self.keys[place]) if place >= 0 else None

    def relied_on_after(self, position: int) -> Positions:
        """Frames after ``position`` whose damage the decoder meets before it has given ``position`` out."""
        known = self.coded[max(0, position - LONGEST_REORDER) : position + self.delay + 1]
        later = known[known > position]
        return later[~self.disposable[later]]

    def key_after_order(self, order: int) -> int:
        """Position of the first key frame coded after ``order``; past the end if there is none."""
        later = self.keys[self.key_orders > order]
        return int(later[0]) if later.size else len(self.pts)


def video_packets(container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """The stream's packets in coding order; rejected reads are skipped. Ends without the empty flush packet."""
    failures = 0
    while failures < BAD_READS:
        try:
            for packet in container.demux(stream):
                failures = 0
                if packet.size:
                    yield packet
            return
        except av.FFmpegError:
            failures += 1


@dataclass(slots=True)
class _Scan:
    """Lists filled packet by packet, in coding order."""

    pts: list[int]
    dts: list[int]
    order: list[int]
    unused: list[bool]
    """Nothing in its own temporal layer refers to it."""
    layer: list[int]
    free: list[bool]
    """The container says that nothing refers to it (MP4's sdtp table)."""
    key: list[bool]
    ends: int = 0
    hidden: int = 0
    timed: bool = True


def build_index(path: Path, container: InputContainer, stream: VideoStream) -> PacketIndex:
    """Reads every packet of ``stream`` once; the container stands at its end afterwards."""
    scan = _scan(container, stream)
    shown_at: dict[int, int] | None = None
    if not scan.timed and stream.codec_context.has_b_frames:
        scan.pts, shown_at = _learn_times(path, scan)
    pts = np.array(scan.pts, np.int64)
    by_time = np.argsort(pts, kind="stable")
    pts = pts[by_time]
    orders = np.array(scan.order, np.int64)
    layers = np.array(scan.layer, np.int64)
    unused = np.array(scan.unused, bool) & (layers == layers.max(initial=0)) | np.array(scan.free, bool)
    keys = np.flatnonzero(np.array(scan.key, bool)[by_time])
    start, times = _media_times(pts, container, stream)
    frame_s = float(np.median(np.diff(times))) if len(times) > 1 else 1.0 / float(stream.average_rate or 25)
    return PacketIndex(
        pts=pts,
        times_s=times,
        order=orders[by_time],
        disposable=unused[by_time],
        keys=keys.astype(np.int64),
        key_orders=orders[by_time][keys],
        coded=np.argsort(orders[by_time]).astype(np.int64),
        delay=int(stream.codec_context.reorder_depth),
        shown_at=shown_at,
        declared=max(_promised(container, stream) - scan.hidden, len(pts)),
        duration_s=_duration(container, stream, scan, start, times),
        frame_s=frame_s,
    )


def _scan(container: InputContainer, stream: VideoStream) -> _Scan:
    scan = _Scan([], [], [], [], [], [], [])
    codec, extradata = stream.codec_context.name, stream.codec_context.extradata
    read = reference_reader(codec, extradata)
    stores_times = container.format.name != "avi"
    for number, packet in enumerate(video_packets(container, stream)):
        data = bytes(packet) if read is not None or codec == "vp8" else b""
        stamp = packet.pts if packet.pts is not None else packet.dts
        stores_times &= packet.pts is not None
        if packet.is_discard or stamp is None or not is_shown(codec, data):
            scan.hidden += 1
            continue
        unused, layer = read(data) if read is not None else (False, 0)
        scan.pts.append(stamp)
        scan.dts.append(stamp if packet.dts is None else packet.dts)
        scan.order.append(number)
        scan.unused.append(unused)
        scan.layer.append(layer)
        scan.free.append(packet.is_disposable)
        scan.key.append(packet.is_keyframe)
        scan.ends = max(scan.ends, stamp + (packet.duration or 0))
    scan.timed = stores_times or scan.pts != sorted(scan.pts)
    return scan


def _learn_times(path: Path, scan: _Scan) -> tuple[list[int], dict[int, int]]:
    """Presentation times of a film that stores only coding times although it reorders frames (H.264 in AVI).

    The order of display is in the pictures themselves, so this decodes the film once: rare, and as slow as it sounds.
    """
    container, stream = open_container(path)
    stream.thread_type = "AUTO"
    known, shown = set(scan.order), []
    with container:
        for number, packet in enumerate(video_packets(container, stream)):
            packet.pts = number
            shown += [frame.pts for frame in decoded(packet) if frame.pts in known]
        shown += [frame.pts for frame in decoded_rest(stream) if frame.pts in known]
    for number in sorted(known.difference(shown)):  # did not decode: before the first frame that was coded later
        shown.insert(next((i for i, other in enumerate(shown) if other > number), len(shown)), number)
    times = dict(zip(shown, sorted(scan.dts), strict=True))
    pts = [times[number] for number in scan.order]
    return pts, dict(zip(scan.dts, pts, strict=True))


def decoded(packet: Packet[VideoStream]) -> list[av.VideoFrame]:
    """Frames that come out of the decoder when ``packet`` goes in; none if it is rejected."""
    try:
        return packet.decode()
    except av.FFmpegError:
        return []


def decoded_rest(stream: VideoStream) -> list[av.VideoFrame]:
    """Frames that the decoder still holds at the end of the film."""
    try:
        return stream.codec_context.decode(None)
    except av.FFmpegError:
        return []


def _media_times(pts: npt.NDArray[np.int64], container: InputContainer, stream: VideoStream) -> tuple[float, Times]:
    """Media start, seconds of the container's clock, and the times from there.

    Media start is where players show 0:00: the container's start, which may lie before its first picture.
    """
    base = stream.time_base or Fraction(1, 1000)
    first = int(pts[0]) if len(pts) else 0
    lead = 0.0
    if container.start_time is not None and len(pts):
        lead = float(first * base - Fraction(container.start_time, av.time_base))
        lead = lead if lead > float(base) else 0.0  # less than a tick is the container's rounding
    times = (pts - first).astype(np.float64) * base.numerator / base.denominator + lead
    return float(first * base) - lead, times


def _promised(container: InputContainer, stream: VideoStream) -> int:
    """Frames that the header speaks of. MP4's own table knows of edit lists; its frame count does not."""
    if stream.frames and container.format.name.startswith("mov"):
        return len(stream.index_entries)
    return stream.frames


def _duration(container: InputContainer, stream: VideoStream, scan: _Scan, start: float, times: Times) -> float:
    declared = 0.0
    if container.duration:
        declared = container.duration / av.time_base
        if container.format.name.startswith(TIMES_FROM_ZERO):
            declared -= max(start, 0.0)
    last = float(times[-1]) if len(times) else 0.0
    if declared > last:
        return declared
    return max(float(scan.ends * (stream.time_base or 0)) - start if len(times) else 0.0, last)
