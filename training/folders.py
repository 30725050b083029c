"""Folders and files where a user wants something kept: made, or refused in the user's words."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryFile

from classroom_fer.errors import ConfigError


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
        raise _unwritable(path, error, hint or f"name another folder with {option}") from error
    return path


def write_text(text: str, path: Path, option: str) -> None:
    """Writes a file of a user's choice, with its folder.

    Raises:
        ConfigError: it cannot be written.
    """
    hint = f"name another file with {option}"
    made_folder(path.parent, option, hint=hint)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise _unwritable(path, error, hint) from error


def _unwritable(path: Path, error: OSError, hint: str) -> ConfigError:
    return ConfigError(f"{path}: cannot be written ({error.strerror or error})", hint=hint)
