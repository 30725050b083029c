"""Copies of the shipped templates for a school to change."""

from __future__ import annotations

import shutil
from pathlib import Path

from classroom_fer.errors import ReportError
from classroom_fer.files import make_private_folders
from classroom_fer.resources import resource_dir


def copy_templates(folder: Path) -> list[Path]:
    """Copies the shipped templates into ``folder``, which is made if missing, and returns the new files.

    Raises:
        ReportError: a file of that name is there already, or the folder cannot be written; then nothing was copied.
    """
    shipped = sorted(path for path in resource_dir("templates").iterdir() if path.is_file())
    there = [path.name for path in shipped if (folder / path.name).exists()]
    if there:
        raise ReportError(
            f"{folder}: {', '.join(there)} is there already", hint="name an empty folder; nothing was overwritten"
        )
    try:
        make_private_folders(folder)
        return [Path(shutil.copyfile(path, folder / path.name)) for path in shipped]
    except OSError as error:
        raise ReportError(
            f"{folder}: the templates cannot be copied ({error.strerror or error})", hint="choose a folder of your own"
        ) from error
