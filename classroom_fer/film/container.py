"""Opens a film with libav and reads its packets once: what the container says of each, nothing decoded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import av.logging
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from classroom_fer.errors import VideoError
from classroom_fer.film.film_file import COPY_AGAIN, CUT_OFF, KNOWN, looks_like, not_a_film
from classroom_fer.film.nal import PacketReader, packet_reader
from classroom_fer.film.picture_times import NO_STAMP, Flags, Ticks

av.logging.set_level(
    None
)  # silence without a Python callback: one deadlocks when a threaded decoder is closed (PyAV 18)

BAD_READS = 64
"""Rejected reads in a row after which the rest of a file is given up (choice)."""
TS_DISCONT = 0x0200
"""AVFMT_TS_DISCONT: time stamps of this container may jump (libavformat/avformat.h)."""
LONGEST_S = {True: 10.0, False: 3600.0}
"""A longer step between two pictures is a new beginning of time, where stamps may jump and elsewhere: what libav's
player takes (fftools/ffplay.c, max_frame_duration)."""
CONVERT = "convert it: ffmpeg -i IN -c:v libx264 OUT.mp4"


def open_container(path: Path) -> tuple[InputContainer, VideoStream]:
    """The open container and its picture stream; every other stream is switched off.

    Only local files are opened, whatever a playlist inside may name.

    Raises:
        VideoError: no film, or nothing in it can be shown.
    """
    try:
        container = av.open(
            f"file:{os.path.abspath(path)}",  # noqa: PTH100 - resolve() would follow links, whose name may mean something
            "r",
            metadata_errors="replace",
            container_options={"protocol_whitelist": "file"},
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise not_a_film(path, error) from error
    try:
        return container, _picture_stream(path, container)
    except VideoError:
        container.close()
        raise


def _picture_stream(path: Path, container: InputContainer) -> VideoStream:
    name = container.format.name
    if looks := looks_like(path):
        raise VideoError(f"{path}: is {looks}, not a film", hint=f"give a film: {KNOWN}")
    if name.endswith("_pipe") or name in {"image2", "tty"}:
        raise VideoError(f"{path}: is a still picture or text, not a film", hint=f"give a film: {KNOWN}")
    if all(stream.type not in {"video", "audio", "subtitle"} for stream in container.streams):
        raise VideoError(f"{path}: says nothing of pictures; {CUT_OFF}", hint=COPY_AGAIN)
    moving = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not moving:
        what = "only sound and a cover picture" if container.streams.video else "no picture track"
        hint = "give the film itself, not its sound track" if container.streams.audio else f"give a film: {KNOWN}"
        raise VideoError(f"{path}: has {what}", hint=hint)
    known = [s for s in moving if s.codec_context is not None and s.width and s.height]
    if not known:
        raise VideoError(
            f"{path}: its picture track cannot be read (damaged, protected, or of a codec unknown here)", hint=CONVERT
        )
    stream = max(known, key=lambda s: (bool(s.disposition & Disposition.default), s.width * s.height, -s.index))
    for other in container.streams:
        if other.index != stream.index:
            other.discard = av.stream.Discard.all
    return stream


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


@dataclass(frozen=True, slots=True, eq=False)
class Packets:
    """What the container says, one entry a packet of the picture stream in coding order."""

    pts: Ticks
    dts: Ticks
    duration: Ticks
    """0 = not said."""
    place: Ticks
    """Byte offset in the file; -1 = not said."""
    size: Ticks
    key: Flags
    corrupt: Flags
    """The container knows that bytes are missing or wrong here."""
    disposable: Flags
    """No other picture needs it."""
    shown: Flags
    """It shows a picture; False for what an edit list cuts off, and for hidden reference pictures (VP8)."""
    joins: Flags
    """It is the second field of the picture before."""
    has_b: bool | None
    """Are there pictures that are shown before one coded earlier? None = its codec does not tell from outside."""


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What the container says of the picture stream as a whole."""

    container: str
    codec: str
    base: Fraction
    """Seconds a tick."""
    start_s: Fraction | None
    """Where the container's clock begins."""
    duration_s: float
    """Declared; 0 = not said."""
    promised: int
    """Packets that the header speaks of; 0 = none."""
    average_rate: float | None
    delay: int
    """Frames that the decoder holds back."""
    longest_s: float
    width_px: int
    height_px: int
    pixel_aspect: Fraction
    """Width of a pixel over its height."""
    metadata: dict[str, str] = field(default_factory=dict)


