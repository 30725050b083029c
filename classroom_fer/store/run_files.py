"""Files that runs need and nobody named: beside the database, for their owner alone, gone when no run needs them."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from classroom_fer.errors import StoreError
from classroom_fer.files import make_private_folders
from classroom_fer.lesson.runs import Run
from classroom_fer.store.place import DEFAULT_DB, Place

SETTINGS, TASKS, REGIONS = "settings.toml", "tasks.csv", "regions.json"
HELD = ".held"
"""A lock that the system gives back when the app dies that put a film there."""


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
    """Deletes what no run needs that is under way or can go on, and films that were dropped and are not under way.

    What a living app holds (``held``) stays.
    """
    base = run_folder(place)
    if not base.is_dir():
        return
    known = list(runs)
    under_way = {folder for run in known if run.is_under_way for folder in folders_of(run, place)}
    can_go_on = {folder for run in known if run.state != "finished" for folder in folders_of(run, place)}
    for folder in set(base.iterdir()) - under_way:
        if _is_held(folder):
            continue
        if folder not in can_go_on:
            shutil.rmtree(folder, ignore_errors=True)
            continue
        for file in folder.iterdir():
            if file.name not in (SETTINGS, TASKS, REGIONS):
                file.unlink(missing_ok=True)


def forget(place: Place, run: Run) -> None:
    """Deletes the files of a run that has its results, a film that was dropped among them."""
    for folder in folders_of(run, place):
        shutil.rmtree(folder, ignore_errors=True)


def folders_of(run: Run, place: Place) -> set[Path]:
    """Those of the folders of runs that its arguments name."""
    base = run_folder(place)
    named = (Path(word) for word in run.plan.arguments if word.startswith(str(base)))
    return {path.parent for path in named if path.parent.parent == base}


def held(folder: Path) -> BaseFileLock:
    """Holds a folder of runs against ``tidy``, until it is released or this process ends, however it does."""
    lock = FileLock(folder / HELD, timeout=0, mode=0o600, thread_local=False, preserve_lock_file=True)
    lock.acquire()
    return lock


def _is_held(folder: Path) -> bool:
    if not (folder / HELD).exists():
        return False
    try:
        held(folder).release()
    except Timeout:
        return True
    return False
