"""Folders and files where a user wants something kept: made, or refused in the user's words."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile

from classroom_fer.errors import ClassroomFerError, ConfigError


def made_folder(path: Path, option: str, *, hint: str = "") -> Path:
    """``path``, a folder in which files can be made; ``option`` is what named it.

    Raises:
        ConfigError: it cannot be made or written.
    """
    try:
        if not path.exists():
            path.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path):  # a folder may be there and not be ours, or be no folder
            pass
    except OSError as error:
        raise ConfigError(_unwritable(path, error), hint=hint or f"name another folder with {option}") from error
    return path


def write_text(text: str, path: Path, hint: str, kind: type[ClassroomFerError] = ConfigError) -> None:
    """Writes a file of a user's choice, with its folder.

    Raises:
        ClassroomFerError: of ``kind``, with ``hint``: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise kind(_unwritable(path, error), hint=hint) from error


def _unwritable(path: Path, error: OSError) -> str:
    return f"{path}: cannot be written ({error.strerror or error})"
