"""Films as they come: every container, turned, odd clocks, damaged, cut off, and things that are no films."""

from __future__ import annotations

import hashlib
import itertools
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from contracts.video import VideoSourceContract
from fakes import FakeVideo, frame_number
from field_film import write_field_film
from media import (
    HEIGHT,
    WIDTH,
    Coding,
    bare,
    constant,
    damaged,
    encrypted,
    in_coding_order_only,
    joined,
    number_of,
    numbered,
    remuxed,
    truncated,
    with_index_first,
    with_stamp_ahead,
    with_stamps_ahead,
    write_audio,
    write_film,
    write_song_with_cover,
)

from classroom_fer.errors import VideoError
from classroom_fer.film import picture_index
from classroom_fer.film.decoding import Decoding
from classroom_fer.film.upright import Standing, Turn, upright
from classroom_fer.film.video import PyAVVideoSource, open_video
from classroom_fer.lesson.protocols import VideoSource
from classroom_fer.lesson.records import Image
from classroom_fer.lesson.sampling import SamplingPlan
from classroom_fer.lesson.span import Span, to_milliseconds

FILMS = Path(__file__).resolve().parents[3] / "shared" / "videos"
shared = [pytest.mark.shared, pytest.mark.skipif(not FILMS.is_dir(), reason="needs ../shared/videos")]

CASES: dict[str, tuple[str, Coding]] = {
    "mp4": ("film.mp4", Coding()),
    "open groups": ("film.mp4", Coding(open_gop=True, gop=12)),
    "mkv": ("film.mkv", Coding(gop=10)),
    "mov, turned": ("film.mov", Coding(rotation=90)),
    "hevc, open groups": ("film.mp4", Coding("libx265", open_gop=True, gop=12)),
    "hevc, 10 bit": ("film.mkv", Coding("libx265", pixels="yuv420p10le")),
    "webm": ("film.webm", Coding("libvpx-vp9", b_frames=0)),
    "avi": ("film.avi", Coding("mpeg4", b_frames=2)),
    "avi without display times": ("film.avi", Coding()),
    "gif": ("film.gif", Coding("gif", pixels="rgb8")),
    "transport stream": ("film.ts", Coding(gop=10)),
}


def _joined(folder: Path) -> Path:
    parts = [write_film(folder / f"{n}.ts", constant(40, 25), Coding(gop=12, first_number=n)) for n in (0, 40)]
    return joined(parts, folder / "joined.ts")


def _held(folder: Path) -> Path:
    return write_film(folder / "held.mp4", [0.0, 0.04, 0.08, 0.12, 1.5, 1.54, 3.1, 3.14])


ODD_TIMES: dict[str, Callable[[Path], Path]] = {
    "begin again": _joined,
    "one too high": lambda folder: with_stamp_ahead(
        write_film(folder / "a.mp4", constant(75, 25), Coding(gop=15)), folder / "b.mp4", 31, 45
    ),
    "two equal": lambda folder: with_stamp_ahead(
        write_film(folder / "a.mp4", constant(75, 25), Coding(b_frames=0)), folder / "b.mkv", 31, 0.04
    ),
    "coding times only": lambda folder: in_coding_order_only(
        write_film(folder / "a.mp4", constant(75, 25), Coding(gop=15)), folder / "b.mp4"
    ),
    "fields": lambda folder: write_field_film(folder / "fields.mts", 75),
    "frames on change only": _held,
}


class TestFakeVideo(VideoSourceContract):
    def open(self) -> VideoSource:
        return FakeVideo(duration_s=3.0, source_fps=25.0, lost=(0, 7, 30, 31))

    def number(self, image: Image) -> int:
        return frame_number(image)


class FilmContract(VideoSourceContract):
    path: Path

    def open(self) -> VideoSource:
        return open_video(self.path, threads=2)

    def number(self, image: Image) -> int:
        return number_of(image)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


class TestFilms(FilmContract):
    @pytest.fixture(autouse=True, scope="class", params=CASES)
    @classmethod
    def film(cls, request: pytest.FixtureRequest, folder: Path) -> None:
        name, coding = CASES[request.param]
        path = folder / f"{request.param.replace(' ', '-')}-{name}"
        cls.path = write_film(path, constant(75, 25), coding)


