"""Folders of this machine: what is shown, and that nothing outside of the named ones is."""

from __future__ import annotations

from pathlib import Path

import pytest

from classroom_fer.errors import VideoError
from classroom_fer.web.places import Entry, film_at, folder_at, place_at, tasks_files


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "films"
    for name in ("7b/lesson 10.mp4", "7b/lesson 2.MP4", "7b/lesson 2.csv", "7b/notes.csv", "7b/.hidden.mp4",
                 "7b/._lesson 2.mp4", "7b/readme.md", "8a/.keep", ".secret/x.mp4"):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    (tmp_path / "outside.mp4").write_text("x")
    (root / "link.mp4").symlink_to(tmp_path / "outside.mp4")
    return root.resolve()


def test_folders_and_films_are_listed_in_natural_order_and_nothing_hidden(root: Path) -> None:
    top = folder_at({"0": root}, "")
    assert [entry.name for entry in top.folders] == ["7b", "8a"]
    inside = folder_at({"0": root}, "0/7b")
    assert inside.films == (Entry("lesson 2.MP4", "0/7b/lesson 2.MP4"), Entry("lesson 10.mp4", "0/7b/lesson 10.mp4"))
    assert inside.trail == (Entry("films", "0"), Entry("7b", "0/7b"))
    assert film_at({"0": root}, "0/7b/lesson 2.MP4") == root / "7b" / "lesson 2.MP4"


def test_several_roots_are_chosen_from(root: Path) -> None:
    both = folder_at({"0": root / "7b", "1": root / "8a"}, "")
    assert (both.trail, both.folders) == ((), (Entry("7b", "0"), Entry("8a", "1")))
    assert folder_at({"0": root / "7b", "1": root / "8a"}, "1").films == ()


@pytest.mark.parametrize("address", [
    "0/../outside.mp4", "0/7b/../../outside.mp4", "0/link.mp4", "0/.secret/x.mp4", "0/7b/.hidden.mp4", "0/gone.mp4",
    "1/7b", "-1", "x", "0/7b\0", "0/" + "a" * 5000, "²",
])  # fmt: skip
def test_nothing_outside_hidden_or_gone_is_found(root: Path, address: str) -> None:
    with pytest.raises(VideoError, match="no such film or folder"):
        place_at({"0": root}, address)


def test_a_file_that_is_no_film_is_none(root: Path) -> None:
    with pytest.raises(VideoError, match="no film, by its name"):
        film_at({"0": root}, "0/7b/readme.md")


def test_tasks_files_beside_a_film_begin_with_its_own(root: Path) -> None:
    assert tasks_files(root / "7b" / "lesson 2.MP4") == ("lesson 2.csv", "notes.csv")
    assert tasks_files(root / "7b" / "notes.mp4") == ("notes.csv", "lesson 2.csv")


def test_a_folder_that_cannot_be_read_says_so(root: Path) -> None:
    with pytest.raises(VideoError, match="cannot be opened"):
        folder_at({"0": root}, "0/7b/readme.md")
