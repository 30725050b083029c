"""Files that runs need and nobody named: beside the database, for their owner alone, gone when no run needs them."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

from classroom_fer.errors import StoreError
from classroom_fer.files import make_private_folders
from classroom_fer.lesson.runs import Run
from classroom_fer.store.place import DEFAULT_DB, Place

SETTINGS = "settings.toml"


def run_folder(place: Place) -> Path:
    """Where the folders of runs are; of a server's database in the working folder."""
    return Path(f"{place.path or DEFAULT_DB}.runs").absolute()


def new_run_folder(place: Place) -> Path:
    """A folder for one run. StoreError if it cannot be made."""
    made = run_folder(place) / secrets.token_hex(8)
    try:
        make_private_folders(made)
    except OSError as error:
        raise StoreError(f"{made}: {error.strerror}", hint="give --db a place that may be written") from error
    return made


def tidy(place: Place, runs: Iterable[Run]) -> None:
    """Deletes the folders that no run needs which is under way or can go on."""
    base = run_folder(place)
    if not base.is_dir():
        return
    needed = {folder for run in runs if run.state != "finished" for folder in _folders(run, base)}
    for folder in base.iterdir():
        if folder not in needed:
            shutil.rmtree(folder, ignore_errors=True)


def _folders(run: Run, base: Path) -> set[Path]:
    """Those that the arguments of a run name."""
    named = (Path(word) for word in run.plan.arguments if word.startswith(str(base)))
    return {path.parent for path in named if path.parent.parent == base}
