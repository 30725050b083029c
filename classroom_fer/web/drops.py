"""Films that are dropped into the page: each in a folder beside the database, and gone when no run needs it."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from filelock import BaseFileLock
from starlette.concurrency import run_in_threadpool

from classroom_fer import wiring
from classroom_fer.errors import StoreError, VideoError
from classroom_fer.film.endings import NOT_FILMS, VIDEO_SUFFIXES
from classroom_fer.lesson.runs import Run
from classroom_fer.settings.config import default_config
from classroom_fer.store.engine import locate, sqlite_path
from classroom_fer.store.place import Place
from classroom_fer.store.run_files import folders_of, held, new_run_folder, run_folder, tidy
from classroom_fer.store.store import open_store

MOST_BYTES = 50_000_000_000
"""Of a film: hours in 4K (choice)."""
SPARE_BYTES = 1_000_000_000
"""Room that is left on the disk (choice: the database grows)."""
LONGEST_NAME = 200
"""Bytes; systems take 255."""
_FROM_ITS_FOLDER = "analyse it from its folder: classroom-fer web --root FOLDER"


@dataclass(slots=True)
class Drops:
    """The films that were dropped into one app, by the database beside which they lie."""

    db: str
    _held: dict[Path, BaseFileLock] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Of the database, whether it is there or not."""
        return Place(self.db, sqlite_path(locate(self.db)))

    @property
    def folder(self) -> Path:
        """Where all of them lie."""
        return run_folder(self.place)

    async def take(self, name: str, size: int, pieces: AsyncIterator[bytes]) -> Path:
        """Writes a film that is sent in pieces, and opens it once.

        Raises:
            VideoError: no film by its name or its bytes, or there is no room; nothing of it stays.
        """
        path = await run_in_threadpool(self._begin, film_name(name), size)
        try:
            with path.open("xb") as file:  # in a folder of its owner alone
                async for piece in pieces:
                    await run_in_threadpool(file.write, piece)
            await run_in_threadpool(_check, path)
        except OSError as error:
            self._drop(path.parent)
            raise VideoError(f"{name}: cannot be written ({error.strerror})", hint=_FROM_ITS_FOLDER) from error
        except BaseException:  # the page was closed, too: half a film is none
            self._drop(path.parent)
            raise
        return path

    def release(self, run: Run) -> None:
        """Nobody needs the films of a run any more."""
        for folder in folders_of(run, self.place):
            lock = self._held.pop(folder, None)
            if lock is not None:
                lock.release()

    def tidy(self) -> None:
        """Deletes what apps and runs that ended left behind."""
        with suppress(StoreError), open_store(self.db, create=False) as store:
            tidy(store.place, store.runs.all())

    def close(self) -> None:
        """The app ends: only films of runs that are under way stay."""
        for lock in self._held.values():
            lock.release()
        self._held.clear()
        self.tidy()

    def _begin(self, name: str, size: int) -> Path:
        with open_store(self.db) as store:
            folder = new_run_folder(store.place)
        self._held[folder] = held(folder)
        free = shutil.disk_usage(folder).free
        if free - size < SPARE_BYTES:
            self._drop(folder)
            raise VideoError(
                f"{name}: no room for {size / 1e9:.1f} GB beside the database ({free / 1e9:.1f} GB are free)",
                hint=_FROM_ITS_FOLDER,
            )
        return folder / name

    def _drop(self, folder: Path) -> None:
        self._held.pop(folder).release()
        shutil.rmtree(folder, ignore_errors=True)


def film_name(text: str) -> str:
    """The name under which a dropped film is kept. VideoError where it names no film.

    >>> film_name("C:/films/5b.MP4")
    '5b.MP4'
    """
    name = PurePath(text.replace("\\", "/")).name
    fits = name.isprintable() and not name.startswith((".", NOT_FILMS)) and len(name.encode()) <= LONGEST_NAME
    if not fits or PurePath(name).suffix.lower() not in VIDEO_SUFFIXES:
        raise VideoError(
            f"{name[:60]!r}: no film, by its name", hint=f"known endings: {' '.join(sorted(VIDEO_SUFFIXES))}"
        )
    return name


def _check(path: Path) -> None:
    try:
        wiring.open_video(path, default_config()).close()
    except VideoError as error:
        raise VideoError(str(error).replace(f"{path.parent}{os.sep}", ""), hint=error.hint) from error