class TestVariableFrameRate(FilmContract):
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def film(cls, folder: Path) -> None:
        gaps = np.random.default_rng(3).choice([0.02, 0.04, 0.12, 0.4], 40)
        cls.path = write_film(folder / "vfr.mp4", [0.0, *np.cumsum(gaps).tolist()])


class TestFilmsWithOddTimes(FilmContract):
    """Time stamps that begin again, lie, are missing or stand for fields: the same promises hold."""

    @pytest.fixture(autouse=True, scope="class", params=ODD_TIMES)
    @classmethod
    def film(cls, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
        cls.path = ODD_TIMES[request.param](tmp_path_factory.mktemp("odd"))


class TestDamagedFilm(FilmContract):
    """Packet 30 (and its group) and a key frame are noise."""

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def film(cls, folder: Path) -> None:
        whole = write_film(folder / "whole.mp4", constant(100, 25), Coding(gop=12))
        cls.path = damaged(whole, folder / "damaged.mp4", [30, 60])


class TestTruncatedFilm(FilmContract):
    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def film(cls, folder: Path) -> None:
        whole = with_index_first(write_film(folder / "t.mp4", constant(75, 25)), folder / "first.mp4")
        cls.path = truncated(whole, folder / "truncated.mp4", keep_packets=40)


def numbers(source: PyAVVideoSource, start_s: float, end_s: float, fps: float) -> list[int]:
    return [number_of(frame.image) for frame in source.sample(start_s, end_s, fps)]


@pytest.mark.parametrize("what", ["written to", "replaced", "taken away"])
def test_a_film_that_changes_while_it_is_read_ends_in_an_error_not_in_rows(tmp_path: Path, what: str) -> None:
    film = write_film(tmp_path / "film.mp4", constant(50, 25.0))
    with open_video(film) as source:
        assert len(list(source.sample(0.0, 1.0, 5.0))) == 5
        frames = source.sample(1.0, 2.0, 5.0)
        next(frames)
        if what == "written to":
            with film.open("r+b") as file:
                file.write(bytes(2000))
        elif what == "replaced":
            write_film(tmp_path / "other.mp4", constant(40, 25.0)).replace(film)
        else:
            film.unlink()
        with pytest.raises(VideoError, match="was changed, or taken away") as caught:
            list(frames)
        assert "what was finished is kept" in caught.value.hint


def test_info_is_what_the_container_says(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", constant(75, 25), audio=True)
    with open_video(path) as source:
        info = source.info
    assert info.path == path
    assert info.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert info.duration_s == pytest.approx(3.0)
    assert (info.width_px, info.height_px, info.rotation_deg) == (WIDTH, HEIGHT, 0)
    assert (info.source_fps, info.frames_declared, info.codec, info.recorded_on) == (25.0, 75, "h264", None)


def test_creation_time_is_read_unless_the_camera_had_no_clock(tmp_path: Path) -> None:
    def made(stamp: str) -> datetime | None:
        path = tmp_path / "dated.mkv"
        with av.open(str(path), "w") as container:
            container.metadata["creation_time"] = stamp
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height = WIDTH, HEIGHT
            container.mux(stream.encode(av.VideoFrame.from_ndarray(numbered(0), format="rgb24")))
            container.mux(stream.encode())
        with open_video(path) as source:
            return source.info.recorded_on

    assert made("2024-05-17T08:15:00.000000Z") == datetime(2024, 5, 17, 8, 15, tzinfo=UTC)
    assert made("1904-01-01T00:00:00.000000Z") is None


@pytest.mark.parametrize(("stored", "clockwise"), [(90, 270), (180, 180), (270, 90)])
def test_turned_films_come_out_upright(tmp_path: Path, stored: int, clockwise: int) -> None:
    plain = write_film(tmp_path / "plain.mov", constant(5, 25))
    turned = write_film(tmp_path / "turned.mov", constant(5, 25), Coding(rotation=stored))
    with open_video(plain) as one, open_video(turned) as other:
        assert other.info.rotation_deg == clockwise
        assert (other.info.width_px, other.info.height_px) == (WIDTH, HEIGHT)
        for a, b in zip(one.sample(0, 1, 25), other.sample(0, 1, 25), strict=True):
            # the same picture, coded in another direction: a few grey levels apart
            assert np.abs(a.image.astype(int) - b.image.astype(int)).mean() < 3


@pytest.mark.parametrize(
    "turn",
    [((a, 0), (0, d)) for a in (1, -1) for d in (1, -1)] + [((0, b), (c, 0)) for b in (1, -1) for c in (1, -1)],
)
def test_every_turn_and_mirror_moves_pixels_as_the_matrix_says(turn: Turn) -> None:
    (a, b), (c, d) = turn
    stored = np.random.default_rng(1).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    frame = av.VideoFrame.from_ndarray(stored, format="rgb24")
    image = upright(frame, Standing(turn, (6, 4)))
    ys, xs = np.mgrid[0:4, 0:6]
    to_x, to_y = a * xs + c * ys, b * xs + d * ys
    assert (image[to_y - to_y.min(), to_x - to_x.min()] == stored).all()


@pytest.mark.parametrize("rotation", [0, 90])
def test_pixels_that_are_not_square_become_so_like_in_players(tmp_path: Path, rotation: int) -> None:
    square = write_film(tmp_path / "square.mov", constant(5, 25), Coding(rotation=rotation))
    wide = Coding(rotation=rotation, pixel_aspect=Fraction(4, 3))
    with open_video(square) as one, open_video(write_film(tmp_path / "wide.mov", constant(5, 25), wide)) as other:
        assert (other.info.width_px, other.info.height_px) == (one.info.width_px, one.info.height_px)
        for a, b in zip(one.sample(0, 1, 25), other.sample(0, 1, 25), strict=True):
            assert number_of(b.image) == b.index
            assert (
                np.abs(a.image.astype(int) - b.image.astype(int)).mean() < 6
            )  # a quarter of the columns was not stored


@pytest.mark.parametrize("aspect", [Fraction(0), Fraction(1000)])
def test_a_senseless_pixel_aspect_changes_nothing(aspect: Fraction) -> None:
    assert Standing(((1, 0), (0, 1)), (64, 48), aspect).size_px == (64, 48)


def test_what_was_repaired_in_a_film_is_said(tmp_path: Path) -> None:
    def codes(name: str) -> list[tuple[str, int]]:
        (tmp_path / name).mkdir()
        with open_video(ODD_TIMES[name](tmp_path / name)) as source:
            return [(repair.code, repair.count) for repair in source.info.repairs]

    assert codes("begin again") == [("times_restarted", 1)]
    assert codes("one too high") == [("time_outliers", 1)]
    assert codes("two equal") == [("times_equal", 1)]
    assert codes("coding times only") == [("times_made", 75)]
    assert codes("fields") == [("fields_joined", 75)]
    assert codes("frames on change only") == [("pictures_held", 2)]
    with open_video(write_film(tmp_path / "film.mp4", constant(75, 25))) as source:
        assert source.info.repairs == ()


def test_a_film_is_as_long_as_its_pictures_where_its_stamps_lie(tmp_path: Path) -> None:
    first, later = (
        write_film(tmp_path / f"{n}.ts", [n + t for t in constant(50, 25)], Coding(gop=10)) for n in (0, 900)
    )
    for parts in ([first, later], [later, first]):
        with open_video(joined(parts, tmp_path / "joined.ts")) as source:
            assert source.info.duration_s == pytest.approx(4.0, abs=0.05)
    whole = write_film(tmp_path / "a.mp4", constant(75, 25), Coding(b_frames=0))
    with open_video(with_stamp_ahead(whole, tmp_path / "ahead.mkv", 31, 45)) as source:
        assert source.info.duration_s == pytest.approx(3.0, abs=0.05)
        assert source.info.source_fps == pytest.approx(25)
    with open_video(with_stamps_ahead(whole, tmp_path / "many.mkv", range(31, 40), 45)) as source:
        assert source.info.duration_s == pytest.approx(3.0, abs=0.05)
        assert source.info.source_fps == pytest.approx(25)


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.ts"])
@pytest.mark.parametrize("rate", [Fraction(25, 2), Fraction(15), Fraction(24), Fraction(25), Fraction(30_000, 1001)])
def test_of_an_undamaged_film_nothing_is_unseen(tmp_path: Path, name: str, rate: Fraction) -> None:
    path = write_film(tmp_path / name, constant(90, float(rate)))
    with open_video(path) as source:
        parts = itertools.cycle([(1 / 3, 2.9), (0.001, 1.9), (0.7, 3.0)])
        rates = (0.5, 0.7, 1, 1.4, 3, 6, 29.97, 30)
        for fps, (start, end) in [(f, s) for f in rates for s in ((0, source.info.duration_s), next(parts))]:
            span = Span(to_milliseconds(start), to_milliseconds(end), fps, 1.3)
            frames = [f for c in span.chunks() for f in source.sample(c.start_s, c.end_s, fps)]
            times = [to_milliseconds(t) for frame in frames for t in (frame.time_s, *frame.still_s)]
            assert span.unseen_s(times) == pytest.approx(0, abs=1e-6)
            assert len(set(span.interval_numbers(times).tolist())) == len(times)


def test_a_last_picture_that_is_shown_for_long_is_seen_all_that_time(tmp_path: Path) -> None:
    def shown_for_long(packets: list[av.Packet]) -> list[av.Packet]:
        assert packets[-1].time_base is not None
        packets[-1].duration = round(9 / packets[-1].time_base)
        return packets

    for number, coding in enumerate((Coding(b_frames=0), Coding())):
        whole = write_film(tmp_path / f"{number}.mp4", constant(50, 25), coding)
        with open_video(remuxed(whole, tmp_path / f"{number}-long.mp4", shown_for_long)) as source:
            assert source.info.duration_s == pytest.approx(10.96)
            times = [t for frame in source.sample(0, 11, 1) for t in (frame.time_s, *frame.still_s)]
            assert times == pytest.approx([float(second) for second in range(11)])


def test_a_picture_of_which_nobody_says_how_long_it_is_shown_lasts_as_long_as_the_others(tmp_path: Path) -> None:
    with open_video(write_film(tmp_path / "one.ts", [0.0])) as source:
        assert source.info.duration_s > 0
        assert numbers(source, 0, source.info.duration_s, 1) == [0]


def test_fields_are_pictures_at_the_rate_of_frames_and_read_the_quick_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow: list[SamplingPlan] = []
    read = PyAVVideoSource._read_damaged
    monkeypatch.setattr(PyAVVideoSource, "_read_damaged", lambda self, plan: (slow.append(plan), read(self, plan))[1])
    with open_video(write_field_film(tmp_path / "fields.mts", 50)) as source:
        assert source.info.source_fps == 25
        assert source.info.duration_s == pytest.approx(2.0, abs=0.05)
        assert numbers(source, 0, 2, 5) == list(range(0, 50, 5))
    assert slow == []


def test_only_needed_frames_are_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    send = Decoding._send
    monkeypatch.setattr(Decoding, "_send", lambda self, packet: (sent.append(1), send(self, packet))[1])
    with open_video(write_film(tmp_path / "film.mp4", constant(250, 25))) as source:
        sent.clear()  # opening looks at the first picture
        list(source.sample(0, 10, 1))
    assert len(sent) < 0.65 * 250  # of x264's pyramid of three B-frames two are needed by none


def test_the_order_of_an_ordinary_film_needs_no_decoding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> list[int]:
        raise AssertionError("the film was decoded to know its order")

    monkeypatch.setattr(picture_index, "decoded_order", refuse)
    for name in ("begin again", "fields", "frames on change only"):
        (tmp_path / name).mkdir()
        open_video(ODD_TIMES[name](tmp_path / name)).close()
    for number, (name, coding) in enumerate(CASES.values()):
        if name != "film.avi":
            open_video(write_film(tmp_path / f"{number}-{name}", constant(75, 25), coding)).close()


def test_a_bare_stream_is_refused_with_its_remedy(tmp_path: Path) -> None:
    path = bare(write_film(tmp_path / "film.mp4", constant(30, 25)), tmp_path / "camera.h264")
    with pytest.raises(VideoError, match="does not say when") as caught:
        open_video(path)
    assert "ffmpeg -framerate N -i camera.h264 -c copy camera.mp4" in caught.value.hint


def test_an_encrypted_film_says_so(tmp_path: Path) -> None:
    path = encrypted(write_film(tmp_path / "film.mp4", constant(30, 25)), tmp_path / "locked.mp4")
    with pytest.raises(VideoError, match="encrypted") as caught:
        open_video(path)
    assert caught.value.hint


def test_a_codec_that_nobody_knows_is_an_error(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", constant(30, 25))
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))
    with pytest.raises(VideoError, match="cannot be read") as caught:
        open_video(path)
    assert "ffmpeg" in caught.value.hint


def test_variable_frame_rate_is_sampled_by_presentation_time(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.9, 1.7, 1.8, 2.0, 3.5, 3.6]
    with open_video(write_film(tmp_path / "vfr.mp4", times)) as source:
        frames = list(source.sample(0, 10, 1))
    assert [f.index for f in frames] == [0, 3, 5, 6]
    assert [f.time_s for f in frames] == pytest.approx([0.0, 1.7, 2.0, 3.5], abs=1e-4)
    assert [number_of(f.image) for f in frames] == [0, 3, 5, 6]


@pytest.mark.parametrize("name", ["late.mkv", "late.ts", "late.mp4"])
def test_time_counts_from_media_start_whatever_the_clock_shows(tmp_path: Path, name: str) -> None:
    path = write_film(tmp_path / name, [5.0 + t for t in constant(50, 25)])
    with open_video(path) as source:
        frames = list(source.sample(0, 2, 2))
        assert source.info.duration_s == pytest.approx(2.0, abs=0.05)  # one frame
    # MP4 stores the lead as an empty edit, which players show as five seconds of nothing: libav drops it
    assert [number_of(f.image) for f in frames] == [0, 13, 25, 38]
    assert [f.time_s for f in frames] == pytest.approx([0.0, 0.52, 1.0, 1.52], abs=2e-3)  # mkv and ts round to 1 ms


def test_gif_with_uneven_delays_keeps_its_times(tmp_path: Path) -> None:
    path = write_film(tmp_path / "uneven.gif", [0.0, 0.1, 0.6, 1.3, 1.4], Coding("gif", pixels="rgb8"))
    with open_video(path) as source:
        assert [(f.index, round(f.time_s, 2)) for f in source.sample(0, 9, 2)] == [(0, 0.0), (2, 0.6), (3, 1.3)]


def test_a_film_shorter_than_one_sample_gives_its_first_frame(tmp_path: Path) -> None:
    with open_video(write_film(tmp_path / "short.mp4", constant(1, 25))) as source:
        assert numbers(source, 0, source.info.duration_s, 1) == [0]
        assert source.lost(0, 1) == 0


def test_reading_on_never_seeks_and_skips_frames_nobody_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sought: list[int] = []
    seek = Decoding.seek
    monkeypatch.setattr(Decoding, "seek", lambda self, position: (sought.append(position), seek(self, position))[1])
    with open_video(write_film(tmp_path / "film.mp4", constant(250, 25))) as source:
        assert numbers(source, 0, 5, 1) + numbers(source, 5, 10, 1) == list(range(0, 250, 25))
        assert sought == []
        assert source._index.disposable.mean() > 0.4  # of 3 B-frames, x264's pyramid leaves 2 of 4 unused
        assert numbers(source, 2, 3, 1) == [50]
        assert sought == [50]


def test_the_moment_that_is_left_of_an_ordinary_film_is_no_sample(tmp_path: Path) -> None:
    times = [t + 0.01 for t in constant(75, 25)]
    with open_video(write_film(tmp_path / "film.mkv", [0.0, *times[1:]])) as source:
        assert source.info.duration_s > 3.0
        frames = list(source.sample(0, source.info.duration_s, 1))
        assert [(round(f.time_s, 2), f.still_s) for f in frames] == [(0.0, ()), (1.01, ()), (2.01, ())]


def test_damage_costs_the_rest_of_its_group_and_no_more(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "whole.mp4", constant(100, 25), Coding(gop=20, b_frames=0))
    with open_video(damaged(whole, tmp_path / "damaged.mp4", [30])) as source:
        assert numbers(source, 0, 4, 25) == [*range(30), *range(40, 100)]
        assert source.lost(0, 4) == 10
        assert [source.lost(k, k + 1) for k in range(4)] == [0, 10, 0, 0]


def test_the_next_frame_that_decodes_stands_for_a_damaged_one(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "whole.mp4", constant(100, 25), Coding(gop=5, b_frames=0))
    with open_video(damaged(whole, tmp_path / "damaged.mp4", [50])) as source:  # the key frame at 2.0 s
        assert numbers(source, 0, 4, 1) == [0, 25, 55, 75]
        assert source.lost(0, 4) == 5


def test_damage_gives_the_same_every_time(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "whole.mp4", constant(150, 25), Coding(gop=25))
    path = damaged(whole, tmp_path / "damaged.mp4", [28, 29, 77, 120])
    answers = set()
    for _ in range(8):  # decoder threads race; the answer must not
        with open_video(path, threads=3) as source:
            answers.add((tuple(numbers(source, 0, 6, 5)), source.lost(0, 6)))
    assert len(answers) == 1


def test_a_film_of_which_nothing_decodes_is_an_error(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "whole.mp4", constant(30, 25))
    with pytest.raises(VideoError, match="no picture") as caught:
        open_video(damaged(whole, tmp_path / "noise.mp4", range(30)))
    assert "ffmpeg" in caught.value.hint


@pytest.mark.parametrize("end", ["in the index", "before the pictures"])
def test_a_film_that_was_cut_off_before_its_pictures_says_so(tmp_path: Path, end: str) -> None:
    whole = write_film(tmp_path / "whole.mp4", constant(75, 25))
    if end == "before the pictures":
        whole = with_index_first(whole, tmp_path / "first.mp4")
    data = whole.read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(data[: data.index(b"moov") + 200] if end == "in the index" else data[: data.index(b"mdat") + 4])
    with pytest.raises(VideoError, match="cut off") as caught:
        open_video(path)
    assert caught.value.hint


def test_frames_missing_from_a_cut_off_file_are_lost_where_they_would_have_been(tmp_path: Path) -> None:
    first = with_index_first(write_film(tmp_path / "whole.mp4", constant(75, 25)), tmp_path / "first.mp4")
    with open_video(truncated(first, tmp_path / "cut.mp4", keep_packets=40)) as source:
        duration = source.info.duration_s
        given = numbers(source, 0, duration, 25)
        assert source.info.frames_declared == 75
        assert duration == pytest.approx(3.0)
        assert given == sorted(set(given)) and 36 <= len(given) <= 40  # the last ones may need what was cut off
        assert source.lost(0, duration) == 75 - len(given)
        edges = [0.0, 1.0, 2.0, duration]
        assert sum(source.lost(a, b) for a, b in itertools.pairwise(edges)) == 75 - len(given)
        assert source.lost(0, 1.0) == 0


def test_sampling_a_closed_film_is_an_error(tmp_path: Path) -> None:
    source = open_video(write_film(tmp_path / "film.mp4", constant(5, 25)))
    source.close()
    with pytest.raises(VideoError, match="closed"):
        source.sample(0, 1, 1)


def test_only_a_few_frames_are_alive(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", constant(200, 25))
    with open_video(path) as source:
        tracemalloc.start()
        for _ in source.sample(0, 8, 25):
            pass
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 6 * WIDTH * HEIGHT * 3 + 200_000  # numpy images are traced; 200 would be 11 MB


def test_memory_does_not_grow_with_the_film(tmp_path: Path) -> None:
    code = (
        "import resource, sys; from pathlib import Path; from classroom_fer.film.video import open_video\n"
        "source = open_video(Path(sys.argv[1]), threads=2)\n"
        "for _ in source.sample(0, 1e6, 25): pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )

    def peak_kb(frames: int) -> int:
        path = write_film(tmp_path / f"{frames}.mp4", constant(frames, 25))
        done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert peak_kb(1500) - peak_kb(150) < 20_000  # 1,350 frames more would be 75 MB


BAD: dict[str, tuple[bytes, str]] = {
    "empty.mp4": (b"", "empty"),
    "page.mp4": (b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
    "notes.mp4": (b"dear diary\n" * 50, "text file"),
    "letter.mp4": (b"%PDF-1.7\n\x80\x81" + b"x" * 99, "PDF"),
    "list.mp4": (b"#EXTM3U\n#EXTINF:1,\nhttp://example.org/a.ts\n", "playlist"),
    "noise.mp4": (np.random.default_rng(0).bytes(4096), "not a film"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_film_is_named(tmp_path: Path, name: str) -> None:
    content, words = BAD[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(VideoError, match=words) as caught:
        open_video(path)
    assert str(path) in str(caught.value)
    assert caught.value.hint


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="no such file"):
        open_video(tmp_path / "nothing.mp4")
    with pytest.raises(VideoError, match="folder"):
        open_video(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_one_may_not_read_is_named(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", constant(5, 25))
    path.chmod(0)
    with pytest.raises(VideoError, match="may not read"):
        open_video(path)


def test_a_refused_file_is_named_even_to_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(VideoError, match="may not read"):
        open_video(tmp_path / "film.mp4")


def test_sound_alone_and_cover_pictures_are_no_films(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="no picture track"):
        open_video(write_audio(tmp_path / "sound.m4a"))
    with pytest.raises(VideoError, match="cover picture"):
        open_video(write_song_with_cover(tmp_path / "song.mp4"))


def test_a_still_picture_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    write_film(tmp_path / "one.avi", [0.0], Coding("mjpeg", pixels="yuvj420p"))
    with av.open(str(tmp_path / "one.avi")) as film:
        path.write_bytes(bytes(next(film.demux(film.streams.video[0]))))
    with pytest.raises(VideoError, match="JPEG"):
        open_video(path)


def test_a_recording_that_was_cut_off_before_its_index_says_so(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film.mp4", constant(50, 25))
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(VideoError, match="index is missing"):
        open_video(path)


def test_libav_says_nothing_on_stderr(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = write_film(tmp_path / "whole.mp4", constant(50, 25))
    capfd.readouterr()
    with open_video(damaged(whole, tmp_path / "damaged.mp4", [10, 20])) as source:
        list(source.sample(0, 2, 25))
    assert capfd.readouterr() == ("", "")


def test_odd_file_names_are_only_names(tmp_path: Path) -> None:
    for name in ("50%d lesson.mp4", "a:b?c=d.mp4", "урок 🎓.mp4"):
        with open_video(write_film(tmp_path / "plain.mp4", constant(5, 25)).rename(tmp_path / name)) as source:
            assert numbers(source, 0, 1, 25) == [0, 1, 2, 3, 4]


class TestSharedFilms:
    pytestmark = shared

    def test_the_corrupted_film_loses_22_of_50(self) -> None:
        with open_video(FILMS / "decord_corrupted.mp4") as source:
            frames = list(source.sample(0, source.info.duration_s, 60))
            assert source.info.frames_declared == 50
            assert (len(frames), source.lost(0, source.info.duration_s)) == (28, 22)

    @pytest.mark.parametrize("turn", [0, 90, 180, 270])
    def test_turned_films_stand_as_another_reader_shows_them(self, turn: int) -> None:
        path = FILMS / f"decord_video_{turn}.mov"
        film = cv2.VideoCapture(str(path))  # OpenCV turns them by itself
        expected = film.read()[1][:, :, ::-1]
        with open_video(path) as source:
            assert source.info.rotation_deg == turn
            image = next(source.sample(0, 1, 1)).image
        assert image.shape == expected.shape == (source.info.height_px, source.info.width_px, 3)
        assert np.abs(image.astype(int) - expected).mean() < 1  # another version of libav may round otherwise

    def test_variable_frame_rate_times_are_those_of_presentation(self) -> None:
        path = FILMS / "pyfeat_face_noface.mov"
        with av.open(str(path)) as container:
            packets = [p for p in container.demux(container.streams.video[0]) if p.pts is not None]
        expected = sorted(float(p.pts * p.time_base) for p in packets)
        with open_video(path) as source:
            frames = list(source.sample(2.2, 2.6, 240))
        assert {f.index: f.time_s for f in frames} == pytest.approx(
            {number: time for number, time in enumerate(expected) if 2.2 <= time < 2.6}
        )
        assert (72, pytest.approx(2.4)) in [(f.index, f.time_s) for f in frames]  # the time that the README there names

    @pytest.mark.parametrize("path", sorted(FILMS.glob("*.[mg][pkoi]*")), ids=lambda p: p.name)
    def test_every_film_opens_and_gives_its_samples(self, path: Path) -> None:
        if path.suffix == ".md":
            pytest.skip("a text")
        with open_video(path) as source:
            frames = list(source.sample(0, source.info.duration_s, 1))
            assert frames
            assert source.lost(0, source.info.duration_s) == (22 if "corrupted" in path.name else 0)
