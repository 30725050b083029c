"""One decoder moving forward through a film.

Packets are known by their number in coding order, which the decoder hands on with each frame: whatever the film's time
stamps say, it is known which picture came out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
from av.packet import Packet
from av.video.stream import VideoStream

from classroom_fer.film.container import open_container, video_packets
from classroom_fer.film.picture_index import PictureIndex
from classroom_fer.film.picture_times import NO_STAMP

MARGIN_KEYS = 1
"""Key frames to go back beyond the one before a stretch: the pictures around a key frame of an open group refer to the
group before it (H.264 recovery points, HEVC CRA)."""
Drop = Callable[[int], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A frame came out."""

    position: int
    frame: av.VideoFrame


@dataclass(frozen=True, slots=True)
class Rejected:
    """The decoder refused a packet (the one with this coding order number, or one shortly before it)."""

    order: int


class Decoding:
    """A film open for decoding. Frames come out in order of presentation; ``seek`` chooses where to begin."""

    def __init__(self, path: Path, index: PictureIndex, *, threads: int) -> None:
        self._path, self._index, self._threads = path, index, threads
        self._ready: deque[Shown | Rejected] = deque()
        self._open()

    def _open(self) -> None:
        self._container, self._stream = open_container(self._path)
        self._stream.codec_context.thread_count = self._threads
        self._stream.thread_type = "SLICE" if self._threads == 1 else "AUTO"
        self._restart(first=0, position=0)

    def _restart(self, *, first: int, position: int) -> None:
        self._packets = video_packets(self._container, self._stream)
        self._peeked: Packet[VideoStream] | None = None
        self._ready.clear()
        self._ended = False
        self.fed = first
        """Coding order number of the next packet."""
        self.position = position
        """The first source frame that may still come out whole."""

    def close(self) -> None:
        """Releases the file; frames already given stay valid."""
        self._ready.clear()
        self._container.close()

    def start_for(self, position: int) -> int | None:
        """The key frame at which decoding has to begin so that ``position`` comes out right; None = the beginning."""
        return self._index.key_before(position, MARGIN_KEYS)

    def can_read_on_to(self, position: int) -> bool:
        """Whether frame ``position`` is still to come, and no seek would be a short cut."""
        start = self.start_for(position)
        order = 0 if start is None else int(self._index.order[start])
        return self.position <= position and order <= self.fed

    def seek(self, position: int) -> None:
        """Goes back (or on) to where decoding has to begin for ``position``."""
        back = MARGIN_KEYS
        while (key := self._index.key_before(position, back)) is not None:
            if self._land_on(key):
                return
            back *= 2  # the container's own index led past the key frame
        if self.fed or self.position or self._ready or self._ended:
            self._container.close()
            self._open()

    def _land_on(self, key: int) -> bool:
        try:
            self._container.seek(int(self._index.stamps[key]), stream=self._stream, backward=True)
        except (av.FFmpegError, OverflowError):  # no time stamp to use
            return False
        self._restart(first=0, position=key)
        for packet in self._packets:
            if (number := self._index.number_of_packet(self._place(packet))) is not None:
                self._peeked, self.fed = packet, number
                return number <= int(self._index.order[key])
        return False

    def next(self, drop: Drop) -> Shown | Rejected | None:
        """What comes out next; None at the end of the film. Packets of frames that ``drop`` names are left out."""
        while not self._ready:
            if self._ended:
                return None
            self._feed(drop)
        event = self._ready.popleft()
        if isinstance(event, Shown):
            self.position = max(self.position, event.position + 1)
        return event

    def put_back(self, events: list[Shown]) -> None:
        """Lets the frames that were taken last come out again."""
        self._ready.extendleft(reversed(events))
        if events:
            self.position = min(self.position, events[0].position)

    def _feed(self, drop: Drop) -> None:
        packet = self._peeked or next(self._packets, None)
        self._peeked = None
        if packet is None:
            self._ended = True
            self._send(None)
            return
        self._check_number(packet)
        position = self._index.position_of_packet(self.fed)
        packet.pts = self.fed
        if position is None or not drop(position):
            self._send(packet)
        self.fed += 1

    def _send(self, packet: Packet[VideoStream] | None) -> None:
        try:
            frames = self._stream.codec_context.decode(packet)
        except av.FFmpegError:
            self._ready.append(Rejected(self.fed))
            return
        for frame in frames:
            position = self._index.position_of_packet(frame.pts)
            if position is not None:
                self._ready.append(Shown(position, frame))

    def _check_number(self, packet: Packet[VideoStream]) -> None:
        """Packets are counted; where a damaged file gives others than the first time, its place tells the number."""
        place = self._place(packet)
        if self.fed >= len(self._index.places) or self._index.places[self.fed] != place:
            number = self._index.number_of_packet(place)
            self.fed = self.fed if number is None else number

    def _place(self, packet: Packet[VideoStream]) -> int:
        """As in ``PictureIndex.places``."""
        if self._index.by_bytes:
            return -1 if packet.pos is None else packet.pos
        stamp = packet.dts if packet.pts is None else packet.pts
        return NO_STAMP if stamp is None else stamp
