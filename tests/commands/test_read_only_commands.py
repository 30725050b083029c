"""Commands that read do so on a medium that cannot be written, and make nothing there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from contracts.store import finished
from fakes import FakeRenderer
from in_process import invoke

from classroom_fer import analysis, wiring
from classroom_fer.commands import summary
from classroom_fer.store.store import open_store

NEEDED = (analysis, summary)
"""Loaded while the tests still have their powers: Python's own modules may lie where nobody may not read."""


@pytest.fixture
def medium(public_folder: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder with a database of one finished session that its user may read only."""
    folder = public_folder / "medium"
    folder.mkdir()
    with open_store(folder / "lessons.sqlite") as store:
        store.record("analyze", finished(store).session_id, {})
    (folder / "lessons.sqlite").chmod(0o444)
    folder.chmod(0o555)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    request.getfixturevalue("powerless")
    yield folder
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_sessions_audit_and_a_dry_purge(public_folder: Path, medium: Path) -> None:
    database = ("--db", medium / "lessons.sqlite")
    listed = invoke(public_folder, "sessions", "--json", *database)
    assert (listed.exit_code, [row["session_id"] for row in json.loads(listed.stdout)]) == (0, [1])
    entries = invoke(public_folder, "audit", "list", "--json", *database)
    assert (entries.exit_code, [entry["action"] for entry in json.loads(entries.stdout)]) == (0, ["analyze"])
    verified = invoke(public_folder, "audit", "verify", *database)
    assert (verified.exit_code, "the chain is whole" in verified.stdout) == (0, True)
    planned = invoke(public_folder, "purge", "--all", "--dry-run", *database)
    assert (planned.exit_code, "would delete: session 1" in planned.stdout) == (0, True)


def test_report_prints_and_says_that_the_audit_has_no_entry_for_it(
    public_folder: Path, medium: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "build_renderer", lambda *_: FakeRenderer())  # the real one needs root's own folders
    done = invoke(public_folder, "report", "latest", "--db", medium / "lessons.sqlite", "--out", "lesson.pdf")
    assert done.exit_code == 0, done.output
    assert (public_folder / "lesson.pdf").exists()
    assert "its audit has no entry for this PDF" in done.stderr


def test_export_writes_and_says_that_the_audit_has_no_entry_for_it(public_folder: Path, medium: Path) -> None:
    done = invoke(public_folder, "export", "latest", "--db", medium / "lessons.sqlite", "--level", "bin")
    assert done.exit_code == 0, done.output
    assert (public_folder / "exports" / "Größe 6b_bin.csv").exists()
    assert "its audit has no entry for this export" in done.stderr


@pytest.mark.parametrize("command", [("purge", "--all", "--yes"), ("aggregate", "latest")])
def test_commands_that_change_something_say_that_they_cannot(
    public_folder: Path, medium: Path, command: tuple[str, ...]
) -> None:
    done = invoke(public_folder, *command, "--db", medium / "lessons.sqlite")
    assert done.exit_code == 1
    assert "may not be written" in done.stderr
