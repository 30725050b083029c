"""One decoder moving forward through a film, and the turning of its frames into upright RGB."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.buffer import Buffer
from av.packet import Packet
from av.video.stream import VideoStream

from classroom_fer.film.film_file import open_container
from classroom_fer.film.packets import PacketIndex, video_packets
from classroom_fer.lesson.records import Image

MARGIN_KEYS = 1
"""Key frames to go back beyond the one before a stretch: the pictures around a key frame of an open group refer to the
group before it (H.264 recovery points, HEVC CRA)."""
Drop = Callable[[int], bool]
Turn = tuple[tuple[int, int], tuple[int, int]]
"""Display matrix without its scale: (x, y) -> (a x + c y, b x + d y) for ((a, b), (c, d)), y downwards."""
UPRIGHT: Turn = ((1, 0), (0, 1))


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

    def __init__(self, path: Path, index: PacketIndex, *, threads: int) -> None:
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
            self._container.seek(int(self._index.pts[key]), stream=self._stream, backward=True)
        except av.FFmpegError:
            return False
        self._restart(first=0, position=key)
        for packet in self._packets:
            if (landed := self._position_of(packet)) is not None:
                self._peeked, self.fed = packet, int(self._index.order[landed])
                return self.fed <= int(self._index.order[key])
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
        position = self._position_of(packet)
        if position is not None:
            self.fed = int(self._index.order[position])
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
            position = self._index.position(frame.pts)
            if position is not None:
                self._ready.append(Shown(position, frame))

    def _position_of(self, packet: Packet[VideoStream]) -> int | None:
        if self._index.shown_at is not None and packet.dts is not None:
            packet.pts = self._index.shown_at.get(packet.dts)
        elif packet.pts is None:
            packet.pts = packet.dts
        return self._index.position(packet.pts)


def turn_of(frame: av.VideoFrame) -> Turn:
    """How the film asks to be turned or mirrored, to the nearest quarter turn."""
    data = frame.side_data.get("DISPLAYMATRIX")  # a buffer; PyAV types it as object
    if data is None:
        return UPRIGHT
    matrix = np.frombuffer(bytes(cast(Buffer, data)), np.int32).reshape(3, 3)[:2, :2].astype(np.float64)
    signs = np.sign(matrix).astype(int)
    if abs(matrix[0, 0]) >= abs(matrix[0, 1]):
        signs[0, 1] = signs[1, 0] = 0
    else:
        signs[0, 0] = signs[1, 1] = 0
    (a, b), (c, d) = signs.tolist()
    return ((a, b), (c, d)) if a * d - b * c else UPRIGHT  # an empty matrix says nothing


def clockwise_deg(turn: Turn) -> int:
    """Degrees by which players turn the stored picture clockwise: 0, 90, 180 or 270; mirroring left aside."""
    return {(1, 0): 0, (0, 1): 90, (-1, 0): 180, (0, -1): 270}[turn[0]]


def upright(frame: av.VideoFrame, turn: Turn, width_px: int, height_px: int) -> Image:
    """The frame as contiguous RGB [H, W, 3], turned, at the film's size even where the stream changes size midway."""
    (a, b), (c, d) = turn
    stored = (width_px, height_px) if a else (height_px, width_px)
    image = frame.to_ndarray(format="rgb24", width=stored[0], height=stored[1])
    if not a:
        image = image.swapaxes(0, 1)
    if (a or c) < 0:
        image = image[:, ::-1]
    if (d or b) < 0:
        image = image[::-1]
    return np.ascontiguousarray(image, dtype=np.uint8)
