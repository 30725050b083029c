"""``init`` writes what is declared; the other commands in that folder go by it."""

from __future__ import annotations

import os
import pty
import stat
import subprocess
import tomllib
from pathlib import Path

from command import LESSON, command, rows
from in_process import invoke


def test_a_german_school_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    done = invoke(tmp_path, "init", "--jurisdiction", "DE", "--setting", "education", "--yes")
    assert done.exit_code == 0, done.stderr
    assert "only the profile presence runs here" in done.stdout
    before = sorted(path.name for path in tmp_path.iterdir())
    for more in ((), ("--profile", "teacher"), ("--dry-run",)):
        refused = invoke(tmp_path, "analyze", LESSON, *more)
        assert refused.exit_code == 4
        assert "AI systems to infer emotions of a natural person in the areas of workplace and education" in (
            refused.stderr
        )
        assert "--profile presence" in refused.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert invoke(tmp_path, "predict", "a.png").exit_code == 4
    assert invoke(tmp_path, "aggregate", "latest").exit_code == 1, "there is no session to refuse yet"


def test_the_file_is_private_kept_and_recorded(tmp_path: Path) -> None:
    given = ("--jurisdiction", "Schweiz", "--purpose", 'What "helps"? \x1b[31m', "--legal-basis", "consent")
    done = invoke(tmp_path, "init", *given, "--dpia", "D-7", "--profile", "teacher", "--retention-days", "30", "--yes")
    assert done.exit_code == 0, done.stderr
    assert "\x1b" not in done.stdout
    path = tmp_path / "classroom-fer.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    table = tomllib.loads(path.read_text())
    assert table["retention_days"] == 30
    assert table["policy"] == {
        "jurisdiction": "CH", "setting": "education", "purpose": 'What "helps"? \x1b[31m', "legal_basis": "consent",
        "dpia": "D-7", "profile": "teacher",
    }  # fmt: skip
    assert rows(tmp_path / "classroom-fer.sqlite", "SELECT action, session_id FROM audit") == [("init", None)]
    again = invoke(tmp_path, "init", "--yes")
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert tomllib.loads(path.read_text()) == table
    assert invoke(tmp_path, "init", "--yes", "--force").exit_code == 0


def test_a_mistake_writes_nothing(tmp_path: Path) -> None:
    for given in (("--jurisdiction", "Germny"), ("--jurisdiction", "DE", "--setting", "scool"), ("--profile", "x")):
        done = invoke(tmp_path, "init", *given, "--yes")
        assert done.exit_code == 2
        assert "hint:" in done.stderr
    assert invoke(tmp_path, "init").exit_code == 2, "nobody can be asked"
    assert list(tmp_path.iterdir()) == []


def test_a_person_is_asked_and_a_mistake_is_asked_again(tmp_path: Path) -> None:
    """On a pseudo-terminal, as a person types."""
    master, slave = pty.openpty()
    os.write(master, b"Germny\nGermany\n\nPilot\n\n\n")
    done = subprocess.run(
        command("init"), stdin=slave, capture_output=True, text=True, cwd=tmp_path, timeout=300, check=False
    )
    os.close(slave)
    os.close(master)
    assert done.returncode == 0, done.stderr
    assert "'Germny' is no country" in done.stderr
    assert tomllib.loads((tmp_path / "classroom-fer.toml").read_text())["policy"] == {
        "jurisdiction": "DE", "setting": "education", "purpose": "Pilot",
    }  # fmt: skip


def test_a_retention_that_no_settings_file_may_hold_is_not_written(tmp_path: Path) -> None:
    assert invoke(tmp_path, "init", "--retention-days", "40000", "--yes").exit_code == 2
    assert not (tmp_path / "classroom-fer.toml").exists()
