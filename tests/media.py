"""Test films, generated with PyAV. Every frame carries its own number as a bar code that survives coding.

The code is a band of BITS black or white blocks along the top edge, most significant first, so that a test reads back
which source frame it was given. Below it lies a gradient that differs by corner, so that turns and mirrors show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from av.bitstream import BitStreamFilterContext
from real_time import never_real_time

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
    pixel_aspect: Fraction = Fraction(1)
    """Width of a pixel over its height; the pictures are stored that much narrower."""
    first_number: int = 0
    """What the first picture says."""

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
        elif self.codec == "libsvtav1":
            table = {"g": str(self.gop), "preset": "12", "svtav1-params": "lp=1"}
        elif self.codec in {"gif", "mjpeg", "prores_ks", "ffv1", "dvvideo"}:
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
        width, height = (HEIGHT, WIDTH) if turned else (WIDTH, HEIGHT)
        stream.width, stream.height = round(width / coding.pixel_aspect), height
        stream.codec_context.sample_aspect_ratio = coding.pixel_aspect
        stream.pix_fmt = coding.pixels
        by_rate = path.suffix == ".avi" or coding.codec.startswith("mpeg")  # these take frame rates only
        ticks = rate if by_rate else 100 if path.suffix == ".gif" else TICKS
        stream.codec_context.time_base = Fraction(1, ticks)
        if not by_rate:
            stream.time_base = Fraction(1, ticks)
        if audio:
            _add_tone(container, 0.5)
        with never_real_time():
            container.start_encoding()
        for number, time_s in enumerate(times_s):
            picture = numbered(coding.first_number + number)
            stored = np.rot90(picture, -coding.rotation // 90)  # the matrix turns it back
            if stream.width != width:
                stored = cv2.resize(stored, (stream.width, height), interpolation=cv2.INTER_AREA)
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


Change = Callable[[list[av.Packet]], list[av.Packet]]


def remuxed(source: Path, path: Path, change: Change) -> Path:
    """The packets of ``source``, after ``change`` had them in coding order, in the container that ``path`` names."""
    with av.open(str(source)) as old, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in change([p for p in old.demux(old.streams.video[0]) if p.size]):
            packet.stream = stream
            new.mux(packet)
    return path


def joined(parts: Sequence[Path], path: Path) -> Path:
    """Transport streams laid end to end, byte by byte, as ``cat`` does: time stamps begin again."""
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def with_stamp_ahead(source: Path, path: Path, number: int, seconds: float) -> Path:
    """The presentation time of packet ``number`` (coding order) lies so many seconds too high."""
    return with_stamps_ahead(source, path, [number], seconds)


def with_stamps_ahead(source: Path, path: Path, numbers: Iterable[int], seconds: float) -> Path:
    """The presentation times of these packets (coding order) lie so many seconds too high."""

    def change(packets: list[av.Packet]) -> list[av.Packet]:
        for number in numbers:
            packet = packets[number]
            assert packet.pts is not None and packet.time_base is not None
            packet.pts += round(seconds / packet.time_base)
        return packets

    return remuxed(source, path, change)


def encrypted(source: Path, path: Path) -> Path:
    """The same packets, encrypted (ISO/IEC 23001-7, as shops and some cameras do); ``path`` ends in .mp4."""
    scheme = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": "76" * 16, "encryption_kid": "a7" * 16}
    with av.open(str(source)) as old, av.open(str(path), "w", options=scheme) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(old.streams.video[0]):
            if packet.size:
                packet.stream = stream
                new.mux(packet)
    return path


def in_coding_order_only(source: Path, path: Path) -> Path:
    """Presentation times are lost, as where a bare stream is put into a container: each packet has its coding time."""

    def change(packets: list[av.Packet]) -> list[av.Packet]:
        assert packets[0].dts is not None
        first = packets[0].dts
        for packet in packets:
            assert packet.dts is not None
            packet.pts = packet.dts = packet.dts - first
        return packets

    return remuxed(source, path, change)


def bare(source: Path, path: Path) -> Path:
    """The H.264 stream alone, without a container: no time stamps."""
    with av.open(str(source)) as old, path.open("wb") as file:
        stream = old.streams.video[0]
        to_start_codes = BitStreamFilterContext("h264_mp4toannexb", stream)
        for packet in old.demux(stream):
            for out in to_start_codes.filter(packet if packet.size else None):
                file.write(bytes(out))
    return path


def without_bytes(source: Path, path: Path, first: int, last: int) -> Path:
    """A copy in which the packets [first, last) (coding order) and all between them are gone."""
    data, places = source.read_bytes(), packet_places(source)
    path.write_bytes(data[: places[first][0]] + data[places[last][0] :])
    return path