def read_packets(path: Path) -> tuple[StreamFacts, Packets]:
    """Reads every packet of the film at ``path`` once.

    Raises:
        VideoError: no film, or an encrypted one, or one whose pictures have no time.
    """
    container, stream = open_container(path)
    with container:
        if "enc_key_id" in stream.metadata:  # WebM's content encryption
            raise _encrypted(path)
        scan = _Scan(packet_reader(stream.codec_context.name, stream.codec_context.extradata))
        for packet in video_packets(container, stream):
            if packet.has_sidedata("encryption_info"):
                raise _encrypted(path)
            scan.add(packet)
        packets, facts = scan.packets(), _facts(container, stream)
    if not packets.shown.any():
        raise VideoError(f"{path}: holds no picture that is to be shown; {CUT_OFF}", hint=COPY_AGAIN)
    if len(packets.pts) and (np.maximum(packets.pts, packets.dts) == NO_STAMP).all():
        raise _without_times(path, facts)
    return facts, packets


class _Scan:
    """Gathers packets."""

    def __init__(self, reader: PacketReader) -> None:
        self._reader = reader
        self._numbers: list[tuple[int, int, int, int, int]] = []
        self._flags: list[tuple[bool, bool, bool, bool, bool]] = []
        self._unused: list[bool] = []
        self._layers: list[int] = []

    def add(self, packet: Packet[VideoStream]) -> None:
        """The next packet in coding order."""
        said = self._reader.read(bytes(packet) if self._reader.needs_data else b"")
        self._numbers.append(
            (
                NO_STAMP if packet.pts is None else packet.pts,
                NO_STAMP if packet.dts is None else packet.dts,
                packet.duration or 0,
                -1 if packet.pos is None else packet.pos,
                packet.size,
            )
        )
        shown = said.shown and not packet.is_discard
        self._flags.append((packet.is_keyframe, packet.is_corrupt, packet.is_disposable, shown, said.joins))
        self._unused.append(said.unused)
        self._layers.append(said.layer)

    def packets(self) -> Packets:
        """All of them."""
        pts, dts, duration, place, size = np.array(self._numbers, np.int64).reshape(-1, 5).T
        key, corrupt, free, shown, joins = np.array(self._flags, bool).reshape(-1, 5).T
        layers = np.array(self._layers, np.int64)
        unused = np.array(self._unused, bool) & (layers == layers.max(initial=0))
        return Packets(
            pts=pts,
            dts=dts,
            duration=duration,
            place=place,
            size=size,
            key=key,
            corrupt=corrupt,
            disposable=unused | free,
            shown=shown,
            joins=joins,
            has_b=self._reader.has_b,
        )


def _facts(container: InputContainer, stream: VideoStream) -> StreamFacts:
    context = stream.codec_context
    return StreamFacts(
        container=container.format.name,
        codec=context.name,
        base=stream.time_base or Fraction(1, 1000),
        start_s=None if container.start_time is None else Fraction(container.start_time, av.time_base),
        duration_s=(container.duration or 0) / av.time_base,
        promised=_promised(container, stream),
        average_rate=float(stream.average_rate) if stream.average_rate else None,
        delay=int(context.reorder_depth),
        longest_s=LONGEST_S[bool(container.format.flags & TS_DISCONT)],
        width_px=stream.width,
        height_px=stream.height,
        pixel_aspect=stream.sample_aspect_ratio or Fraction(1),
        metadata=container.metadata | stream.metadata,
    )


def _promised(container: InputContainer, stream: VideoStream) -> int:
    """Frames that the header speaks of. MP4's own table knows of edit lists; its frame count does not."""
    if stream.frames and container.format.name.startswith("mov"):
        return len(stream.index_entries)
    return stream.frames


def _encrypted(path: Path) -> VideoError:
    return VideoError(
        f"{path}: is encrypted (protected against copying)",
        hint="export the film without protection from the program or camera that made it",
    )


def _without_times(path: Path, facts: StreamFacts) -> VideoError:
    out = path.with_suffix(".mp4").name
    return VideoError(
        f"{path}: is a bare {facts.codec} stream: it does not say when its pictures are shown",
        hint=f"put it into a container, with the camera's frame rate for N: "
        f"ffmpeg -framerate N -i {path.name} -c copy {out}",
    )
