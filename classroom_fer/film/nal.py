"""Tells from a packet's bytes what libav has no flag for: whether any other frame needs it, whether it shows a picture,
whether it is the second field of one. Nothing is decoded.

A picture that nothing refers to may be left out of decoding without harm to the rest. Sources: H.264 (ITU-T H.264,
7.3.1: nal_ref_idc 0 = not used for reference), HEVC (ITU-T H.265, table 7-1: even types up to 14 are sub-layer
non-reference pictures, which only higher temporal layers may refer to), VP8 (RFC 6386, 9.1: show_frame).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from classroom_fer.film.h264 import HEADER_BYTES, PPS, SPS, Headers, Slice


@dataclass(frozen=True, slots=True)
class Said:
    """What a packet's bytes say."""

    unused: bool = False
    """No picture of its own temporal layer refers to it."""
    layer: int = 0
    """Temporal layer from 0."""
    shown: bool = True
    joins: bool = False
    """It is the second field of the picture before."""


NOTHING_SAID = Said()


class PacketReader:
    """Of codecs in which every packet is taken to be needed and to show a picture."""

    needs_data = False
    """Whether ``read`` looks at the bytes at all."""
    has_b: bool | None = None
    """Are there pictures that are shown before one coded earlier? None = not known from outside."""

    def read(self, data: bytes) -> Said:
        """The next packet of the stream in coding order."""
        return NOTHING_SAID


def packet_reader(codec: str, extradata: bytes | None) -> PacketReader:
    """How to read the packets of a stream."""
    if codec == "h264":  # avcC holds lengthSizeMinusOne in byte 4, ISO/IEC 14496-15
        return H264Reader(_length_size(extradata, 4), extradata or b"")
    if codec == "hevc":  # hvcC in byte 21
        return HevcReader(_length_size(extradata, 21))
    if codec == "vp8":
        return Vp8Reader()
    return PacketReader()


def headers(data: bytes, length_size: int) -> Iterator[tuple[int, int, int]]:
    """Offset and first two bytes of each NAL unit. ``length_size``: bytes of its length prefix; 0 = start codes.

    >>> list(headers(bytes([0, 0, 0, 2, 0x41, 9, 0, 0, 0, 3, 0x01, 8, 7]), 4))
    [(4, 65, 9), (10, 1, 8)]
    """
    size = len(data)
    if length_size:
        at = 0
        while at + length_size + 2 <= size:
            start = at + length_size
            yield start, data[start], data[start + 1]
            at = start + int.from_bytes(data[at:start], "big")
    else:
        at = data.find(b"\0\0\1")
        while 0 <= at < size - 4:
            yield at + 3, data[at + 3], data[at + 4]
            at = data.find(b"\0\0\1", at + 3)


def _length_size(extradata: bytes | None, place: int) -> int:
    """Bytes of the length prefix; 0 where the stream uses start codes."""
    if extradata and extradata[0] == 1 and len(extradata) > place:
        return (extradata[place] & 3) + 1
    return 0


class H264Reader(PacketReader):
    """Slices are looked into only where fields may be, or until a B picture was met."""

    needs_data = True

    def __init__(self, length_size: int, extradata: bytes) -> None:
        self._length_size = length_size
        self._headers = Headers()
        self._headers.learn(_parameter_sets(extradata, length_size))
        self._first: Slice | None = None
        """The first field of a picture whose second may follow."""
        self.has_b: bool | None = False

    def read(self, data: bytes) -> Said:
        """Reads the NAL units of one packet."""
        slices = []
        for at, first, _ in headers(data, self._length_size):
            kind = first & 31
            if 1 <= kind <= 5:
                slices.append((at, first >> 5 & 3))
            elif kind in (SPS, PPS):
                self._headers.learn([data[at : at + 16 * HEADER_BYTES]])
        unused = bool(slices) and not any(needed for _, needed in slices)
        return Said(unused=unused, joins=self._joins(data, [at for at, _ in slices]))

    def _joins(self, data: bytes, slices: list[int]) -> bool:
        fields = self._headers.has_fields
        if not slices or (self.has_b and not fields):
            return False
        begin = self._headers.read(data[slices[0] : slices[0] + HEADER_BYTES])
        self.has_b = self.has_b or bool(begin and begin.is_b)
        if not fields:
            return False
        end = self._headers.read(data[slices[-1] : slices[-1] + HEADER_BYTES])
        if begin is None or end is None or begin.field != end.field:  # both fields in one packet
            self._first = None
            return False
        joins = self._first is not None and begin.completes(self._first)
        self._first = None if joins or begin.field is None else begin
        return joins


def _parameter_sets(extradata: bytes, length_size: int) -> list[bytes]:
    """Those of the stream's header: avcC (ISO/IEC 14496-15, 5.3.3.1) or start codes."""
    if not length_size:
        return [extradata[at:] for at, _, _ in headers(extradata, 0)]
    found, at = [], 6
    for count in (extradata[5] & 31 if len(extradata) > 5 else 0, None):
        if count is None:
            count, at = (extradata[at] if at < len(extradata) else 0), at + 1
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            found.append(extradata[at + 2 : at + 2 + size])
            at += 2 + size
    return found


class HevcReader(PacketReader):
    """Tells pictures that nothing of their temporal layer refers to."""

    needs_data = True

    def __init__(self, length_size: int) -> None:
        self._length_size = length_size

    def read(self, data: bytes) -> Said:
        """Reads the NAL units of one packet."""
        slices = [
            (first >> 1 & 63, second & 7)
            for _, first, second in headers(data, self._length_size)
            if first >> 1 & 63 < 32
        ]
        unused = bool(slices) and all(kind <= 14 and kind % 2 == 0 for kind, _ in slices)
        return Said(unused=unused, layer=max((layer - 1 for _, layer in slices), default=0))


class Vp8Reader(PacketReader):
    """Some packets only refresh a reference picture and show nothing."""

    needs_data = True

    def read(self, data: bytes) -> Said:
        """Looks at show_frame."""
        return Said(shown=not data or bool(data[0] & 0x10))
