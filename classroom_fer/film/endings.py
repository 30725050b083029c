"""Which files of a folder are films, by their names."""

from __future__ import annotations

from pathlib import Path

VIDEO_SUFFIXES = frozenset(
    """.mp4 .m4v .mov .qt .3gp .3g2 .f4v .mj2 .mkv .mk3d .webm .avi .divx .amv .gif .flv .ogv .ogm .nut .mxf .dv .dif
    .mpg .mpeg .mpe .m1v .m2v .m2p .vob .mod .tod .ts .m2t .mts .m2ts .wmv .asf .wtv .dvr-ms .rm .rmvb .ivf .obu .y4m
    .mjpeg .mjpg .h264 .264 .avc .h265 .265 .hevc""".split()
)
"""Endings of films that libav opens (the test names the demuxer of each). Some hold no time stamps: their error says
what to do, which is better than leaving them out unsaid."""
NOT_FILMS = "._"
"""macOS writes such a file of metadata beside each film on a foreign disk."""


def may_be_film(path: Path) -> bool:
    """Whether it is a file, and none that only stands for one."""
    return path.is_file() and not path.name.startswith(NOT_FILMS)


def has_film_ending(path: Path) -> bool:
    """Whether a file of a folder is one of its films."""
    return path.suffix.lower() in VIDEO_SUFFIXES and may_be_film(path)
