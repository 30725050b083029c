"""Tells from a packet's bytes whether any other frame needs it. Nothing is decoded; libav offers no such flag.

A picture that nothing refers to may be left out of decoding without harm to the rest. Sources: H.264 (ITU-T H.264,
7.3.1: nal_ref_idc 0 = not used for reference), HEVC (ITU-T H.265, table 7-1: even types up to 14 are sub-layer
non-reference pictures, which only higher temporal layers may refer to), VP8 (RFC 6386, 9.1: show_frame).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

Reference = Callable[[bytes], tuple[bool, int]]
"""Packet -> (no picture of its own temporal layer refers to it, temporal layer from 0)."""


def headers(data: bytes, length_size: int) -> Iterator[tuple[int, int]]:
    """First two bytes of each NAL unit. ``length_size``: bytes of the length prefix; 0 = start codes (Annex B).

    >>> list(headers(bytes([0, 0, 0, 2, 0x41, 9, 0, 0, 0, 3, 0x01, 8, 7]), 4))
    [(65, 9), (1, 8)]
    """
    size = len(data)
    if length_size:
        at = 0
        while at + length_size + 2 <= size:
            start = at + length_size
            yield data[start], data[start + 1]
            at = start + int.from_bytes(data[at:start], "big")
    else:
        at = data.find(b"\0\0\1")
        while 0 <= at < size - 4:
            yield data[at + 3], data[at + 4]
            at = data.find(b"\0\0\1", at + 3)


def reference_reader(codec: str, extradata: bytes | None) -> Reference | None:
    """How to read a packet of this stream; None for codecs in which every packet is taken to be needed."""
    if codec == "h264":  # avcC holds lengthSizeMinusOne in byte 4, ISO/IEC 14496-15
        return _h264(_length_size(extradata, 4))
    if codec == "hevc":  # hvcC in byte 21
        return _hevc(_length_size(extradata, 21))
    return None


def _length_size(extradata: bytes | None, place: int) -> int:
    """Bytes of the length prefix; 0 where the stream uses start codes."""
    if extradata and extradata[0] == 1 and len(extradata) > place:
        return (extradata[place] & 3) + 1
    return 0


def _h264(length_size: int) -> Reference:
    def read(data: bytes) -> tuple[bool, int]:
        slices = [first >> 5 & 3 for first, _ in headers(data, length_size) if 1 <= first & 31 <= 5]
        return bool(slices) and not any(slices), 0

    return read


def _hevc(length_size: int) -> Reference:
    def read(data: bytes) -> tuple[bool, int]:
        slices = [(first >> 1 & 63, second & 7) for first, second in headers(data, length_size) if first >> 1 & 63 < 32]
        unused = bool(slices) and all(kind <= 14 and kind % 2 == 0 for kind, _ in slices)
        return unused, max((layer - 1 for _, layer in slices), default=0)

    return read


def is_shown(codec: str, data: bytes) -> bool:
    """False for VP8 packets that only refresh a reference picture and show nothing."""
    return codec != "vp8" or not data or bool(data[0] & 0x10)
