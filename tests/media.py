"""Test films, generated with PyAV. Every frame carries its own number as a bar code that survives coding.

The code is a band of BITS black or white blocks along the top edge, most significant first, so that a test reads back
which source frame it was given. Below it lies a gradient that differs by corner, so that turns and mirrors show.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from classroom_fer.lesson.records import Image

BITS = 12
WIDTH, HEIGHT = 192, 96  # 16 px a bit: a macro block each
BAND = 32
TICKS = 90_000
"""Time base of the generated films, ticks a second (that of broadcast and most cameras)."""


def numbered(number: int, *, width: int = WIDTH, height: int = HEIGHT) -> Image:
    """A picture that says ``number``; red grows to the right, green downwards."""
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 0] = np.linspace(40, 200, width, dtype=np.uint8)
    image[..., 1] = np.linspace(40, 200, height, dtype=np.uint8)[:, None]
    image[..., 2] = 60 + number * 7 % 120
    for bit in range(BITS):
        left, right = bit * width // BITS, (bit + 1) * width // BITS
        image[:BAND, left:right] = 255 if number >> (BITS - 1 - bit) & 1 else 0
    return image


def number_of(image: Image) -> int:
    """The number that ``numbered`` wrote into an upright picture."""
    width = image.shape[1]
    centres = [(2 * bit + 1) * width // (2 * BITS) for bit in range(BITS)]
    bits = [int(image[BAND // 2 - 4 : BAND // 2 + 4, x - 2 : x + 2].mean() > 127) for x in centres]
    return int("".join(map(str, bits)), 2)


@dataclass(frozen=True, slots=True)
class Coding:
    """How a test film is coded; the defaults are those of a camera with B-frames."""

    codec: str = "libx264"
    pixels: str = "yuv420p"
    gop: int = 24
    b_frames: int = 3
    open_gop: bool = False
    rotation: int = 0
    """Display matrix, degrees counter-clockwise."""

    def options(self) -> dict[str, str]:
        table = {"g": str(self.gop), "bf": str(self.b_frames)}
        if self.codec == "libx264":
            table |= {"preset": "veryfast", "crf": "20", "sc_threshold": "0"}
            table["x264-params"] = f"open-gop={int(self.open_gop)}:b-pyramid=normal"
        elif self.codec == "libx265":
            table |= {"preset": "ultrafast", "crf": "20"}
            table["x265-params"] = f"open-gop={int(self.open_gop)}:log-level=none:scenecut=0:bframes={self.b_frames}"
        elif self.codec.startswith("libvpx"):
            table = {"g": str(self.gop), "deadline": "realtime", "cpu-used": "8", "crf": "20", "b": "1M"}
        elif self.codec in {"gif", "mjpeg", "prores_ks"}:
            table = {}
        else:
            table |= {"qscale": "3", "b": "4M"}
        return table


def constant(frames: int, fps: float) -> list[float]:
    """Presentation times of a constant frame rate, seconds."""
    return [number / fps for number in range(frames)]


def write_film(
    path: Path, times_s: Sequence[float], coding: Coding = Coding(), *, audio: bool = False, rate: int = 25
) -> Path:
    """A film whose frame i says i and is shown at ``times_s[i]``. The suffix of ``path`` chooses the container."""
    options = {"movflags": "use_metadata_tags"} if path.suffix in {".mp4", ".mov"} else {}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(coding.codec, rate=rate, options=coding.options())
        turned = coding.rotation % 180 == 90
        stream.width, stream.height = (HEIGHT, WIDTH) if turned else (WIDTH, HEIGHT)
        stream.pix_fmt = coding.pixels
        ticks = rate if path.suffix == ".avi" else 100 if path.suffix == ".gif" else TICKS
        stream.codec_context.time_base = Fraction(1, ticks)
        if path.suffix != ".avi":
            stream.time_base = Fraction(1, ticks)
        if audio:
            _add_tone(container, 0.5)
        for number, time_s in enumerate(times_s):
            stored = np.rot90(numbered(number), -coding.rotation // 90)  # the matrix turns it back
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(stored), format="rgb24")
            frame.pts, frame.time_base = round(time_s * ticks), Fraction(1, ticks)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    if coding.rotation:
        set_rotation(path, coding.rotation)
    return path


def set_rotation(path: Path, degrees: int) -> None:
    """Writes the display matrix of an MP4/MOV film in place (counter-clockwise ``degrees``): PyAV has no setter.

    The matrix ends the ``tkhd`` box: ISO/IEC 14496-12, 8.3.2; 36 bytes of it, then width and height.
    """
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") - 4
    size = int.from_bytes(data[at : at + 4], "big")
    cos, sin = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[degrees % 360]
    matrix = [cos << 16, -sin << 16, 0, sin << 16, cos << 16, 0, 0, 0, 1 << 30]
    data[at + size - 44 : at + size - 8] = b"".join(value.to_bytes(4, "big", signed=True) for value in matrix)
    path.write_bytes(data)


def write_audio(path: Path, seconds: float = 1.0) -> Path:
    """A file with sound only."""
    with av.open(str(path), "w") as container:
        _add_tone(container, seconds)
    return path


def _add_tone(container: av.container.OutputContainer, seconds: float) -> None:
    stream = container.add_stream("aac", rate=44_100, layout="mono")
    samples = np.sin(np.arange(int(44_100 * seconds)) * 0.05).astype(np.float32)[None] * 0.2
    for start in range(0, samples.shape[1], 1024):
        block = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:, start : start + 1024]), "fltp", "mono")
        block.sample_rate, block.pts, block.time_base = 44_100, start, Fraction(1, 44_100)
        container.mux(stream.encode(block))
    container.mux(stream.encode())


def write_song_with_cover(path: Path) -> Path:
    """Sound and an attached picture, as music files have it (``path`` ends in .mp4)."""
    with av.open(str(path), "w") as container:
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        _add_tone(container, 0.5)
        picture = av.VideoFrame.from_ndarray(numbered(0), format="rgb24").reformat(format="yuvj420p")
        container.mux(cover.encode(picture))
        container.mux(cover.encode())
    return path


def packet_places(path: Path) -> list[tuple[int, int, bool]]:
    """(byte offset, size, key frame) of each video packet, in coding order."""
    with av.open(str(path)) as container:
        packets = container.demux(container.streams.video[0])
        return [(p.pos, p.size, p.is_keyframe) for p in packets if p.size and p.pos is not None]


def damaged(source: Path, path: Path, packets: Iterable[int]) -> Path:
    """A copy of ``source`` in which these packets (coding order) are noise; the index stays whole."""
    data, places = bytearray(source.read_bytes()), packet_places(source)
    for number in packets:
        offset, size, _ = places[number]
        noise = np.random.default_rng(number).integers(128, 256, size, dtype=np.uint8)
        data[offset : offset + size] = noise.tobytes()
    path.write_bytes(data)
    return path


def with_index_first(source: Path, path: Path) -> Path:
    """The same packets, remuxed to an MP4 whose index comes first, so that it can be cut off and still be opened."""
    with av.open(str(source)) as old, av.open(str(path), "w", options={"movflags": "faststart"}) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(old.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    return path


def truncated(source: Path, path: Path, *, keep_packets: int) -> Path:
    """A copy that ends where the packet ``keep_packets`` (coding order) would begin."""
    path.write_bytes(source.read_bytes()[: packet_places(source)[keep_packets][0]])
    return path
