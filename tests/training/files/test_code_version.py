"""A record names the commit that made it, and says when the code was another."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from classroom_fer import __version__
from training.files.code_version import code_version


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    def git(*arguments: str) -> None:
        names = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *names, *arguments], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "package").mkdir()
    for name in ("package/a.py", "b.py", "notes.md"):
        (tmp_path / name).write_text("x = 1\n")
    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    return tmp_path


def commit_of(folder: Path) -> str:
    done = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout[:12]


def test_a_clean_checkout_is_named_by_its_commit(checkout: Path) -> None:
    assert code_version(checkout / "package") == f"{__version__}+{commit_of(checkout)}"
    (checkout / "notes.md").write_text("words")
    (checkout / "untracked.py").write_text("y = 1")
    assert code_version(checkout / "package") == f"{__version__}+{commit_of(checkout)}"


@pytest.mark.parametrize("name", ["package/a.py", "b.py"])
def test_changed_code_is_no_commit(checkout: Path, name: str) -> None:
    (checkout / name).write_text("x = 2\n")
    assert code_version(checkout / "package") == f"{__version__}+{commit_of(checkout)}+changed"


def test_an_installed_package_has_its_version(tmp_path: Path) -> None:
    assert code_version(tmp_path) == __version__
