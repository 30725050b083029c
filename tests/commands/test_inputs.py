from pathlib import Path

import av
import pytest

from classroom_fer.commands.inputs import VIDEO_SUFFIXES, find_videos
from classroom_fer.errors import VideoError


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_a_folder_stands_for_its_films_in_order(tmp_path: Path) -> None:
    touch(tmp_path, "b.MP4", "a.mkv", "notes.txt", "sub/c.mp4")
    assert [p.name for p in find_videos([str(tmp_path)])] == ["a.mkv", "b.MP4"]


DEMUXERS = {
    "mov,mp4,m4a,3gp,3g2,mj2": ".mp4 .m4v .mov .qt .3gp .3g2 .f4v .mj2",
    "matroska,webm": ".mkv .mk3d .webm",
    "avi": ".avi .divx .amv",
    "gif": ".gif",
    "flv": ".flv",
    "ogg": ".ogv .ogm",
    "nut": ".nut",
    "mxf": ".mxf",
    "dv": ".dv .dif",
    "mpeg": ".mpg .mpeg .mpe .m2p .vob .mod",
    "mpegvideo": ".m1v .m2v",
    "mpegts": ".ts .m2t .mts .m2ts .tod",
    "asf": ".wmv .asf",
    "wtv": ".wtv .dvr-ms",
    "rm": ".rm .rmvb",
    "ivf": ".ivf",
    "obu": ".obu",
    "yuv4mpegpipe": ".y4m",
    "mjpeg": ".mjpeg .mjpg",
    "h264": ".h264 .264 .avc",
    "hevc": ".h265 .265 .hevc",
}


def test_the_endings_looked_for_are_those_of_the_containers_that_libav_opens() -> None:
    assert set(DEMUXERS) <= av.formats_available
    assert set(" ".join(DEMUXERS.values()).split()) == VIDEO_SUFFIXES


def test_metadata_that_a_mac_leaves_beside_films_is_no_film(tmp_path: Path) -> None:
    touch(tmp_path, "lesson.mp4", "._lesson.mp4")
    assert [p.name for p in find_videos([str(tmp_path)])] == ["lesson.mp4"]
    assert [p.name for p in find_videos([str(tmp_path / "*.mp4"), str(tmp_path / ".*.mp4")])] == ["lesson.mp4"]


def test_a_pattern_stands_for_what_it_matches_and_doubles_are_dropped(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4")
    assert [p.name for p in find_videos([str(tmp_path / "*.mp4"), str(tmp_path / "a.mp4")])] == ["a.mp4", "b.mp4"]


def test_a_film_whose_name_looks_like_a_pattern_is_still_a_film(tmp_path: Path) -> None:
    touch(tmp_path, "lesson [1].mp4")
    assert [p.name for p in find_videos([str(tmp_path / "lesson [1].mp4")])] == ["lesson [1].mp4"]


def test_a_plain_missing_name_is_kept_so_that_its_own_error_names_it() -> None:
    assert find_videos(["none.mp4"]) == [Path("none.mp4")]


@pytest.mark.parametrize("given", ["*.mp4", ".", "._*", "sub*"])
def test_nothing_to_analyse_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "._lesson.mp4").write_bytes(b"metadata")
    with pytest.raises(VideoError) as caught:
        find_videos([given])
    assert caught.value.hint
