"""The order in which pictures are shown, where no time stamp tells it: it is in the pictures, so they are decoded."""

from __future__ import annotations

from pathlib import Path

import av
from av.video.stream import VideoStream

from classroom_fer.film.container import open_container, video_packets


def decoded_order(path: Path, pictures: set[int]) -> list[int]:
    """Numbers of the packets (coding order) whose pictures are shown, in that order; all of ``pictures``, none else.

    Decodes the film once: rarely needed, and slow. Of what does not decode, a picture is put before the first
    one that was coded later.
    """
    container, stream = open_container(path)
    stream.thread_type = "AUTO"
    shown: list[int] = []
    with container:
        for number, packet in enumerate(video_packets(container, stream)):
            packet.pts = number
            shown += _numbers(stream, packet)
        shown += _numbers(stream, None)
    shown = [number for number in dict.fromkeys(shown) if number in pictures]
    for number in sorted(pictures.difference(shown)):
        shown.insert(next((i for i, other in enumerate(shown) if other > number), len(shown)), number)
    return shown


def _numbers(stream: VideoStream, packet: av.Packet[VideoStream] | None) -> list[int]:
    """Numbers of the frames that come out when ``packet`` goes in (None: the rest); none if it is rejected."""
    try:
        frames = stream.codec_context.decode(packet)
    except av.FFmpegError:
        return []
    return [frame.pts for frame in frames if frame.pts is not None]
