"""Files are written whole or not at all, for their owner alone."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from classroom_fer.errors import ReportError
from classroom_fer.files import file_sha256, write_private


def test_a_file_and_its_new_folders_are_for_the_owner_alone(tmp_path: Path) -> None:
    write_private(tmp_path / "new" / "a.pdf", b"1")
    write_private(tmp_path / "new" / "a.pdf", b"2")
    assert (tmp_path / "new" / "a.pdf").read_bytes() == b"2"
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("new", "new/a.pdf")] == [0o700, 0o600]
    assert [file.name for file in (tmp_path / "new").iterdir()] == ["a.pdf"]


def test_what_cannot_be_replaced_stays_and_nothing_is_left_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows while the PDF is shown by another program."""

    def refuse(_: Path, target: Path) -> Path:
        error = PermissionError(13, "Access is denied", str(target))
        error.winerror = 5  # type: ignore[attr-defined]
        raise error

    (tmp_path / "a.pdf").write_bytes(b"shown")
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ReportError, match="Access is denied") as caught:
        write_private(tmp_path / "a.pdf", b"new", remedy="choose another name")
    assert caught.value.hint == "close the program that shows a.pdf and run again; else choose another name"
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("a.pdf", b"shown")]


def test_a_folder_in_the_way_is_told_with_the_given_remedy(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").mkdir()
    with pytest.raises(ReportError, match="cannot be written") as caught:
        write_private(tmp_path / "a.pdf", b"new", remedy="choose another name")
    assert caught.value.hint == "choose another name"


def test_a_file_is_named_by_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc" * 100_000)
    assert file_sha256(tmp_path / "a") == hashlib.sha256(b"abc" * 100_000).hexdigest()
