from pathlib import Path

import pytest

from classroom_fer.commands.inputs import find_videos
from classroom_fer.errors import VideoError


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_a_folder_stands_for_its_films_in_order(tmp_path: Path) -> None:
    touch(tmp_path, "b.MP4", "a.mkv", "notes.txt", "sub/c.mp4")
    assert [p.name for p in find_videos([str(tmp_path)])] == ["a.mkv", "b.MP4"]


def test_a_pattern_stands_for_what_it_matches_and_doubles_are_dropped(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4")
    assert [p.name for p in find_videos([str(tmp_path / "*.mp4"), str(tmp_path / "a.mp4")])] == ["a.mp4", "b.mp4"]


def test_a_film_whose_name_looks_like_a_pattern_is_still_a_film(tmp_path: Path) -> None:
    touch(tmp_path, "lesson [1].mp4")
    assert [p.name for p in find_videos([str(tmp_path / "lesson [1].mp4")])] == ["lesson [1].mp4"]


def test_a_plain_missing_name_is_kept_so_that_its_own_error_names_it() -> None:
    assert find_videos(["none.mp4"]) == [Path("none.mp4")]


@pytest.mark.parametrize("given", ["*.mp4", "."])
def test_nothing_to_analyse_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(VideoError) as caught:
        find_videos([given])
    assert caught.value.hint
