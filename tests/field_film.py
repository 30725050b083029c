"""A film of field pictures, as AVCHD cameras record interlaced H.264: two packets, one picture.

No encoder that PyAV has makes them, so this writes the stream itself: fields of raw samples (I_PCM macroblocks; ITU-T
H.264, 7.3.5).
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
from media import HEIGHT, TICKS, WIDTH, numbered

from classroom_fer.lesson.records import Image

FRAME_NUM_BITS = 4
I_PCM = 25
"""mb_type in I slices, table 7-11."""


class BitWriter:
    """Most significant bit first."""

    def __init__(self) -> None:
        self.bits: list[str] = []

    def u(self, value: int, size: int) -> BitWriter:
        self.bits.append(format(value, f"0{size}b"))
        return self

    def ue(self, value: int) -> BitWriter:
        text = format(value + 1, "b")
        self.bits.append("0" * (len(text) - 1) + text)
        return self

    def align(self) -> BitWriter:
        self.bits.append("0" * (-sum(map(len, self.bits)) % 8))
        return self

    def raw(self, data: bytes) -> BitWriter:
        self.bits.append("".join(format(byte, "08b") for byte in data))
        return self

    def unit(self, kind: int, importance: int = 3) -> bytes:
        """A NAL unit with its start code, trailing bit and emulation prevention bytes."""
        text = "".join(self.bits) + "1"
        text += "0" * (-len(text) % 8)
        payload = int(text, 2).to_bytes(len(text) // 8, "big")
        safe = bytearray()
        zeros = 0
        for byte in payload:
            if zeros >= 2 and byte <= 3:
                safe.append(3)
                zeros = 0
            safe.append(byte)
            zeros = zeros + 1 if byte == 0 else 0
        return b"\0\0\0\1" + bytes([importance << 5 | kind]) + bytes(safe)


def parameter_sets() -> bytes:
    """Main profile, level 3, frames that may be coded as fields."""
    sps = BitWriter().u(77, 8).u(0, 8).u(30, 8).ue(0).ue(FRAME_NUM_BITS - 4).ue(2)  # poc type 2: shown as coded
    sps.ue(1).u(0, 1).ue(WIDTH // 16 - 1).ue(HEIGHT // 32 - 1).u(0, 1).u(0, 1).u(1, 1).u(0, 1).u(0, 1)
    pps = BitWriter().ue(0).ue(0).u(0, 1).u(0, 1).ue(0).ue(0).ue(0).u(0, 1).u(0, 2).ue(0).ue(0).ue(0)
    pps.u(1, 1).u(0, 1).u(0, 1)
    return sps.unit(7) + pps.unit(8)


def field(image: Image, number: int, bottom: bool) -> bytes:
    """One field of a picture as a NAL unit; a first field whose number is a multiple of 16 is a key picture."""
    frame = av.VideoFrame.from_ndarray(image, format="rgb24").to_ndarray(format="yuv420p")
    luma = frame[:HEIGHT][bottom::2]
    chroma = frame[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)[:, bottom::2]
    is_key = number % 16 == 0 and not bottom
    bits = BitWriter().ue(0).ue(7).ue(0).u(number % 16, FRAME_NUM_BITS).u(1, 1).u(int(bottom), 1)
    if is_key:
        bits.ue(number // 16 % 2)
    bits.u(0, 2 if is_key else 1)  # marking
    bits.ue(0).ue(1)  # quantiser; no deblocking
    for row in range(HEIGHT // 32):
        for column in range(WIDTH // 16):
            bits.ue(I_PCM).align().raw(luma[16 * row : 16 * row + 16, 16 * column : 16 * column + 16].tobytes())
            for plane in chroma:
                bits.raw(plane[8 * row : 8 * row + 8, 8 * column : 8 * column + 8].tobytes())
    return bits.unit(5 if is_key else 1)


def write_field_film(path: Path, frames: int, fps: int = 25) -> Path:
    """A transport stream (``path`` ends in .mts or .ts) whose picture i says i, in a packet a field."""
    raw = path.with_suffix(".bare.h264")
    raw.write_bytes(parameter_sets() + field(numbered(0), 0, False))
    with av.open(str(raw), format="h264") as source, av.open(str(path), "w", format="mpegts") as film:
        stream = film.add_stream_from_template(source.streams.video[0])
        for number in range(2 * frames):
            data = field(numbered(number // 2), number // 2, bool(number % 2))
            packet = av.Packet((parameter_sets() if number // 2 % 16 == 0 and number % 2 == 0 else b"") + data)
            packet.stream, packet.time_base = stream, Fraction(1, TICKS)
            packet.pts = packet.dts = TICKS + number * TICKS // (2 * fps)
            packet.is_keyframe = number % 32 == 0
            film.mux(packet)
    raw.unlink()
    return path
