"""The wheel is whole: built, installed outside the checkout, and used there."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from command import LESSON, ROOT, rows

from classroom_fer import __version__


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing in it but the installed wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    target = folder / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(target), str(wheel)]
    subprocess.run(pip, check=True, capture_output=True)
    return target


def elsewhere(site: Path, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "classroom_fer", *map(str, arguments)],
        cwd=folder, env=os.environ | {"PYTHONPATH": str(site)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_installed_wheel_answers_with_its_version(site: Path, tmp_path: Path) -> None:
    where = subprocess.run(
        [sys.executable, "-c", "import classroom_fer; print(classroom_fer.__file__)"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(site)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(site))
    assert elsewhere(site, tmp_path, "--version").stdout.strip() == f"classroom-fer {__version__}"


@pytest.mark.slow
def test_the_installed_wheel_analyses_a_film_into_a_new_database_and_a_report(site: Path, tmp_path: Path) -> None:
    done = elsewhere(site, tmp_path, "analyze", LESSON, "--end", "2")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "reports" / "lesson.pdf").read_bytes().startswith(b"%PDF")
    assert rows(tmp_path / "classroom-fer.sqlite", "SELECT faces, profile FROM v_session") == [(32, "research")]


def test_the_wheel_carries_templates_migrations_and_model_and_no_film(site: Path) -> None:
    (wheel,) = site.parent.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    parts = (
        "classroom_fer/templates/",
        "classroom_fer/migrations/versions/",
        "classroom_fer/faces/model/manifest.json",
        "classroom_fer/settings/rules.toml",
        "classroom_fer/docs/queries.md",
        "classroom_fer/training/results/shipped-P8.json",
        "classroom_fer/py.typed",
        "classroom_fer/__init__.pyi",
        ".dist-info/licenses/NOTICE",
    )
    for part in parts:
        assert any(part in name for name in names), part
    assert not [name for name in names if name.endswith((".mp4", ".sqlite", ".png"))]


def test_the_wheel_holds_the_catalogues_and_templates_of_the_report(site: Path) -> None:
    code = (
        "from classroom_fer.settings.languages import LANGUAGES, catalogue_file\n"
        "from classroom_fer.resources import resource_dir\n"
        "print([c for c in LANGUAGES if c != 'en' and not catalogue_file(c).exists()], resource_dir('templates'))"
    )
    env = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run([sys.executable, "-c", code], cwd=site, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", str(site / "classroom_fer" / "templates")]


def test_the_wheel_holds_the_questions_that_datasette_is_given(site: Path) -> None:
    code = "from classroom_fer.store.worked_queries import worked_queries; print(len(worked_queries()))"
    env = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run([sys.executable, "-c", code], cwd=site, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "21\n"
