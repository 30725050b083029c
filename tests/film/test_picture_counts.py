"""As many pictures as ffprobe counts, whatever the codec, the container and what is wrong with the time stamps."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from field_film import write_field_film
from media import (
    Coding,
    constant,
    damaged,
    in_coding_order_only,
    joined,
    truncated,
    with_index_first,
    with_stamp_ahead,
    with_stamps_ahead,
    without_bytes,
    write_film,
)

from classroom_fer.film.video import open_video

FILMS = Path(__file__).resolve().parents[3] / "shared" / "videos"
pytestmark = pytest.mark.skipif(shutil.which("ffprobe") is None, reason="needs ffprobe (apt-get install ffmpeg)")

FRAMES = 60
Make = Callable[[Path], Path]


def plain(name: str, coding: Coding | None = None) -> Make:
    return lambda folder: write_film(folder / name, constant(FRAMES, 25), coding or Coding())


def _held(folder: Path) -> Path:
    times = [*constant(20, 25), 4.0, 4.04, 9.0, *(9.0 + t for t in constant(20, 25)[1:])]
    return write_film(folder / "held.mp4", times)


def _left_out(folder: Path) -> Path:
    return write_film(folder / "held.avi", [*constant(20, 25), 4.0, 4.04, 9.0], Coding("mpeg4", b_frames=0))


def _restarted(folder: Path) -> Path:
    return joined([plain("a.ts", Coding(gop=12))(folder)] * 3, folder / "joined.ts")


def _jumped(folder: Path) -> Path:
    first, later = plain("a.ts")(folder), write_film(folder / "b.ts", [500 + t for t in constant(FRAMES, 25)])
    return joined([first, later], folder / "jumped.ts")


WHOLE: dict[str, Make] = {
    "H.264 in MP4": plain("film.mp4"),
    "H.264 in MP4, open groups": plain("film.mp4", Coding(open_gop=True, gop=12)),
    "H.264 in Matroska": plain("film.mkv"),
    "H.264 in AVI, coding times only": plain("film.avi"),
    "H.264 in FLV": plain("film.flv"),
    "H.264 in a transport stream": plain("film.ts"),
    "H.264 in MOV, turned": plain("film.mov", Coding(rotation=90)),
    "HEVC in MP4": plain("film.mp4", Coding("libx265", open_gop=True, gop=12)),
    "HEVC in a transport stream": plain("film.ts", Coding("libx265")),
    "VP8 in WebM": plain("film.webm", Coding("libvpx", b_frames=0)),
    "VP9 in WebM": plain("film.webm", Coding("libvpx-vp9", b_frames=0)),
    "AV1 in Matroska": plain("film.mkv", Coding("libsvtav1", b_frames=0)),
    "MPEG-4 in AVI": plain("film.avi", Coding("mpeg4", b_frames=2)),
    "MPEG-4 in 3GP": plain("film.3gp", Coding("mpeg4", b_frames=0)),
    "MPEG-2 in a program stream": plain("film.mpg", Coding("mpeg2video", b_frames=2)),
    "MPEG-2 in MXF": plain("film.mxf", Coding("mpeg2video", b_frames=2)),
    "MPEG-1 in a program stream": plain("film.mpeg", Coding("mpeg1video", b_frames=2)),
    "WMV 2 in ASF": plain("film.wmv", Coding("wmv2", b_frames=0)),
    "FLV 1 in FLV": plain("film.flv", Coding("flv", b_frames=0)),
    "Motion JPEG in AVI": plain("film.avi", Coding("mjpeg", pixels="yuvj420p", b_frames=0)),
    "ProRes in MOV": plain("film.mov", Coding("prores_ks", pixels="yuv422p10le", b_frames=0)),
    "FFV1 in Matroska": plain("film.mkv", Coding("ffv1", b_frames=0)),
    "GIF": plain("film.gif", Coding("gif", pixels="rgb8", b_frames=0)),
    "fields in a transport stream": lambda folder: write_field_film(folder / "fields.mts", FRAMES),
    "time stamps begin again, twice": _restarted,
    "time stamps jump ahead": _jumped,
    "one stamp 45 s too high": lambda folder: with_stamp_ahead(plain("a.mp4")(folder), folder / "ahead.mp4", 31, 45),
    "one stamp 45 s too high, Matroska": lambda folder: with_stamp_ahead(
        plain("a.mp4", Coding(b_frames=0))(folder), folder / "ahead.mkv", 31, 45
    ),
    "twenty stamps ahead until the next key frame": lambda folder: with_stamps_ahead(
        write_film(folder / "a.mp4", constant(200, 25)), folder / "ahead.mp4", range(100, 120), 45
    ),
    "six stamps ahead, Matroska": lambda folder: with_stamps_ahead(
        write_film(folder / "a.mp4", constant(200, 25)), folder / "ahead.mkv", range(100, 106), 45
    ),
    "the last stamp ahead": lambda folder: with_stamps_ahead(
        write_film(folder / "a.mp4", constant(200, 25)), folder / "ahead.mkv", [199], 45
    ),
    "the first stamp ahead, transport stream": lambda folder: with_stamps_ahead(
        plain("a.mp4", Coding(b_frames=0))(folder), folder / "ahead.ts", [0], 45
    ),
    "one picture a minute, transport stream": lambda folder: write_film(
        folder / "film.ts", [60.0 * n for n in range(8)], Coding(b_frames=0)
    ),
    "one picture": lambda folder: write_film(folder / "film.ts", [0.0]),
    "one stamp as another": lambda folder: with_stamp_ahead(
        plain("a.mp4", Coding(b_frames=0))(folder), folder / "equal.mkv", 31, 0.04
    ),
    "a bare stream put into MP4": lambda folder: in_coding_order_only(plain("a.mp4")(folder), folder / "bare.mp4"),
    "frames on change only": _held,
    "frames on change only, AVI": _left_out,
}
DAMAGED: dict[str, Make] = {
    "packets of noise": lambda folder: damaged(plain("a.mp4", Coding(gop=12))(folder), folder / "noise.mp4", [30, 40]),
    "cut off": lambda folder: truncated(
        with_index_first(plain("a.mp4")(folder), folder / "b.mp4"), folder / "cut.mp4", keep_packets=40
    ),
    "bytes missing from a transport stream": lambda folder: without_bytes(
        plain("a.ts", Coding(gop=12))(folder), folder / "hole.ts", 20, 40
    ),
}


def ffprobe_count(path: Path) -> int:
    """Frames that ffprobe decodes."""
    done = subprocess.run(
        ["ffprobe", "-v", "quiet", "-count_frames", "-select_streams", "v:0", "-show_entries",
         "stream=nb_read_frames", "-of", "csv=p=0", f"file:{path}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return int(done.stdout.split()[0].strip(","))


def counts(path: Path) -> tuple[int, int, int]:
    """Pictures given, lost, and there should be; each picture is given once and says its own number."""
    with open_video(path) as source:
        frames = list(source.sample(0, source.info.duration_s, 1000))
        assert [frame.index for frame in frames] == sorted({frame.index for frame in frames})
        return len(frames), source.lost(0, source.info.duration_s), source.info.frames_declared


@pytest.mark.parametrize("name", WHOLE)
def test_a_film_that_plays_gives_every_picture_that_ffprobe_counts(tmp_path: Path, name: str) -> None:
    path = WHOLE[name](tmp_path)
    count = ffprobe_count(path)
    assert counts(path) == (count, 0, count)


@pytest.mark.parametrize("name", DAMAGED)
def test_of_a_damaged_film_no_picture_is_gone_in_silence(tmp_path: Path, name: str) -> None:
    path = DAMAGED[name](tmp_path)
    given, lost, declared = counts(path)
    assert lost > 0
    assert given + lost == declared
    assert given <= ffprobe_count(path) <= declared


@pytest.mark.shared
@pytest.mark.parametrize("path", sorted(FILMS.glob("*.[mg][pkoi]*")), ids=lambda p: p.name)
def test_every_shared_film_has_as_many_pictures_as_ffprobe_counts(path: Path) -> None:
    if path.suffix == ".md":
        pytest.skip("a text")
    given, lost, declared = counts(path)
    count = ffprobe_count(path)
    if "corrupted" in path.name:  # smeared pictures are shown by players and lost here; one packet gives nothing at all
        assert (given, lost, declared, count) == (28, 22, 50, 49)
    else:
        assert (given, lost, declared) == (count, 0, count)
