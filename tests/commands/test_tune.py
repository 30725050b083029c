"""``doctor --tune``: what is quickest here goes into the settings, and into nothing else."""

from __future__ import annotations

import tomllib
from pathlib import Path

from far_parts import MAKERS
from in_process import invoke

from classroom_fer.commands.tune import Speeds, best, chosen, measured, with_settings
from classroom_fer.settings.config import default_config, load_config


def test_the_smallest_number_that_is_about_as_quick_is_chosen() -> None:
    assert best({1: 10.0}) == 1
    assert best({1: 10.0, 2: 10.4}) == 1
    assert best({1: 10.0, 2: 19.0, 8: 19.5}) == 2


def test_processes_must_be_quicker_than_the_threads_of_one() -> None:
    assert chosen(Speeds({1: 10.0, 2: 18.0}, {2: 18.5})) == {"threads": 2, "jobs": 1}
    assert chosen(Speeds({1: 10.0, 2: 12.0}, {2: 19.0})) == {"threads": 2, "jobs": 2}


TEXT = """# ours
fps = 2.0
threads = 8  # as before

[policy]
jurisdiction = "CH"  # threads = 1
"""


def test_the_settings_file_keeps_all_else_and_can_be_read(tmp_path: Path) -> None:
    text = with_settings(TEXT, {"threads": 2, "jobs": 3})
    assert [line for line in text.splitlines() if line not in TEXT.splitlines()] == ["jobs = 3", "threads = 2"]
    assert tomllib.loads(text) == {**tomllib.loads(TEXT), "threads": 2, "jobs": 3}
    assert with_settings(text, {"threads": 2, "jobs": 3}) == text
    path = tmp_path / "classroom-fer.toml"
    path.write_text(with_settings("", {"jobs": 3}))
    assert load_config(path, {}).jobs == 3


def test_no_result_and_no_face_depends_on_it() -> None:
    usual, tuned = default_config(), load_config(None, {"threads": 3, "jobs": 5})
    assert (tuned.threads, tuned.jobs) == (3, 5)
    assert tuned.observation_sha256() == usual.observation_sha256()
    assert tuned.settings_sha256() == usual.settings_sha256()
    assert tuned.as_dict() == usual.as_dict()


def test_threads_and_processes_are_measured_on_the_film(tmp_path: Path) -> None:
    film = tmp_path / "good.mp4"
    film.write_text("film")
    speeds = measured(film, default_config(), MAKERS, cores=2)
    assert speeds.by_threads.keys() == {1, 2} and speeds.by_jobs.keys() == {2}
    assert all(speed > 0 for speed in (*speeds.by_threads.values(), *speeds.by_jobs.values()))
    assert measured(film, default_config(), MAKERS, cores=1).by_jobs == {}


def test_a_film_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "no.mp4").write_text("no film")
    done = invoke(tmp_path, "doctor", "--tune", "no.mp4")
    assert done.exit_code == 1 and "no.mp4" in done.stderr
    assert not (tmp_path / "classroom-fer.toml").exists()
