"""Films beside their lessons: found below folders that the user named, known by their bytes, served from there."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from classroom_fer.errors import ConfigError, VideoError
from classroom_fer.files import file_sha256
from classroom_fer.lesson.records import SessionStart
from classroom_fer.settings.config import stored_config

MOST_FILES = 50_000
"""Files that are looked at below the named folders (choice: a second or so)."""
Stamp = tuple[int, int]
"""Size and time of change, by which a file whose bytes are known is known again."""


@dataclass(slots=True)
class Films:
    """Where films may be; nothing outside of ``roots`` is ever read.

    Raises:
        ConfigError: a root is no folder.
    """

    roots: tuple[Path, ...] = ()
    _hashes: dict[Path, tuple[Stamp, str]] = field(default_factory=dict)
    _one_by_one: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        missing = next((root for root in self.roots if not root.is_dir()), None)
        if missing is not None:
            raise ConfigError(f"--root {missing}: no such folder", hint="name the folder in which the films are")
        self.roots = tuple(root.resolve() for root in self.roots)

    def may_be_there(self, start: SessionStart) -> bool:
        """Whether a file of the film's name is below the roots; its bytes are not read."""
        return next(self._named(start.video_name), None) is not None

    def find(self, start: SessionStart) -> Path:
        """The film's file, by its bytes. VideoError if it is not there any more, or is another film."""
        found = list(self._named(start.video_name))
        with self._one_by_one:
            same = next((path for path in found if self._sha256(path) == start.video_sha256), None)
        if same is not None:
            return same
        if found:
            raise VideoError(
                f"{found[0]}: not the film of this lesson, though it has its name",
                hint="put the film that was analysed below --root",
            )
        raise VideoError(f"{start.video_name}: not below the folders of --root", hint="start the app with its folder")

    def _named(self, name: str) -> Iterator[Path]:
        """Files of this name; links that lead out of the roots are not followed."""
        seen = 0
        for root in self.roots:
            for folder, folders, files in os.walk(root):
                folders[:] = sorted(one for one in folders if not one.startswith("."))
                seen += len(files)
                path = (Path(folder) / name).resolve() if name in files else None
                if path is not None and any(path.is_relative_to(known) for known in self.roots) and path.is_file():
                    yield path
                if seen > MOST_FILES:
                    return

    def _sha256(self, path: Path) -> str | None:
        try:
            told = path.stat()
            stamp = (told.st_size, told.st_mtime_ns)
            known = self._hashes.get(path)
            if known is None or known[0] != stamp:
                known = self._hashes[path] = (stamp, file_sha256(path))
            return known[1]
        except OSError:
            return None


def black_polygons(start: SessionStart) -> tuple[str, ...] | None:
    """The opt-out regions as SVG points in a picture of 1 x 1; None where the session does not say all of them.

    Each is black for the whole film, also where it was drawn for a part: nobody is shown by a late frame.
    """
    regions = stored_config(start.settings).regions
    if len(regions) != start.regions:
        return None
    width, height = start.width_px, start.height_px
    return tuple(_points(region.pixels(width, height), width, height) for region in regions)


def _points(points: Sequence[tuple[float, float]], width: int, height: int) -> str:
    return " ".join(f"{x / width:.5f},{y / height:.5f}" for x, y in points)
