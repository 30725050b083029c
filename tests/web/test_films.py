"""Films beside lessons: found by their bytes, below the named folders only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from report.samples import SAMPLES

from classroom_fer.errors import ConfigError, VideoError
from classroom_fer.files import file_sha256
from classroom_fer.lesson.records import SessionStart
from classroom_fer.web.films import Films, black_polygons

REGION = {"points": [[0, 0.5], [0.25, 0.5], [0, 1]], "unit": "fraction", "start_s": 60.0, "end_s": None}


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "films" / "5b" / "lesson.mp4"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"the film")
    return path


def start_of(film: Path) -> SessionStart:
    start = SAMPLES["clear_effect"]()[0].start
    return replace(start, video_name=film.name, video_sha256=file_sha256(film))


def test_a_film_is_found_in_a_folder_of_the_root(film: Path, tmp_path: Path) -> None:
    films = Films((tmp_path / "films",))
    assert films.may_be_there(start_of(film))
    assert films.find(start_of(film)) == film


def test_without_a_root_no_file_is_looked_at(film: Path) -> None:
    assert not Films().may_be_there(start_of(film))
    with pytest.raises(VideoError, match="not below"):
        Films().find(start_of(film))


def test_another_film_of_the_same_name_is_not_shown(film: Path, tmp_path: Path) -> None:
    start = start_of(film)
    films = Films((tmp_path,))
    assert films.find(start) == film
    film.write_bytes(b"another film")
    with pytest.raises(VideoError, match="not the film of this lesson"):
        films.find(start)
    film.unlink()
    with pytest.raises(VideoError, match="not below"):
        films.find(start)


def test_of_several_files_of_a_name_the_one_with_the_right_bytes_is_taken(film: Path, tmp_path: Path) -> None:
    other = tmp_path / "films" / "5a" / film.name
    other.parent.mkdir()
    other.write_bytes(b"of another class")
    assert Films((tmp_path,)).find(start_of(film)) == film


def test_a_link_that_leads_out_of_the_root_is_not_followed(film: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / film.name).symlink_to(film)
    assert not Films((root,)).may_be_there(start_of(film))
    assert Films((root, tmp_path / "films")).find(start_of(film)) == film


def test_a_name_with_folders_in_it_leads_nowhere(film: Path, tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    start = replace(start_of(film), video_name=f"../films/5b/{film.name}")
    assert not Films((tmp_path / "root",)).may_be_there(start)


def test_a_root_that_is_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such folder"):
        Films((tmp_path / "nowhere",))


def test_opt_out_regions_are_polygons_whatever_their_unit() -> None:
    start = SAMPLES["clear_effect"]()[0].start
    pixels = {"points": [[0, 540], [480, 540], [0, 1080]], "unit": "pixel", "start_s": None, "end_s": None}
    drawn = replace(start, regions=2, settings=start.settings | {"regions": [REGION, pixels]})
    assert black_polygons(start) == ()
    assert black_polygons(drawn) == ("0.00000,0.50000 0.25000,0.50000 0.00000,1.00000",) * 2


def test_regions_that_the_session_does_not_hold_are_unknown_and_not_none() -> None:
    assert black_polygons(replace(SAMPLES["clear_effect"]()[0].start, regions=1)) is None
